"""The group writer, on both databases: numbers, what a group knows, and how a group ends."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
import pytest
from psycopg import sql

from ledger.application.errors import (
    IntegrityBreachError,
    StorageFullError,
    StorageUnavailableError,
)
from ledger.application.ports import LogHead, LogRow, OwnRow, Place, StreamTail
from ledger.storage.database import SQLiteDatabase
from ledger.storage.group_writer import GroupWriter
from ledger.storage.open_storage import Storage
from ledger.storage.sqlite_writer import SQLiteWriter
from tests.contract.event_rows import (
    COHORT,
    OTHER_COHORT,
    START_US,
    Wish,
    append,
    append_own,
    batch,
    event_row,
    head_behind,
    rows_behind,
    stream,
)

Open = Callable[[], Storage]
FIRST, SECOND, THIRD = stream(1), stream(2), stream(3)


def stored(storage: Storage) -> list[LogRow]:
    return storage.reader.rows(0, 10_000)


# --- Numbers and content -------------------------------------------------------------------------


def test_a_new_log_is_empty(storage: Storage) -> None:
    assert storage.reader.head() == LogHead(0, 0, None, closed=False)


def test_rows_are_numbered_from_nought_without_a_gap_and_come_back_as_they_were(
    storage: Storage, runner: asyncio.Runner
) -> None:
    first = runner.run(append(storage.writer, [Wish(FIRST), Wish(SECOND)]))
    second = runner.run(append(storage.writer, [Wish(FIRST, held="CLOCK_WRONG", cohort=None)]))
    assert [row.index for row in first + second] == [0, 1, 2]
    assert [(row.stream, row.seq) for row in first + second] == [
        (FIRST, 1),
        (SECOND, 1),
        (FIRST, 2),
    ]
    assert stored(storage) == first + second
    assert storage.reader.head() == LogHead(3, START_US + 2, None)


@pytest.mark.parametrize("size", [1, 2, 50, 51, 3_000])
def test_a_group_of_any_size_is_written_whole(
    storage: Storage, runner: asyncio.Runner, size: int
) -> None:
    async def write() -> list[LogRow]:
        async with storage.writer.group(()) as group:
            rows = rows_behind(group.head, [Wish(stream(n % 7)) for n in range(size)], {})
            await group.insert(rows, [batch(1, 1)], head_behind(group.head, rows))
        return rows

    rows = runner.run(write())
    assert stored(storage) == rows
    assert storage.reader.head().size == size


@pytest.mark.parametrize("size", [1, 4, 60])
def test_entries_of_the_log_itself_have_no_event(
    storage: Storage, runner: asyncio.Runner, size: int
) -> None:
    async def write() -> None:
        async with storage.writer.group(()) as group:
            rows = [OwnRow(index, b"key %d" % index, START_US) for index in range(size)]
            await group.insert(rows, (), head_behind(group.head, rows))

    runner.run(write())
    assert storage.reader.entries(0, 100) == [(n, b"key %d" % n) for n in range(size)]
    assert stored(storage) == []


def test_a_slot_is_a_number_without_an_entry(storage: Storage, runner: asyncio.Runner) -> None:
    runner.run(append(storage.writer, [Wish(FIRST)]))
    runner.run(append_own(storage.writer, None))
    rows = runner.run(append(storage.writer, [Wish(FIRST)]))
    assert rows[0].index == 2
    assert [index for index, _ in storage.reader.entries(0, 10)] == [0, 2]
    assert storage.reader.head() == LogHead(3, START_US + 2, slot=1)


def test_a_closed_log_says_so(storage: Storage, runner: asyncio.Runner) -> None:
    async def close() -> LogHead:
        async with storage.writer.group(()) as group:
            head = LogHead(1, START_US, None, closed=True)
            await group.insert([OwnRow(0, b"closed", START_US)], (), head)
        async with storage.writer.group(()) as group:
            return group.head

    assert runner.run(close()) == LogHead(1, START_US, None, closed=True)
    assert storage.reader.head().closed


def test_an_empty_group_changes_nothing(storage: Storage, runner: asyncio.Runner) -> None:
    async def nothing() -> None:
        async with storage.writer.group(()):
            pass
        async with storage.writer.group(()) as group:
            await group.insert((), (), group.head)

    runner.run(append(storage.writer, [Wish(FIRST)]))
    runner.run(nothing())
    assert storage.reader.head() == LogHead(1, START_US, None)


@pytest.mark.parametrize(
    ("index", "size"), [(1, 1), (0, 2), (0, 0)], ids=["gap", "head beyond", "head behind"]
)
def test_rows_that_do_not_follow_the_head_are_refused(
    storage: Storage, runner: asyncio.Runner, index: int, size: int
) -> None:
    async def write() -> None:
        async with storage.writer.group(()) as group:
            row = event_row(index, 1, None, Wish(FIRST))
            await group.insert([row], (), LogHead(size, row.recorded_us, None))

    with pytest.raises(ValueError, match=r"rows"):
        runner.run(write())
    assert storage.reader.head().size == 0


def test_a_batch_is_stored_once_for_each_key_and_root(
    storage: Storage, runner: asyncio.Runner
) -> None:
    runner.run(append(storage.writer, [Wish(FIRST)], [batch(1, 1), batch(2, 1)]))
    runner.run(append(storage.writer, [Wish(FIRST)], [batch(1, 1), batch(1, 2)]))
    for key, root in [(1, 1), (2, 1), (1, 2)]:
        assert storage.reader.batch(batch(key, root).name) == batch(key, root)
    assert storage.reader.batch(batch(2, 2).name) is None


# --- What a group knows --------------------------------------------------------------------------


def test_known_events_are_found_with_their_place(storage: Storage, runner: asyncio.Runner) -> None:
    rows = runner.run(append(storage.writer, [Wish(FIRST), Wish(SECOND, held="CLOCK_WRONG")]))

    async def look() -> dict[bytes, Place]:
        unknown = [n.to_bytes(16, "big") for n in range(700)]
        async with storage.writer.group([*unknown, rows[1].event_id]) as group:
            return dict(group.known)

    row = rows[1]
    assert runner.run(look()) == {row.event_id: Place(1, row.entry, row.event, "CLOCK_WRONG")}


def test_loading_gives_tails_histories_and_cohorts(
    storage: Storage, runner: asyncio.Runner
) -> None:
    rows = runner.run(
        append(
            storage.writer,
            [
                Wish(FIRST, "LearnerSignedIn"),
                Wish(SECOND, "CohortPlanned", OTHER_COHORT),
                Wish(FIRST, "LearnerEnrolled"),
                Wish(FIRST, "LearnerSignedOut"),
                Wish(SECOND, "CohortOpened", OTHER_COHORT),
                Wish(SECOND, "SessionStarted", OTHER_COHORT),
                Wish(THIRD, "KeyRegistered", None),
            ],
        )
    )
    types = ["CohortPlanned", "CohortOpened", "LearnerEnrolled", "KeyRegistered"]

    async def load() -> None:
        async with storage.writer.group(()) as group:
            loaded = await group.load(
                [FIRST, SECOND, stream(99)], [FIRST, THIRD], [COHORT, OTHER_COHORT], types
            )
            assert loaded.tails == {
                FIRST: StreamTail(3, rows[3].entry),
                SECOND: StreamTail(3, rows[5].entry),
            }
            assert loaded.histories == {FIRST: [rows[2]], THIRD: [rows[6]]}
            assert loaded.cohorts == {
                COHORT: [rows[0], rows[2]],
                OTHER_COHORT: [rows[1], rows[4]],
            }

    runner.run(load())


def test_loading_nothing_gives_nothing(storage: Storage, runner: asyncio.Runner) -> None:
    async def load() -> None:
        async with storage.writer.group(()) as group:
            loaded = await group.load((), (), (), ())
            assert (loaded.tails, loaded.histories, loaded.cohorts) == ({}, {}, {})

    runner.run(load())


def test_more_streams_than_fit_one_statement_are_loaded(
    storage: Storage, runner: asyncio.Runner
) -> None:
    streams = [stream(n) for n in range(1_200)]

    async def write_and_load() -> None:
        async with storage.writer.group(()) as group:
            rows = rows_behind(group.head, [Wish(each) for each in streams], {})
            await group.insert(rows, (), head_behind(group.head, rows))
        async with storage.writer.group(()) as group:
            loaded = await group.load(streams, streams, (), ["LearnerSignedIn"])
            assert loaded.tails == {row.stream: StreamTail(1, row.entry) for row in rows}
            assert loaded.histories == {row.stream: [row] for row in rows}

    runner.run(write_and_load())


def test_rows_since_an_index_are_the_events_from_there(
    storage: Storage, runner: asyncio.Runner
) -> None:
    runner.run(append(storage.writer, [Wish(FIRST)]))
    runner.run(append_own(storage.writer, None))
    later = runner.run(append(storage.writer, [Wish(FIRST), Wish(SECOND)]))

    async def since(index: int) -> list[LogRow]:
        async with storage.writer.group(()) as group:
            return await group.rows_since(index)

    assert runner.run(since(1)) == later
    assert runner.run(since(3)) == later[1:]
    assert runner.run(since(4)) == []


def test_what_was_prepared_is_found_in_a_group(storage: Storage, runner: asyncio.Runner) -> None:
    async def look() -> object:
        async with storage.writer.group(()) as group:
            return await group.prepared(b"d" * 32)

    assert runner.run(look()) is None


# --- How a group ends ----------------------------------------------------------------------------


class _TestError(Exception):
    pass


def test_an_exception_in_a_group_leaves_nothing(storage: Storage, runner: asyncio.Runner) -> None:
    async def fail() -> None:
        async with storage.writer.group(()) as group:
            rows = rows_behind(group.head, [Wish(FIRST)], {})
            await group.insert(rows, [batch(1, 1)], head_behind(group.head, rows))
            raise _TestError

    with pytest.raises(_TestError):
        runner.run(fail())
    assert storage.reader.head().size == 0
    assert stored(storage) == []
    assert storage.reader.batch(batch(1, 1).name) is None
    assert runner.run(append(storage.writer, [Wish(FIRST)]))[0].index == 0


def test_flushing_changes_nothing(storage: Storage, runner: asyncio.Runner) -> None:
    runner.run(append(storage.writer, [Wish(FIRST)]))
    runner.run(storage.writer.flush())
    assert storage.reader.head() == LogHead(1, START_US, None)


def test_two_writers_stay_contiguous_and_see_each_other(
    storage: Storage, open_another: Open, runner: asyncio.Runner
) -> None:
    other = open_another()

    async def write(writer: Storage, own: bytes) -> list[LogRow]:
        rows = []
        for _ in range(20):
            rows += await append(writer.writer, [Wish(own), Wish(FIRST), Wish(own)])
        return rows

    async def race() -> tuple[list[LogRow], list[LogRow]]:
        return await asyncio.gather(write(storage, SECOND), write(other, THIRD))

    one, two = runner.run(race())
    assert [row.index for row in stored(storage)] == list(range(120))
    assert sorted([*one, *two], key=lambda row: row.index) == stored(other)
    # The shared stream was continued by both, each behind what the other had written.
    assert [row.seq for row in storage.reader.stream_rows(FIRST)] == list(range(1, 41))
    assert storage.reader.head().size == other.reader.head().size == 120


def test_groups_of_one_writer_wait_for_each_other(storage: Storage, runner: asyncio.Runner) -> None:
    async def race() -> list[list[LogRow]]:
        return await asyncio.gather(*(append(storage.writer, [Wish(FIRST)]) for _ in range(30)))

    rows = [row for each in runner.run(race()) for row in each]
    assert [row.seq for row in stored(storage)] == list(range(1, 31))
    assert sorted(rows, key=lambda row: row.index) == stored(storage)


def test_what_was_written_without_the_lock_is_a_breach(
    storage: Storage, runner: asyncio.Runner
) -> None:
    with storage.database.writing() as transaction:
        transaction.query(
            "INSERT INTO log (notification_id, entry, recorded) VALUES (1, ?, 0)", (b"x",)
        )
    with pytest.raises(IntegrityBreachError):
        runner.run(append(storage.writer, [Wish(FIRST)]))
    assert stored(storage) == []
    assert storage.reader.head().size == 0


# --- Cancelled callers ---------------------------------------------------------------------------


@contextmanager
def _head_locked(storage: Storage) -> Iterator[None]:
    """Hold the lock that groups wait for, in another connection."""
    lock = "" if isinstance(storage.database, SQLiteDatabase) else " FOR UPDATE"
    with storage.database.writing() as transaction:
        transaction.query(f"SELECT size FROM log_head{lock}")
        yield


async def _cancel(work: Coroutine[Any, Any, object], when: asyncio.Event) -> None:
    task = asyncio.ensure_future(work)
    await when.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_a_caller_cancelled_before_the_commit_leaves_nothing(
    storage: Storage, runner: asyncio.Runner
) -> None:
    async def scene() -> None:
        inside = asyncio.Event()

        async def write() -> None:
            async with storage.writer.group(()) as group:
                rows = rows_behind(group.head, [Wish(FIRST)], {})
                await group.insert(rows, (), head_behind(group.head, rows))
                inside.set()
                await asyncio.Event().wait()

        await _cancel(write(), inside)
        assert storage.reader.head().size == 0
        assert (await append(storage.writer, [Wish(FIRST)]))[0].index == 0

    runner.run(scene())


def test_a_caller_cancelled_while_it_waits_for_the_head_leaves_nothing(
    storage: Storage, runner: asyncio.Runner
) -> None:
    async def scene() -> None:
        waiting = asyncio.ensure_future(append(storage.writer, [Wish(FIRST)]))
        with _head_locked(storage):
            await asyncio.sleep(0.1)
            waiting.cancel()
            await asyncio.sleep(0.1)
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert storage.reader.head().size == 0
        assert (await append(storage.writer, [Wish(FIRST)]))[0].index == 0

    runner.run(scene())


def test_a_commit_under_way_is_not_cancelled(
    storage: Storage, runner: asyncio.Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = storage.writer
    assert isinstance(writer, GroupWriter)
    commit = writer._commit

    async def scene() -> None:
        begun = asyncio.Event()

        async def announced(group: Any) -> None:  # noqa: ANN401 - of either writer
            begun.set()
            await asyncio.sleep(0.05)
            await commit(group)

        monkeypatch.setattr(writer, "_commit", announced)
        await _cancel(append(storage.writer, [Wish(FIRST)]), begun)
        assert storage.reader.head().size == 1
        monkeypatch.setattr(writer, "_commit", commit)
        assert (await append(storage.writer, [Wish(FIRST)]))[0].seq == 2

    runner.run(scene())


# --- The machine fails ---------------------------------------------------------------------------


on_sqlite = pytest.mark.parametrize("storage_url", ["sqlite"], indirect=True)
on_postgres = pytest.mark.parametrize("storage_url", ["postgresql"], indirect=True)


@on_sqlite
def test_a_full_disk_writes_nothing_and_later_works(
    storage: Storage, runner: asyncio.Runner
) -> None:
    writer = storage.writer
    assert isinstance(writer, SQLiteWriter)

    def limit(pages: int) -> None:
        runner.run(
            writer.run(lambda connection: connection.query(f"PRAGMA max_page_count={pages}"))
        )

    runner.run(append(storage.writer, [Wish(FIRST)]))
    limit(1)  # SQLite takes the present size, if that is more.
    with pytest.raises(StorageFullError):
        runner.run(append(storage.writer, [Wish(stream(n)) for n in range(400)]))
    assert storage.reader.head().size == 1
    assert len(stored(storage)) == 1
    limit(1_000_000)
    rows = runner.run(append(storage.writer, [Wish(stream(n)) for n in range(400)]))
    assert stored(storage)[1:] == rows


@on_sqlite
def test_a_locked_file_is_unavailable_and_later_works(
    storage: Storage, runner: asyncio.Runner
) -> None:
    writer = storage.writer
    assert isinstance(writer, SQLiteWriter)
    runner.run(writer.run(lambda connection: connection.query("PRAGMA busy_timeout = 50")))
    with _head_locked(storage), pytest.raises(StorageUnavailableError):
        runner.run(append(storage.writer, [Wish(FIRST)]))
    assert runner.run(append(storage.writer, [Wish(FIRST)]))[0].index == 0


def _backends(connection: psycopg.Connection[Any], condition: str) -> list[int]:
    found = connection.execute(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        f" AND pid <> pg_backend_pid() AND {condition}"
    )
    return [pid for (pid,) in found.fetchall()]


def _terminate(url: str, condition: str) -> None:
    with psycopg.connect(url, autocommit=True) as admin:
        for victim in _backends(admin, condition):
            admin.execute("SELECT pg_terminate_backend(%s, 5000)", (victim,))


@on_postgres
def test_a_connection_that_is_killed_in_a_group_leaves_nothing_and_is_replaced(
    storage: Storage, runner: asyncio.Runner
) -> None:
    async def write() -> list[LogRow]:
        async with storage.writer.group(()) as group:
            rows = rows_behind(group.head, [Wish(FIRST), Wish(SECOND)], {})
            _terminate(storage.url, "application_name = 'tledger writer'")
            await group.insert(rows, (), head_behind(group.head, rows))
        return rows

    with pytest.raises(StorageUnavailableError):
        runner.run(write())
    assert stored(storage) == []
    rows = runner.run(append(storage.writer, [Wish(FIRST), Wish(SECOND)]))
    assert stored(storage) == rows


@on_postgres
def test_a_connection_that_was_lost_between_groups_is_told_once(
    storage: Storage, runner: asyncio.Runner
) -> None:
    runner.run(append(storage.writer, [Wish(FIRST)]))
    _terminate(storage.url, "application_name = 'tledger writer'")
    with pytest.raises(StorageUnavailableError):
        runner.run(storage.writer.flush())
    runner.run(storage.writer.flush())
    assert runner.run(append(storage.writer, [Wish(FIRST)]))[0].index == 1


@on_postgres
def test_a_server_that_takes_no_writes_is_unavailable(
    storage: Storage, runner: asyncio.Runner
) -> None:
    runner.run(append(storage.writer, [Wish(FIRST)]))
    with psycopg.connect(storage.url, autocommit=True) as admin:
        name = sql.Identifier(admin.info.dbname)
        change = sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = {}")
        admin.execute(change.format(name, sql.Literal("on")))
        _terminate(storage.url, "application_name LIKE 'tledger%'")
        for _ in range(2):
            with pytest.raises(StorageUnavailableError):
                runner.run(append(storage.writer, [Wish(FIRST)]))
        with pytest.raises(StorageUnavailableError), storage.database.writing() as transaction:
            transaction.query("UPDATE log_head SET size = 7")
        admin.execute("SET default_transaction_read_only = off")
        admin.execute(change.format(name, sql.Literal("off")))
    assert runner.run(append(storage.writer, [Wish(FIRST)]))[0].index == 1


@contextmanager
def _standby_that_never_answers(url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        admin.execute("SELECT pg_reload_conf()")
        try:
            yield admin
        finally:
            admin.execute("ALTER SYSTEM RESET synchronous_standby_names")
            admin.execute("SELECT pg_reload_conf()")


def _waiting_for_a_standby(admin: psycopg.Connection[Any]) -> int:
    while not (found := _backends(admin, "wait_event = 'SyncRep'")):
        time.sleep(0.01)
    return found[0]


@on_postgres
@pytest.mark.faults
@pytest.mark.parametrize("end", ["pg_cancel_backend", "pg_terminate_backend"])
def test_a_commit_that_no_standby_confirmed_is_not_known_and_a_retry_finds_all(
    storage: Storage, runner: asyncio.Runner, end: str
) -> None:
    async def scene() -> None:
        with _standby_that_never_answers(storage.url) as admin:
            writing = asyncio.ensure_future(append(storage.writer, [Wish(FIRST), Wish(SECOND)]))
            waiting = await asyncio.to_thread(_waiting_for_a_standby, admin)
            admin.execute(f"SELECT {end}(%s)", (waiting,))
            with pytest.raises(StorageUnavailableError):
                await writing
        rows = rows_behind(LogHead(0, 0, None), [Wish(FIRST), Wish(SECOND)], {})
        if end == "pg_terminate_backend":
            with suppress(StorageUnavailableError):
                await storage.writer.flush()
        await storage.writer.flush()
        async with storage.writer.group([row.event_id for row in rows]) as group:
            assert [group.known[row.event_id].index for row in rows] == [0, 1]

    runner.run(scene())
