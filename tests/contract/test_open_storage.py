"""Opening a database: the schema is made once, and that of a newer release is left alone."""

import asyncio
import threading
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from ledger.application.errors import StorageUnavailableError
from ledger.storage.open_storage import SchemaVersionError, Storage, open_storage
from ledger.storage.postgres_writer import PostgresGroup
from ledger.storage.sqlite_writer import SQLiteWriter
from tests.contract.event_rows import Wish, append, stream


def test_what_was_written_is_there_when_it_is_opened_again(
    storage_url: str, runner: asyncio.Runner
) -> None:
    for size in (1, 2):
        storage = open_storage(storage_url)
        assert storage.url == storage_url
        assert runner.run(append(storage.writer, [Wish(stream(1))]))[0].seq == size
        runner.run(storage.close())


def test_several_processes_may_open_an_empty_database_at_once(
    storage_url: str, runner: asyncio.Runner
) -> None:
    opened: list[Storage] = []
    gate = threading.Barrier(4)

    def start() -> None:
        gate.wait()
        opened.append(open_storage(storage_url))

    starting = [threading.Thread(target=start) for _ in range(4)]
    for thread in starting:
        thread.start()
    for thread in starting:
        thread.join()
    assert [storage.reader.head().size for storage in opened] == [0] * 4
    for storage in opened:
        runner.run(storage.close())


def test_the_database_of_a_newer_release_is_refused_and_left_alone(
    storage: Storage, storage_url: str
) -> None:
    with storage.database.writing() as transaction:
        transaction.query("UPDATE schema_version SET version = 2")
        transaction.query("DROP TABLE attached_credential")
    with pytest.raises(SchemaVersionError, match=r"version 2.*结构版本为 2"):
        open_storage(storage_url)
    assert not storage.database.has_table("attached_credential")


@pytest.mark.parametrize("url", ["", "mysql://host/ledger", "ledger.db"])
def test_another_kind_of_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="sqlite:///PATH or postgresql://"):
        open_storage(url)


def test_a_malformed_url_is_refused_without_repeating_the_password() -> None:
    with pytest.raises(ValueError, match="malformed") as refused:
        open_storage("postgresql://user:pass-word@host:port:port/ledger?nonsense=1")
    assert "pass-word" not in str(refused.value)


def test_a_folder_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailableError):
        open_storage(f"sqlite:///{tmp_path / 'absent' / 'ledger.db'}")


@pytest.mark.parametrize("storage_url", ["sqlite"], indirect=True)
def test_sqlite_flushes_every_commit(storage: Storage, runner: asyncio.Runner) -> None:
    writer = storage.writer
    assert isinstance(writer, SQLiteWriter)
    journal, flushing = "PRAGMA journal_mode", "PRAGMA synchronous"
    used = runner.run(writer.run(lambda c: (c.query(journal), c.query(flushing))))
    assert used == ([("wal",)], [(2,)])
    with storage.database.reading() as transaction:
        assert (transaction.query(journal), transaction.query(flushing)) == used


@pytest.mark.parametrize("storage_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("configured", "used"),
    [("off", "on"), ("remote_write", "on"), ("remote_apply", "remote_apply")],
)
def test_postgresql_is_never_asked_for_less_than_a_durable_commit(
    storage_url: str, runner: asyncio.Runner, configured: str, used: str
) -> None:
    with psycopg.connect(storage_url, autocommit=True) as admin:
        name = sql.Identifier(admin.info.dbname)
        change = sql.SQL("ALTER DATABASE {} SET synchronous_commit = {}")
        admin.execute(change.format(name, sql.Literal(configured)))
    storage = open_storage(storage_url)

    async def asked_by_the_writer() -> list[tuple[str]]:
        async with storage.writer.group(()) as group:
            assert isinstance(group, PostgresGroup)
            return await group._query("SHOW synchronous_commit", ())

    assert runner.run(asked_by_the_writer()) == [(used,)]
    with storage.database.reading() as transaction:
        assert transaction.query("SHOW synchronous_commit") == [(used,)]
    runner.run(storage.close())
