"""The log reader, on both databases."""

import asyncio

import pytest

from ledger.application.ports import LogHead, LogRow
from ledger.storage.open_storage import Storage
from tests.contract.event_rows import (
    COHORT,
    OTHER_COHORT,
    START_US,
    Wish,
    append,
    append_own,
    batch,
    stream,
)

FIRST, SECOND = stream(1), stream(2)


@pytest.fixture
def rows(storage: Storage, runner: asyncio.Runner) -> list[LogRow]:
    """Five events at the indexes 1, 2, 3, 5, 6; a log-key at 0 and an empty slot at 4."""

    async def write() -> list[LogRow]:
        await append_own(storage.writer, b"log-key")
        wishes = [Wish(FIRST), Wish(SECOND, cohort=OTHER_COHORT), Wish(FIRST)]
        before = await append(storage.writer, wishes, [batch(1, 1)])
        await append_own(storage.writer, None)
        behind = [Wish(SECOND, cohort=None, held="CLOCK_WRONG"), Wish(FIRST)]
        return [*before, *await append(storage.writer, behind)]

    return runner.run(write())


def test_the_head_is_where_the_log_ends(storage: Storage, rows: list[LogRow]) -> None:
    assert storage.reader.head() == LogHead(7, START_US + 6, slot=4)


def test_entries_leave_the_empty_slot_out(storage: Storage, rows: list[LogRow]) -> None:
    whole = [(0, b"log-key"), *((row.index, row.entry) for row in rows)]
    assert storage.reader.entries(0, 100) == whole
    assert storage.reader.entries(3, 2) == whole[3:5]
    assert storage.reader.entries(4, 1) == whole[4:5]
    assert storage.reader.entries(7, 10) == []


def test_rows_are_pages_of_events(storage: Storage, rows: list[LogRow]) -> None:
    assert storage.reader.rows(0, 100) == rows
    assert storage.reader.rows(0, 2) == rows[:2]
    assert storage.reader.rows(2, 3) == rows[1:4]
    assert storage.reader.rows(7, 3) == []


def test_rows_of_one_cohort_are_those_of_its_home(storage: Storage, rows: list[LogRow]) -> None:
    assert storage.reader.rows(0, 100, COHORT) == [rows[0], rows[2], rows[4]]
    assert storage.reader.rows(2, 1, COHORT) == [rows[2]]
    assert storage.reader.rows(0, 100, OTHER_COHORT) == [rows[1]]
    assert storage.reader.rows(0, 100, stream(9)) == []


def test_the_record_of_a_cohort_holds_its_guests_in_log_order(
    storage: Storage, runner: asyncio.Runner, rows: list[LogRow]
) -> None:
    async def write() -> list[LogRow]:
        wishes = [
            Wish(SECOND, cohort=OTHER_COHORT, guests=(COHORT, stream(9))),
            Wish(FIRST, guests=(COHORT, OTHER_COHORT, OTHER_COHORT)),
        ]
        return [row for wish in wishes for row in await append(storage.writer, [wish])]

    guest, both = runner.run(write())
    home = [rows[0], rows[2], rows[4]]
    record = storage.reader.cohort_rows
    assert record(COHORT, 100) == [*home, guest, both]
    assert record(OTHER_COHORT, 100) == [rows[1], guest, both]
    assert record(stream(9), 100) == [guest]
    assert record(stream(8), 100) == []
    assert guest.guests == COHORT + stream(9)
    # Below an index: not that entry itself.
    assert record(COHORT, guest.index) == home
    assert record(COHORT, guest.index + 1) == [*home, guest]
    assert record(COHORT, 0) == []
    # A guest is of no use to who asks for the home cohort alone.
    assert storage.reader.rows(0, 100, COHORT) == [*home, both]


def test_many_events_of_one_group_name_guests(storage: Storage, runner: asyncio.Runner) -> None:
    async def write() -> list[LogRow]:
        wishes = [Wish(FIRST, guests=(OTHER_COHORT,) if n % 2 else ()) for n in range(200)]
        return await append(storage.writer, wishes)

    written = runner.run(write())
    assert storage.reader.cohort_rows(OTHER_COHORT, 1_000) == written[1::2]
    assert storage.reader.cohort_rows(COHORT, 1_000) == written


def test_the_size_of_the_log_at_a_moment(storage: Storage, rows: list[LogRow]) -> None:
    # Recorded at START_US + index; the log's own entries at the moment of the one before.
    sizes = [storage.reader.size_at(START_US + offset) for offset in range(-1, 9)]
    assert sizes == [1, 1, 2, 3, 5, 5, 6, 7, 7, 7]
    assert storage.reader.size_at(0) == 1
    assert storage.reader.size_at(-1) == 0


def test_a_stream_is_read_in_its_order(storage: Storage, rows: list[LogRow]) -> None:
    assert storage.reader.stream_rows(FIRST) == [rows[0], rows[2], rows[4]]
    assert [row.seq for row in storage.reader.stream_rows(SECOND)] == [1, 2]
    assert storage.reader.stream_rows(stream(9)) == []


def test_one_row_is_found_by_its_index(storage: Storage, rows: list[LogRow]) -> None:
    assert storage.reader.row(5) == rows[3]
    assert storage.reader.row(0) is None  # the log's own
    assert storage.reader.row(4) is None  # the slot
    assert storage.reader.row(7) is None


def test_one_row_is_found_by_its_event(storage: Storage, rows: list[LogRow]) -> None:
    assert storage.reader.find(rows[1].event_id) == rows[1]
    assert storage.reader.find(bytes(16)) is None


def test_a_batch_is_found_by_key_and_root(storage: Storage, rows: list[LogRow]) -> None:
    assert storage.reader.batch(batch(1, 1).name) == batch(1, 1)
    assert storage.reader.batch(batch(1, 2).name) is None


def test_what_is_not_committed_is_not_seen(
    storage: Storage, runner: asyncio.Runner, rows: list[LogRow]
) -> None:
    async def look() -> None:
        async with storage.writer.group(()) as group:
            await group.insert((), (), group.head)
            assert storage.reader.head().size == 7
            assert storage.reader.rows(0, 100) == rows

    runner.run(look())
