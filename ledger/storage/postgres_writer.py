"""Groups of entries into PostgreSQL (DESIGN section 7), through one psycopg connection.

A group costs two round trips: BEGIN, head FOR UPDATE and look-up of event ids in one; rows,
batches, head, NOTIFY and COMMIT in the other. Above `ARRAYS_UP_TO` rows a binary COPY comes
between, which cannot be pipelined but writes faster from there on. The lock on the one-row head,
not a lock on the table, keeps numbers free of gaps in commit order: vacuum and index builds do not
hold it up.

Pipelines are ended by leaving them, never by `sync()`, which waits for answers before everything
is sent and so hangs with a megabyte on its way (psycopg issue 685, mended for leaving only).
"""
# ruff: noqa: S608 - statements are put together from this package's own column names

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any, Final, LiteralString

import psycopg
from psycopg import AsyncConnection, AsyncCursor
from psycopg.pq import TransactionStatus
from psycopg.types.string import BytesBinaryDumper

from ledger.application.errors import (
    IntegrityBreachError,
    StorageError,
    StorageUnavailableError,
)
from ledger.application.ports import Loaded, LogHead, LogRow, Place, PreparedCertificate
from ledger.storage.bulk import columns_of
from ledger.storage.certificate_store import PREPARED_COLUMNS, prepared_certificate
from ledger.storage.database import DURABLE_COMMITS, postgres_conninfo, postgres_errors
from ledger.storage.group_writer import GroupWriter, StagedGroup, settled
from ledger.storage.log_rows import (
    BATCH_COLUMNS,
    GUEST_COLUMNS,
    HEAD_COLUMNS,
    LOG_COLUMNS,
    LOG_TYPES,
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

Parameters = Sequence[Any] | Mapping[str, Any]

ARRAYS_UP_TO: Final = 50
"""Rows up to which one statement with an array for each column is faster than COPY."""
CHANNEL: Final = "stored_events"
"""Notified by each commit that appended: the name that the eventsourcing library listens to."""

# The writer's statements look up single rows, so a plan that scans the log is always wrong. Without
# statistics, right after the start, and kept with a prepared statement, it would be chosen.
# A session that stands still with the head locked stops every other writer.
_SESSION: Final = (
    f"SET enable_seqscan = off; SET idle_in_transaction_session_timeout = '15s'; {DURABLE_COMMITS}"
)
_HEAD: Final = f"SELECT {HEAD_COLUMNS} FROM log_head WHERE single = 1 FOR UPDATE"
_KNOWN: Final = f"SELECT {PLACE_COLUMNS} FROM log WHERE event_id = ANY(%b::bytea[])"
_ONE: Final = (
    f"INSERT INTO log ({LOG_COLUMNS}) VALUES ({', '.join(f'%b::{each}' for each in LOG_TYPES)})"
)
_ARRAYS: Final = (
    f"INSERT INTO log ({LOG_COLUMNS})"
    f" SELECT * FROM unnest({', '.join(f'%b::{each}[]' for each in LOG_TYPES)})"
)
_GUESTS: Final = (
    f"INSERT INTO log_guest ({GUEST_COLUMNS}) SELECT * FROM unnest(%b::bytea[], %b::int8[])"
)
_COPY: Final = f"COPY log ({LOG_COLUMNS}) FROM STDIN (FORMAT BINARY)"
_BATCHES: Final = (
    f"INSERT INTO batch ({BATCH_COLUMNS}) SELECT * FROM unnest(%b::bytea[], %b::bytea[],"
    " %b::text[], %b::bytea[], %b::bytea[], %b::bytea[], %b::bytea[], %b::bytea[])"
    " ON CONFLICT DO NOTHING"
)
_SET_HEAD: Final = (
    f"UPDATE log_head SET ({HEAD_COLUMNS}) = (%b::int8, %b::int8, %b::int8, %b::bool)"
    " WHERE single = 1"
)
_SINCE: Final = (
    f"SELECT {LOG_COLUMNS} FROM log WHERE notification_id > %b::int8 AND stream IS NOT NULL"
    " ORDER BY notification_id"
)
_CLOCK: Final = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::int8"
_STREAM: Final = f"SELECT {LOG_COLUMNS} FROM log WHERE stream = %b::bytea ORDER BY seq"
_TAILS: Final = (
    "SELECT wanted.stream, tail.seq, tail.entry FROM unnest(%b::bytea[]) AS wanted (stream)"
    " CROSS JOIN LATERAL (SELECT seq, entry FROM log WHERE log.stream = wanted.stream"
    " ORDER BY seq DESC LIMIT 1) AS tail"
)
_HISTORIES: Final = (
    f"SELECT {LOG_COLUMNS} FROM log WHERE stream = ANY(%b::bytea[]) AND type = ANY(%b::text[])"
    " ORDER BY notification_id"
)
_COHORTS: Final = (
    f"SELECT {LOG_COLUMNS} FROM log WHERE cohort = ANY(%(cohorts)b::bytea[])"
    " AND (type = ANY(%(types)b::text[]) OR notification_id IN"
    " (SELECT (SELECT min(under.notification_id) FROM log AS under"
    " WHERE under.cohort = wanted.cohort) FROM unnest(%(cohorts)b::bytea[]) AS wanted (cohort)))"
    " ORDER BY notification_id"
)
_PREPARED: Final = (
    f"SELECT {PREPARED_COLUMNS} FROM prepared_certificate WHERE core_digest = %b::bytea"
)
_NOTIFY: Final = f"NOTIFY {CHANNEL}"
# The text is in the language of the server; the name of the function that says it is not.
_STANDBY_WAIT: Final = "SyncRepWaitForLSN"
_STANDBY_TEXT: Final = re.compile(r"canceling (the )?wait for synchronous replication")


@contextmanager
def _errors() -> Iterator[None]:
    with postgres_errors():
        try:
            yield
        except psycopg.IntegrityError as error:
            raise IntegrityBreachError(f"written without the lock on the head: {error}") from error


class PostgresGroup(StagedGroup):
    """A group in a PostgreSQL transaction."""

    def __init__(
        self, connection: AsyncConnection[Record], head: LogHead, known: Mapping[bytes, Place]
    ) -> None:
        """Read through this connection."""
        super().__init__(head, known)
        self.connection = connection

    async def rows_since(self, index: int) -> list[LogRow]:
        """Return the events' rows from `index` on, in order."""
        return log_rows(await self._query(_SINCE, (index,)))

    async def load(
        self,
        tails: Sequence[bytes],
        histories: Sequence[bytes],
        cohorts: Sequence[bytes],
        types: Sequence[str],
    ) -> Loaded:
        """Return what is known of these streams and cohorts; `types` are those for decisions."""
        return await settled(self._load(list(tails), list(histories), list(cohorts), list(types)))

    async def stream_rows(self, stream: bytes) -> list[LogRow]:
        """Return all rows of a stream, in order."""
        return log_rows(await self._query(_STREAM, (stream,)))

    async def prepared(self, core_digest: bytes) -> PreparedCertificate | None:
        """Return what was prepared under a digest."""
        found = await self._query(_PREPARED, (core_digest,))
        return prepared_certificate(found[0]) if found else None

    async def clock_us(self) -> int:
        """Return the server's clock, microseconds since 1970 UTC."""
        found = await self._query(_CLOCK, ())
        return int(found[0][0])

    async def _load(
        self, tails: list[bytes], histories: list[bytes], cohorts: list[bytes], types: list[str]
    ) -> Loaded:
        async with self.connection.pipeline():
            found_tails = await self._send(_TAILS, (tails,))
            found_histories = await self._send(_HISTORIES, (histories, types))
            found_cohorts = await self._send(_COHORTS, {"cohorts": cohorts, "types": types})
        return Loaded(
            stream_tails(await found_tails.fetchall()),
            rows_by_stream(log_rows(await found_histories.fetchall())),
            rows_by_cohort(log_rows(await found_cohorts.fetchall())),
        )

    async def _query(self, statement: LiteralString, parameters: Parameters) -> list[Record]:
        cursor = await settled(self._send(statement, parameters))
        return await cursor.fetchall()

    async def _send(self, statement: LiteralString, parameters: Parameters) -> AsyncCursor[Record]:
        return await self.connection.cursor(binary=True).execute(statement, parameters)


class PostgresWriter(GroupWriter[PostgresGroup]):
    """Writes groups into a PostgreSQL database."""

    def __init__(self, url: str) -> None:
        """Write to the database at `postgresql://…`; the first group connects.

        Raises:
            ValueError: when the URL is malformed.
        """
        super().__init__()
        self._conninfo = postgres_conninfo(
            url, application_name="tledger writer", target_session_attrs="read-write"
        )
        self._connection: AsyncConnection[Record] | None = None
        self._standby_missed = False

    async def clock_us(self) -> int | None:
        """Return the database server's clock."""
        async with self.group(()) as group:
            return await group.clock_us()

    def _errors(self) -> AbstractContextManager[None]:
        return _errors()

    async def _begin(self, event_ids: Sequence[bytes]) -> PostgresGroup:
        connection = await self._connected()
        async with connection.pipeline():
            await connection.execute("BEGIN")
            head = await connection.cursor(binary=True).execute(_HEAD)
            known = await connection.cursor(binary=True).execute(_KNOWN, (list(event_ids),))
        found = await head.fetchone()
        if found is None:
            raise IntegrityBreachError("the row that says where the log ends is missing")
        return PostgresGroup(connection, log_head(found), places(await known.fetchall()))

    async def _commit(self, group: PostgresGroup) -> None:
        connection = group.connection
        self._standby_missed = False
        records = [log_record(row) for row in group.rows]
        guests = guest_records(group.rows)
        if len(records) > ARRAYS_UP_TO:
            await _copy(connection, records)
        async with connection.pipeline():
            if 0 < len(records) <= ARRAYS_UP_TO:
                await _insert(connection, records)
            if guests:
                await connection.execute(_GUESTS, columns_of(guests))
            if group.batches:
                columns = [
                    list(each) for each in zip(*map(batch_record, group.batches), strict=True)
                ]
                await connection.execute(_BATCHES, columns)
            if group.behind is not None:
                await connection.execute(_SET_HEAD, head_record(group.behind))
            if records:
                await connection.execute(_NOTIFY)
            committed = await connection.execute("COMMIT")
        if committed.statusmessage != "COMMIT":
            raise StorageUnavailableError(f"COMMIT was answered with {committed.statusmessage}")
        if self._standby_missed:
            raise StorageUnavailableError("committed here, not known to be on the standby")

    async def _roll_back(self, error: BaseException) -> None:
        connection = self._connection
        if connection is None:
            return
        if not isinstance(error, psycopg.Error):
            with suppress(psycopg.Error):
                await connection.rollback()
        if connection.pgconn.transaction_status != TransactionStatus.IDLE or isinstance(
            error, psycopg.Error | StorageError
        ):
            await self._close()

    async def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _connected(self) -> AsyncConnection[Record]:
        if self._connection is None:
            connection = await AsyncConnection.connect(self._conninfo, autocommit=True)
            # The one in C; by type names COPY would take a slower one, made for other drivers.
            connection.adapters.register_dumper(bytes, BytesBinaryDumper)
            try:
                connection.add_notice_handler(self._notice)
                await connection.execute(_SESSION)
            except BaseException:
                await connection.close()
                raise
            self._connection = connection
        return self._connection

    def _notice(self, notice: psycopg.errors.Diagnostic) -> None:
        if notice.source_function == _STANDBY_WAIT or _STANDBY_TEXT.search(
            notice.message_primary or ""
        ):
            self._standby_missed = True


async def _copy(connection: AsyncConnection[Record], records: Sequence[Record]) -> None:
    async with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.set_types(LOG_TYPES)
        for record in records:
            await copy.write_row(record)


async def _insert(connection: AsyncConnection[Record], records: Sequence[Record]) -> None:
    if len(records) == 1:
        await connection.execute(_ONE, records[0])
    else:
        await connection.execute(_ARRAYS, [list(each) for each in zip(*records, strict=True)])
