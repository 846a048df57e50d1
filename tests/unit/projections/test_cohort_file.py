"""The cohort file 一期一档: hours computed by hand, and agreement with what the gate computes."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.api.v1 import events_pb2 as pb
from ledger.domain.enrolment_hours import cohort_records, enrolment_record, learner_hours
from ledger.domain.policies import HourComponent
from projections.cohort_file_records import CohortFile, CohortFileHours, CohortFileLearner
from projections.follower import Follower
from projections.queries import Queries
from tests.unit.projections.memory import MemoryFeed, MemoryViews
from tests.unit.projections.story import (
    AFTERNOON,
    ANNA,
    BENNO,
    COHORT,
    INSTITUTION,
    MORNING,
    ONLINE,
    POLICY,
    PRACTICAL,
    TEACHER,
    Story,
    at,
    enrolment,
)

FIRST, SECOND = "PXZM-320599-2026-K7Q2-M4XB-9T3H-D", "PXZM-320599-2026-K7Q2-M4XB-9T3J-F"
FACE = pb.PRESENCE_METHOD_FACE
THEORY = pb.HOUR_COMPONENT_THEORY_OFFLINE


def file_of(story: Story) -> CohortFile:
    store = MemoryViews()
    Follower(MemoryFeed(story.events), store).catch_up()
    answer = Queries(store).cohort_file(COHORT)
    assert answer.as_of_size == story.next_index
    assert answer.value is not None
    return answer.value


def learner(story: Story, person: bytes) -> CohortFileLearner:
    rows = [row for row in file_of(story).learners if row.enrolment == enrolment(person)]
    assert len(rows) == 1
    return rows[0]


def taught_day() -> Story:
    """One day: a morning of theory with 20 minutes of breaks, an afternoon of practice.

    Index 0 adopts the policy, 1 plans, 2 and 3 enrol, 4-6 are the morning, 7-9 the afternoon.
    """
    story = Story()
    story.adopt_policy()
    story.plan()
    story.enrol(ANNA)
    story.enrol(BENNO)
    story.session(MORNING, at(8), at(12), breaks=20)
    story.session(AFTERNOON, at(13), at(16, 30), component=PRACTICAL)
    return story


def test_hours_are_those_computed_by_hand_with_the_events_that_make_them() -> None:
    story = taught_day()
    story.attend(ANNA, MORNING, at(7, 50), at(12, 5))  # 10, 11: 240 - 20 = 220 minutes, 4 hours
    story.attend(ANNA, AFTERNOON, at(13, 10), at(16))  # 12, 13: 170 minutes, 3 hours
    story.lesson(ANNA, "LV-ON-01", at(19), 31)  # 14 and 15, one day: 60 minutes, 2 hours
    story.lesson(ANNA, "LV-ON-02", at(20), 29)
    row = learner(story, ANNA)
    assert row.hours == (
        CohortFileHours(HourComponent.THEORY_OFFLINE, 27, 4, 220, (4, 5, 6, 10, 11)),
        CohortFileHours(HourComponent.THEORY_ONLINE, 61, 2, 60, (14, 15)),
        CohortFileHours(HourComponent.PRACTICAL, 60, 3, 170, (7, 8, 9, 12, 13)),
    )
    assert (row.state, row.person_ref) == ("enrolled", ANNA)
    assert (row.requirement_met, row.open_sign_ins, row.held) == (False, 0, 0)
    other = learner(story, BENNO)
    assert [(hours.credited, hours.events) for hours in other.hours] == [(0, ())] * 3


def test_a_whole_programme_meets_the_requirement_and_one_hour_less_does_not() -> None:
    """27 + 61 + 60 hours: 27 and 60 days of one session of 45 minutes, 61 lessons of 30 minutes."""

    def trained(lessons: int) -> Story:
        story = Story()
        story.adopt_policy()
        story.plan()
        story.enrol(ANNA)
        for day in range(87):
            session = UUID(int=1_000 + day).bytes
            component = 1 if day < 27 else PRACTICAL
            story.session(session, at(8, day=-day), at(8, 45, day=-day), component=component)
            story.attend(ANNA, session, at(8, day=-day), at(8, 45, day=-day))
        for number in range(lessons):
            story.lesson(ANNA, f"LV-ON-{number}", at(19), 30)
        return story

    met = learner(trained(61), ANNA)
    assert [row.credited for row in met.hours] == [27, 61, 60]
    assert [row.required for row in met.hours] == [27, 61, 60]
    assert met.requirement_met
    short = learner(trained(60), ANNA)
    assert [row.credited for row in short.hours] == [27, 60, 60]
    assert not short.requirement_met


def test_sessions_show_plan_and_class_and_who_signed_in() -> None:
    story = taught_day()
    story.attend(ANNA, MORNING, at(8), at(12))
    story.attend(ANNA, MORNING, at(12), at(12))
    story.fact(BENNO, pb.LearnerSignedIn(session=MORNING, method=FACE), occurred_us=at(8, 5))
    story.attend(UUID(int=0xA3).bytes, MORNING, at(8), at(12))
    unplanned = UUID(int=0x50).bytes
    story.cohort_fact(pb.SessionStarted(session=unplanned), occurred_us=at(10))
    morning, other, afternoon = file_of(story).sessions
    assert (morning.session, morning.component, morning.room) == (MORNING, 1, "R-201")
    assert (morning.teacher, morning.recorded) == (TEACHER, True)
    assert (morning.planned_start_us, morning.planned_end_us) == (at(8), at(12))
    assert (morning.started_us, morning.ended_us, morning.break_minutes) == (at(8), at(12), 20)
    # The third learner is not enrolled: the sign-in is held.
    assert morning.signed_in == 2
    assert (afternoon.session, afternoon.component, afternoon.signed_in) == (AFTERNOON, 3, 0)
    assert (other.session, other.component, other.teacher) == (unplanned, 0, b"")
    assert (other.planned_start_us, other.started_us, other.ended_us) == (0, at(10), 0)
    assert not other.recorded


def test_a_session_ends_by_the_end_that_counts() -> None:
    story = taught_day()
    session = UUID(int=0x53).bytes
    story.cohort_fact(
        pb.SessionScheduled(session=session, start_us=at(18), end_us=at(20), component=THEORY)
    )
    early = pb.SessionEnded(session=session, break_minutes=9)
    story.cohort_fact(early, occurred_us=at(17))
    story.cohort_fact(pb.SessionEnded(session=session, break_minutes=5), occurred_us=at(20))
    story.cohort_fact(pb.SessionStarted(session=session), occurred_us=at(18))
    evening = file_of(story).sessions[-1]
    assert (evening.ended_us, evening.break_minutes, evening.recorded) == (at(20), 5, False)


def test_a_sign_in_without_sign_out_is_counted_and_credits_nothing() -> None:
    story = taught_day()
    story.fact(ANNA, pb.LearnerSignedIn(session=MORNING, method=FACE), occurred_us=at(8))
    row = learner(story, ANNA)
    assert (row.open_sign_ins, row.hours[0].minutes) == (1, 0)


def test_an_unopened_enrolment_credits_nothing_until_it_opens() -> None:
    story, late = taught_day(), UUID(int=0xA3).bytes
    story.attend(late, MORNING, at(8), at(12))
    story.fact(late, pb.CourseTestRecorded(score_hundredths=9_000))
    story.fact(late, pb.TheoryExamResultRecorded(attempt=1, score_hundredths=8_800))
    ahead = pb.LearnerSignedIn(session=AFTERNOON, method=FACE)
    story.fact(late, ahead, occurred_us=at(14), recorded_us=at(13))
    before = learner(story, late)
    assert (before.state, before.held, before.open_sign_ins) == ("unopened", 5, 0)
    assert [hours.credited for hours in before.hours] == [0, 0, 0]
    assert (before.course_test_hundredths, before.theory_exam_hundredths) == (0, 0)
    story.enrol(late)
    after = learner(story, late)
    # The sign-in of a clock that is ahead is held for good, and stays without effect.
    assert (after.state, after.held, after.open_sign_ins) == ("enrolled", 1, 0)
    assert (after.hours[0].credited, after.hours[0].minutes) == (4, 220)
    assert (after.course_test_hundredths, after.theory_exam_hundredths) == (9_000, 8_800)


def test_an_unplanned_cohort_has_learners_and_nothing_that_counts() -> None:
    story = Story()
    story.session(MORNING, at(8), at(12))
    story.item("04-roster")
    story.attend(ANNA, MORNING, at(8), at(12))
    file = file_of(story)
    assert (file.cohort.state, file.cohort.institution) == ("unplanned", INSTITUTION)
    assert (file.sessions, file.items, file.checklist, file.events) == ((), (), (), 6)
    assert file.held == 4
    assert [(row.state, row.hours, row.held) for row in file.learners] == [("unopened", (), 2)]
    story.adopt_policy()
    story.plan()
    later = file_of(story)
    assert [session.session for session in later.sessions] == [MORNING]
    assert [item.item_class for item in later.items] == ["04-roster"]
    assert later.held == 0


def test_results_of_tests_and_exams_are_the_best() -> None:
    story = taught_day()
    story.fact(ANNA, pb.CourseTestRecorded(score_hundredths=8_100))
    story.fact(ANNA, pb.TheoryExamResultRecorded(attempt=1, score_hundredths=8_800))
    for attempt, score in ((1, 7_200), (2, 8_600)):
        story.fact(ANNA, pb.PracticalExamResultRecorded(attempt=attempt, score_hundredths=score))
    row = learner(story, ANNA)
    assert row.course_test_hundredths == 8_100
    assert row.theory_exam_hundredths == 8_800
    assert row.practical_exam_hundredths == 8_600


def test_a_certificate_is_found_by_person_enrolment_and_edition() -> None:
    story = taught_day()
    assert (learner(story, ANNA).certificate, learner(story, ANNA).certificate_state) == ("", "")
    story.issue(ANNA, FIRST)
    assert learner(story, ANNA).certificate == FIRST
    assert learner(story, ANNA).certificate_state == "valid"
    assert learner(story, BENNO).certificate == ""
    assert file_of(story).cohort.certificates == 1
    story.revoke(ANNA)
    assert learner(story, ANNA).certificate_state == "revoked"
    story.issue(ANNA, SECOND, edition=2)
    row = learner(story, ANNA)
    assert (row.certificate, row.certificate_state) == (SECOND, "valid")
    assert file_of(story).cohort.certificates == 1


def test_the_checklist_names_what_is_missing() -> None:
    story = taught_day()
    story.item("04-roster")
    story.item("04-roster", b"k" * 16)
    story.item("99-other")
    file = file_of(story)
    assert [(item.item_class, item.index) for item in file.items] == [
        ("04-roster", 10),
        ("04-roster", 11),
        ("99-other", 12),
    ]
    assert file.items[0].salted_digest == b"d" * 32
    assert [item.custodian for item in file.items] == [b"", b"k" * 16, b""]
    assert (file.items[0].media_type, file.items[0].size) == ("application/pdf", 1234)
    assert [line.item_class for line in file.checklist if line.present] == ["04-roster"]
    missing = [line.item_class for line in file.checklist if not line.present]
    assert missing[:4] == ["01-plan", "02-filing", "03-timetable", "05-applications"]
    assert len(file.checklist) == len(POLICY.checklist) == 18
    assert file.checklist[3].label_zh == "学员名册"


def test_learners_stand_by_enrolment_and_every_event_is_counted() -> None:
    story = taught_day()
    story.attend(ANNA, MORNING, at(8), at(12))
    file = file_of(story)
    rows = [row.enrolment for row in file.learners]
    assert rows == sorted([enrolment(ANNA), enrolment(BENNO)])
    # All but the policy's adoption: plan, two enrolments, six of sessions, two signatures.
    assert file.events == 11
    assert (file.cohort.enrolled, file.cohort.state) == (2, "planned")


def test_a_cohort_that_nobody_named_has_no_file() -> None:
    answer = Queries(MemoryViews()).cohort_file(COHORT)
    assert (answer.value, answer.as_of_size) == (None, 0)


instants = st.integers(0, 24 * 60).map(lambda minute: at(0, minute))


@given(
    marks=st.lists(
        st.tuples(st.sampled_from([MORNING, AFTERNOON]), instants, st.booleans(), instants),
        max_size=24,
    ),
    lessons=st.lists(
        st.tuples(st.sampled_from(["LV-1", "LV-2"]), instants, st.integers(0, 90)), max_size=6
    ),
)
def test_the_file_credits_what_the_gate_computes_from_the_events(
    marks: list[tuple[bytes, int, bool, int]], lessons: list[tuple[str, int, int]]
) -> None:
    story = taught_day()
    for session, when, is_sign_in, recorded in marks:
        kind = pb.LearnerSignedIn if is_sign_in else pb.LearnerSignedOut
        body = kind(session=session, method=FACE)
        story.fact(ANNA, body, occurred_us=when, recorded_us=recorded)
    for code, started, minutes in lessons:
        story.lesson(ANNA, code, started, minutes)
    events = [event for event, _ in story.events]
    cohort = [event for event in events if event.stream == COHORT]
    mine = [event for event in events if event.stream == enrolment(ANNA)]
    records = cohort_records(cohort, COHORT, POLICY)
    expected = learner_hours(records, enrolment_record(mine, records, POLICY).counted, POLICY)
    row = learner(story, ANNA)
    assert [(hours.credited, hours.minutes, hours.events) for hours in row.hours] == [
        (hours.hours, hours.minutes, hours.events) for hours in expected.components
    ]
    assert row.open_sign_ins == len(expected.open_sign_ins)
    assert row.requirement_met is expected.met


@pytest.mark.parametrize(("component", "shown"), [(ONLINE, ONLINE), (9, 0)])
def test_a_session_of_no_classroom_component_credits_nothing(component: int, shown: int) -> None:
    story = taught_day()
    session = UUID(int=0x53).bytes
    story.session(session, at(18), at(20), component=component)
    story.attend(ANNA, session, at(18), at(20))
    assert [hours.minutes for hours in learner(story, ANNA).hours] == [0, 0, 0]
    assert file_of(story).sessions[-1].component == shown
