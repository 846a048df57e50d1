"""Plain synchronous access to either database: the one place that knows how they differ.

Used for reads, the person vault, read models and the publisher's tables, in worker threads; the
hot write path has its own module for each database. SQL is written with `?` placeholders, in the
dialect that both understand (`ON CONFLICT … DO UPDATE`, `RETURNING`); ids are raw bytes.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

import psycopg
from psycopg import conninfo
from psycopg_pool import ConnectionPool, PoolTimeout

from ledger.application.errors import StorageFullError, StorageUnavailableError
from ledger.storage.bulk import (
    SQLITE_KEYS_AT_ONCE,
    Table,
    columns_of,
    postgres_among,
    sqlite_among,
)

Row = tuple[Any, ...]
SQLITE_PREFIX: Final = "sqlite:///"
POSTGRES_PREFIXES: Final = ("postgresql://", "postgres://")
_POOL_SIZE: Final = 4
_BUSY_SECONDS: Final = 10.0
_BUSY_PAUSE_SECONDS: Final = 0.01
# A machine that vanished without a word is noticed after about ten seconds.
_POSTGRES_DEFAULTS: Final[dict[str, str | int]] = {
    "application_name": "tledger",
    "connect_timeout": 10,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
# `remote_apply` promises more than `on`; whatever promises less is raised.
DURABLE_COMMITS: Final = (
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')"
)


class Transaction(Protocol):
    """Statements that are committed together."""

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Run a statement and return its rows, none for a statement that returns none."""

    def query_among(self, sql: str, keys: Sequence[bytes], *parameters: object) -> list[Row]:
        """Run a query that has `AMONG` as its last placeholder; return the rows of any key."""

    def put(self, table: Table, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows, or change those whose key is there; no two have one key."""


class Database(Protocol):
    """A database that holds the ledger's tables.

    Raises:
        StorageFullError: nothing was written because there is no room.
        StorageUnavailableError: the database does not answer, or went away.
    """

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""

    def reading(self) -> Any:  # noqa: ANN401 - a context manager of Transaction
        """Return a context manager: one consistent snapshot, nothing is written."""

    def writing(self) -> Any:  # noqa: ANN401 - a context manager of Transaction
        """Return a context manager: committed at its end, rolled back on an exception."""

    def has_table(self, name: str) -> bool:
        """Return whether there is a table of this name."""

    def run_script(self, sql: str) -> None:
        """Run the statements of a schema file; repeating it changes nothing."""

    def close(self) -> None:
        """Close all connections."""


def open_database(url: str) -> Database:
    """Open `sqlite:///PATH` or `postgresql://…`.

    Raises:
        ValueError: when the URL is of neither kind.
    """
    if url.startswith(SQLITE_PREFIX):
        return SQLiteDatabase(sqlite_path(url))
    if url.startswith(POSTGRES_PREFIXES):
        return PostgresDatabase(url)
    raise ValueError("the database is sqlite:///PATH or postgresql://…")


def sqlite_path(url: str) -> Path:
    """Return the file of a `sqlite:///PATH` URL."""
    return Path(url.removeprefix(SQLITE_PREFIX))


def postgres_conninfo(url: str, **settings: str) -> str:
    """Return what to connect with: the URL, and where it is silent the ledger's own settings.

    Args:
        url: The URL.
        **settings: Further settings for where the URL is silent.

    Raises:
        ValueError: when the URL is malformed. The message does not repeat it, nor a password in it.
    """
    try:
        given = conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise ValueError("the database URL postgresql://… is malformed") from None
    return conninfo.make_conninfo("", **{**_POSTGRES_DEFAULTS, **settings, **given})


@contextmanager
def sqlite_errors() -> Iterator[None]:
    """Turn SQLite's errors of the machine into the ledger's own; programming errors pass."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise StorageFullError from error
        raise StorageUnavailableError(str(error)) from error
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
            raise
        raise StorageUnavailableError(str(error)) from error


@contextmanager
def postgres_errors() -> Iterator[None]:
    """Turn PostgreSQL's errors of the machine into the ledger's own; programming errors pass.

    A server that was demoted, ended an idle transaction or found its files damaged answers with an
    InternalError.
    """
    try:
        yield
    except psycopg.errors.DiskFull as error:
        raise StorageFullError from error
    except (
        psycopg.OperationalError,
        psycopg.InterfaceError,
        psycopg.InternalError,
        PoolTimeout,
    ) as error:
        raise StorageUnavailableError(str(error)) from error


def open_sqlite(path: Path) -> sqlite3.Connection:
    """Open a connection with the ledger's durability: WAL, every commit flushed."""
    connection = sqlite3.connect(
        path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    _use_wal(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA cache_size = -65536")
    return connection


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to WAL; when several make a file at once, SQLite does not wait by itself here."""
    latest = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > latest:
                connection.close()
                raise
            time.sleep(_BUSY_PAUSE_SECONDS)
        else:
            return


class _SQLiteTransaction:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        return self._connection.execute(sql, parameters).fetchall()

    def query_among(self, sql: str, keys: Sequence[bytes], *parameters: object) -> list[Row]:
        rows: list[Row] = []
        for start in range(0, len(keys), SQLITE_KEYS_AT_ONCE):
            part = keys[start : start + SQLITE_KEYS_AT_ONCE]
            rows += self.query(sqlite_among(sql, len(part)), (*parameters, *part))
        return rows

    def put(self, table: Table, rows: Sequence[Sequence[Any]]) -> None:
        self._connection.executemany(table.sqlite_put, rows)


class SQLiteDatabase:
    """One SQLite file; each thread has a connection of its own."""

    dialect = "sqlite"

    def __init__(self, path: Path) -> None:
        """Use the file at `path`; it is made when first written."""
        self.path = path
        self._local = threading.local()
        self._lock = threading.Lock()
        self._connections: list[sqlite3.Connection] = []

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = open_sqlite(self.path)
            self._local.connection = connection
            with self._lock:
                self._connections.append(connection)
        return connection

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Transaction]:
        with sqlite_errors():
            connection = self._connection()
            connection.execute(begin)
            try:
                yield _SQLiteTransaction(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """One consistent snapshot."""
        with self._transaction("BEGIN") as transaction:
            yield transaction

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """The write lock is taken at once, so that two writers wait instead of failing."""
        with self._transaction("BEGIN IMMEDIATE") as transaction:
            yield transaction

    def has_table(self, name: str) -> bool:
        """Look a table up."""
        with self.reading() as transaction:
            found = transaction.query(
                "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (name,)
            )
            return bool(found)

    def run_script(self, sql: str) -> None:
        """Run a schema file; it says itself what is one transaction."""
        with sqlite_errors():
            connection = self._connection()
            try:
                connection.executescript(sql)
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
        self._local = threading.local()


class _PostgresTransaction:
    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        self._connection = connection

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        with self._connection.cursor(binary=True) as cursor:
            cursor.execute(_placeholders(sql), parameters)
            return cursor.fetchall() if cursor.description else []

    def query_among(self, sql: str, keys: Sequence[bytes], *parameters: object) -> list[Row]:
        with self._connection.cursor(binary=True) as cursor:
            return cursor.execute(postgres_among(sql), (*parameters, list(keys))).fetchall()

    def put(self, table: Table, rows: Sequence[Sequence[Any]]) -> None:
        if rows:
            self._connection.execute(table.postgres_put, columns_of(rows))


def _configure(connection: psycopg.Connection[Any]) -> None:
    connection.execute(DURABLE_COMMITS)
    connection.commit()


def _placeholders(sql: str) -> Any:  # noqa: ANN401 - psycopg asks for a literal string
    return sql.replace("%", "%%").replace("?", "%s")


class PostgresDatabase:
    """A PostgreSQL database behind a small pool."""

    dialect = "postgresql"

    def __init__(self, url: str) -> None:
        """Use the database at `url`; connections are opened when first needed."""
        self.url = url
        self._pool = ConnectionPool(
            postgres_conninfo(url),
            min_size=0,
            max_size=_POOL_SIZE,
            open=True,
            timeout=_BUSY_SECONDS,
            configure=_configure,
            # A demoted standby answers reads and refuses writes for ever: leave it.
            check=ConnectionPool.check_connection,
            reconnect_timeout=_BUSY_SECONDS,
        )

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """One consistent snapshot."""
        with postgres_errors(), self._pool.connection() as connection, connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield _PostgresTransaction(connection)

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Committed at its end."""
        with postgres_errors(), self._pool.connection() as connection, connection.transaction():
            yield _PostgresTransaction(connection)

    def has_table(self, name: str) -> bool:
        """Look a table up on the search path."""
        with self.reading() as transaction:
            found: bool = transaction.query("SELECT to_regclass(?) IS NOT NULL", (name,))[0][0]
            return found

    def run_script(self, sql: str) -> None:
        """Run a schema file in one transaction."""
        with postgres_errors(), self._pool.connection() as connection:
            # Two processes that start at once must not both create.
            connection.execute("SELECT pg_advisory_xact_lock(7261)")
            connection.execute(sql.encode())

    def close(self) -> None:
        """Close the pool."""
        self._pool.close()
