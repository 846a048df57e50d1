"""A told story in a log: the events of `tests.unit.projections.story` as stored rows."""

from collections.abc import Sequence
from typing import Any

from ledger.api.v1 import events_pb2 as pb
from ledger.application.events import BODY_FIELDS
from ledger.application.ports import LogHead, LogRow, LogWriter, OwnRow
from projections.ports import FedEvent


def stored(fed: FedEvent) -> LogRow:
    """Return the row of an event; its entry says nothing that a reader of events looks at."""
    event, held = fed
    header: Any = event.header
    message = pb.TrainingEvent(header=header)
    body: Any = event.body
    getattr(message, BODY_FIELDS[event.type]).CopyFrom(body)
    home, *guests = [*header.cohorts] or [None]
    return LogRow(
        event.index,
        b"entry %d" % event.index,
        event.recorded_us,
        event.stream,
        event.seq,
        event.type,
        message.SerializeToString(),
        header.event_id,
        home,
        held,
        bytes(32),
        bytes(32),
        0,
        b"".join(guests),
    )


async def write(writer: LogWriter, events: Sequence[FedEvent]) -> None:
    """Append a whole story in one group; entries of the log's own fill its gaps."""
    by_index = {fed[0].index: fed for fed in events}
    rows: list[LogRow | OwnRow] = []
    for index in range(max(by_index) + 1):
        recorded = rows[-1].recorded_us if rows else 0
        fed = by_index.get(index)
        rows.append(stored(fed) if fed else OwnRow(index, b"own", recorded))
    async with writer.group(()) as group:
        await group.insert(rows, (), LogHead(len(rows), rows[-1].recorded_us, None))
