"""Groups of entries into SQLite (DESIGN section 7): one writer thread, WAL, every commit flushed.

A group costs two visits to the thread: BEGIN IMMEDIATE, head and look-up of event ids; rows,
batches, head and COMMIT. `executemany` writes faster than statements of many rows (1,000 rows: by
half; beside a busy event loop, which the `sqlite3` module's letting go of the interpreter's lock
at each step slows down, the same). A second process on the same file waits for the lock and then
sees that the head has moved.
"""
# ruff: noqa: S608 - statements are put together from this package's own column names

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeVar

from ledger.application.errors import IntegrityBreachError
from ledger.application.ports import Loaded, LogHead, LogRow, Place, PreparedCertificate
from ledger.storage.certificate_store import PREPARED_COLUMNS, prepared_certificate
from ledger.storage.database import open_sqlite, sqlite_errors
from ledger.storage.group_writer import GroupWriter, StagedGroup
from ledger.storage.log_rows import (
    BATCH_COLUMNS,
    GUEST_COLUMNS,
    HEAD_COLUMNS,
    LOG_COLUMNS,
    PLACE_COLUMNS,
    Record,
    batch_record,
    guest_records,
    head_record,
    log_head,
    log_record,
    log_rows,
    places,
    rows_by_cohort,
    rows_by_stream,
    stream_tails,
)

T = TypeVar("T")

_ID_SIZES: Final = (4, 50, 500)
"""Ids in one look-up: three texts of each statement, so that each is compiled once."""
_CACHE_KIB: Final = 128 * 1024
_CHECKPOINT_PAGES: Final = 20_000
_INSERT: Final = (
    f"INSERT INTO log ({LOG_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_GUESTS: Final = f"INSERT INTO log_guest ({GUEST_COLUMNS}) VALUES (?, ?)"
_BATCHES: Final = (
    f"INSERT INTO batch ({BATCH_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)


class Appended:
    """Tells other threads of this process that entries were appended."""

    def __init__(self) -> None:
        """Nothing was appended yet."""
        self._condition = threading.Condition()
        self._count = 0

    def announce(self) -> None:
        """Wake who waits."""
        with self._condition:
            self._count += 1
            self._condition.notify_all()

    def wait(self, seen: int, timeout: float) -> int:
        """Wait for what comes after `seen`, at most `timeout` seconds; return what is seen then."""
        with self._condition:
            self._condition.wait_for(lambda: self._count != seen, timeout)
            return self._count


def _marks(count: int) -> str:
    return ", ".join("?" * count)


@contextmanager
def _errors() -> Iterator[None]:
    with sqlite_errors():
        try:
            yield
        except sqlite3.IntegrityError as error:
            raise IntegrityBreachError(f"written without the lock on the head: {error}") from error


def _chunks(ids: Sequence[bytes]) -> Iterator[list[bytes]]:
    """Yield distinct ids in chunks of one of the sizes, filled up with what is no id."""
    rest = list(dict.fromkeys(ids))
    while rest:
        size = next((each for each in _ID_SIZES if len(rest) <= each), _ID_SIZES[-1])
        chunk, rest = rest[:size], rest[size:]
        yield chunk + [b""] * (size - len(chunk))


class _Connection:
    """The statements of the writer. Used in the writer's thread only."""

    def __init__(self, path: Path) -> None:
        self._connection = open_sqlite(path)
        self._connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")

    def begin(self, event_ids: Sequence[bytes]) -> tuple[LogHead, Mapping[bytes, Place]]:
        self._connection.execute("BEGIN IMMEDIATE")
        found = self.query(f"SELECT {HEAD_COLUMNS} FROM log_head WHERE single = 1")
        if not found:
            raise IntegrityBreachError("the row that says where the log ends is missing")
        known = self._for_ids(
            f"SELECT {PLACE_COLUMNS} FROM wanted CROSS JOIN log ON event_id = wanted.id", event_ids
        )
        return log_head(found[0]), places(known)

    def query(self, statement: str, parameters: Sequence[Any] = ()) -> list[Record]:
        return self._connection.execute(statement, parameters).fetchall()

    def load(
        self,
        tails: Sequence[bytes],
        histories: Sequence[bytes],
        cohorts: Sequence[bytes],
        types: Sequence[str],
    ) -> Loaded:
        found_tails = self._for_ids(
            "SELECT stream, seq, entry FROM wanted CROSS JOIN log ON stream = wanted.id AND seq ="
            " (SELECT max(tail.seq) FROM log AS tail WHERE tail.stream = wanted.id)",
            tails,
        )
        found_histories = self._for_ids(
            f"SELECT {LOG_COLUMNS} FROM wanted CROSS JOIN log ON stream = wanted.id"
            f" WHERE type IN ({_marks(len(types))}) ORDER BY stream, seq",
            histories,
            types,
        )
        found_cohorts = self._for_ids(
            f"SELECT {LOG_COLUMNS} FROM wanted CROSS JOIN log ON cohort = wanted.id"
            f" WHERE type IN ({_marks(len(types))}) OR notification_id ="
            " (SELECT min(under.notification_id) FROM log AS under WHERE under.cohort = wanted.id)"
            " ORDER BY notification_id",
            cohorts,
            types,
        )
        return Loaded(
            stream_tails(found_tails),
            rows_by_stream(log_rows(found_histories)),
            rows_by_cohort(log_rows(found_cohorts)),
        )

    def commit(self, group: "SQLiteGroup") -> None:
        self._connection.executemany(_INSERT, map(log_record, group.rows))
        self._connection.executemany(_GUESTS, guest_records(group.rows))
        if group.batches:
            self._connection.executemany(_BATCHES, map(batch_record, group.batches))
        if group.behind is not None:
            self._connection.execute(
                f"UPDATE log_head SET ({HEAD_COLUMNS}) = (?, ?, ?, ?) WHERE single = 1",
                head_record(group.behind),
            )
        self._connection.execute("COMMIT")

    def roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def close(self) -> None:
        self._connection.close()

    def _for_ids(
        self, select: str, ids: Sequence[bytes], types: Sequence[str] = ()
    ) -> list[Record]:
        """Run `select` over the table `wanted` of ids; that table leads, the log is looked up."""
        found: list[Record] = []
        for chunk in _chunks(ids):
            values = ", ".join(["(?)"] * len(chunk))
            statement = f"WITH wanted (id) AS (VALUES {values}) {select}"
            found += self.query(statement, [*chunk, *types])
        return found


class SQLiteGroup(StagedGroup):
    """A group in an SQLite transaction."""

    def __init__(self, writer: "SQLiteWriter", head: LogHead, known: Mapping[bytes, Place]) -> None:
        """Read in the writer's thread."""
        super().__init__(head, known)
        self._writer = writer

    async def rows_since(self, index: int) -> list[LogRow]:
        """Return the events' rows from `index` on, in order."""
        return await self._rows(
            "notification_id > ? AND stream IS NOT NULL ORDER BY notification_id", index
        )

    async def load(
        self,
        tails: Sequence[bytes],
        histories: Sequence[bytes],
        cohorts: Sequence[bytes],
        types: Sequence[str],
    ) -> Loaded:
        """Return what is known of these streams and cohorts; `types` are those for decisions."""
        return await self._writer.run(lambda c: c.load(tails, histories, cohorts, types))

    async def stream_rows(self, stream: bytes) -> list[LogRow]:
        """Return all rows of a stream, in order."""
        return await self._rows("stream = ? ORDER BY seq", stream)

    async def prepared(self, core_digest: bytes) -> PreparedCertificate | None:
        """Return what was prepared under a digest."""
        statement = f"SELECT {PREPARED_COLUMNS} FROM prepared_certificate WHERE core_digest = ?"
        found = await self._writer.run(lambda c: c.query(statement, (core_digest,)))
        return prepared_certificate(found[0]) if found else None

    async def _rows(self, condition: str, value: int | bytes) -> list[LogRow]:
        statement = f"SELECT {LOG_COLUMNS} FROM log WHERE {condition}"
        return log_rows(await self._writer.run(lambda c: c.query(statement, (value,))))


class SQLiteWriter(GroupWriter[SQLiteGroup]):
    """Writes groups into an SQLite file.

    Attributes:
        appended: Announces each commit that appended, to threads of this process.
    """

    def __init__(self, path: Path) -> None:
        """Write to the file at `path`, whose schema is there; the first group opens it."""
        super().__init__()
        self.appended = Appended()
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-writer")
        self._connection: _Connection | None = None

    async def run(self, work: Callable[[_Connection], T]) -> T:
        """Do something with the connection in the writer's thread, which is never interrupted."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: work(self._connected()))

    async def clock_us(self) -> int | None:
        """Return nothing: the database has no other clock than this machine's."""
        return None

    def _errors(self) -> AbstractContextManager[None]:
        return _errors()

    async def _begin(self, event_ids: Sequence[bytes]) -> SQLiteGroup:
        head, known = await self.run(lambda connection: connection.begin(event_ids))
        return SQLiteGroup(self, head, known)

    async def _commit(self, group: SQLiteGroup) -> None:
        await self.run(lambda connection: connection.commit(group))
        if group.rows:
            self.appended.announce()

    async def close(self) -> None:
        """Close the connection and end the thread; a group under way ends first."""
        await super().close()
        self._thread.shutdown()

    async def _roll_back(self, error: BaseException) -> None:
        if self._connection is None:
            return
        try:
            await self.run(_Connection.roll_back)
        except sqlite3.Error as failure:
            error = failure
        if isinstance(error, sqlite3.Error):
            with suppress(sqlite3.Error):
                await self._close()

    async def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._thread, connection.close)

    def _connected(self) -> _Connection:
        if self._connection is None:
            self._connection = _Connection(self._path)
        return self._connection
