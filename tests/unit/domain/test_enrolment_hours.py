"""From recorded events to hours: which event gives what, and what counts for nothing."""

from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from google.protobuf.message import Message

from ledger.api.v1 import events_pb2 as pb
from ledger.domain.enrolment_hours import learner_hours, marks_and_lessons, taught_sessions
from ledger.domain.holding import CLOCK_TOLERANCE_US
from ledger.domain.hours import ComponentHours, Lesson, Mark, TaughtSession
from ledger.domain.policies import HourComponent, packaged_policies, parse_policy
from ledger.domain.recorded_event import RecordedEvent
from ledger.log.event_reader import read_event

OFFLINE, ONLINE, PRACTICAL = HourComponent
RULES = parse_policy(packaged_policies()["low-voltage-electrician"]).hours
MINUTE = 60_000_000
# 2026-03-15 16:00 UTC is 2026-03-16 00:00 in Shanghai.
MIDNIGHT = int(datetime(2026, 3, 15, 16, tzinfo=UTC).timestamp()) * 1_000_000
COHORT, ENROLMENT, TEACHER = b"c" * 16, b"e" * 16, b"t" * 16
S1, S2 = b"1" * 16, b"2" * 16
FACE = pb.PRESENCE_METHOD_FACE


def at(clock: str) -> int:
    hour, minute = clock.split(":")
    return MIDNIGHT + (int(hour) * 60 + int(minute)) * MINUTE


def recorded(index: int, clock: str, body: Message, *, ahead_us: int = 0) -> RecordedEvent:
    """An event that happened at `clock`, recorded so many microseconds before its own time."""
    kind = type(body).__name__
    learner = kind.startswith(("Learner", "Online"))
    stream = ENROLMENT if learner else COHORT
    header = pb.EventHeader(type=kind, stream=stream, cohorts=[COHORT], occurred_us=at(clock))
    # Generated messages obey the protocol of RecordedEvent, but their stubs do not declare it.
    fields: tuple[Any, Any] = header, body
    return RecordedEvent(index, index + 1, kind, stream, at(clock) - ahead_us, *fields)


def scheduled(
    session: bytes, component: pb.HourComponent.ValueType = pb.HOUR_COMPONENT_THEORY_OFFLINE
) -> pb.SessionScheduled:
    return pb.SessionScheduled(
        session=session,
        start_us=at("08:30"),
        end_us=at("12:00"),
        component=component,
        room="R-201",
        teacher=TEACHER,
    )


def started(session: bytes) -> pb.SessionStarted:
    return pb.SessionStarted(session=session, present=37)


def ended(session: bytes, breaks: int = 0) -> pb.SessionEnded:
    return pb.SessionEnded(session=session, break_minutes=breaks)


def signed_in(session: bytes) -> pb.LearnerSignedIn:
    return pb.LearnerSignedIn(session=session, method=FACE)


def signed_out(session: bytes) -> pb.LearnerSignedOut:
    return pb.LearnerSignedOut(session=session, method=FACE)


def lesson(code: str, clock: str, minutes: int) -> pb.OnlineLessonCompleted:
    return pb.OnlineLessonCompleted(lesson=code, started_us=at(clock), watched_minutes=minutes)


COHORT_EVENTS = (
    recorded(5, "07:00", pb.CohortPlanned(trade="2010-1.2")),
    recorded(10, "07:30", scheduled(S1)),
    recorded(11, "07:31", scheduled(S2, pb.HOUR_COMPONENT_PRACTICAL)),
    recorded(13, "08:32", started(S1)),
    recorded(20, "12:00", ended(S1, 30)),
    recorded(24, "13:30", started(S2)),
    recorded(30, "15:00", ended(S2)),
)
ENROLMENT_EVENTS = (
    recorded(6, "07:05", pb.LearnerEnrolled(basis="LOCAL-EMPLOYMENT")),
    recorded(12, "08:22", signed_in(S1)),
    recorded(21, "12:02", signed_out(S1)),
    recorded(23, "13:25", signed_in(S2)),
    recorded(31, "15:01", signed_out(S2)),
    recorded(40, "20:31", lesson("LV-ON-01", "20:00", 31)),
    recorded(41, "20:40", signed_in(S2)),
)


def test_a_day_of_one_learner() -> None:
    result = learner_hours(COHORT_EVENTS, ENROLMENT_EVENTS, RULES)
    assert result.components == (
        # Taught from 08:32 as started, not 08:30 as planned: 208 - 30 = 178; 178 // 45 = 3
        ComponentHours(OFFLINE, 178, 3, (10, 12, 13, 20, 21)),
        # 31 // 30 = 1
        ComponentHours(ONLINE, 31, 1, (40,)),
        # 13:30-15:00 is 90; 90 // 45 = 2
        ComponentHours(PRACTICAL, 90, 2, (11, 23, 24, 30, 31)),
    )
    assert result.open_sign_ins == (41,)
    assert [(row.component, row.credited) for row in result.shortfalls] == [
        ("theory_offline", 3),
        ("theory", 4),
        ("practical", 2),
    ]


def test_the_pieces_of_that_day() -> None:
    assert taught_sessions(COHORT_EVENTS) == (
        TaughtSession(S1, OFFLINE, at("08:32"), at("12:00"), 30, (10, 13, 20)),
        TaughtSession(S2, PRACTICAL, at("13:30"), at("15:00"), 0, (11, 24, 30)),
    )
    marks, lessons = marks_and_lessons(ENROLMENT_EVENTS)
    assert marks == (
        Mark(S1, at("08:22"), True, 12),
        Mark(S1, at("12:02"), False, 21),
        Mark(S2, at("13:25"), True, 23),
        Mark(S2, at("15:01"), False, 31),
        Mark(S2, at("20:40"), True, 41),
    )
    # The start is the body's, not the time at which the platform reported.
    assert lessons == (Lesson("LV-ON-01", at("20:00"), 31, 40),)


@pytest.mark.parametrize("seed", range(5))
def test_the_order_in_which_events_are_given_is_irrelevant(seed: int) -> None:
    cohort, enrolment = list(COHORT_EVENTS), list(ENROLMENT_EVENTS)
    Random(seed).shuffle(cohort)
    Random(seed).shuffle(enrolment)
    assert taught_sessions(cohort) == taught_sessions(COHORT_EVENTS)
    assert marks_and_lessons(enrolment) == marks_and_lessons(ENROLMENT_EVENTS)


def test_records_of_the_offline_reader_give_the_same() -> None:
    cohort, enrolment = map(_reread, COHORT_EVENTS), map(_reread, ENROLMENT_EVENTS)
    assert learner_hours(cohort, enrolment, RULES) == learner_hours(
        COHORT_EVENTS, ENROLMENT_EVENTS, RULES
    )


def _reread(event: RecordedEvent) -> RecordedEvent:
    """The same event with header and body read from bytes, as the offline tools have them."""
    whole: Any = pb.TrainingEvent()
    whole.header.CopyFrom(event.header)
    field = "".join("_" + c.lower() if c.isupper() else c for c in event.type).lstrip("_")
    getattr(whole, field).CopyFrom(event.body)
    read = read_event(whole.SerializeToString())
    return replace(event, type=read.type, header=read.header, body=read.body)


@pytest.mark.parametrize("missing", range(3))
def test_a_session_needs_timetable_start_and_end(missing: int) -> None:
    events = [
        recorded(1, "07:30", scheduled(S1)),
        recorded(2, "08:30", started(S1)),
        recorded(3, "12:00", ended(S1)),
    ]
    assert len(taught_sessions(events)) == 1
    del events[missing]
    assert taught_sessions(events) == ()


def test_start_and_end_of_different_sessions_make_none() -> None:
    events = [
        recorded(1, "07:30", scheduled(S1)),
        recorded(2, "07:30", scheduled(S2)),
        recorded(3, "08:30", started(S1)),
        recorded(4, "12:00", ended(S2)),
    ]
    assert taught_sessions(events) == ()


def test_the_latest_timetable_and_the_first_start_and_end_count() -> None:
    events = [
        recorded(1, "07:30", scheduled(S1)),
        recorded(2, "08:30", started(S1)),
        recorded(3, "12:00", ended(S1, 30)),
        # Recorded later: another component counts, other times do not.
        recorded(4, "07:00", scheduled(S1, pb.HOUR_COMPONENT_PRACTICAL)),
        recorded(5, "08:00", started(S1)),
        recorded(6, "12:30", ended(S1, 10)),
        recorded(7, "11:00", ended(S1, 10)),
    ]
    assert taught_sessions(events) == (
        TaughtSession(S1, PRACTICAL, at("08:30"), at("12:00"), 30, (4, 2, 3)),
    )


def test_an_end_that_is_recorded_before_its_start_counts() -> None:
    events = [
        recorded(1, "12:00", ended(S1)),
        recorded(2, "08:30", started(S1)),
        recorded(3, "07:30", scheduled(S1)),
    ]
    assert taught_sessions(events) == (
        TaughtSession(S1, OFFLINE, at("08:30"), at("12:00"), 0, (3, 2, 1)),
    )


@pytest.mark.parametrize("end", ["08:30", "08:29"])
def test_a_session_that_ended_not_after_its_start_was_not_taught(end: str) -> None:
    events = [
        recorded(1, "07:30", scheduled(S1)),
        recorded(2, "08:30", started(S1)),
        recorded(3, end, ended(S1)),
    ]
    assert taught_sessions(events) == ()
    # An end after the start, recorded later, is the first that is one.
    events.append(recorded(4, "08:31", ended(S1)))
    assert [taught.events for taught in taught_sessions(events)] == [(1, 2, 4)]


def test_a_component_that_is_none_makes_no_session() -> None:
    events = [
        recorded(1, "07:30", scheduled(S1, pb.HOUR_COMPONENT_UNSPECIFIED)),
        recorded(2, "08:30", started(S1)),
        recorded(3, "12:00", ended(S1)),
    ]
    assert taught_sessions(events) == ()


@pytest.mark.parametrize("position", [1, 3, 4])
def test_a_session_event_whose_clock_is_ahead_counts_for_nothing(position: int) -> None:
    # Positions of timetable, start and end of session 1.
    events = list(COHORT_EVENTS)
    event = events[position]
    events[position] = _with_clock_ahead(event, CLOCK_TOLERANCE_US)
    assert taught_sessions(events) == taught_sessions(COHORT_EVENTS)
    events[position] = _with_clock_ahead(event, CLOCK_TOLERANCE_US + 1)
    assert [taught.session for taught in taught_sessions(events)] == [S2]


def test_a_timetable_whose_clock_is_ahead_does_not_replace_the_one_before() -> None:
    later = recorded(
        50, "15:00", scheduled(S1, pb.HOUR_COMPONENT_PRACTICAL), ahead_us=CLOCK_TOLERANCE_US + 1
    )
    assert taught_sessions((*COHORT_EVENTS, later)) == taught_sessions(COHORT_EVENTS)


def test_learner_events_whose_clock_is_ahead_count_for_nothing() -> None:
    at_the_limit = [_with_clock_ahead(event, CLOCK_TOLERANCE_US) for event in ENROLMENT_EVENTS]
    assert marks_and_lessons(at_the_limit) == marks_and_lessons(ENROLMENT_EVENTS)
    beyond = [_with_clock_ahead(event, CLOCK_TOLERANCE_US + 1) for event in ENROLMENT_EVENTS]
    assert marks_and_lessons(beyond) == ((), ())
    result = learner_hours(COHORT_EVENTS, beyond, RULES)
    assert (result.total, result.open_sign_ins) == (0, ())


def _with_clock_ahead(event: RecordedEvent, ahead_us: int) -> RecordedEvent:
    return replace(event, recorded_us=event.header.occurred_us - ahead_us)


def test_facts_recorded_before_the_enrolment_count_once_it_is_there() -> None:
    # The terminal's backlog came first: LearnerEnrolled has the highest index of the stream.
    late = recorded(60, "16:00", pb.LearnerEnrolled(basis="LOCAL-EMPLOYMENT"))
    events = (*ENROLMENT_EVENTS[1:], late)
    assert learner_hours(COHORT_EVENTS, events, RULES) == learner_hours(
        COHORT_EVENTS, ENROLMENT_EVENTS, RULES
    )


def test_nothing_recorded_gives_nothing() -> None:
    assert taught_sessions(()) == ()
    assert marks_and_lessons(()) == ((), ())
    assert learner_hours((), (), RULES).total == 0
