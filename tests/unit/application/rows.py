"""Stored rows of hand-made events: only what is read of a row, without entry and batch."""

from typing import Any

from ledger.api.v1 import events_pb2 as pb
from ledger.application.events import BODY_FIELDS
from ledger.application.ports import LogRow
from ledger.domain.recorded_event import RecordedEvent

KEY = b"k" * 32


def row(event: RecordedEvent, *, held: str = "") -> LogRow:
    whole: Any = pb.TrainingEvent()
    whole.header.CopyFrom(event.header)
    getattr(whole, BODY_FIELDS[event.type]).CopyFrom(event.body)
    cohorts = list(event.header.cohorts)
    return LogRow(
        event.index,
        b"",
        event.recorded_us,
        event.stream,
        event.seq,
        event.type,
        whole.SerializeToString(),
        event.header.event_id,
        cohorts[0] if cohorts else None,
        held,
        KEY,
        b"",
        0,
    )
