"""The oracle fails where it has to (reliability-security section 2: negative controls).

Each case is a run in order to which one thing is done that a ledger must never do; the invariant
that it breaks is named. A server that acknowledges before it commits is caught, too.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import pytest

from ledger.commands.home import Home
from ledger.log.checkpoints import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.storage.key_files import load_secrets
from tests.faults.acknowledgement_book import Acknowledged, BookContents, read_book
from tests.faults.oracle import violations
from tests.faults.raw_database import StoredRow, database_copy, stored_rows
from tests.faults.tampering import (
    close_gap,
    delete_row,
    edit_entry,
    edit_event,
    swap_rows,
    truncate,
)
from tests.faults.underway import under_way
from tests.server_process import served_world

pytestmark = [pytest.mark.slow, pytest.mark.faults]

SEED = 1
EVENTS = 150


@dataclass(frozen=True, slots=True)
class Run:
    """What a run left behind.

    Attributes:
        home: The log's home.
        book: The clients' book.
        before: Size of the log before they began.
        notes: The checkpoints that were seen.
        watched: The entries that were seen.
        rows: The log.
    """

    home: Home
    book: BookContents
    before: int
    notes: list[str]
    watched: list[tuple[int, bytes]]
    rows: list[StoredRow]

    @property
    def event(self) -> str:
        """An acknowledged event in the middle of the log."""
        ordered = sorted(self.book.acknowledged, key=lambda each: self.place(each).index)
        return ordered[len(ordered) // 2]

    @property
    def index(self) -> int:
        """Its index."""
        return self.place(self.event).index

    def place(self, event: str) -> Acknowledged:
        """Return what was acknowledged."""
        return self.book.acknowledged[event][0]

    def found(self) -> list[str]:
        """Ask the oracle."""
        return violations(
            self.rows,
            self.book,
            before=self.before,
            notes=self.notes,
            watched=self.watched,
            trust=self.home.trust(),
        )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A run that the oracle finds in order."""
    folder = tmp_path_factory.mktemp("run")
    database = f"sqlite:///{folder / 'ledger.sqlite3'}"
    with served_world(folder, database) as served:
        with under_way(served, SEED) as running:
            running.wait_for_acknowledgements(EVENTS)
            running.settle_and_check()
            book = read_book(running.writers.book.path)
            notes, watched = running.observer.notes, running.observer.watched
        yield Run(served.home, book, running.before, notes, watched, stored_rows(database))


def _stored_twice(run: Run) -> Run:
    size = len(run.rows)
    return replace(run, rows=[*run.rows, replace(run.rows[run.index], index=size)])


def _acknowledged_twice(run: Run) -> Run:
    given = [*run.book.acknowledged[run.event], Acknowledged(run.index + 1, b"{}")]
    return _with_book(run, acknowledged={**run.book.acknowledged, run.event: given})


def _with_book(run: Run, **changes: object) -> Run:
    return replace(run, book=replace(run.book, **changes))  # type: ignore[arg-type]


def _without(run: Run) -> BookContents:
    """Return the book without an event, as of clients that never sent it."""
    attempted, acknowledged = dict(run.book.attempted), dict(run.book.acknowledged)
    del attempted[run.event], acknowledged[run.event]
    return replace(run.book, attempted=attempted, acknowledged=acknowledged)


def _forked(run: Run) -> Run:
    """Show a checkpoint of another history, signed with the log's own keys."""
    trust = run.home.trust()
    seen = open_checkpoint(run.notes[-1], trust.verifiers())
    other = Checkpoint(trust.origin, seen.checkpoint.size, bytes(32))
    keys = load_secrets(run.home.secrets).checkpoint_keys
    return replace(run, notes=[*run.notes, sign_checkpoint(other, keys, seen.timestamp or 1)])


IN_THE_DATABASE: dict[str, tuple[Callable[[str, Run], object], str]] = {
    "an acknowledged event deleted": (lambda u, r: delete_row(u, r.index), "I1"),
    "an acknowledged event deleted, the rest renumbered": (
        lambda u, r: close_gap(u, r.index),
        "I1",
    ),
    "the tail lost": (lambda u, r: truncate(u, r.index), "I1"),
    "an entry changed": (lambda u, r: edit_entry(u, r.index), "I1"),
    "an event changed": (lambda u, r: edit_event(u, r.index), "I1"),
    "two rows exchanged": (lambda u, r: swap_rows(u, r.index, r.before + 1), "I3"),
}
IN_THE_EVIDENCE: dict[str, tuple[Callable[[Run], Run], str]] = {
    "an event stored twice": (_stored_twice, "I2 I3"),
    "an event acknowledged at two places": (_acknowledged_twice, "I1"),
    "a refused event stored": (lambda r: _with_book(r, rejected={r.event}), "I2"),
    "an event that nobody sent": (lambda r: replace(r, book=_without(r)), "I2"),
    "a second history": (_forked, "I4"),
    "a checkpoint that does not verify": (
        lambda r: replace(r, notes=[*r.notes, r.notes[-1].replace("+", "A")]),
        "I4",
    ),
    "a smaller checkpoint after a larger one": (
        lambda r: replace(r, notes=[*r.notes, r.notes[0]]),
        "I4",
    ),
    "an acknowledged event that was never published": (
        lambda r: replace(r, notes=r.notes[:1]),
        "I1",
    ),
    "an event that a reader saw and that vanished": (
        lambda r: replace(r, watched=[*r.watched, (len(r.rows), b"{}")]),
        "I5",
    ),
}


def test_the_run_is_in_order(run: Run) -> None:
    assert len(run.book.acknowledged) >= EVENTS
    assert run.book.rejected
    assert not run.found()


@pytest.mark.parametrize("case", IN_THE_DATABASE)
def test_the_oracle_finds_what_was_done_to_the_database(run: Run, case: str) -> None:
    apply, invariant = IN_THE_DATABASE[case]
    with database_copy(run.home.settings().database, f"case_{uuid4().hex}") as database:
        apply(database, run)
        found = replace(run, rows=stored_rows(database)).found()
    assert any(each.startswith(invariant) for each in found), found


@pytest.mark.parametrize("case", IN_THE_EVIDENCE)
def test_the_oracle_finds_what_readers_and_clients_show(run: Run, case: str) -> None:
    apply, invariants = IN_THE_EVIDENCE[case]
    found = apply(run).found()
    assert found
    assert {each.partition(":")[0] for each in found} == set(invariants.split()), found


def test_the_oracle_finds_a_server_out_that_acknowledges_before_it_commits(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
    program = ("-m", "tests.faults.lossy_server", "serve")
    with served_world(tmp_path, database, program=program) as served:
        with under_way(served, SEED) as running:
            running.wait_for_acknowledgements(EVENTS)
            served.server.kill()
        found = violations(
            stored_rows(database),
            read_book(running.writers.book.path),
            before=running.before,
            notes=[],
            watched=[],
            trust=served.home.trust(),
        )
    lost = [each for each in found if "where it was acknowledged" in each]
    assert lost
