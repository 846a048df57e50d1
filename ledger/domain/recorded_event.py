"""An event as the ledger recorded it: what folds, decisions and evaluators read.

Header and body give the fields of `proto/ledger/api/v1/events.proto` as attributes. They are
generated messages in the server and `ledger.log.event_reader` records in the offline tools; both
obey `Message`.
"""

from dataclasses import dataclass
from typing import Any, Protocol


class Message(Protocol):
    """Anything that gives the fields of an event message as attributes."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - each field has its own type
        """Return the field of that name."""


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """One recorded event.

    Attributes:
        index: Index of its entry in the log.
        seq: Number of the event in its stream, from 1.
        type: Name of the event's type.
        stream: The stream, UUID of 16 bytes.
        recorded_us: When the ledger recorded it, microseconds since 1970 UTC.
        header: Fields of EventHeader.
        body: Fields of the body message.
        leaf: SHA-256(0x00 ‖ bytes of the event); empty where the bytes were not at hand.
    """

    index: int
    seq: int
    type: str
    stream: bytes
    recorded_us: int
    header: Message
    body: Message
    leaf: bytes = b""
