"""Read models in SQLite and PostgreSQL: the library's tracking recorders with documents.

The event sourcing library (9.5) brings a tracking table that takes a larger position only, in
whatever transaction one writes (DESIGN section 7). Its names with an underscore that are called
here are covered by the contract tests.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import Any, Final

import psycopg
from eventsourcing.persistence import (
    IntegrityError,
    InterfaceError,
    OperationalError,
    PersistenceError,
    Tracking,
)
from eventsourcing.sqlite import SQLiteCursor, SQLiteDatastore, SQLiteTrackingRecorder
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import DictRow, dict_row
from psycopg.sql import SQL

from ledger.application.errors import StorageUnavailableError
from ledger.storage.bulk import (
    SQLITE_KEYS_AT_ONCE,
    Table,
    columns_of,
    postgres_among,
    sqlite_among,
)
from ledger.storage.database import SQLITE_PREFIX, postgres_errors, sqlite_errors
from ledger.storage.library_postgres import PostgresDatastore, PostgresTrackingRecorder
from ledger.storage.view_documents import SCHEMA, TRACKING_TABLE, DocumentStore, Statements
from projections.errors import StaleSaveError

_WAIT_SECONDS: Final = 10
_CONNECTIONS: Final = 4
_WAL_ATTEMPTS: Final = 200


def open_views(url: str) -> "SQLiteViews | PostgresViews":
    """Open the read models in `sqlite:///PATH` or `postgresql://…`; tables are made when missing.

    Raises:
        ValueError: when the URL is of neither kind.
        StorageUnavailableError: the database does not answer.
    """
    if url.startswith(SQLITE_PREFIX):
        views: SQLiteViews | PostgresViews = SQLiteViews(Path(url.removeprefix(SQLITE_PREFIX)))
    elif url.startswith(("postgresql://", "postgres://")):
        views = PostgresViews(url)
    else:
        message = "the database is sqlite:///PATH or postgresql://…"
        raise ValueError(message)
    try:
        views.create_tables()
    except BaseException:
        views.close()
        raise
    return views


class SQLiteViews(DocumentStore, SQLiteTrackingRecorder):
    """Read models in an SQLite file."""

    def __init__(self, path: Path) -> None:
        """Use the file at `path`."""
        super().__init__(SQLiteDatastore(str(path), lock_timeout=_WAIT_SECONDS))
        self._path = path

    def create_tables(self) -> None:
        """Make the tables; repeating it changes nothing."""
        with sqlite_errors():
            _use_wal(self._path)
        with self._cursor("BEGIN IMMEDIATE") as cursor:
            # Under the write lock, so that of several processes that start at once one makes them.
            cursor.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (TRACKING_TABLE,))
            if not cursor.fetchall():
                self._create_table(cursor)
            for statement in _schema():
                cursor.execute(statement)

    @contextmanager
    def reading(self) -> Iterator[Statements]:
        """One committed state."""
        with self._cursor("BEGIN") as cursor:
            yield _SQLiteStatements(self, cursor)

    @contextmanager
    def writing(self) -> Iterator[Statements]:
        """The write lock is taken at once, so that two writers wait instead of failing."""
        with self._cursor("BEGIN IMMEDIATE") as cursor:
            yield _SQLiteStatements(self, cursor)

    @contextmanager
    def _cursor(self, begin: str) -> Iterator[SQLiteCursor]:
        with sqlite_errors(), _library_errors():
            # Not as a writer: the pool's writer lock stays taken when a connection cannot be made,
            # and BEGIN IMMEDIATE already lets one writer in at a time.
            pool = self.datastore.pool
            connection = pool.get_connection()
            try:
                cursor = connection.cursor()
                cursor.execute(begin)
                try:
                    yield cursor
                    # A reader has nothing to keep; ending it either way is the same.
                    connection.commit()
                except BaseException:
                    connection.rollback()
                    raise
            finally:
                pool.put_connection(connection)

    def close(self) -> None:
        """Close all connections."""
        self.datastore.close()


class PostgresViews(DocumentStore, PostgresTrackingRecorder):
    """Read models in a PostgreSQL database."""

    def __init__(self, url: str) -> None:
        """Use the database at `url`."""
        super().__init__(_UrlDatastore(url), tracking_table_name=TRACKING_TABLE)
        self.sql_create_statements += [SQL(statement).format() for statement in _schema()]

    def create_tables(self) -> None:
        """Make the tables; repeating it changes nothing."""
        with postgres_errors(), _library_errors():
            _made_once(self.create_table)

    @contextmanager
    def reading(self) -> Iterator[Statements]:
        """One committed state."""
        with self._transaction(commit=False) as statements:
            statements.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield statements

    @contextmanager
    def writing(self) -> Iterator[Statements]:
        """Committed at its end."""
        with self._transaction(commit=True) as statements:
            yield statements

    @contextmanager
    def _transaction(self, *, commit: bool) -> Iterator[Statements]:
        with (
            postgres_errors(),
            _library_errors(),
            self.datastore.transaction(commit=commit) as cursor,
        ):
            yield _PostgresStatements(self, cursor)

    def close(self) -> None:
        """Close all connections."""
        self.datastore.close()


class _UrlDatastore(PostgresDatastore):
    """The library's datastore for a whole URL: it takes five fields, a URL may have more."""

    def __init__(self, url: str) -> None:
        super().__init__(
            dbname="",
            host="",
            port="",
            user="",
            password="",
            connect_timeout=_WAIT_SECONDS,
            pool_size=1,
            max_overflow=_CONNECTIONS - 1,
            # A demoted standby answers reads and refuses writes for ever: leave it.
            pre_ping=True,
        )
        # Socket directory, TLS, several hosts: whatever the URL says. Nothing is connected yet.
        self.pool.kwargs = {**conninfo_to_dict(url), "row_factory": dict_row}


class _SQLiteStatements:
    def __init__(self, recorder: SQLiteTrackingRecorder, cursor: SQLiteCursor) -> None:
        self._recorder = recorder
        self._cursor = cursor

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        self._cursor.execute(sql, parameters)
        return [tuple(row) for row in self._cursor.fetchall()]

    def query_among(
        self, sql: str, keys: Sequence[bytes], *parameters: object
    ) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        for start in range(0, len(keys), SQLITE_KEYS_AT_ONCE):
            part = keys[start : start + SQLITE_KEYS_AT_ONCE]
            rows += self.query(sqlite_among(sql, len(part)), (*parameters, *part))
        return rows

    def put(self, table: Table, rows: Sequence[Sequence[Any]]) -> None:
        self._cursor.executemany(table.sqlite_put, rows)

    def track(self, follower: str, position: int) -> None:
        with _larger_only():
            self._recorder._insert_tracking(self._cursor, Tracking(follower, position))  # noqa: SLF001 - the library's hook for one's own transaction


class _PostgresStatements:
    def __init__(self, recorder: PostgresTrackingRecorder, cursor: psycopg.Cursor[DictRow]) -> None:
        self._recorder = recorder
        self._cursor = cursor

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        # In binary, so that documents need not be read out of hexadecimal digits.
        self._cursor.execute(_placeholders(sql), parameters, binary=True)
        return self._rows()

    def query_among(
        self, sql: str, keys: Sequence[bytes], *parameters: object
    ) -> list[tuple[Any, ...]]:
        self._cursor.execute(postgres_among(sql), (*parameters, list(keys)), binary=True)
        return self._rows()

    def put(self, table: Table, rows: Sequence[Sequence[Any]]) -> None:
        if rows:
            self._cursor.execute(table.postgres_put, columns_of(rows))

    def _rows(self) -> list[tuple[Any, ...]]:
        if self._cursor.description is None:
            return []
        return [tuple(row.values()) for row in self._cursor.fetchall()]

    def track(self, follower: str, position: int) -> None:
        with _larger_only():
            self._recorder._insert_tracking(self._cursor, Tracking(follower, position))  # noqa: SLF001 - the library's hook for one's own transaction


def _use_wal(path: Path) -> None:
    """Turn a file to WAL, before the library's pool would; SQLite does not wait for others here."""
    connection = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)
    try:
        for attempt in reversed(range(_WAL_ATTEMPTS)):
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or not attempt:
                    raise
                sleep(_WAIT_SECONDS / _WAL_ATTEMPTS)
            else:
                return
    finally:
        connection.close()


def _placeholders(sql: str) -> Any:  # noqa: ANN401 - psycopg asks for a literal string
    return sql.replace("?", "%s")


def _schema() -> list[str]:
    lines = SCHEMA.read_text(encoding="utf-8").splitlines()
    script = "\n".join(line for line in lines if not line.startswith("--"))
    statements = (part.strip() for part in script.split(";"))
    return [statement for statement in statements if statement]


def _made_once(create: Callable[[], None]) -> None:
    """Make tables, also beside a process that does the same and is faster."""
    try:
        create()
    except IntegrityError:
        create()


@contextmanager
def _larger_only() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        raise StaleSaveError(str(error)) from error


@contextmanager
def _library_errors() -> Iterator[None]:
    """Turn the library's errors of the machine back into the driver's, or into the ledger's own."""
    try:
        yield
    except PersistenceError as error:
        if isinstance(error.__cause__, psycopg.Error | sqlite3.Error):
            raise error.__cause__ from None
        if isinstance(error, OperationalError | InterfaceError):
            raise StorageUnavailableError(str(error)) from error
        raise
