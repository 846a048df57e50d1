"""The two databases that are measured, each with a place for the baselines beside the ledger's."""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

from ledger.storage.database import open_sqlite
from tests.bench.bulk_baseline import Bulk, PostgresBulk, SQLiteBulk
from tests.bench.library_baseline import Library, postgres_library, sqlite_library
from tests.postgres_server import fresh_database, running_server


@dataclass(frozen=True, slots=True)
class Backend:
    """A database.

    Attributes:
        name: Its name.
        about: Version and durability, as the server says them.
        bulk_name: What bulk writing is called there.
        database: URL of the ledger's empty database.
        bulk: Baseline (b) in an empty database of its own.
        library: Baseline (a) in an empty database of its own.
    """

    name: str
    about: str
    bulk_name: str
    database: str
    bulk: Bulk
    library: Library


@contextmanager
def sqlite_backend(folder: Path) -> Iterator[Backend]:
    """SQLite files in a folder."""
    with ExitStack() as stack:
        bulk = SQLiteBulk(folder / "bulk.sqlite3")
        stack.callback(bulk.close)
        library = sqlite_library(folder / "library.sqlite3")
        stack.callback(library.close)
        yield Backend(
            "sqlite",
            _about_sqlite(folder / "bulk.sqlite3"),
            "executemany",
            f"sqlite:///{folder / 'ledger.sqlite3'}",
            bulk,
            library,
        )


@contextmanager
def postgres_backend(folder: Path) -> Iterator[Backend]:
    """Databases of a PostgreSQL server of its own, which flushes every commit."""
    data = Path(tempfile.mkdtemp(prefix="tledger-bench-pg-", dir=folder.parent))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, data, ignore_errors=True)
        server = stack.enter_context(running_server(data, folder / "postgres.lock"))
        ledger, bulk_url, library_url = (
            stack.enter_context(fresh_database(server)) for _ in range(3)
        )
        bulk = PostgresBulk(bulk_url)
        stack.callback(bulk.close)
        library = postgres_library(library_url)
        stack.callback(library.close)
        yield Backend("postgresql", _about_postgres(server), "COPY", ledger, bulk, library)


BACKENDS: Final[Mapping[str, Callable[[Path], AbstractContextManager[Backend]]]] = {
    "sqlite": sqlite_backend,
    "postgresql": postgres_backend,
}
"""By the names that `--only` takes."""


def _about_sqlite(path: Path) -> str:
    connection = open_sqlite(path)
    try:
        (journal,) = connection.execute("PRAGMA journal_mode").fetchone()
        (synchronous,) = connection.execute("PRAGMA synchronous").fetchone()
    finally:
        connection.close()
    return f"SQLite {sqlite3.sqlite_version}, journal_mode={journal}, synchronous={synchronous}"


def _about_postgres(url: str) -> str:
    with psycopg.connect(url) as connection:
        settings = ("server_version", "fsync", "synchronous_commit", "shared_buffers")
        shown = [connection.execute(f"SHOW {name}").fetchone() for name in settings]
    version, *rest = [str(row[0]) for row in shown if row is not None]
    pairs = zip(settings[1:], rest, strict=True)
    return ", ".join([f"PostgreSQL {version}", *(f"{name}={value}" for name, value in pairs)])
