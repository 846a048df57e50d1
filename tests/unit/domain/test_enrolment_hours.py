"""From recorded events to hours: which event gives what, and what counts for nothing."""

from collections.abc import Iterable
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from ledger.api.v1 import events_pb2 as pb
from ledger.domain.enrolment_hours import (
    cohort_record,
    cohort_records,
    enrolment_record,
    learner_hours,
)
from ledger.domain.holding import CLOCK_AHEAD, CLOCK_TOLERANCE_US
from ledger.domain.hours import ComponentHours, LearnerHours, TaughtSession
from ledger.domain.policies import parse_policy
from ledger.domain.recorded_event import RecordedEvent
from ledger.log.event_reader import read_event
from tests.unit.domain.facts import (
    COHORT,
    PRACTICE,
    S1,
    S2,
    ended,
    fact,
    lesson,
    scheduled,
    signed_in,
    signed_out,
    started,
)
from tests.unit.domain.learner_days import ELECTRICIAN, OFFLINE, ONLINE, PRACTICAL, at

POLICY = parse_policy(ELECTRICIAN)
COHORT_EVENTS = (
    fact(5, "07:00", pb.CohortPlanned(trade="2010-1.2")),
    fact(10, "07:30", scheduled(S1)),
    fact(11, "07:31", scheduled(S2, component=PRACTICE)),
    fact(13, "08:32", started(S1)),
    fact(20, "12:00", ended(S1, 30)),
    fact(24, "13:30", started(S2)),
    fact(30, "15:00", ended(S2)),
)
ENROLMENT_EVENTS = (
    fact(6, "07:05", pb.LearnerEnrolled(basis="LOCAL-EMPLOYMENT")),
    fact(12, "08:22", signed_in(S1)),
    fact(21, "12:02", signed_out(S1)),
    fact(23, "13:25", signed_in(S2)),
    fact(31, "15:01", signed_out(S2)),
    fact(40, "20:31", lesson("LV-ON-01", "20:00", 31)),
    fact(41, "20:40", signed_in(S2)),
)


def hours_of(cohort: Iterable[RecordedEvent], enrolment: Iterable[RecordedEvent]) -> LearnerHours:
    cohorts = cohort_records(cohort, COHORT, POLICY)
    records = enrolment_record(enrolment, cohorts, POLICY)
    return learner_hours(cohorts, records.counted, POLICY)


def taught(events: Iterable[RecordedEvent]) -> tuple[TaughtSession, ...]:
    held = cohort_record(COHORT, events, POLICY).taught.values()
    return tuple(sorted(held, key=lambda each: each.start_us))


def counted(events: Iterable[RecordedEvent]) -> list[int]:
    """Log indices of what counts of an enrolment without any cohort."""
    return [each.event.index for each in enrolment_record(events, (), POLICY).counted]


def test_a_day_of_one_learner() -> None:
    result = hours_of(COHORT_EVENTS, ENROLMENT_EVENTS)
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
    assert taught(COHORT_EVENTS) == (
        TaughtSession(S1, OFFLINE, at("08:32"), at("12:00"), 30, (10, 13, 20)),
        TaughtSession(S2, PRACTICAL, at("13:30"), at("15:00"), 0, (11, 24, 30)),
    )
    record = enrolment_record(ENROLMENT_EVENTS, (), POLICY)
    assert [(each.event.index, each.at_us) for each in record.counted] == [
        (6, at("07:05")),
        (12, at("08:22")),
        (21, at("12:02")),
        (23, at("13:25")),
        (31, at("15:01")),
        (40, at("20:31")),
        (41, at("20:40")),
    ]
    assert (record.held, record.voided, record.amended) == ({}, frozenset(), frozenset())


def test_a_lesson_belongs_to_the_day_it_started_not_to_the_platforms_report() -> None:
    late = fact(41, "00:10", lesson("LV-ON-02", "23:50", 15), day=1)
    evening = fact(40, "20:20", lesson("LV-ON-01", "20:00", 15))
    # 15 + 15 = 30 minutes of one day: 1 hour; on two days they would be none.
    assert hours_of((), (evening, late)).hours(ONLINE) == 1
    next_day = fact(41, "00:25", lesson("LV-ON-02", "00:10", 15, day=1), day=1)
    assert hours_of((), (evening, next_day)).hours(ONLINE) == 0


@pytest.mark.parametrize("seed", range(5))
def test_the_order_in_which_events_are_given_is_irrelevant(seed: int) -> None:
    cohort, enrolment = list(COHORT_EVENTS), list(ENROLMENT_EVENTS)
    Random(seed).shuffle(cohort)
    Random(seed).shuffle(enrolment)
    assert taught(cohort) == taught(COHORT_EVENTS)
    assert counted(enrolment) == counted(ENROLMENT_EVENTS)
    assert hours_of(cohort, enrolment) == hours_of(COHORT_EVENTS, ENROLMENT_EVENTS)


def test_records_of_the_offline_reader_give_the_same() -> None:
    cohort, enrolment = map(_reread, COHORT_EVENTS), map(_reread, ENROLMENT_EVENTS)
    assert hours_of(cohort, enrolment) == hours_of(COHORT_EVENTS, ENROLMENT_EVENTS)


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
        fact(1, "07:30", scheduled(S1)),
        fact(2, "08:30", started(S1)),
        fact(3, "12:00", ended(S1)),
    ]
    assert len(taught(events)) == 1
    del events[missing]
    assert taught(events) == ()


def test_start_and_end_of_different_sessions_make_none() -> None:
    events = [
        fact(1, "07:30", scheduled(S1)),
        fact(2, "07:30", scheduled(S2)),
        fact(3, "08:30", started(S1)),
        fact(4, "12:00", ended(S2)),
    ]
    assert taught(events) == ()


def test_a_sessions_facts_in_another_cohorts_stream_are_not_this_cohorts() -> None:
    foreign = [replace(event, stream=b"x" * 16) for event in COHORT_EVENTS]
    assert taught(foreign) == ()


def test_latest_and_earliest_go_by_when_things_happened_not_by_the_log() -> None:
    events = [
        fact(1, "07:30", scheduled(S1)),
        fact(2, "08:30", started(S1)),
        fact(3, "12:00", ended(S1, 30)),
        # Recorded later, but written, started and ended before.
        fact(4, "07:00", scheduled(S1, component=PRACTICE)),
        fact(5, "08:00", started(S1)),
        fact(6, "12:30", ended(S1, 20)),
        fact(7, "11:00", ended(S1, 10)),
    ]
    assert taught(events) == (TaughtSession(S1, OFFLINE, at("08:00"), at("11:00"), 10, (1, 5, 7)),)
    later = fact(8, "07:31", scheduled(S1, component=PRACTICE))
    assert taught([*events, later]) == (
        TaughtSession(S1, PRACTICAL, at("08:00"), at("11:00"), 10, (8, 5, 7)),
    )


def test_an_end_that_is_recorded_before_its_start_counts() -> None:
    events = [
        fact(1, "12:00", ended(S1)),
        fact(2, "08:30", started(S1)),
        fact(3, "07:30", scheduled(S1)),
    ]
    assert taught(events) == (TaughtSession(S1, OFFLINE, at("08:30"), at("12:00"), 0, (3, 2, 1)),)


@pytest.mark.parametrize("end", ["08:30", "08:29"])
def test_a_session_that_ended_not_after_its_start_was_not_taught(end: str) -> None:
    events = [
        fact(1, "07:30", scheduled(S1)),
        fact(2, "08:30", started(S1)),
        fact(3, end, ended(S1)),
    ]
    assert taught(events) == ()
    # An end after the start, recorded later, is the first that is one.
    events.append(fact(4, "08:31", ended(S1)))
    assert [each.events for each in taught(events)] == [(1, 2, 4)]


def test_a_component_that_is_none_makes_no_session() -> None:
    events = [
        fact(1, "07:30", scheduled(S1, component=pb.HOUR_COMPONENT_UNSPECIFIED)),
        fact(2, "08:30", started(S1)),
        fact(3, "12:00", ended(S1)),
    ]
    assert taught(events) == ()


@pytest.mark.parametrize("position", [1, 3, 4])
def test_a_session_event_whose_clock_is_ahead_counts_for_nothing(position: int) -> None:
    # Positions of timetable, start and end of session 1.
    events = list(COHORT_EVENTS)
    event = events[position]
    events[position] = _with_clock_ahead(event, CLOCK_TOLERANCE_US)
    assert taught(events) == taught(COHORT_EVENTS)
    events[position] = _with_clock_ahead(event, CLOCK_TOLERANCE_US + 1)
    assert [each.session for each in taught(events)] == [S2]
    assert cohort_record(COHORT, events, POLICY).record.held == {event.index: CLOCK_AHEAD}


def test_a_timetable_whose_clock_is_ahead_does_not_replace_the_one_before() -> None:
    later = fact(50, "15:00", scheduled(S1, component=PRACTICE))
    assert [each.component for each in taught((*COHORT_EVENTS, later))] == [PRACTICAL, PRACTICAL]
    ahead = _with_clock_ahead(later, CLOCK_TOLERANCE_US + 1)
    assert taught((*COHORT_EVENTS, ahead)) == taught(COHORT_EVENTS)


def test_learner_events_whose_clock_is_ahead_count_for_nothing() -> None:
    at_the_limit = [_with_clock_ahead(event, CLOCK_TOLERANCE_US) for event in ENROLMENT_EVENTS]
    assert counted(at_the_limit) == counted(ENROLMENT_EVENTS)
    beyond = [_with_clock_ahead(event, CLOCK_TOLERANCE_US + 1) for event in ENROLMENT_EVENTS]
    # The enrolment itself is a decision: it counts whatever its clock said.
    assert counted(beyond) == [6]
    result = hours_of(COHORT_EVENTS, beyond)
    assert (result.total, result.open_sign_ins) == (0, ())


def _with_clock_ahead(event: RecordedEvent, ahead_us: int) -> RecordedEvent:
    return replace(event, recorded_us=event.header.occurred_us - ahead_us)


def test_facts_recorded_before_the_enrolment_count_once_it_is_there() -> None:
    # The terminal's backlog came first: LearnerEnrolled has the highest index of the stream.
    late = fact(60, "16:00", pb.LearnerEnrolled(basis="LOCAL-EMPLOYMENT"))
    events = (*ENROLMENT_EVENTS[1:], late)
    assert hours_of(COHORT_EVENTS, events) == hours_of(COHORT_EVENTS, ENROLMENT_EVENTS)


def test_nothing_recorded_gives_nothing() -> None:
    assert taught(()) == ()
    assert counted(()) == []
    assert hours_of((), ()).total == 0
