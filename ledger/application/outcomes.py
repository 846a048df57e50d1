"""What becomes of the events of a request."""

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.application.admission import Incoming
from ledger.domain.refusals import Refusal


@dataclass(frozen=True, slots=True)
class AppendRequest:
    """One request's events, in their order.

    Attributes:
        events: Each admitted or refused.
        atomic: Record all or none.
    """

    events: Sequence[Incoming]
    atomic: bool


@dataclass(frozen=True, slots=True)
class Recorded:
    """The event stands in the log.

    Attributes:
        event_id: Id of the event.
        index: Index of its entry.
        entry: Bytes of its entry.
        hash: The entry's hash.
        held: Why it counts for nothing yet; empty when it counts.
        repeated: It had been recorded before.
    """

    event_id: bytes
    index: int
    entry: bytes
    hash: bytes
    held: str
    repeated: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """The event was not recorded."""

    event_id: bytes
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class NotKnown:
    """Nobody knows whether the event was recorded; a retry settles it."""

    event_id: bytes
    code: str


Answer = Recorded | Refused | NotKnown
