"""Captured events: the bytes of an event, made once and never again (docs/formats.md section 3)."""

from dataclasses import dataclass, field
from uuid import UUID

from clients.sdk.errors import DraftError
from ledger.log.errors import FormatError
from ledger.log.event_reader import read_event
from ledger.log.merkle import leaf_hash


@dataclass(frozen=True, slots=True)
class CapturedEvent:
    """An event as it was serialised; whatever is sent, now or in a year, is `data`.

    Attributes:
        data: The bytes that are signed, sent and stored.
        leaf: SHA-256(0x00 ‖ data).
        event_id: Its id.
        type: Name of its type.
        stream: The stream that it belongs to.
        author_key: Id of the key that has to sign it.
        approver_key: Id of the key that has to sign it too; empty where none has to.
        device_sequence: Its number in the device's chain, 0 where there is none.
    """

    data: bytes = field(repr=False)
    leaf: bytes = field(repr=False)
    event_id: UUID
    type: str
    stream: UUID
    author_key: bytes = field(repr=False)
    approver_key: bytes = field(repr=False)
    device_sequence: int

    @classmethod
    def from_bytes(cls, data: bytes) -> "CapturedEvent":
        """Read an event from bytes that were kept.

        Raises:
            DraftError: when they are not an event that the ledger would admit.
        """
        try:
            event = read_event(data)
            header = event.header
            ids = UUID(bytes=header.event_id), UUID(bytes=header.stream)
        except (FormatError, ValueError) as error:
            raise DraftError(f"not an event: {error}") from error
        return cls(
            data,
            leaf_hash(data),
            ids[0],
            event.type,
            ids[1],
            header.author_key,
            header.approver_key,
            header.device_sequence,
        )


@dataclass(frozen=True, slots=True)
class DeviceChain:
    """Where a device's own chain of events stands; kept with the events, in one transaction.

    Attributes:
        sequence: Number of the last event, 0 before the first.
        leaf: Leaf of the last event, empty before the first.
    """

    sequence: int = 0
    leaf: bytes = b""
