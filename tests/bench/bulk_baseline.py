"""Baseline (b): the rows that the ledger wrote, written again as fast as the database takes them.

The same columns, checks and indexes (the ledger's own schema, in a database of its own), one
connection, nothing else: binary COPY on PostgreSQL, executemany on SQLite, a commit per batch.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import psycopg
from psycopg.types.string import BytesBinaryDumper

from ledger.application.ports import LogRow
from ledger.storage.database import open_sqlite
from ledger.storage.log_rows import LOG_COLUMNS, LOG_TYPES, Record, log_record
from ledger.storage.open_storage import open_storage
from tests.bench.samples import Sample, sample_of


class Bulk(Protocol):
    """Writes rows in bulk."""

    def write(self, rows: Sequence[LogRow], batch: int) -> Sample:
        """Write rows that were not written before, with a commit per `batch`."""

    def close(self) -> None:
        """Close the connection."""


class PostgresBulk:
    """Binary COPY."""

    def __init__(self, url: str) -> None:
        """Write into the empty database at `url`."""
        open_storage(url).database.close()
        self._connection: psycopg.Connection[Any] = psycopg.connect(url)
        # By type names COPY would take the slower dumper, which knows psycopg.Binary too.
        self._connection.adapters.register_dumper(bytes, BytesBinaryDumper)

    def write(self, rows: Sequence[LogRow], batch: int) -> Sample:
        """Copy `batch` rows and commit, again and again."""
        return _write(rows, batch, self._copy)

    def _copy(self, records: Sequence[Record]) -> None:
        with (
            self._connection.cursor() as cursor,
            cursor.copy(f"COPY log ({LOG_COLUMNS}) FROM STDIN (FORMAT BINARY)") as copy,
        ):
            copy.set_types(LOG_TYPES)
            for record in records:
                copy.write_row(record)
        self._connection.commit()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class SQLiteBulk:
    """executemany in WAL mode, every commit flushed."""

    def __init__(self, path: Path) -> None:
        """Write into the file at `path`, which is made."""
        open_storage(f"sqlite:///{path}").database.close()
        self._connection = open_sqlite(path)

    def write(self, rows: Sequence[LogRow], batch: int) -> Sample:
        """Insert `batch` rows and commit, again and again."""
        return _write(rows, batch, self._insert)

    def _insert(self, records: Sequence[Record]) -> None:
        marks = ", ".join("?" * len(LOG_TYPES))
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany(f"INSERT INTO log ({LOG_COLUMNS}) VALUES ({marks})", records)
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _write(
    rows: Sequence[LogRow], batch: int, insert: Callable[[Sequence[Record]], None]
) -> Sample:
    records = [log_record(row) for row in rows]
    latencies = []
    started = time.perf_counter()
    for start in range(0, len(records), batch):
        before = time.perf_counter()
        insert(records[start : start + batch])
        latencies.append(time.perf_counter() - before)
    return sample_of(len(records), time.perf_counter() - started, latencies)
