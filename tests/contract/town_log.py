"""A town's log in a storage: founded, planned, and checked as a whole."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from clients.sdk import CapturedEvent
from ledger.application.group_commit import GroupCommit
from ledger.application.held_check import HeldCheck
from ledger.application.outcomes import Answer, AppendRequest
from ledger.log.entries import EventEntry, read_entry
from ledger.storage.open_storage import Storage
from tests.independent.entries import check_chain
from tests.unit.application.town import (
    Member,
    Town,
    batch,
    committing,
    recorded,
    request,
    write_log_key,
)

PERSON, OTHER_PERSON = UUID(int=0xF0, version=4), UUID(int=0xF1, version=4)


@asynccontextmanager
async def founded(storage: Storage, town: Town) -> AsyncIterator[GroupCommit]:
    """A log with all parties of the town."""
    await write_log_key(storage.writer)
    async with committing(storage.writer, town) as commits:
        recorded(await commits.append(request(town.founding())))
        yield commits


def by(member: Member, *events: CapturedEvent, atomic: bool = False) -> AppendRequest:
    """A request with one batch."""
    return request(batch(member.key, events), atomic=atomic)


async def planned(commits: GroupCommit, town: Town, *persons: UUID, capacity: int = 30) -> UUID:
    """A planned cohort in which these learners are enrolled."""
    cohort, plan = town.cohort(capacity=capacity)
    enrolments = [town.enrolment(cohort, person) for person in persons]
    recorded(await commits.append(by(town.school, plan, *enrolments)))
    return cohort


def log_is_whole(storage: Storage) -> int:
    """Check numbers, chains, ids and holds of the whole log; return its size."""
    head = storage.reader.head()
    entries = storage.reader.entries(0, 100_000)
    empty = [] if head.slot is None else [head.slot]
    assert sorted([index for index, _ in entries] + empty) == list(range(head.size))
    times = [read_entry(entry).recorded for _, entry in entries]
    assert times == sorted(times)
    rows = storage.reader.rows(0, 100_000)
    for stream in {row.stream for row in rows}:
        check_chain(row.entry for row in rows if row.stream == stream)
    assert len({row.event_id for row in rows}) == len(rows)
    held = HeldCheck(storage.reader.find)
    for row in rows:
        held.check(row)
        entry = read_entry(row.entry)
        assert isinstance(entry, EventEntry)
        assert (entry.stream, entry.seq) == (str(UUID(bytes=row.stream)), row.seq)
        assert storage.reader.batch(row.batch_name) is not None
    return head.size


def same_place(first: Sequence[Answer], again: Sequence[Answer]) -> None:
    assert [(place.index, place.entry, place.held) for place in recorded(again)] == [
        (place.index, place.entry, place.held) for place in recorded(first)
    ]
    assert all(place.repeated for place in recorded(again))
