"""Sessions by day after corrections, voidings, stated clocks and make-up plans."""

import pytest

from ledger.api.v1 import events_pb2 as pb
from tests.unit.projections.days import (
    AMENDERS,
    FACE,
    OTHER_TEACHER,
    TERMINAL,
    TOMORROW,
    correct,
    fact,
    on,
    only,
    planned,
    reschedule,
    schedule,
    state_offset,
    void,
)
from tests.unit.projections.story import (
    AFTERNOON,
    ANNA,
    BENNO,
    CLERK,
    COHORT,
    DAY,
    HOST,
    MINUTE,
    MORNING,
    POLICY,
    TEACHER,
    at,
)


def test_a_voided_rescheduling_moves_the_session_back() -> None:
    story = planned()
    schedule(story)
    void(story, reschedule(story, at(9, day=1)))
    assert on(story, TOMORROW) == ()
    assert (only(story).shown["room"], only(story).shown["rescheduled"]) == ("R-201", 0)


def test_a_voiding_that_is_void_itself_or_lacks_a_second_person_reaches_nothing() -> None:
    story = planned()
    schedule(story)
    moved = reschedule(story, at(9, day=1))
    for persons in ((b"", b""), (CLERK, b""), (CLERK, CLERK)):
        void(story, moved, persons)
        assert (on(story), only(story, TOMORROW).shown["rescheduled"]) == ((), 1)
    voiding = void(story, moved)
    assert (on(story, TOMORROW), only(story).shown["rescheduled"]) == ((), 0)
    void(story, voiding)
    assert (on(story), only(story, TOMORROW).shown["rescheduled"]) == ((), 1)


def test_a_correction_moves_time_or_teacher_of_a_fact() -> None:
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
    # What the record does not have cannot be corrected in it.
    correct(story, event, pb.CORRECTED_FIELD_SESSION, id_=AFTERNOON)
    assert [row.shown["teachers_signed_in"] for row in on(story)] == [[TEACHER.hex()], []]
    correct(story, start, pb.CORRECTED_FIELD_MINUTES, number=3)
    assert on(story)[0].shown["started_us"] == at(8, 15)


@pytest.mark.parametrize(
    ("days", "adopted", "stands"), [(6, True, False), (7, True, True), (7, False, False)]
)
def test_after_the_days_of_the_policy_two_names_alone_void_nothing(
    days: int, adopted: bool, stands: bool
) -> None:
    story = planned()
    schedule(story)
    story.enrol(ANNA)
    sign_in = story.fact(ANNA, pb.LearnerSignedIn(session=MORNING, method=FACE))
    start = fact(story, pb.SessionStarted(session=MORNING, present=9), at(8))
    later = start.recorded_us + days * DAY + MINUTE
    story.void(ANNA, sign_in.index, recorded_us=later)
    voiding = pb.CohortEventVoided(target=start.header.event_id, reason="WRONG-SESSION")
    story.cohort_fact(voiding, recorded_us=later, persons=AMENDERS)
    # The seven days hold from when the cohort goes by a policy that is adopted.
    if adopted:
        story.adopt_policy()
    repinned = pb.CohortPolicyRepinned(policy=POLICY.digest, reason="ADOPTED")
    story.decide(COHORT, repinned, cohorts=(COHORT,))
    row = only(story)
    assert (row.signed_in, row.shown["started_us"]) == ((1, at(8)) if stands else (0, 0))


def test_a_correction_of_the_timetable_names_the_teacher() -> None:
    story = planned()
    correct(story, schedule(story), pb.CORRECTED_FIELD_TEACHER, id_=OTHER_TEACHER)
    assert only(story).shown["teacher"] == OTHER_TEACHER.hex()


def test_a_voiding_that_comes_before_its_target_never_reaches_it() -> None:
    story = planned()
    schedule(story)
    later = story.next_index + 1
    body = pb.CohortEventVoided(target=later.to_bytes(16, "big"), reason="WRONG-SESSION")
    story.cohort_fact(body, persons=AMENDERS)
    start = fact(story, pb.SessionStarted(session=MORNING, present=9), at(8))
    assert start.index == later
    assert only(story).shown["started_us"] == at(8)
    void(story, start)
    assert only(story).shown["started_us"] == 0


def test_a_session_all_of_whose_facts_are_void_is_gone() -> None:
    story = planned()
    void(story, schedule(story))
    assert on(story) == ()


def test_what_a_wrong_clock_dated_is_shown_from_the_statement_on() -> None:
    story = planned()
    schedule(story)
    started = pb.SessionStarted(session=MORNING, present=9)
    story.cohort_fact(started, occurred_us=at(9), recorded_us=at(8), device=TERMINAL)
    assert only(story).shown["state"] == "planned"
    state_offset(story, -60 * MINUTE, device="TERM-0032")
    assert only(story).shown["state"] == "planned"
    statement = state_offset(story, -60 * MINUTE)
    assert (only(story).shown["state"], only(story).shown["started_us"]) == ("started", at(8))
    void(story, statement)
    assert only(story).shown["state"] == "planned"


def test_a_stated_offset_moves_a_session_from_the_wrong_day_to_the_right_one() -> None:
    story = planned()
    started = pb.SessionStarted(session=MORNING, present=9)
    story.cohort_fact(started, occurred_us=at(8), device=TERMINAL)
    assert (only(story).shown["started_us"], on(story, TOMORROW)) == (at(8), ())
    statement = state_offset(story, DAY)
    assert (on(story), only(story, TOMORROW).shown["started_us"]) == ((), at(8, day=1))
    # What comes behind the statement goes by it too.
    ended = pb.SessionEnded(session=MORNING)
    story.cohort_fact(ended, occurred_us=at(12), device=TERMINAL)
    assert only(story, TOMORROW).shown["ended_us"] == at(12, day=1)
    voiding = void(story, statement)
    assert (only(story).shown["ended_us"], on(story, TOMORROW)) == (at(12), ())
    void(story, voiding)
    assert (on(story), only(story, TOMORROW).shown["ended_us"]) == ((), at(12, day=1))


def test_a_sign_in_of_a_wrong_clock_counts_from_the_statement_on() -> None:
    story = planned()
    schedule(story)
    story.enrol(ANNA)
    sign_in = pb.LearnerSignedIn(session=MORNING, method=FACE)
    story.fact(ANNA, sign_in, occurred_us=at(9), recorded_us=at(8), device=TERMINAL)
    assert only(story).signed_in == 0
    statement = state_offset(story, -60 * MINUTE)
    assert only(story).signed_in == 1
    void(story, statement)
    assert only(story).signed_in == 0


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
    # One person alone voids nothing.
    story.void(ANNA, signed[0].index, persons=(CLERK, b""))
    assert [row.signed_in for row in on(story)] == [2, 0]
    voiding = story.void(ANNA, signed[0].index)
    # Of another stream, so it reaches nothing.
    story.void(ANNA, signed[1].index)
    assert [row.signed_in for row in on(story)] == [1, 0]
    moved = pb.RecordCorrected(
        target=signed[1].header.event_id,
        field=pb.CORRECTED_FIELD_SESSION,
        id=AFTERNOON,
        reason="TYPING",
    )
    correction = story.fact(BENNO, moved, persons=AMENDERS)
    assert [row.signed_in for row in on(story)] == [0, 1]
    story.void(BENNO, correction.index)
    story.void(ANNA, voiding.index)
    assert [row.signed_in for row in on(story)] == [2, 0]


def test_a_guest_counts_in_the_session_of_the_host_once_the_make_up_is_planned() -> None:
    story = planned()
    schedule(story)
    story.plan(HOST)
    # At home in the other cohort, and a guest in this one.
    story.enrol(ANNA, cohorts=(HOST,))
    sign_in = pb.LearnerSignedIn(session=MORNING, method=FACE)
    story.fact(ANNA, sign_in, cohorts=(HOST, COHORT))
    assert only(story).signed_in == 0
    plans = []
    for session, signed_in in ((AFTERNOON, 0), (MORNING, 1)):
        plan = pb.MakeUpScheduled(
            missed=AFTERNOON, session=session, cohort=COHORT, due_day=20260415
        )
        plans.append(story.fact(ANNA, plan, cohorts=(HOST,)))
        assert only(story).signed_in == signed_in
    story.void(ANNA, plans[1].index, cohorts=(HOST,))
    assert only(story).signed_in == 0


# The learner is at home in the cohort HOST, and a guest in COHORT, whose terminal recorded it.
@pytest.mark.parametrize(("stating", "signed_in"), [(HOST, 0), (COHORT, 1)])
def test_a_guest_goes_by_the_clocks_of_the_cohort_that_it_visits(
    stating: bytes, signed_in: int
) -> None:
    story = planned()
    schedule(story)
    story.plan(HOST)
    story.enrol(ANNA, cohorts=(HOST,))
    plan = pb.MakeUpScheduled(missed=AFTERNOON, session=MORNING, cohort=COHORT, due_day=20260415)
    story.fact(ANNA, plan, cohorts=(HOST,))
    sign_in = pb.LearnerSignedIn(session=MORNING, method=FACE)
    story.fact(
        ANNA,
        sign_in,
        cohorts=(HOST, COHORT),
        occurred_us=at(9),
        recorded_us=at(8),
        device=TERMINAL,
    )
    assert only(story).signed_in == 0
    state_offset(story, -60 * MINUTE, cohort=stating)
    assert only(story).signed_in == signed_in
