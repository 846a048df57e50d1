"""Group commit when the storage fails: callers hear the truth, a retry settles, nothing twice."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from ledger.application.admission import AdmittedEvent, RefusedEvent
from ledger.application.errors import StorageFullError, StorageUnavailableError
from ledger.application.group_commit import GroupCommit
from ledger.application.outcomes import AppendRequest
from ledger.application.ports import (
    GroupTransaction,
    Loaded,
    LogHead,
    LogRow,
    LogWriter,
    OwnRow,
    PreparedCertificate,
    StoredBatch,
)
from ledger.domain.refusals import Refusal
from ledger.storage.open_storage import Storage
from tests.contract.town_log import PERSON, by, log_is_whole, planned
from tests.unit.application.town import (
    Town,
    batch,
    codes,
    committing,
    recorded,
    request,
    write_log_key,
)

Run = Callable[[Coroutine[Any, Any, None]], None]
POINTS = ("begin", "load", "insert", "commit", "committed")


@dataclass
class _Fault:
    """Fails once at a point; `flush` fails as a point of its own."""

    point: str = ""
    error: Exception = field(default_factory=StorageUnavailableError)
    flushes: int = 0

    def reach(self, point: str) -> None:
        if point == self.point:
            self.point = ""
            raise self.error


class _Transaction:
    """A group that fails where it is told to."""

    def __init__(self, inner: GroupTransaction, fault: _Fault) -> None:
        self._inner, self._fault = inner, fault
        self.head, self.known = inner.head, inner.known

    async def rows_since(self, index: int) -> list[LogRow]:
        return await self._inner.rows_since(index)

    async def load(
        self,
        tails: Sequence[bytes],
        histories: Sequence[bytes],
        cohorts: Sequence[bytes],
        types: Sequence[str],
    ) -> Loaded:
        self._fault.reach("load")
        return await self._inner.load(tails, histories, cohorts, types)

    async def stream_rows(self, stream: bytes) -> list[LogRow]:
        return await self._inner.stream_rows(stream)

    async def prepared(self, core_digest: bytes) -> PreparedCertificate | None:
        return await self._inner.prepared(core_digest)

    async def insert(
        self, rows: Sequence[LogRow | OwnRow], batches: Sequence[StoredBatch], head: LogHead
    ) -> None:
        self._fault.reach("insert")
        await self._inner.insert(rows, batches, head)


class _Writer:
    """A writer over a real one."""

    def __init__(self, inner: LogWriter, fault: _Fault) -> None:
        self._inner, self._fault = inner, fault

    @asynccontextmanager
    async def group(self, event_ids: Sequence[bytes]) -> AsyncIterator[_Transaction]:
        self._fault.reach("begin")
        async with self._inner.group(event_ids) as transaction:
            yield _Transaction(transaction, self._fault)
            self._fault.reach("commit")
        # Committed, but the answer was lost on the way.
        self._fault.reach("committed")

    async def flush(self) -> None:
        self._fault.flushes += 1
        self._fault.reach("flush")
        await self._inner.flush()

    async def clock_us(self) -> int | None:
        return await self._inner.clock_us()

    async def close(self) -> None:
        await self._inner.close()


@asynccontextmanager
async def _failing(storage: Storage, town: Town) -> AsyncIterator[tuple[GroupCommit, _Fault]]:
    fault = _Fault()
    await write_log_key(storage.writer)
    async with committing(_Writer(storage.writer, fault), town) as commits:
        recorded(await commits.append(request(town.founding())))
        yield commits, fault


def _sign_ins(town: Town, cohort: UUID, count: int) -> AppendRequest:
    return by(town.school, *(town.sign_in(cohort, PERSON) for _ in range(count)))


@pytest.mark.parametrize("point", POINTS)
def test_after_a_lost_connection_all_is_unknown_and_a_retry_settles_it(
    storage: Storage, town: Town, run: Run, point: str
) -> None:
    async def story() -> None:
        async with _failing(storage, town) as (commits, fault):
            cohort = await planned(commits, town, PERSON)
            size = storage.reader.head().size
            new = town.cohort()[1]
            sent = [_sign_ins(town, cohort, 2), by(town.school, new)]
            fault.point, fault.error = point, StorageUnavailableError("gone")
            flushes = fault.flushes
            group = await asyncio.gather(*(commits.append(each) for each in sent))
            assert [codes(each) for each in group] == [["UNKNOWN", "UNKNOWN"], ["UNKNOWN"]]
            stands = point == "committed"
            assert storage.reader.head().size == size + (3 if stands else 0)
            # Before the retry is answered there is a synchronous commit.
            again = await asyncio.gather(*(commits.append(each) for each in sent))
            assert fault.flushes == flushes + 1
            expected = [["AGAIN", "AGAIN"], ["AGAIN"]] if stands else [["", ""], [""]]
            assert [codes(each) for each in again] == expected
            assert storage.reader.head().size == size + 3
            # Nothing that was lost is remembered, nothing that stands is forgotten.
            enrolment = town.enrolment(UUID(bytes=new.stream.bytes), PERSON)
            assert codes(await commits.append(by(town.school, enrolment))) == [""]
            assert fault.flushes == flushes + 1

    run(story())
    log_is_whole(storage)


@pytest.mark.parametrize("point", ["begin", "load", "insert", "commit"])
def test_a_full_disk_is_told_as_such_and_nothing_is_written(
    storage: Storage, town: Town, run: Run, point: str
) -> None:
    async def story() -> None:
        async with _failing(storage, town) as (commits, fault):
            size = storage.reader.head().size
            cohort, plan = town.cohort()
            sent = [by(town.school, plan), _sign_ins(town, cohort, 1)]
            fault.point, fault.error = point, StorageFullError("full")
            group = await asyncio.gather(
                *(commits.append(each) for each in sent), return_exceptions=True
            )
            assert [type(each) for each in group] == [StorageFullError, StorageFullError]
            assert storage.reader.head().size == size
            assert codes(await commits.append(sent[1])) == ["ENROLMENT_NOT_OPEN"]
            assert codes(await commits.append(sent[0])) == [""]

    run(story())
    log_is_whole(storage)


@pytest.mark.parametrize("point", POINTS)
def test_a_defect_in_a_group_is_met_again_by_each_request_alone(
    storage: Storage, town: Town, run: Run, point: str
) -> None:
    async def story() -> None:
        async with _failing(storage, town) as (commits, fault):
            cohort = await planned(commits, town, PERSON)
            size = storage.reader.head().size
            sent = [_sign_ins(town, cohort, 1) for _ in range(3)]
            fault.point, fault.error = point, RuntimeError("defect")
            group = await asyncio.gather(*(commits.append(each) for each in sent))
            found = [codes(each)[0] for each in group]
            assert found == (["AGAIN"] * 3 if point == "committed" else [""] * 3)
            assert storage.reader.head().size == size + 3

    run(story())
    log_is_whole(storage)


def test_a_defect_that_meets_one_request_alone_is_raised_to_it(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with _failing(storage, town) as (commits, fault):
            sent = by(town.school, town.sign_in(uuid4(), PERSON))
            fault.point, fault.error = "insert", RuntimeError("defect")
            with pytest.raises(RuntimeError, match="defect"):
                await commits.append(sent)
            assert codes(await commits.append(sent)) == ["ENROLMENT_NOT_OPEN"]

    run(story())
    log_is_whole(storage)


def test_a_request_that_trips_over_a_defect_takes_nobody_down_with_it(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with _failing(storage, town) as (commits, _):
            good = [by(town.school, town.sign_in(uuid4(), PERSON)) for _ in range(2)]
            broken = by(town.school, town.sign_in(uuid4(), PERSON))
            (event,) = broken.events
            assert isinstance(event, AdmittedEvent)
            poison = AppendRequest([replace(event, header=None)], atomic=False)
            group = await asyncio.gather(
                commits.append(good[0]),
                commits.append(poison),
                commits.append(good[1]),
                return_exceptions=True,
            )
            assert isinstance(group[1], AttributeError)
            for answers in (group[0], group[2]):
                assert not isinstance(answers, BaseException)
                assert codes(answers) == ["ENROLMENT_NOT_OPEN"]

    run(story())
    log_is_whole(storage)


@pytest.mark.parametrize("event_id", [b"", b"short", bytes(16), bytes(100_000)])
def test_the_id_of_a_refused_event_is_never_looked_up(
    storage: Storage, town: Town, run: Run, event_id: bytes
) -> None:
    async def story() -> None:
        async with _failing(storage, town) as (commits, _):
            refused = RefusedEvent(event_id, Refusal("EVENT_MALFORMED", "", {"detail": "-"}), b"")
            (good,) = by(town.school, town.sign_in(uuid4(), PERSON)).events
            answers = await commits.append(AppendRequest([refused, good], atomic=False))
            assert codes(answers) == ["EVENT_MALFORMED", "ENROLMENT_NOT_OPEN"]

    run(story())


def test_a_flush_that_fails_is_tried_again_before_anything_is_answered(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with _failing(storage, town) as (commits, fault):
            sent = by(town.school, town.sign_in(uuid4(), PERSON))
            fault.point = "committed"
            assert codes(await commits.append(sent)) == ["UNKNOWN"]
            fault.point = "flush"
            assert codes(await commits.append(sent)) == ["UNKNOWN"]
            flushes = fault.flushes
            assert codes(await commits.append(sent)) == ["AGAIN"]
            assert fault.flushes == flushes + 1

    run(story())
    log_is_whole(storage)


def test_a_slot_that_failed_is_made_at_the_next_wish(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with _failing(storage, town) as (commits, fault):
            size = storage.reader.head().size
            for point in ("insert", "committed"):
                fault.point = point
                with pytest.raises(StorageUnavailableError):
                    await commits.make_slot(0)
            await commits.make_slot(0)
            head = storage.reader.head()
            assert (head.slot, head.size) == (size, size + 1)

    run(story())
    log_is_whole(storage)


def test_a_caller_that_goes_away_takes_nothing_out_of_the_group(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with _failing(storage, town) as (commits, _):
            leaving, staying = (by(town.school, town.sign_in(uuid4(), PERSON)) for _ in range(2))
            gone = asyncio.create_task(commits.append(leaving))
            stays = asyncio.create_task(commits.append(staying))
            await asyncio.sleep(0)
            gone.cancel()
            assert codes(await stays) == ["ENROLMENT_NOT_OPEN"]
            with pytest.raises(asyncio.CancelledError):
                await gone
            assert codes(await commits.append(leaving)) == ["AGAIN"]

    run(story())
    log_is_whole(storage)


def test_a_caller_that_goes_away_is_no_trouble_when_the_group_fails(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with _failing(storage, town) as (commits, fault):
            sent = by(town.school, town.sign_in(uuid4(), PERSON))
            fault.point, fault.error = "insert", StorageFullError("full")
            gone = asyncio.create_task(commits.append(sent))
            await asyncio.sleep(0)
            gone.cancel()
            with pytest.raises(asyncio.CancelledError):
                await gone
            assert codes(await commits.append(sent)) == ["ENROLMENT_NOT_OPEN"]

    run(story())


def test_two_processes_settle_what_one_of_them_lost(
    storage: Storage, open_another: Callable[[], Storage], town: Town, run: Run
) -> None:
    other = open_another()

    async def story() -> None:
        async with (
            _failing(storage, town) as (here, fault),
            committing(other.writer, town) as there,
        ):
            cohort = await planned(here, town, capacity=1)
            sent = request(batch(town.school.key, [town.enrolment(cohort, PERSON)]))
            fault.point = "committed"
            assert codes(await here.append(sent)) == ["UNKNOWN"]
            late = by(town.school, town.enrolment(cohort, uuid4()))
            assert codes(await there.append(late)) == ["COHORT_FULL"]
            assert codes(await there.append(sent)) == ["AGAIN"]
            assert codes(await here.append(sent)) == ["AGAIN"]
            assert codes(await here.append(late)) == ["COHORT_FULL"]

    run(story())
    log_is_whole(storage)
