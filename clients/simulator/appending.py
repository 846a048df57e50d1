"""A town written into a ledger, over its own connections.

Batches are signed by their authors and carried by the bureau's connection, as many to a request as
it takes. What rests on the ledger's own word is decided on the way (`clients.simulator.decisions`).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Final

from clients.sdk import Identity, Ledger, SignedBatch
from clients.simulator.cast import Author
from clients.simulator.decisions import Decisions, Outcome
from clients.simulator.emission import Emission
from clients.simulator.events import Step
from clients.simulator.ids import Ids
from clients.simulator.reality import Reality
from clients.simulator.records import Block

_MOST_EVENTS: Final = 1000
_MOST_BYTES: Final = 1_900_000
_OVERHEAD: Final = 200


class Appending:
    """Writes a town.

    Args:
        reality: What happened.
        courier: Connection that carries the batches.
        ledgers: Connections of the institutions, by code.
        cast: Who writes.
        ids: Resolves codes.
    """

    def __init__(
        self,
        reality: Reality,
        courier: Ledger,
        ledgers: Mapping[str, Ledger],
        cast: Mapping[str, Author],
        ids: Ids,
    ) -> None:
        self._town = reality.town
        self._cast = cast
        self._ids = ids
        self._decisions = Decisions(reality, courier, ledgers, cast, ids)

    @property
    def outcome(self) -> Outcome:
        """What came of it so far."""
        return self._decisions.outcome

    def run(self, steps: Sequence[Step]) -> Iterator[int]:
        """Do one step after the other; yield how many are done, now and then.

        Raises:
            LedgerClientError: when the ledger does not answer, or an answer does not verify.
        """
        emission = Emission(self._town, self._cast, self._ids)
        batches = emission.capture_all(steps)
        waiting: list[SignedBatch] = []
        for place, step in enumerate(steps):
            if isinstance(step, Block):
                for batch in batches.pop(place):
                    if not _fits(waiting, batch):
                        self._decisions.send(waiting)
                        waiting = []
                        yield place
                    waiting.append(batch)
                continue
            if waiting:
                self._decisions.send(waiting)
                waiting = []
            self._decisions.decide(step)
        if waiting:
            self._decisions.send(waiting)
        yield len(steps)


def _fits(waiting: Sequence[SignedBatch], batch: SignedBatch) -> bool:
    if not waiting:
        return True
    events = [event for each in (*waiting, batch) for event in each.events]
    size = sum(len(event.data) + _OVERHEAD for event in events)
    return len(events) <= _MOST_EVENTS and size <= _MOST_BYTES


@contextmanager
def connections(identities: Mapping[str, Identity]) -> Iterator[dict[str, Ledger]]:
    """Open a connection for each identity, by code."""
    with ExitStack() as stack:
        yield {code: stack.enter_context(Ledger.open(each)) for code, each in identities.items()}
