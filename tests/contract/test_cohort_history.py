"""Replays from a stored log, on both databases: what a follower gives on a log cut anywhere."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from ledger.api.v1 import events_pb2 as pb
from ledger.application.errors import IntegrityBreachError
from ledger.log.identifiers import key_id, key_stream, policy_stream
from ledger.storage.cohort_history import LogCohortHistory
from ledger.storage.event_feed import LogEventFeed
from ledger.storage.open_storage import Storage
from ledger.storage.views import PostgresViews, SQLiteViews, open_views
from projections.cohort_file_reader import read_cohort_file
from projections.documents import encode
from projections.follower import Follower
from projections.ports import FedEvent
from projections.replay import CohortReplay, Until
from projections.replay_queries import Moment, ReplayQueries, Steps
from projections.timeline_records import TimelineStep
from tests.contract.story_log import stored, write
from tests.unit.projections.memory import MemoryHistory
from tests.unit.projections.story import (
    ANNA,
    BENNO,
    BUREAU,
    COHORT,
    INSTITUTION,
    MORNING,
    POLICY,
    POLICY_FILE,
    Story,
    at,
    enrolment,
)

ORIGIN = "log.example/320599"
OTHER = UUID(int=0xC1).bytes
SECOND_US = 1_000_000


def whole_story() -> list[FedEvent]:
    """Register, two cohorts, guests both ways, facts before the plan; a second between entries."""
    story = Story()
    adopted = pb.PolicyAdopted(digest=POLICY.digest, document=POLICY_FILE)
    story.next_index = 2  # the log's own entries come first
    story.decide(policy_stream(ORIGIN).bytes, adopted, institution=BUREAU)
    story.institution(INSTITUTION, "示例培训机构")
    story.institution(BUREAU, "示例局", kind=2)
    key = pb.KeyRegistered(public_key=b"k" * 44, holder=INSTITUTION)
    story.decide(key_stream(ORIGIN, key_id(b"k" * 44)).bytes, key)
    story.lesson(ANNA, "LV-1", at(7), 31)
    story.plan()
    story.enrol(ANNA)
    story.plan(OTHER)
    story.session(MORNING, at(8, 30), at(12), breaks=30)
    story.attend(ANNA, MORNING, at(8, 20), at(12, 5))
    story.next_index += 1
    sign_in = pb.LearnerSignedIn(session=MORNING, method=pb.PRESENCE_METHOD_FACE)
    for cohorts in ((OTHER, COHORT), (COHORT, OTHER)):
        story.tell(
            enrolment(BENNO, cohorts[0]),
            sign_in,
            cohorts=cohorts,
            person=BENNO,
            occurred_us=at(9),
        )
    story.enrol(BENNO)
    story.item("04-roster")
    story.lesson(BENNO, "LV-2", at(13), 62)
    told = []
    for event, held in story.events:
        header: Any = event.header
        if header.cohorts:
            header.author_key = key_id(b"k" * 44)
        told.append((replace(event, recorded_us=at(23) + event.index * SECOND_US), held))
    return told


EVENTS = whole_story()


@pytest.fixture
def history(storage: Storage, runner: asyncio.Runner) -> LogCohortHistory:
    runner.run(write(storage.writer, EVENTS))
    return LogCohortHistory(storage.reader, ORIGIN)


@pytest.fixture
def views(storage: Storage) -> Iterator[SQLiteViews | PostgresViews]:
    opened = open_views(storage.url)
    yield opened
    opened.close()


def names(events: list[FedEvent]) -> list[tuple[int, str, str]]:
    return [(event.index, event.type, held) for event, held in events]


def test_a_record_is_the_cohorts_events_and_the_register_they_rest_on(
    history: LogCohortHistory,
) -> None:
    size = history.size()
    assert size == EVENTS[-1][0].index + 1
    record = history.record(COHORT, size)
    assert names(list(record.events)) == [
        (event.index, event.type, held) for event, held in EVENTS if COHORT in event.header.cohorts
    ]
    # The bureau wrote nothing in this cohort.
    assert [(event.index, event.type) for event, _ in record.register] == [
        (2, "PolicyAdopted"),
        (3, "InstitutionRegistered"),
        (5, "KeyRegistered"),
    ]
    # Without an event of the cohort nothing says whose register it rests on, but for the policies.
    early = history.record(COHORT, 4)
    assert ([*early.events], [event.index for event, _ in early.register]) == ([], [2])
    assert history.record(COHORT, 2).register == []
    first = history.record(COHORT, 7)
    assert [event.type for event, _ in first.events] == ["OnlineLessonCompleted"]
    assert [event.index for event, _ in first.register] == [2, 3, 5]


def test_every_prefix_is_what_a_follower_makes_of_a_log_cut_there(
    history: LogCohortHistory, storage: Storage, views: SQLiteViews | PostgresViews
) -> None:
    follower = Follower(LogEventFeed(storage.reader), views)
    folded = 0
    for below in range(history.size() + 1):
        while folded < sum(event.index < below for event, _ in EVENTS):
            follower.step(limit=1)
            folded += 1
        replay = CohortReplay(history, COHORT, Until(below)).finish()
        with views.snapshot() as tables:
            for cohort in (COHORT, OTHER):
                ours, theirs = (each.get("cohorts", [cohort]) for each in (replay, tables))
                assert list(map(encode, ours.values())) == list(map(encode, theirs.values()))
            assert read_cohort_file(replay, COHORT) == read_cohort_file(tables, COHORT)
            replayed, kept = (each.page("held", COHORT, b"", 99) for each in (replay, tables))
            assert replayed == kept


def test_a_moment_and_a_timeline_are_those_of_the_events_in_memory(
    history: LogCohortHistory,
) -> None:
    queries, expected = ReplayQueries(history), ReplayQueries(MemoryHistory(EVENTS))
    for second in range(-1, history.size() + 1):
        moment = Moment(recorded_us=at(23) + second * SECOND_US)
        there = queries.cohort_file(COHORT, moment)
        assert there.value == expected.cohort_file(COHORT, moment).value

    def steps(which: ReplayQueries) -> tuple[TimelineStep, ...]:
        return which.timeline(COHORT, Steps(), b"", 1_000).rows

    assert steps(queries) == steps(expected)
    assert any(step.figures for step in steps(queries))


def test_a_stored_event_that_cannot_be_read_is_a_breach(
    storage: Storage, runner: asyncio.Runner
) -> None:
    runner.run(write(storage.writer, EVENTS))
    broken = replace(stored(EVENTS[5]), event=b"\xff")

    class Tampered:
        def cohort_rows(self, cohort: bytes, below: int) -> list[object]:
            return [broken]

        def stream_rows(self, stream: bytes) -> list[object]:
            return []

    with pytest.raises(IntegrityBreachError, match=f"index {broken.index}"):
        LogCohortHistory(Tampered(), ORIGIN).record(COHORT, 99)  # type: ignore[arg-type] # two calls
