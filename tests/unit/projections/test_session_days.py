"""Sessions by day: timetable, teacher, course, presence, recordings."""

from uuid import UUID

import pytest

from ledger.api.v1 import events_pb2 as pb
from projections.shanghai_days import day_of, day_start_us
from tests.unit.projections.days import (
    FACE,
    OTHER_TEACHER,
    TODAY,
    TOMORROW,
    asked,
    fact,
    on,
    only,
    planned,
    reschedule,
    schedule,
    void,
)
from tests.unit.projections.story import (
    AFTERNOON,
    ANNA,
    BENNO,
    CHIEF,
    CLERK,
    COHORT,
    INSTITUTION,
    MIDNIGHT,
    MORNING,
    OFFLINE,
    TEACHER,
    at,
    enrolment,
)


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
        "teacher_in_us": 0,
        "teacher_out_us": 0,
        "unlisted": [],
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


def test_the_timetable_is_the_latest_by_when_it_was_written() -> None:
    story = planned()
    later = pb.SessionRescheduled(session=MORNING, start_us=at(9, day=1), end_us=at(12, day=1))
    fact(story, later, at(7, day=-1))
    scheduled = pb.SessionScheduled(
        session=MORNING,
        start_us=at(8),
        end_us=at(12),
        component=pb.HOUR_COMPONENT_PRACTICAL,
    )
    fact(story, scheduled, at(6, day=-1))
    assert on(story) == ()
    row = only(story, TOMORROW)
    assert (row.shown["planned_start_us"], row.shown["component"]) == (at(9, day=1), 3)


def test_the_last_of_timetable_and_substitution_names_the_teacher() -> None:
    story = planned()
    schedule(story)
    fact(
        story,
        pb.TeacherSubstituted(session=MORNING, teacher=OTHER_TEACHER, reason="ILLNESS"),
        at(8, 30),
    )
    assert only(story).shown["teacher"] == OTHER_TEACHER.hex()
    # Written before the substitution, recorded behind it.
    reschedule(story, at(9), written_us=at(8, 15))
    assert only(story).shown["teacher"] == OTHER_TEACHER.hex()
    reschedule(story, at(9), written_us=at(8, 45))
    assert only(story).shown["teacher"] == TEACHER.hex()


def test_a_session_is_cancelled_until_that_is_voided_whatever_the_timetable_says() -> None:
    story = planned()
    schedule(story)
    cancelled = fact(story, pb.SessionCancelled(session=MORNING, reason="FLOOD"), at(7))
    assert (only(story).shown["state"], only(story).shown["cancelled"]) == ("cancelled", True)
    reschedule(story, at(14))
    assert (only(story).shown["state"], only(story).shown["cancelled"]) == ("cancelled", True)
    void(story, cancelled)
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


def test_the_earliest_start_and_the_earliest_end_after_it_count_in_any_order() -> None:
    story = planned()
    schedule(story)
    for hour in (9, 8):
        fact(story, pb.SessionStarted(session=MORNING, present=9), at(hour))
    for hour in (12, 11, 7):
        fact(story, pb.SessionEnded(session=MORNING), at(hour))
    assert (only(story).shown["started_us"], only(story).shown["ended_us"]) == (at(8), at(11))


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
    fact(story, pb.SessionCancelled(session=MORNING, reason="FLOOD"), at(13))
    assert only(story).shown["recording_per_mille"] == 0


def test_teachers_who_sign_in_are_named_once_each_in_order() -> None:
    story = planned()
    schedule(story)
    for teacher in (OTHER_TEACHER, TEACHER, OTHER_TEACHER):
        body = pb.TeacherSignedIn(session=MORNING, teacher=teacher, method=FACE)
        fact(story, body, at(7, 50))
    assert only(story).shown["teachers_signed_in"] == [OTHER_TEACHER.hex(), TEACHER.hex()]


def test_when_the_teacher_who_was_due_came_and_went() -> None:
    story = planned()
    schedule(story)
    for kind, teacher, hour, minute in (
        (pb.TeacherSignedIn, TEACHER, 7, 55),
        (pb.TeacherSignedIn, TEACHER, 7, 50),
        (pb.TeacherSignedIn, OTHER_TEACHER, 7, 40),
        (pb.TeacherSignedOut, TEACHER, 12, 5),
        (pb.TeacherSignedOut, TEACHER, 12, 2),
        (pb.TeacherSignedOut, OTHER_TEACHER, 12, 30),
    ):
        fact(story, kind(session=MORNING, teacher=teacher, method=FACE), at(hour, minute))
    shown = only(story).shown
    assert (shown["teacher_in_us"], shown["teacher_out_us"]) == (at(7, 50), at(12, 5))


def test_the_unlisted_are_counted_until_they_are_a_learners() -> None:
    story = planned()
    story.session(MORNING, at(8), at(12), component=OFFLINE)
    story.enrol(ANNA)
    story.attend(ANNA, MORNING, at(8), at(10))
    for ticket, hour in ((b"1" * 16, 9), (b"2" * 16, 9), (b"2" * 16, 10)):
        mark = pb.UnlistedSignedIn(session=MORNING, ticket=ticket, method=FACE)
        fact(story, mark, at(hour))
    assert (only(story).signed_in, only(story).unlisted) == (1, 2)
    for ticket, person in ((b"2" * 16, BENNO), (b"1" * 16, ANNA)):
        body = pb.UnlistedPresenceAttributed(
            session=MORNING, ticket=ticket, enrolment=enrolment(person)
        )
        story.cohort_fact(body, persons=(CLERK, CHIEF))
    # Anna stands there twice and is one learner; Benno is not enrolled yet.
    assert (only(story).signed_in, only(story).unlisted) == (1, 1)
    story.enrol(BENNO)
    assert (only(story).signed_in, only(story).unlisted) == (2, 0)


def test_a_session_outside_of_the_timetable_stands_under_the_day_it_was_held() -> None:
    story = planned()
    body = pb.TeacherSignedIn(session=MORNING, teacher=TEACHER, method=FACE)
    fact(story, body, at(7))
    assert on(story) == ()
    fact(story, pb.SessionStarted(session=MORNING, present=9), at(8))
    row = only(story)
    assert (row.shown["planned_start_us"], row.shown["component"]) == (0, 0)
    assert row.shown["teachers_signed_in"] == [TEACHER.hex()]


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
