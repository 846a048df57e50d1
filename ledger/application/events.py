"""From stored rows to events: the generated messages behind the fields that the domain reads."""

from typing import Any, Final

from ledger.api.v1 import events_pb2 as pb
from ledger.application.ports import LogRow, Place
from ledger.domain.recorded_event import RecordedEvent
from ledger.log.entries import EventEntry, read_entry
from ledger.log.merkle import leaf_hash

_ONEOF: Final = pb.TrainingEvent.DESCRIPTOR.oneofs_by_name["body"]
BODY_FIELDS: Final[dict[str, str]] = {
    field.message_type.name: field.name for field in _ONEOF.fields if field.message_type is not None
}
"""Name of the oneof's member by the name of the event type."""


def body_of(event: pb.TrainingEvent, type_name: str) -> Any:  # noqa: ANN401 - any body message
    """Return the body of an event of a known type."""
    return getattr(event, BODY_FIELDS[type_name])


def recorded_at(place: Place) -> RecordedEvent:
    """Return the event that stands at a place."""
    event, entry = pb.TrainingEvent.FromString(place.event), read_entry(place.entry)
    if not isinstance(entry, EventEntry):
        raise TypeError(f"the entry {place.index} is not that of an event")
    header: Any = event.header
    body = body_of(event, header.type)
    return RecordedEvent(
        place.index, entry.seq, header.type, header.stream, entry.recorded, header, body
    )


def recorded_event(row: LogRow) -> RecordedEvent:
    """Return the event of a row as recorded."""
    event = pb.TrainingEvent.FromString(row.event)
    header: Any = event.header
    return RecordedEvent(
        row.index,
        row.seq,
        row.type,
        row.stream,
        row.recorded_us,
        header,
        body_of(event, row.type),
        leaf_hash(row.event),
    )
