"""Reading the log (DESIGN section 7), in either database; committed rows only."""
# ruff: noqa: S608 - statements are put together from this package's own column names

from typing import Final

from ledger.application.ports import LogHead, LogRow, StoredBatch
from ledger.storage.database import Database, Row
from ledger.storage.log_rows import (
    BATCH_COLUMNS,
    HEAD_COLUMNS,
    LOG_COLUMNS,
    log_head,
    log_rows,
)

_ROWS: Final = f"SELECT {LOG_COLUMNS} FROM log WHERE stream IS NOT NULL AND"

_HOME_ROWS: Final = f"{_ROWS} cohort = ? AND notification_id <= ? ORDER BY notification_id"
_GUEST_ROWS: Final = (
    f"{_ROWS} notification_id IN"
    " (SELECT notification_id FROM log_guest WHERE cohort = ? AND notification_id <= ?)"
)
_RECORDED: Final = "SELECT recorded FROM log WHERE notification_id = ?"


class StoredLog:
    """The log reader of the application, in either database."""

    def __init__(self, database: Database) -> None:
        """Read this database, whose schema is there."""
        self._database = database

    def head(self) -> LogHead:
        """Return where the log ends."""
        return log_head(self._query(f"SELECT {HEAD_COLUMNS} FROM log_head WHERE single = 1")[0])

    def entries(self, start: int, limit: int) -> list[tuple[int, bytes]]:
        """Return entries from an index on, filled slots included, empty ones not."""
        found = self._query(
            "SELECT notification_id - 1, entry FROM log WHERE notification_id > ?"
            " AND entry IS NOT NULL ORDER BY notification_id LIMIT ?",
            start,
            limit,
        )
        return [(index, entry) for index, entry in found]

    def rows(self, start: int, limit: int, cohort: bytes | None = None) -> list[LogRow]:
        """Return events' rows from an index on, of one home cohort or of all."""
        if cohort is None:
            return log_rows(
                self._query(
                    f"{_ROWS} notification_id > ? ORDER BY notification_id LIMIT ?", start, limit
                )
            )
        return log_rows(
            self._query(
                f"{_ROWS} cohort = ? AND notification_id > ? ORDER BY notification_id LIMIT ?",
                cohort,
                start,
                limit,
            )
        )

    def cohort_rows(self, cohort: bytes, below: int) -> list[LogRow]:
        """Return the rows below an index of all events that name a cohort, as home or as guest."""
        with self._database.reading() as transaction:
            rows = transaction.query(_HOME_ROWS, (cohort, below))
            guests = transaction.query(_GUEST_ROWS, (cohort, below))
        # A number leads each record, and no two are the same.
        return log_rows(sorted([*rows, *guests]) if guests else rows)

    def stream_rows(self, stream: bytes) -> list[LogRow]:
        """Return all rows of a stream, in order."""
        return log_rows(self._query(f"{_ROWS} stream = ? ORDER BY seq", stream))

    def size_at(self, recorded_us: int) -> int:
        """Return how many entries were recorded at a moment or before it.

        `recorded` never runs backwards and numbers have no gap, so the log itself is the index.
        """
        with self._database.reading() as transaction:
            low, high = 0, transaction.query("SELECT size FROM log_head WHERE single = 1")[0][0]
            while low < high:
                middle = (low + high) // 2
                found = transaction.query(_RECORDED, (middle + 1,))
                if found[0][0] <= recorded_us:
                    low = middle + 1
                else:
                    high = middle
        return int(low)

    def row(self, index: int) -> LogRow | None:
        """Return the row of an event at an index."""
        found = self._query(f"{_ROWS} notification_id = ?", index + 1)
        return log_rows(found)[0] if found else None

    def find(self, event_id: bytes) -> LogRow | None:
        """Return the row of an event by its id."""
        found = self._query(f"{_ROWS} event_id = ?", event_id)
        return log_rows(found)[0] if found else None

    def batch(self, name: bytes) -> StoredBatch | None:
        """Return a stored batch by its name."""
        found = self._query(f"SELECT {BATCH_COLUMNS} FROM batch WHERE name = ?", name)
        return StoredBatch(*found[0][:-1]) if found else None

    def _query(self, statement: str, *parameters: int | bytes) -> list[Row]:
        with self._database.reading() as transaction:
            rows: list[Row] = transaction.query(statement, parameters)
            return rows
