"""After the fault healed: everything settles, and the oracle is asked (reliability-security 2).

Beside the raw bytes, what an operator and a client have at hand: `tledger log check`, a rebuild of
the read models, receipts, and a retry of what was acknowledged long ago.
"""

from dataclasses import dataclass
from random import Random
from typing import Final
from uuid import UUID

from clients.sdk import Ledger
from ledger.commands.read_models import read_status
from ledger.log.checkpoints import open_checkpoint
from tests.faults.acknowledgement_book import BookContents, read_book
from tests.faults.observer import Observer
from tests.faults.oracle import violations
from tests.faults.raw_database import query, stored_rows
from tests.faults.writers import Writers
from tests.server_process import PATIENCE_SECONDS, Served, tledger, wait_until

_PROOFS: Final = 100
_RETRIES: Final = 20


@dataclass(frozen=True, slots=True)
class Settled:
    """What a run came to.

    Attributes:
        size: Size of the log.
        acknowledged: Events that were acknowledged.
        repeated: Of these, recorded by an attempt that had no answer.
        rejected: Events that were refused.
        unknown: Events that were sent and of which nothing is known.
        checkpoints: Checkpoints that were seen.
    """

    size: int
    acknowledged: int
    repeated: int
    rejected: int
    unknown: int
    checkpoints: int


def log_size(served: Served) -> int:
    """Return the size of the log, by the database's own driver."""
    size: int = query(served.home.settings().database, "SELECT size FROM log_head")[0][0]
    return size


def published_size(served: Served) -> int:
    """Return the size of the newest stored checkpoint, 0 when there is none."""
    found = query(served.home.settings().database, "SELECT max(size) FROM checkpoint")
    return found[0][0] or 0


def settle_and_check(
    served: Served, writers: Writers, observer: Observer, *, before: int
) -> Settled:
    """Let the writers finish on the running server, stop it, and check every invariant.

    Args:
        served: The ledger; its server runs without a fault.
        writers: The clients, under way.
        observer: The readers, under way.
        before: Size of the log before the clients began.
    """
    database = served.home.settings().database
    writers.settle()
    book = read_book(writers.book.path)
    _prove_and_retry(served, writers, book)
    _wait_for_followers(served, observer)
    served.server.stop()

    check = tledger("log", "check", "--home", str(served.home.folder))
    assert check.code == 0, check.err
    rebuilt = tledger("projections", "rebuild", "--home", str(served.home.folder))
    assert rebuilt.code == 0, rebuilt.err
    assert "equal to what they were" in rebuilt.out, rebuilt.out
    rows = stored_rows(database)
    assert not violations(
        rows,
        book,
        before=before,
        notes=observer.notes,
        watched=list(observer.watched),
        trust=served.home.trust(),
    )
    known = book.acknowledged.keys() | book.rejected
    unknown = len(book.attempted.keys() - known)
    return Settled(
        len(rows),
        len(book.acknowledged),
        writers.book.repeated,
        len(book.rejected),
        unknown,
        len(observer.notes),
    )


def _prove_and_retry(served: Served, writers: Writers, book: BookContents) -> None:
    """Ask for receipts, and send again what was acknowledged: it must be in the same place."""
    random = Random(f"{writers.seed}/proofs")
    places = {event: given[0] for event, given in book.acknowledged.items()}
    # The one at the end of the log, too: with it, everything before is published.
    last = max(places, key=lambda event: places[event].index)
    sample = [last, *random.sample(sorted(places), min(_PROOFS, len(places)))]
    with Ledger.open(served.world.school) as ledger:
        for event in sample:
            receipt = ledger.get_receipt(UUID(event), wait=True, timeout=PATIENCE_SECONDS)
            place = places[event]
            assert (receipt.proven.index, receipt.proven.entry) == (place.index, place.entry)
        for batch in random.sample(writers.kept, min(_RETRIES, len(writers.kept))):
            for again in ledger.accepted(batch):
                place = places[str(again.event_id)]
                assert (again.repeated, again.index) == (True, place.index)
                assert again.entry == place.entry


def _wait_for_followers(served: Served, observer: Observer) -> None:
    """Wait until read models, watcher and poller have seen the whole log."""
    size = log_size(served)
    events = query(
        served.home.settings().database,
        "SELECT max(notification_id) - 1 FROM log WHERE stream IS NOT NULL",
    )[0][0]
    wait_until(lambda: read_status(served.home).lag == 0, "the read models follow")
    wait_until(lambda: bool(observer.watched) and observer.watched[-1][0] == events, "the watcher")
    trust = served.home.trust()
    wait_until(
        lambda: open_checkpoint(observer.notes[-1], trust.verifiers()).checkpoint.size == size,
        "the poller sees the last checkpoint",
    )
