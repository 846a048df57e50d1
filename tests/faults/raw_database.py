"""The database by its own driver, as the operator's administrator has it: every row, no ledger."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg import conninfo, sql

SQLITE: Final = "sqlite:///"
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class StoredRow:
    """One row of the log; the log's own entries have no event."""

    index: int
    entry: bytes | None
    stream: bytes | None
    seq: int | None
    event_id: bytes | None
    event: bytes | None

    @property
    def event_text(self) -> str:
        """The event's id as the book writes it."""
        return "" if self.event_id is None else str(UUID(bytes=self.event_id))


def execute(url: str, *statements: tuple[str, Sequence[Any]]) -> list[Row]:
    """Run statements with `?` placeholders in one transaction; return the rows of the last."""
    if url.startswith(SQLITE):
        with closing(sqlite3.connect(sqlite_file(url), timeout=30)) as connection, connection:
            found = [connection.execute(*each).fetchall() for each in statements]
        return found[-1]
    with psycopg.connect(url) as postgres, postgres.cursor(binary=True) as cursor:
        for text, parameters in statements:
            cursor.execute(text.replace("?", "%s").encode(), parameters)
        return cursor.fetchall() if cursor.description else []


def query(url: str, text: str, *parameters: Any) -> list[Row]:  # noqa: ANN401 - what SQL takes
    """Run one statement."""
    return execute(url, (text, parameters))


def sqlite_file(url: str) -> Path:
    """Return the file of a SQLite URL."""
    return Path(url.removeprefix(SQLITE))


def stored_rows(url: str) -> list[StoredRow]:
    """Return the whole log in its order."""
    found = query(
        url,
        "SELECT notification_id - 1, entry, stream, seq, event_id, event FROM log"
        " ORDER BY notification_id",
    )
    return [StoredRow(*row) for row in found]


def copy_database(url: str, name: str) -> str:
    """Copy a database that nobody uses; return the URL of the copy.

    Args:
        url: The database.
        name: Name of the copy, new.
    """
    if url.startswith(SQLITE):
        # What is still in the write-ahead log belongs to the database.
        assert query(url, "PRAGMA wal_checkpoint(TRUNCATE)") == [(0, 0, 0)]
        copy = sqlite_file(url).with_name(f"{name}.sqlite3")
        copyfile(sqlite_file(url), copy)
        return f"{SQLITE}{copy}"
    server = conninfo.conninfo_to_dict(url)
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
        sql.Identifier(name), sql.Identifier(str(server["dbname"]))
    )
    _administer(url, statement)
    return f"postgresql://{server['user']}@/{name}?host={server['host']}"


def drop_database(url: str) -> None:
    """Remove a copy."""
    if url.startswith(SQLITE):
        for suffix in ("", "-wal", "-shm"):
            sqlite_file(url + suffix).unlink(missing_ok=True)
        return
    name = str(conninfo.conninfo_to_dict(url)["dbname"])
    _administer(url, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def database_copy(url: str, name: str) -> Iterator[str]:
    """A copy for the length of a block."""
    copy = copy_database(url, name)
    try:
        yield copy
    finally:
        drop_database(copy)


def _administer(url: str, statement: sql.Composed) -> None:
    server = conninfo.make_conninfo(url, dbname="postgres")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)
