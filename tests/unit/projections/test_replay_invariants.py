"""Replays against tables: whatever was recorded, and in whatever order, they say the same."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.api.v1 import events_pb2 as pb
from projections import cohorts
from projections.cohort_file_reader import read_brief, read_cohort_file
from projections.documents import encode
from projections.follower import Follower
from projections.ports import FedEvent, ViewReader
from projections.replay import CohortReplay, Until
from projections.replay_queries import Moment, ReplayQueries, Steps
from projections.timeline_records import TimelineStep
from tests.unit.projections.memory import MemoryFeed, MemoryHistory, MemoryViews
from tests.unit.projections.story import (
    AFTERNOON,
    ANNA,
    BUREAU,
    CHIEF,
    CLERK,
    COHORT,
    MORNING,
    Story,
    at,
    enrolment,
)
from tests.unit.projections.test_fold_invariants import (
    FACE,
    Step,
    attributed,
    decisions,
    facts,
    people,
    sessions,
    tickets,
    unlisted,
)

OTHER = UUID(int=0xC1).bytes
OFFLINE = pb.HOUR_COMPONENT_THEORY_OFFLINE


def guest(person: bytes, session: bytes, minute: int, ours: bool) -> Step:
    """A sign-in of a learner of one cohort in a session of the other."""
    cohorts = (COHORT, OTHER) if ours else (OTHER, COHORT)
    body = pb.LearnerSignedIn(session=session, method=FACE)
    return lambda story: story.tell(
        enrolment(person, cohorts[0]),
        body,
        cohorts=cohorts,
        person=person,
        occurred_us=at(0, minute),
    )


others: st.SearchStrategy[Step] = st.one_of(
    st.builds(guest, people, sessions, st.integers(0, 24 * 60), st.booleans()),
    st.just(lambda story: story.adopt_policy()),
    st.just(lambda story: story.plan(OTHER)),
    st.just(lambda story: story.institution(BUREAU, "示例局", kind=2)),
    st.just(lambda story: story.item("04-roster")),
)


def scheduled(session: bytes, component: int) -> Step:
    body = pb.SessionScheduled(
        session=session,
        start_us=at(8),
        end_us=at(12),
        component=component,  # type: ignore[arg-type] # the number of the enum
    )
    return lambda story: story.cohort_fact(body)


def started(session: bytes, hour: int) -> Step:
    return lambda story: story.cohort_fact(pb.SessionStarted(session=session), occurred_us=at(hour))


def ended(session: bytes, hour: int) -> Step:
    body = pb.SessionEnded(session=session, break_minutes=7)
    return lambda story: story.cohort_fact(body, occurred_us=at(hour))


def aimed(kind: str, of_types: tuple[str, ...], make: Callable[[bytes], Message]) -> Step:
    """A correction or voiding of the newest event of some types, if there is one."""

    def step(story: Story) -> None:
        target = next((fed[0] for fed in story.events[::-1] if fed[0].type in of_types), None)
        if target is None:
            return
        body = make(bytes(target.header.event_id))
        if kind == "cohort":
            story.cohort_fact(body, persons=(CLERK, CHIEF))
        else:
            story.fact(bytes(target.header.person_ref), body, persons=(CLERK, CHIEF))

    return step


def corrected(target: bytes) -> Message:
    return pb.RecordCorrected(target=target, field=pb.CORRECTED_FIELD_OCCURRED, number=at(10))


def longer_break(target: bytes) -> Message:
    return pb.CohortRecordCorrected(target=target, field=pb.CORRECTED_FIELD_MINUTES, number=60)


MARKS = ("LearnerSignedIn", "LearnerSignedOut")
ENDS = ("SessionEnded",)
ATTRIBUTIONS = ("UnlistedPresenceAttributed",)
# Whatever the folds make of them, a replay makes the same.
repairs: st.SearchStrategy[Step] = st.sampled_from(
    [
        aimed("enrolment", MARKS, corrected),
        aimed("enrolment", MARKS, lambda target: pb.EventVoided(target=target)),
        aimed("cohort", ENDS, longer_break),
        aimed("cohort", ENDS, lambda target: pb.CohortEventVoided(target=target)),
        aimed("cohort", ATTRIBUTIONS, lambda target: pb.CohortEventVoided(target=target)),
    ]
)

# Facts of whole sessions in any order: most of these streams credit hours.
lively: st.SearchStrategy[Step] = st.one_of(
    st.builds(scheduled, sessions, st.sampled_from([1, 3])),
    st.builds(started, sessions, st.sampled_from([8, 9])),
    st.builds(ended, sessions, st.sampled_from([11, 12])),
    st.builds(
        lambda person, session: lambda story: story.attend(person, session, at(7), at(13)),
        people,
        sessions,
    ),
    st.builds(unlisted, tickets, sessions, st.sampled_from([7 * 60, 9 * 60]), st.just(True)),
    st.builds(unlisted, tickets, sessions, st.sampled_from([10 * 60, 13 * 60]), st.just(False)),
    st.builds(attributed, tickets, sessions, people, st.just(True)),
    st.builds(lambda person: lambda story: story.enrol(person), people),
    st.just(lambda story: story.plan()),
    repairs,
)
streams = st.one_of(
    st.lists(lively, min_size=8, max_size=25),
    st.lists(st.one_of(facts, facts, decisions, others, lively), max_size=30),
)


def at_host(body: Message, hour: int) -> Step:
    return lambda story: story.tell(OTHER, body, cohorts=(OTHER,), occurred_us=at(hour))


def attended_as_guest(person: bytes) -> Step:
    """Both marks of a learner of ours in the host's afternoon session."""

    def step(story: Story) -> None:
        for kind, hour in ((pb.LearnerSignedIn, 7), (pb.LearnerSignedOut, 13)):
            body = kind(session=AFTERNOON, method=FACE)
            story.fact(person, body, cohorts=(COHORT, OTHER), occurred_us=at(hour))

    return step


def planned_make_up(person: bytes) -> Step:
    body = pb.MakeUpScheduled(missed=MORNING, session=AFTERNOON, cohort=OTHER, due_day=20260401)
    return lambda story: story.fact(person, body)


def enrolled_elsewhere(person: bytes) -> Step:
    body = pb.LearnerEnrolled(identity_commitment=b"c" * 32, basis="LOCAL")
    return lambda story: story.decide(
        enrolment(person, OTHER), body, cohorts=(OTHER,), person=person
    )


# A lesson made up in a session of another cohort, and guests from there: their records are read.
hosting: st.SearchStrategy[Step] = st.one_of(
    st.sampled_from(
        [
            at_host(
                pb.SessionScheduled(
                    session=AFTERNOON, start_us=at(8), end_us=at(12), component=OFFLINE
                ),
                7,
            ),
            at_host(pb.SessionStarted(session=AFTERNOON), 8),
            at_host(pb.SessionEnded(session=AFTERNOON), 12),
            lambda story: story.plan(OTHER),
            lambda story: story.plan(),
        ]
    ),
    st.builds(attended_as_guest, people),
    st.builds(planned_make_up, people),
    st.builds(enrolled_elsewhere, people),
    st.builds(lambda person: lambda story: story.enrol(person), people),
    st.builds(guest, people, sessions, st.integers(0, 24 * 60), st.booleans()),
)
hosted = st.one_of(streams, st.lists(hosting, min_size=8, max_size=25))


def told(steps: Sequence[Step], gaps: Sequence[int] = ()) -> list[FedEvent]:
    """A log of these steps: `recorded` never runs backwards, own entries leave gaps."""
    story = Story()
    story.adopt_policy()
    for number, step in enumerate(steps):
        step(story)
        story.next_index += gaps[number % len(gaps)] if gaps else 0
    latest, events = 0, []
    for event, held in story.events:
        latest = max(latest, event.recorded_us)
        events.append((replace(event, recorded_us=latest), held))
    return events


def rebuilt(events: Sequence[FedEvent]) -> ViewReader:
    store = MemoryViews()
    Follower(MemoryFeed(list(events)), store).catch_up()
    return store


def same(replay: ViewReader, tables: ViewReader) -> None:
    for cohort in (COHORT, OTHER):
        # Of the other cohort what the file of ours could ask for: its own document.
        ours, theirs = (reader.get(cohorts.VIEW, [cohort]) for reader in (replay, tables))
        assert {key: encode(row) for key, row in ours.items()} == {
            key: encode(row) for key, row in theirs.items()
        }
    assert read_brief(replay, COHORT) == read_brief(tables, COHORT)
    assert read_cohort_file(replay, COHORT) == read_cohort_file(tables, COHORT)


@settings(max_examples=60)
@given(steps=hosted, gaps=st.lists(st.integers(0, 2), max_size=3))
def test_a_replay_to_any_index_is_what_a_rebuild_up_to_it_gives(
    steps: list[Step], gaps: list[int]
) -> None:
    events = told(steps, gaps)
    history = MemoryHistory(events)
    for below in range(history.size() + 1):
        cut = [fed for fed in events if fed[0].index < below]
        same(CohortReplay(history, COHORT, Until(below)).finish(), rebuilt(cut))


@settings(max_examples=60)
@given(steps=hosted, cuts=st.lists(st.integers(0, 40), max_size=6))
def test_a_replay_that_moves_forward_in_strides_arrives_at_the_same(
    steps: list[Step], cuts: list[int]
) -> None:
    events = told(steps)
    history = MemoryHistory(events)
    replay = CohortReplay(history, COHORT, Until(history.size()))
    for below in sorted(cuts):
        replay.advance(below)
        same(replay, rebuilt([fed for fed in events if fed[0].index < below]))


@settings(max_examples=60)
@given(steps=hosted)
def test_a_recorded_moment_is_the_log_that_it_had(steps: list[Step]) -> None:
    events = told(steps)
    queries = ReplayQueries(MemoryHistory(events))
    for moment in {event.recorded_us + shift for event, _ in events for shift in (-1, 0)}:
        known = [fed for fed in events if fed[0].recorded_us <= moment]
        answer = queries.cohort_file(COHORT, Moment(recorded_us=moment))
        assert answer.value == read_cohort_file(rebuilt(known), COHORT)
        assert answer.as_of_size == len(known)


@settings(max_examples=60)
@given(steps=hosted, below=st.integers(0, 40))
def test_an_occurred_moment_is_a_log_without_what_happened_later(
    steps: list[Step], below: int
) -> None:
    events = told(steps)
    queries = ReplayQueries(MemoryHistory(events))
    below = min(below, len(events))
    for moment in {event.header.occurred_us + shift for event, _ in events for shift in (-1, 0)}:
        known = [
            fed
            for fed in events[:below]
            if not fed[0].header.cohorts or fed[0].header.occurred_us <= moment
        ]
        answer = queries.cohort_file(COHORT, Moment(index=below, occurred_us=moment))
        assert answer.value == read_cohort_file(rebuilt(known), COHORT)


@settings(max_examples=60)
@given(
    steps=streams,
    size=st.integers(1, 40),
    only=st.sampled_from([b"", enrolment(ANNA)]),
)
def test_the_steps_add_up_to_the_file_whatever_the_pages(
    steps: list[Step], size: int, only: bytes
) -> None:
    history = MemoryHistory(told(steps))
    queries = ReplayQueries(history)
    wanted = Steps(enrolment=only)
    rows: list[TimelineStep] = []
    after = b""
    while True:
        page = queries.timeline(COHORT, wanted, after, size)
        rows += page.rows
        after = page.after
        assert len(page.rows) == size or not after
        if not after:
            break
    indexes = [row.event.index for row in rows]
    named = [event.index for event, _ in history.events if COHORT in event.header.cohorts]
    assert indexes == sorted(set(indexes))
    assert indexes == named if not only else set(indexes) <= set(named)
    file = queries.cohort_file(COHORT, Moment()).value
    if file is None:
        return
    stand = {
        (row.enrolment, hours.component): (hours.minutes, hours.credited)
        for row in file.learners
        if not only or row.enrolment == only
        for hours in row.hours
        if hours.minutes or hours.credited
    }
    assert {key: found for key, found in telescoped(rows).items() if any(found)} == stand


def telescoped(rows: Sequence[TimelineStep]) -> dict[tuple[bytes, int], tuple[int, int]]:
    """Where the changes end, after a check that each begins where the one before it ended."""
    stand: dict[tuple[bytes, int], tuple[int, int]] = {}
    for row in rows:
        for change in row.figures:
            key = change.enrolment, change.component
            assert stand.get(key, (0, 0)) == (change.minutes_before, change.hours_before)
            stand[key] = change.minutes_after, change.hours_after
    return stand
