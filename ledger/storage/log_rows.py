"""Rows of the tables `log`, `batch` and `log_head` (DESIGN section 7) and the records they hold.

`notification_id` is index + 1. Columns are selected and inserted in one order, everywhere.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from ledger.application.ports import LogHead, LogRow, OwnRow, Place, StoredBatch, StreamTail

Record = tuple[Any, ...]

LOG_COLUMNS: Final = (
    "notification_id, entry, recorded, stream, seq, type, event, event_id, cohort, held,"
    " batch_key, batch_name, position, guests"
)
LOG_TYPES: Final = (
    "int8",
    "bytea",
    "int8",
    "bytea",
    "int8",
    "text",
    "bytea",
    "bytea",
    "bytea",
    "text",
    "bytea",
    "bytea",
    "int4",
    "bytea",
)
"""PostgreSQL's types of these columns."""
BATCH_COLUMNS: Final = (
    "key_id, root, algorithm, signature, approver_key, approver_signature, leaves, name"
)
PLACE_COLUMNS: Final = "event_id, notification_id, entry, event, held"
HEAD_COLUMNS: Final = "size, recorded, slot, closed"

ID_SIZE: Final = 16
GUEST_COLUMNS: Final = "cohort, notification_id"

_NO_EVENT: Final = (None,) * 11


def log_record(row: LogRow | OwnRow) -> Record:
    """Return the values of `LOG_COLUMNS`."""
    if isinstance(row, OwnRow):
        return (row.index + 1, row.entry, row.recorded_us, *_NO_EVENT)
    return (
        row.index + 1,
        row.entry,
        row.recorded_us,
        row.stream,
        row.seq,
        row.type,
        row.event,
        row.event_id,
        row.cohort,
        row.held,
        row.batch_key,
        row.batch_name,
        row.position,
        row.guests,
    )


def guest_records(rows: Sequence[LogRow | OwnRow]) -> list[Record]:
    """Return the values of `GUEST_COLUMNS` for each further cohort that an event names."""
    return [
        (cohort, row.index + 1)
        for row in rows
        if isinstance(row, LogRow) and row.guests
        for cohort in sorted(
            {row.guests[at : at + ID_SIZE] for at in range(0, len(row.guests), ID_SIZE)}
            - {row.cohort}
        )
    ]


def log_rows(records: Sequence[Sequence[Any]]) -> list[LogRow]:
    """Return events' rows from the values of `LOG_COLUMNS`."""
    return [LogRow(record[0] - 1, *record[1:]) for record in records]


def batch_record(batch: StoredBatch) -> Record:
    """Return the values of `BATCH_COLUMNS`."""
    return (
        batch.key_id,
        batch.root,
        batch.algorithm,
        batch.signature,
        batch.approver_key,
        batch.approver_signature,
        batch.leaves,
        batch.name,
    )


def places(records: Sequence[Sequence[Any]]) -> dict[bytes, Place]:
    """Return places by event id from the values of `PLACE_COLUMNS`."""
    return {record[0]: Place(record[1] - 1, *record[2:]) for record in records}


def stream_tails(records: Sequence[Sequence[Any]]) -> dict[bytes, StreamTail]:
    """Return tails by stream from (stream, seq, entry)."""
    return {stream: StreamTail(seq, entry) for stream, seq, entry in records}


def rows_by_stream(rows: Sequence[LogRow]) -> dict[bytes, list[LogRow]]:
    """Return rows by their stream, in the order given."""
    found: defaultdict[bytes, list[LogRow]] = defaultdict(list)
    for row in rows:
        found[row.stream].append(row)
    return dict(found)


def rows_by_cohort(rows: Sequence[LogRow]) -> dict[bytes, list[LogRow]]:
    """Return rows by their cohort, in the order given."""
    found: defaultdict[bytes, list[LogRow]] = defaultdict(list)
    for row in rows:
        if row.cohort is not None:
            found[row.cohort].append(row)
    return dict(found)


def log_head(record: Sequence[Any]) -> LogHead:
    """Return the head from the values of `HEAD_COLUMNS`."""
    size, recorded, slot, closed = record
    return LogHead(size, recorded, slot, bool(closed))


def head_record(head: LogHead) -> Record:
    """Return the values of `HEAD_COLUMNS`."""
    return (head.size, head.recorded_us, head.slot, head.closed)


def check_appended(before: LogHead, rows: Sequence[LogRow | OwnRow], behind: LogHead) -> None:
    """Check that rows follow a head without a gap and end at another.

    Raises:
        ValueError: when they do not.
    """
    indexes = [row.index for row in rows]
    if indexes != list(range(before.size, before.size + len(rows))):
        raise ValueError(f"the rows do not follow a log of size {before.size} without a gap")
    if behind.size != before.size + len(rows):
        raise ValueError(f"{len(rows)} rows after {before.size} do not end at {behind.size}")
