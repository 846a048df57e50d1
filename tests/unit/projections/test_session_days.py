"""Sessions by day: timetable, teacher, course, presence, recordings, corrections and voidings."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from google.protobuf.message import Message

from ledger.api.v1 import events_pb2 as pb
from ledger.domain.recorded_event import RecordedEvent
from projections.follower import Follower
from projections.ports import FedEvent
from projections.shanghai_days import day_of, day_start_us
from projections.supervision_queries import SupervisionQueries
from projections.supervision_records import DaySession
from tests.unit.projections.memory import MemoryFeed, MemoryViews
from tests.unit.projections.story import (
    AFTERNOON,
    ANNA,
    BENNO,
    COHORT,
    INSTITUTION,
    MIDNIGHT,
    MINUTE,
    MORNING,
    OFFLINE,
    TEACHER,
    Story,
    at,
)

FACE = pb.PRESENCE_METHOD_FACE
OTHER_TEACHER = UUID(int=0x7F).bytes
TODAY, TOMORROW = 20260316, 20260317


def asked(events: Sequence[FedEvent]) -> SupervisionQueries:
    store = MemoryViews()
    Follower(MemoryFeed(list(events)), store).catch_up()
    return SupervisionQueries(store)


def on(story: Story, day: int = TODAY) -> tuple[DaySession, ...]:
    return asked(story.events).sessions(day, b"", 100).rows


def only(story: Story, day: int = TODAY) -> DaySession:
    (row,) = on(story, day)
    return row


def planned() -> Story:
    story = Story()
    story.institution(INSTITUTION, "东区培训中心")
    story.plan()
    return story


def schedule(story: Story, session: bytes = MORNING, hour: int = 8) -> RecordedEvent:
    body = pb.SessionScheduled(
        session=session,
        start_us=at(hour),
        end_us=at(hour + 4),
        component=pb.HOUR_COMPONENT_PRACTICAL,
        room="R-201",
        teacher=TEACHER,
    )
    return story.cohort_fact(body)


def reschedule(story: Story, start_us: int, teacher: bytes = TEACHER) -> RecordedEvent:
    body = pb.SessionRescheduled(
        session=MORNING,
        start_us=start_us,
        end_us=start_us + 240 * MINUTE,
        room="R-305",
        teacher=teacher,
        reason="ROOM-TAKEN",
    )
    return story.cohort_fact(body)


def fact(story: Story, body: Message, occurred_us: int) -> RecordedEvent:
    return story.cohort_fact(body, occurred_us=occurred_us)


def void(story: Story, event: RecordedEvent) -> None:
    body = pb.CohortEventVoided(target=event.header.event_id, reason="WRONG-SESSION")
    story.cohort_fact(body)


def correct(
    story: Story,
    event: RecordedEvent,
    field: pb.CorrectedField.ValueType,
    *,
    number: int = 0,
    id_: bytes = b"",
) -> None:
    target = event.header.event_id
    body = pb.CohortRecordCorrected(
        target=target, field=field, number=number, id=id_, reason="TYPING"
    )
    story.cohort_fact(body)


def test_a_planned_session_shows_its_timetable_under_its_day() -> None:
    story = planned()
    schedule(story)
    row = only(story)
    assert (row.session, row.cohort, row.cohort_number) == (MORNING, COHORT, "2026-017")
    assert (row.institution, row.institution_name) == (INSTITUTION, "东区培训中心")
    assert (row.area, row.trade_name) == ("320599", "低压电工作业")
    assert row.shown == {
        "component": 3,
        "room": "R-201",
        "teacher": TEACHER.hex(),
        "planned_start_us": at(8),
        "planned_end_us": at(12),
        "rescheduled": 0,
        "cancelled": False,
        "state": "planned",
        "started_us": 0,
        "interrupted_us": 0,
        "ended_us": 0,
        "teachers_signed_in": [],
        "recordings": 0,
        "recording_per_mille": 0,
    }
    assert on(story, TOMORROW) == ()


def test_a_day_is_one_of_shanghai() -> None:
    assert day_start_us(TODAY) == MIDNIGHT
    assert (day_of(MIDNIGHT - 1), day_of(MIDNIGHT)) == (20260315, TODAY)
    with pytest.raises(ValueError, match="day"):
        day_start_us(20260229)


def test_a_rescheduled_session_moves_to_its_new_day_and_leaves_the_old() -> None:
    story = planned()
    schedule(story)
    reschedule(story, at(9, day=1), OTHER_TEACHER)
    assert on(story) == ()
    row = only(story, TOMORROW)
    assert (row.shown["planned_start_us"], row.shown["room"]) == (at(9, day=1), "R-305")
    assert (row.shown["teacher"], row.shown["component"]) == (OTHER_TEACHER.hex(), 3)
    assert row.shown["rescheduled"] == 1


def test_a_voided_rescheduling_moves_the_session_back() -> None:
    story = planned()
    schedule(story)
    void(story, reschedule(story, at(9, day=1)))
    assert on(story, TOMORROW) == ()
    assert (only(story).shown["room"], only(story).shown["rescheduled"]) == ("R-201", 0)


def test_the_last_of_timetable_and_substitution_names_the_teacher() -> None:
    story = planned()
    schedule(story)
    fact(
        story,
        pb.TeacherSubstituted(session=MORNING, teacher=OTHER_TEACHER, reason="ILLNESS"),
        at(7),
    )
    assert only(story).shown["teacher"] == OTHER_TEACHER.hex()
    reschedule(story, at(9))
    assert only(story).shown["teacher"] == TEACHER.hex()


def test_a_session_is_cancelled_until_the_timetable_names_it_again() -> None:
    story = planned()
    schedule(story)
    fact(story, pb.SessionCancelled(session=MORNING, reason="FLOOD"), at(7))
    assert (only(story).shown["state"], only(story).shown["cancelled"]) == ("cancelled", True)
    reschedule(story, at(14))
    assert (only(story).shown["state"], only(story).shown["cancelled"]) == ("planned", False)


def test_a_cancelled_session_that_is_held_all_the_same_shows_both() -> None:
    story = planned()
    schedule(story)
    fact(story, pb.SessionCancelled(session=MORNING, reason="FLOOD"), at(7))
    fact(story, pb.SessionStarted(session=MORNING, present=9), at(8))
    assert (only(story).shown["state"], only(story).shown["cancelled"]) == ("started", True)


def test_a_session_is_started_interrupted_resumed_and_ended() -> None:
    story = planned()
    schedule(story)
    states = []
    for body, hour in (
        (pb.SessionStarted(session=MORNING, present=9), 8),
        (pb.SessionInterrupted(session=MORNING, reason="POWER"), 9),
        (pb.SessionResumed(session=MORNING), 10),
        (pb.SessionEnded(session=MORNING), 12),
    ):
        fact(story, body, at(hour))
        shown = only(story).shown
        states.append((shown["state"], shown["interrupted_us"]))
    assert states == [("started", 0), ("interrupted", at(9)), ("started", 0), ("ended", 0)]
    assert (only(story).shown["started_us"], only(story).shown["ended_us"]) == (at(8), at(12))


def test_the_recording_is_measured_over_the_taught_time() -> None:
    story = planned()
    schedule(story)
    fact(story, pb.SessionStarted(session=MORNING, present=9), at(8))
    stored = pb.SessionRecordingStored(
        session=MORNING,
        channel="CAM-1",
        from_us=at(9),
        to_us=at(13),
        recording_digest=b"r" * 32,
        gap_seconds=720,
    )
    fact(story, stored, at(13))
    assert (only(story).shown["recordings"], only(story).shown["recording_per_mille"]) == (1, 0)
    fact(story, pb.SessionEnded(session=MORNING), at(12))
    # 180 of 240 minutes less 12: 168 / 240.
    assert only(story).shown["recording_per_mille"] == 700
    fact(story, pb.SessionInterrupted(session=MORNING, reason="POWER"), at(8))
    fact(story, pb.SessionResumed(session=MORNING), at(9))
    # Taught were 180 minutes only: 168 / 180 = 0.9333.
    assert only(story).shown["recording_per_mille"] == 933


def test_teachers_who_sign_in_are_named_once_each_in_order() -> None:
    story = planned()
    schedule(story)
    for teacher in (OTHER_TEACHER, TEACHER, OTHER_TEACHER):
        body = pb.TeacherSignedIn(session=MORNING, teacher=teacher, method=FACE)
        fact(story, body, at(7, 50))
    assert only(story).shown["teachers_signed_in"] == [OTHER_TEACHER.hex(), TEACHER.hex()]


def test_a_correction_moves_time_teacher_or_session_of_a_fact() -> None:
    story = planned()
    schedule(story)
    schedule(story, AFTERNOON, 14)
    start = fact(story, pb.SessionStarted(session=MORNING, present=9), at(8))
    correct(story, start, pb.CORRECTED_FIELD_OCCURRED, number=at(8, 15))
    assert on(story)[0].shown["started_us"] == at(8, 15)
    signed = pb.TeacherSignedIn(session=MORNING, teacher=OTHER_TEACHER, method=FACE)
    event = fact(story, signed, at(7, 50))
    correct(story, event, pb.CORRECTED_FIELD_TEACHER, id_=TEACHER)
    assert on(story)[0].shown["teachers_signed_in"] == [TEACHER.hex()]
    correct(story, event, pb.CORRECTED_FIELD_SESSION, id_=AFTERNOON)
    assert [row.shown["teachers_signed_in"] for row in on(story)] == [[], [TEACHER.hex()]]
    # What is of no concern here changes nothing.
    correct(story, start, pb.CORRECTED_FIELD_MINUTES, number=3)
    assert on(story)[0].shown["started_us"] == at(8, 15)


def test_a_repair_that_comes_before_its_target_waits_for_it() -> None:
    story = planned()
    schedule(story)
    later = story.next_index + 1
    body = pb.CohortEventVoided(target=later.to_bytes(16, "big"), reason="WRONG-SESSION")
    story.cohort_fact(body)
    start = fact(story, pb.SessionStarted(session=MORNING, present=9), at(8))
    assert start.index == later
    assert only(story).shown["started_us"] == 0


def test_a_session_all_of_whose_facts_are_void_is_gone() -> None:
    story = planned()
    void(story, schedule(story))
    assert on(story) == ()


def test_a_session_outside_of_the_timetable_stands_under_the_day_it_was_held() -> None:
    story = planned()
    body = pb.TeacherSignedIn(session=MORNING, teacher=TEACHER, method=FACE)
    fact(story, body, at(7))
    assert on(story) == ()
    fact(story, pb.SessionStarted(session=MORNING, present=9), at(8))
    row = only(story)
    assert (row.shown["planned_start_us"], row.shown["component"]) == (0, 0)
    assert row.shown["teachers_signed_in"] == [TEACHER.hex()]


def test_what_a_wrong_clock_dated_is_not_shown() -> None:
    story = planned()
    schedule(story)
    started = pb.SessionStarted(session=MORNING, present=9)
    story.cohort_fact(started, occurred_us=at(9), recorded_us=at(8))
    assert only(story).shown["state"] == "planned"


def test_learners_count_once_and_only_when_they_are_enrolled() -> None:
    story = planned()
    story.session(MORNING, at(8), at(12), component=OFFLINE)
    story.attend(ANNA, MORNING, at(8), at(10))
    story.attend(ANNA, MORNING, at(10, 10), at(12))
    story.attend(BENNO, AFTERNOON, at(14), at(16))
    assert only(story).signed_in == 0
    story.enrol(ANNA)
    assert only(story).signed_in == 1
    story.enrol(BENNO)
    assert only(story).signed_in == 1


def test_a_voided_or_moved_sign_in_counts_no_longer() -> None:
    story = planned()
    schedule(story)
    schedule(story, AFTERNOON, 14)
    for person in (ANNA, BENNO):
        story.enrol(person)
    signed = [
        story.fact(person, pb.LearnerSignedIn(session=MORNING, method=FACE))
        for person in (ANNA, BENNO)
    ]
    assert [row.signed_in for row in on(story)] == [2, 0]
    target = signed[0].header.event_id
    story.fact(ANNA, pb.EventVoided(target=target, reason="WRONG-LEARNER"))
    # Of another stream, so it reaches nothing.
    story.fact(ANNA, pb.EventVoided(target=signed[1].header.event_id, reason="WRONG-LEARNER"))
    assert [row.signed_in for row in on(story)] == [1, 0]
    moved = pb.RecordCorrected(
        target=signed[1].header.event_id,
        field=pb.CORRECTED_FIELD_SESSION,
        id=AFTERNOON,
        reason="TYPING",
    )
    story.fact(BENNO, moved)
    assert [row.signed_in for row in on(story)] == [0, 1]


def test_spot_checks_count_learners_present_and_absent() -> None:
    story = planned()
    schedule(story)
    for person in (ANNA, BENNO):
        story.enrol(person)
    for person, present in ((ANNA, True), (BENNO, True), (BENNO, False), (BENNO, False)):
        body = pb.PresenceSpotChecked(session=MORNING, present=present, method=FACE)
        story.fact(person, body)
    row = only(story)
    assert (row.checked_present, row.checked_absent, row.signed_in) == (2, 1, 0)


def test_a_guest_counts_in_the_session_of_the_host() -> None:
    story, home = planned(), UUID(int=0xC1).bytes
    schedule(story)
    story.plan(home)
    body = pb.LearnerEnrolled(identity_commitment=b"c" * 32, basis="LOCAL")
    stream = UUID(int=0xE1).bytes
    story.decide(stream, body, cohorts=(home,), person=ANNA)
    sign_in = pb.LearnerSignedIn(session=MORNING, method=FACE)
    story.tell(stream, sign_in, cohorts=(home, COHORT), person=ANNA)
    assert only(story).signed_in == 1


def test_a_day_is_listed_by_start_and_in_pages() -> None:
    story = planned()
    schedule(story, AFTERNOON, 14)
    schedule(story, MORNING, 8)
    queries = asked(story.events)
    first = queries.sessions(TODAY, b"", 1)
    second = queries.sessions(TODAY, first.after, 1)
    assert [row.session for row in (*first.rows, *second.rows)] == [MORNING, AFTERNOON]
    assert (second.after, first.as_of_size) == (b"", 4)


def test_the_same_session_id_in_two_cohorts_is_two_sessions() -> None:
    story, other = planned(), UUID(int=0xC1).bytes
    schedule(story)
    story.plan(other, institution=UUID(int=9).bytes)
    started = pb.SessionStarted(session=MORNING, present=9)
    story.tell(other, started, cohorts=(other,), occurred_us=at(9))
    assert [(row.cohort, row.shown["state"]) for row in on(story)] == [
        (COHORT, "planned"),
        (other, "started"),
    ]
