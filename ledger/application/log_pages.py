"""Reading the log back page by page: entries with the events behind them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ledger.application.breaches import LogBreachError
from ledger.application.ports import LogReader, LogRow
from ledger.log.entries import EventEntry, read_entry
from ledger.log.errors import FormatError
from ledger.log.head_map import map_key

PAGE: Final = 1_000


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as stored: its index, its bytes, and the row of its event if there is one."""

    index: int
    entry: bytes
    row: LogRow | None


def read_pages(
    reader: LogReader, start: int, end: int, limit: int = PAGE
) -> Iterator[list[StoredEntry]]:
    """Yield the stored entries with indexes in [start, end), at most `limit` at a time.

    What is missing in between is for the reader of the pages to notice.

    Raises:
        LogBreachError: when an event has no entry in front of it.
        StorageError: the database failed.
    """
    while start < end:
        found = [(index, data) for index, data in reader.entries(start, limit) if index < end]
        if not found:
            return
        last = found[-1][0]
        rows = {row.index: row for row in reader.rows(start, limit) if row.index <= last}
        stray = rows.keys() - {index for index, _ in found}
        if stray:
            index = min(stray)
            raise LogBreachError(
                index, f"第 {index} 条有事件而无条目", f"entry {index} has an event but no bytes"
            )
        yield [StoredEntry(index, data, rows.get(index)) for index, data in found]
        start = last + 1


def touched_keys(entry: EventEntry) -> tuple[bytes, ...]:
    """Return all head-map keys that an entry touches, its stream's own first."""
    own = map_key("stream", entry.stream.encode())
    return (own, *(bytes.fromhex(key) for key in entry.keys))


def touched_between(reader: LogReader, start: int, end: int) -> set[bytes]:
    """Return the head-map keys that the entries with indexes in [start, end) touch.

    Raises:
        LogBreachError: when an entry is malformed.
        StorageError: the database failed.
    """
    keys: set[bytes] = set()
    while start < end:
        found = [(index, data) for index, data in reader.entries(start, PAGE) if index < end]
        if not found:
            break
        for index, data in found:
            try:
                entry = read_entry(data)
            except FormatError as error:
                raise LogBreachError(
                    index,
                    f"第 {index} 条不合格式（{error}）",
                    f"entry {index} is malformed: {error}",
                ) from error
            if isinstance(entry, EventEntry):
                keys.update(touched_keys(entry))
        start = found[-1][0] + 1
    return keys
