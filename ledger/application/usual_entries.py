"""The publisher's quick look at an entry: built again from its event, and compared byte for byte.

An entry that is exactly what its event, its row and the head of its stream make is in order in
every respect that `log_walk` checks, and none of it has to be parsed. Whatever differs in any way,
and every issue of a number, goes the long way there, which names what is wrong.
"""

from dataclasses import dataclass
from typing import Any, Final

from google.protobuf.message import DecodeError

from ledger.api.v1 import events_pb2 as pb
from ledger.application.entry_keys import known_text, stream_map_key, usual_keys
from ledger.application.events import BODY_FIELDS
from ledger.application.log_pages import StoredEntry
from ledger.application.ports import LogRow
from ledger.domain.event_types import EVENT_TYPES
from ledger.log.entries import EventEntry, build_event_entry
from ledger.log.head_map import Head
from ledger.log.identifiers import uuid_text
from ledger.log.merkle import leaf_hash

_UUID_SIZE: Final = 16
_ISSUE: Final = "TrainingCertificateIssued"


@dataclass(frozen=True, slots=True)
class UsualEntry:
    """An event's entry as it should be, up to the head of its stream.

    Attributes:
        row: The row.
        kind: Kind of the stream.
        stream: The stream, as text.
        keys: Its map keys beside the stream's, in hex.
        touched: All its map keys, the stream's own first.
    """

    row: LogRow
    kind: str
    stream: str
    keys: tuple[str, ...]
    touched: tuple[bytes, ...]

    def entry(self, stored: bytes, head: Head | None) -> EventEntry | None:
        """Return the entry when its stored bytes are what they should be behind this head.

        Args:
            stored: Its bytes.
            head: The head of its stream before it, None at its start.
        """
        row = self.row
        seq, prev = (1, None) if head is None else (head.count + 1, head.head_hash)
        if row.seq != seq or row.entry != stored:
            return None
        event, payload = uuid_text(row.event_id), leaf_hash(row.event)
        due = build_event_entry(
            event=event,
            keys=self.keys,
            kind=self.kind,
            payload=payload,
            prev=prev,
            recorded=row.recorded_us,
            seq=seq,
            stream=self.stream,
        )
        if due != stored:
            return None
        return EventEntry(
            event, self.keys, self.kind, payload, prev, row.recorded_us, seq, self.stream
        )


def usual_entry(stored: StoredEntry, origin: str) -> UsualEntry | None:
    """Read the event behind an entry; None when it is not as usual in any way."""
    row = stored.row
    if row is None or row.type == _ISSUE:
        return None
    try:
        event = pb.TrainingEvent.FromString(row.event)
    except DecodeError:
        return None
    header: Any = event.header
    event_type = EVENT_TYPES.get(row.type)
    cohorts = tuple(header.cohorts)
    event.DiscardUnknownFields()
    if (
        event_type is None
        or event.WhichOneof("body") != BODY_FIELDS[row.type]
        or event.SerializeToString() != row.event
        or (header.type, header.origin) != (row.type, origin)
        or (header.stream, header.event_id) != (row.stream, row.event_id)
        or (cohorts[0] if cohorts else None) != row.cohort
        or header.author_key != row.batch_key
        or any(len(each) != _UUID_SIZE for each in (row.stream, row.event_id, header.institution))
        or any(len(each) != _UUID_SIZE for each in cohorts)
    ):
        return None
    keys = usual_keys(event_type.kind, row.seq, cohorts, header.institution)
    touched = (stream_map_key(row.stream), *map(bytes.fromhex, keys))
    return UsualEntry(row, event_type.kind, known_text(row.stream), keys, touched)
