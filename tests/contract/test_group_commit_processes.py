"""Group commit on both databases: several processes, slots, the clock, closing and stopping."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest

from ledger.api.v1 import events_pb2 as pb
from ledger.application import group_commit
from ledger.application.errors import OverloadedError
from ledger.application.group_commit import GroupCommit
from ledger.application.outcomes import Answer, AppendRequest, Recorded
from ledger.application.ports import LogHead, OwnRow
from ledger.application.recorded_clock import ClockJumpError
from ledger.log.entries import EventEntry, entry_hash, read_entry
from ledger.storage.open_storage import Storage
from tests.contract.town_log import (
    PERSON,
    by,
    founded,
    log_is_whole,
    planned,
    same_place,
)
from tests.unit.application.town import (
    Town,
    codes,
    committing,
    recorded,
    request,
    write_log_key,
)

Open = Callable[[], Storage]
Run = Callable[[Coroutine[Any, Any, None]], None]
SECOND = 1_000_000


# --- Several processes ---------------------------------------------------------------------------


def test_seats_are_not_given_twice_by_two_processes(
    storage: Storage, open_another: Open, town: Town, run: Run
) -> None:
    other = open_another()

    async def story() -> None:
        async with founded(storage, town) as here, committing(other.writer, town) as there:
            cohort = await planned(here, town, capacity=3)
            answers = await asyncio.gather(
                *(
                    (here, there)[number % 2].append(
                        by(town.school, town.enrolment(cohort, UUID(int=number, version=4)))
                    )
                    for number in range(10)
                )
            )
            found = [codes(each)[0] for each in answers]
            assert sorted(found) == [""] * 3 + ["COHORT_FULL"] * 7

    run(story())
    log_is_whole(storage)


def test_two_processes_interleave_without_gaps_or_doubles(
    storage: Storage, open_another: Open, town: Town, run: Run
) -> None:
    other = open_another()

    async def story() -> None:
        async with founded(storage, town) as here, committing(other.writer, town) as there:
            cohort = await planned(here, town, PERSON)
            before = storage.reader.head().size
            requests = [
                by(town.school, *(town.sign_in(cohort, PERSON) for _ in range(3)))
                for _ in range(12)
            ]

            async def send(commits: GroupCommit, order: Sequence[AppendRequest]) -> list[Answer]:
                answers: list[Answer] = []
                for each in order:
                    answers += await commits.append(each)
                    await asyncio.sleep(0)
                return answers

            first, second = await asyncio.gather(send(here, requests), send(there, requests[::-1]))
            # Each event once, and both processes give it the same place.
            places = {place.event_id: place.index for place in recorded(first)}
            assert places == {place.event_id: place.index for place in recorded(second)}
            assert sorted(places.values()) == list(range(before, before + 36))
            fresh = [place for place in recorded([*first, *second]) if not place.repeated]
            assert len(fresh) == 36

    run(story())
    log_is_whole(storage)


def test_a_process_sees_what_another_one_decided(
    storage: Storage, open_another: Open, town: Town, run: Run
) -> None:
    other = open_another()

    async def story() -> None:
        async with founded(storage, town) as here, committing(other.writer, town) as there:
            cohort, plan = town.cohort()
            # Both remember that nothing is there.
            for commits in (here, there):
                answers = await commits.append(by(town.school, town.enrolment(cohort, PERSON)))
                assert codes(answers) == ["NOT_PLANNED"]
            recorded(await here.append(by(town.school, plan)))
            recorded(await there.append(by(town.school, town.enrolment(cohort, PERSON))))
            answers = await here.append(by(town.school, town.enrolment(cohort, PERSON)))
            assert codes(answers) == ["ALREADY_ENROLLED"]
            end = town.bureau.emitter.key_ended(
                key_id=town.school.key_id,
                holder=town.school.party,
                ending=pb.KEY_ENDING_COMPROMISED,
            )
            recorded(await there.append(by(town.bureau, end)))
            late = by(town.school, town.sign_in(cohort, PERSON))
            assert codes(await here.append(late)) == ["KEY_ENDED"]

    run(story())
    log_is_whole(storage)


def test_a_process_that_began_on_an_empty_log_sees_what_another_one_wrote(
    storage: Storage, open_another: Open, town: Town, run: Run
) -> None:
    other = open_another()

    async def story() -> None:
        async with committing(storage.writer, town) as here:
            early = by(town.school, town.sign_in(uuid4(), PERSON))
            assert codes(await here.append(early)) == ["UNKNOWN_KEY"]
            await write_log_key(other.writer)
            async with committing(other.writer, town) as there:
                recorded(await there.append(request(town.founding())))
            assert codes(await here.append(early)) == ["ENROLMENT_NOT_OPEN"]

    run(story())
    log_is_whole(storage)


@pytest.mark.parametrize("behind", [0, 1, 1_000])
def test_a_process_that_was_idle_for_long_reads_everything_anew(
    storage: Storage,
    open_another: Open,
    town: Town,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    behind: int,
) -> None:
    monkeypatch.setattr(group_commit, "MAX_ROWS_BEHIND", behind)
    other = open_another()

    async def story() -> None:
        async with founded(storage, town) as here, committing(other.writer, town) as there:
            cohort, plan = town.cohort()
            early = by(town.school, town.enrolment(cohort, PERSON))
            assert codes(await here.append(early)) == ["NOT_PLANNED"]
            recorded(await there.append(by(town.school, plan)))
            recorded(await there.append(by(town.school, town.sign_in(cohort, PERSON))))
            assert codes(await here.append(early)) == [""]

    run(story())
    log_is_whole(storage)


# --- Slots ---------------------------------------------------------------------------------------


def test_one_slot_is_made_behind_new_entries_and_no_second_one(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            size = storage.reader.head().size
            await commits.make_slot(size)
            assert storage.reader.head() == LogHead(size, storage.reader.head().recorded_us, None)
            await commits.make_slot(0)
            assert storage.reader.head().slot == size
            recorded(await commits.append(by(town.school, town.sign_in(uuid4(), PERSON))))
            await commits.make_slot(0)
            assert storage.reader.head().slot == size
            assert storage.reader.head().size == size + 2

    run(story())
    log_is_whole(storage)


def test_a_slot_stands_behind_the_rows_of_its_group_and_has_their_time(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            size = storage.reader.head().size
            sign_in = by(town.school, town.sign_in(uuid4(), PERSON))
            answers, *_ = await asyncio.gather(
                commits.append(sign_in),
                commits.make_slot(size),
                commits.make_slot(size),
            )
            (place,) = recorded(answers)
            entry = read_entry(place.entry)
            head = storage.reader.head()
            assert (place.index, head.slot, head.size) == (size, size + 1, size + 2)
            assert head.recorded_us == entry.recorded

    run(story())
    log_is_whole(storage)


def test_two_processes_make_one_slot(
    storage: Storage, open_another: Open, town: Town, run: Run
) -> None:
    other = open_another()

    async def story() -> None:
        async with founded(storage, town) as here, committing(other.writer, town) as there:
            size = storage.reader.head().size
            await asyncio.gather(here.make_slot(0), there.make_slot(0))
            assert storage.reader.head().size == size + 1

    run(story())
    log_is_whole(storage)


# --- Clock, closing, stopping, limits ------------------------------------------------------------


def test_entries_carry_the_logs_time_and_it_never_runs_backwards(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            town.time.now_us -= 4 * SECOND  # slewed, within what is tolerated
            recorded(await commits.append(by(town.school, town.sign_in(uuid4(), PERSON))))
        times = [row.recorded_us for row in storage.reader.rows(0, 100)]
        assert times == sorted(times)
        assert times[-1] == times[-2]

    run(story())


def test_a_jump_of_the_clock_writes_nothing_and_says_so(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            size = storage.reader.head().size
            sent = by(town.school, town.sign_in(uuid4(), PERSON))
            town.time.now_us += 3_600 * SECOND
            for _ in range(2):
                with pytest.raises(ClockJumpError):
                    await commits.append(sent)
            assert storage.reader.head().size == size
            town.time.now_us -= 3_600 * SECOND
            assert codes(await commits.append(sent)) == ["ENROLMENT_NOT_OPEN"]

    run(story())
    log_is_whole(storage)


def test_a_closed_log_answers_retries_and_takes_nothing_new(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            old = by(town.school, town.sign_in(uuid4(), PERSON))
            first = await commits.append(old)
            async with storage.writer.group(()) as transaction:
                head = transaction.head
                entry = b'{"kind":"log-closed","recorded":%d,"v":1}' % head.recorded_us
                row = OwnRow(head.size, entry, head.recorded_us)
                behind = LogHead(head.size + 1, head.recorded_us, None, closed=True)
                await transaction.insert([row], (), behind)
            size = storage.reader.head().size
            new = by(town.school, town.sign_in(uuid4(), PERSON))
            assert codes(await commits.append(new)) == ["LOG_CLOSED"]
            same_place(first, await commits.append(old))
            assert storage.reader.head().size == size
            # Its last map-commit may still be made.
            await commits.make_slot(0)
            assert storage.reader.head().slot == size
            assert storage.reader.head().closed

    run(story())


def test_what_waits_when_the_server_stops_is_unknown_and_so_is_what_comes_after(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            sent = by(town.school, town.sign_in(uuid4(), PERSON))
            waiting = asyncio.create_task(commits.append(sent))
            await asyncio.sleep(0)
            await commits.stop()
            async with asyncio.timeout(10):
                assert codes(await waiting) in (["UNKNOWN"], ["ENROLMENT_NOT_OPEN"])
                assert codes(await commits.append(sent)) == ["UNKNOWN"]

    run(story())


def test_too_much_waiting_is_refused_before_anything_is_done(
    storage: Storage, town: Town, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "MAX_WAITING_EVENTS", 3)

    async def story() -> None:
        await write_log_key(storage.writer)
        async with committing(storage.writer, town) as commits:
            key, bureau = town.genesis()
            recorded(await commits.append(by(town.bureau, key, bureau)))
            four = [town.sign_in(uuid4(), PERSON) for _ in range(4)]
            with pytest.raises(OverloadedError):
                await commits.append(by(town.school, *four))
            three = [commits.append(by(town.school, each)) for each in four[:3]]
            fourth = commits.append(by(town.school, four[3]))
            answers = await asyncio.gather(*three, fourth, return_exceptions=True)
            assert isinstance(answers[3], OverloadedError)
            assert [codes(each) for each in answers[:3]] == [["UNKNOWN_KEY"]] * 3  # type: ignore[arg-type]
            # What was answered waits no more.
            assert codes(await commits.append(by(town.school, *four[:3]))) == ["UNKNOWN_KEY"] * 3

    run(story())


def test_a_large_request_is_one_group_and_chained_in_its_order(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            cohort = await planned(commits, town, PERSON)
            answers = await commits.append(
                by(town.school, *(town.sign_in(cohort, PERSON) for _ in range(1_000)))
            )
            places = recorded(answers)
            first = places[0].index
            assert [place.index for place in places] == list(range(first, first + 1_000))
            for before, after in pairwise(places):
                entry = read_entry(after.entry)
                assert isinstance(entry, EventEntry)
                assert entry.prev == entry_hash(before.entry)

    run(story())
    log_is_whole(storage)


def test_who_waits_for_growth_is_woken(storage: Storage, town: Town, run: Run) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            size = commits.size
            assert size == storage.reader.head().size
            waiters = [asyncio.create_task(commits.wait_beyond(size)) for _ in range(3)]
            await asyncio.sleep(0)
            recorded(await commits.append(by(town.school, town.sign_in(uuid4(), PERSON))))
            async with asyncio.timeout(10):
                await asyncio.gather(*waiters)
            assert commits.size == size + 1

    run(story())


def test_answers_name_their_events(storage: Storage, town: Town, run: Run) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            events = [town.sign_in(uuid4(), PERSON), town.enrolment(uuid4(), PERSON)]
            answers = await commits.append(by(town.school, *events))
            assert [answer.event_id for answer in answers] == [
                event.event_id.bytes for event in events
            ]
            assert isinstance(answers[0], Recorded)
            row = storage.reader.find(events[0].event_id.bytes)
            assert row is not None
            assert (row.index, row.entry, row.event) == (
                answers[0].index,
                answers[0].entry,
                events[0].data,
            )

    run(story())
