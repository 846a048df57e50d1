"""The cohort file of a whole course: make-ups, guests, policies, seals, recordings, corrections."""

from uuid import UUID

from ledger.api.v1 import events_pb2 as pb
from ledger.domain.exams import CHEATING, STANDS, VOID
from ledger.domain.holding import KEY_LOST_OR_RETIRED
from ledger.domain.policies import parse_policy
from projections.cohort_file_records import (
    CohortFileCourseware,
    CohortFileEvaluation,
    CohortFileGuest,
    CohortFileMakeUp,
    CohortFileResult,
    CohortFileSeal,
)
from tests.unit.projections.story import (
    AFTERNOON,
    ANNA,
    BENNO,
    BUREAU,
    CHIEF,
    CLERK,
    COHORT,
    HOST,
    MINUTE,
    MORNING,
    POLICY,
    POLICY_FILE,
    TEACHER,
    Story,
    at,
    enrolment,
)
from tests.unit.projections.taught_day import file_of, learner, session, taught_day

FACE = pb.PRESENCE_METHOD_FACE
EVENING = UUID(int=0x53).bytes
TWO_PERSONS = CLERK, CHIEF


# --- Make-ups and guests -------------------------------------------------------------------------


def hosted() -> Story:
    """The evening session, 18:00 to 20:00, of another cohort with one learner; indices 10 to 14."""
    story = taught_day()
    story.plan(HOST)
    story.enrol(BENNO, cohorts=(HOST,))
    story.session(EVENING, at(18), at(20), cohort=HOST)
    return story


def test_a_make_up_as_a_guest_is_credited_at_home_and_shown_at_the_host() -> None:
    story = hosted()
    story.plan_make_up(ANNA, MORNING, EVENING)
    assert learner(story).make_ups == (
        CohortFileMakeUp(MORNING, EVENING, HOST, 20260415, attended=False),
    )
    story.attend(ANNA, EVENING, at(17, 55), at(20, 5), cohorts=(COHORT, HOST))
    row = learner(story)
    # 18:00-20:00 is 120; 120 // 45 = 2
    assert (row.hours[0].minutes, row.hours[0].credited) == (120, 2)
    assert row.hours[0].events == (12, 13, 14, 16, 17)
    assert [each.attended for each in row.make_ups] == [True]
    assert row.held == 0
    host = file_of(story, HOST)
    assert host.guests == (CohortFileGuest(enrolment(ANNA), COHORT, (EVENING,), 0),)
    assert [each.enrolment for each in host.learners] == [enrolment(BENNO, HOST)]
    shown = session(story, EVENING, HOST)
    assert (shown.signed_in, shown.guests) == (0, 1)
    home = file_of(story)
    assert home.guests == ()
    assert [each.session for each in home.sessions] == [MORNING, AFTERNOON]


def test_a_guest_without_a_plan_is_held_at_both_sides() -> None:
    story = hosted()
    story.attend(ANNA, EVENING, at(17, 55), at(20, 5), cohorts=(COHORT, HOST))
    row = learner(story)
    assert (row.hours[0].minutes, row.held, row.make_ups) == (0, 2, ())
    assert file_of(story, HOST).guests == (CohortFileGuest(enrolment(ANNA), COHORT, (), 2),)
    assert session(story, EVENING, HOST).guests == 0
    # The plan may come later.
    story.plan_make_up(ANNA, MORNING, EVENING)
    assert (learner(story).hours[0].minutes, learner(story).held) == (120, 0)
    assert file_of(story, HOST).guests[0].sessions == (EVENING,)


def test_a_make_up_at_home_and_absences_are_listed() -> None:
    story = taught_day()
    story.fact(ANNA, pb.AbsenceRecorded(session=MORNING, reason="ILLNESS"))
    story.plan_make_up(ANNA, MORNING, AFTERNOON, COHORT)
    story.attend(ANNA, AFTERNOON, at(13), at(16, 30))
    row = learner(story)
    assert row.absences == 1
    assert [(each.cohort, each.attended) for each in row.make_ups] == [(COHORT, True)]
    assert learner(story, BENNO).absences == 0


# --- Policies ------------------------------------------------------------------------------------

SHORT_FILE = (
    POLICY_FILE.replace(b"value = 88\n", b"value = 2\n")
    .replace(b"value = 60\n", b"value = 1\n")
    .replace(b"value = 45\n", b"value = 60\n")
)
SHORT = parse_policy(SHORT_FILE)
"""Two hours of theory and one of practice; 60 minutes to an hour in the classroom."""


def test_a_change_of_the_policy_shows_both_results() -> None:
    story = taught_day()
    story.attend(ANNA, MORNING, at(8), at(12))  # 240 - 20 = 220 minutes
    story.attend(ANNA, AFTERNOON, at(13, 10), at(16))  # 170 minutes
    before = learner(story)
    assert (before.results, before.requirement_met) == ((), False)
    story.adopt_policy(SHORT_FILE)
    body = pb.CohortPolicyRepinned(policy=SHORT.digest, reason="NEW-RULES")
    story.decide(COHORT, body, cohorts=(COHORT,))
    row = learner(story)
    assert row.results == (
        # 220 // 45 = 4, 170 // 45 = 3
        CohortFileResult(POLICY.digest, 7, met=False),
        # 220 // 60 = 3, 170 // 60 = 2
        CohortFileResult(SHORT.digest, 5, met=True),
    )
    assert [hours.credited for hours in row.hours] == [3, 0, 2]
    assert [hours.required for hours in row.hours] == [1, 1, 1]
    assert row.requirement_met
    pins = file_of(story).pins
    assert [(pin.policy, pin.index) for pin in pins] == [(POLICY.digest, 1), (SHORT.digest, 15)]


# --- Seals, filing, evaluations ------------------------------------------------------------------


def test_a_seal_is_a_version_and_what_came_later_is_counted() -> None:
    story = taught_day()
    story.item("04-roster")
    assert file_of(story).seals == ()
    seal = pb.CohortArchiveSealed(version=1, items=1, items_root=b"r" * 32, retain_until=20320331)
    story.decide(COHORT, seal, cohorts=(COHORT,))
    assert file_of(story).seals == (CohortFileSeal(1, 1, 20320331, 11, 0),)
    story.item("12-tests")
    story.attend(ANNA, MORNING, at(8), at(12))
    again = pb.CohortArchiveSealed(version=2, items=2, items_root=b"r" * 32, retain_until=20320331)
    story.decide(COHORT, again, cohorts=(COHORT,))
    # Document, two marks and the second seal came behind the first.
    assert file_of(story).seals == (
        CohortFileSeal(1, 1, 20320331, 11, 4),
        CohortFileSeal(2, 2, 20320331, 15, 0),
    )


def test_filing_and_evaluations_are_shown() -> None:
    story = taught_day()
    assert file_of(story).filed_with == b""
    story.decide(COHORT, pb.CohortFiled(bureau=BUREAU, rooms=["R-201"]), cohorts=(COHORT,))
    story.cohort_fact(pb.TrainingEvaluationSubmitted(respondents=30, score_hundredths=455))
    of_teacher = pb.TrainingEvaluationSubmitted(
        respondents=28, score_hundredths=480, teacher=TEACHER
    )
    story.cohort_fact(of_teacher)
    file = file_of(story)
    assert file.filed_with == BUREAU
    assert file.evaluations == (
        CohortFileEvaluation(b"", 30, 455),
        CohortFileEvaluation(TEACHER, 28, 480),
    )


# --- Exams, corrections, holds -------------------------------------------------------------------


def test_void_attempts_and_cheating_are_shown_and_give_no_result() -> None:
    story = taught_day()
    for attempt, score in ((1, 9_500), (2, 8_200)):
        story.fact(ANNA, pb.TheoryExamResultRecorded(attempt=attempt, score_hundredths=score))
    story.fact(ANNA, pb.PracticalExamResultRecorded(attempt=1, score_hundredths=9_000))
    assert (learner(story).theory_exam_hundredths, learner(story).exam_registered) == (9_500, False)
    void = pb.ExamAttemptVoided(subject=pb.EXAM_SUBJECT_THEORY, attempt=1, reason="SYSTEM-FAILURE")
    story.fact(ANNA, void)
    cheating = pb.ExamCheatingRecorded(
        subject=pb.EXAM_SUBJECT_PRACTICAL, attempt=1, reason="SUBSTITUTE"
    )
    story.fact(ANNA, cheating)
    row = learner(story)
    assert (row.theory_exam_hundredths, row.practical_exam_hundredths) == (8_200, 0)
    assert [(each.attempt, each.state) for each in row.attempts] == [
        (1, VOID),
        (2, STANDS),
        (1, CHEATING),
    ]


def test_a_registration_for_an_examination_is_shown() -> None:
    story = taught_day()
    body = pb.ExamRegistered(sitting="T-1", exemption_digest=b"d" * 32)
    story.decide(enrolment(ANNA), body, cohorts=(COHORT,), person=ANNA)
    assert learner(story).exam_registered
    assert not learner(story, BENNO).exam_registered


def test_credits_of_another_cohort_are_added() -> None:
    story = taught_day()
    story.attend(ANNA, MORNING, at(8), at(12))
    credited = [pb.CreditedHours(component=pb.HOUR_COMPONENT_PRACTICAL, hours=20)]
    body = pb.CreditsCarriedOver(from_cohort=HOST, up_to_index=9, credited=credited)
    story.decide(enrolment(ANNA), body, cohorts=(COHORT,), person=ANNA)
    row = learner(story)
    assert [hours.credited for hours in row.hours] == [4, 0, 20]
    assert row.hours[2].events == (12,)


def test_a_transfer_names_the_other_cohort() -> None:
    story = taught_day()
    body = pb.LearnerTransferred(to_cohort=HOST, reason="MOVED")
    story.decide(enrolment(ANNA), body, cohorts=(COHORT,), person=ANNA)
    row = learner(story)
    assert (row.state, row.transferred_to) == ("transferred", HOST)
    assert (learner(story, BENNO).state, learner(story, BENNO).transferred_to) == ("enrolled", b"")


def test_corrections_and_voidings_change_hours_and_are_counted() -> None:
    story = taught_day()
    story.attend(ANNA, MORNING, at(8), at(12))  # 10, 11
    body = pb.RecordCorrected(
        target=(11).to_bytes(16, "big"),
        field=pb.CORRECTED_FIELD_OCCURRED,
        number=at(11),
        reason="TYPED-WRONG",
    )
    story.fact(ANNA, body, persons=TWO_PERSONS)
    row = learner(story)
    # 08:00-11:00 is 180; 180 - 20 = 160
    assert (row.hours[0].minutes, row.hours[0].events) == (160, (4, 5, 6, 10, 11, 12))
    assert (row.corrected, row.held) == (1, 0)
    story.void(ANNA, 10)
    row = learner(story)
    assert (row.hours[0].minutes, row.corrected, row.held) == (0, 2, 0)
    story.void(ANNA, 13, persons=(CLERK, CLERK))
    assert (learner(story).corrected, learner(story).held) == (2, 1)


def test_a_corrected_identity_is_counted_and_not_held() -> None:
    story = taught_day()
    body = pb.RecordCorrected(
        target=(2).to_bytes(16, "big"),
        field=pb.CORRECTED_FIELD_IDENTITY,
        commitment=b"w" * 32,
        reason="ID-NUMBER-WRONG",
    )
    story.fact(ANNA, body, persons=TWO_PERSONS)
    assert (learner(story).corrected, learner(story).held) == (1, 0)


def test_amendments_of_the_cohorts_own_record_are_counted() -> None:
    story = taught_day()
    body = pb.CohortRecordCorrected(
        target=(6).to_bytes(16, "big"), field=pb.CORRECTED_FIELD_MINUTES, number=0
    )
    story.cohort_fact(body, persons=TWO_PERSONS)
    assert session(story).break_minutes == 0
    story.item("04-roster")
    void = pb.CohortEventVoided(target=(11).to_bytes(16, "big"), reason="WRONG-COHORT")
    story.cohort_fact(void, persons=TWO_PERSONS)
    file = file_of(story)
    assert (file.corrected, file.held, file.items) == (2, 0, ())
    story.cohort_fact(void, persons=(CLERK, CLERK))
    assert (file_of(story).corrected, file_of(story).held) == (2, 1)


def test_a_stated_clock_offset_moves_sessions_and_marks_of_that_device() -> None:
    story = taught_day()
    device = "TERM-0001"
    sign = pb.LearnerSignedIn(session=MORNING, method=FACE)
    story.fact(ANNA, sign, occurred_us=at(9), device=device)
    out = pb.LearnerSignedOut(session=MORNING, method=FACE)
    story.fact(ANNA, out, occurred_us=at(12))
    # 09:00-12:00 is 180; 180 - 20 = 160
    assert learner(story).hours[0].minutes == 160
    body = pb.ClockOffsetStated(
        device=device, offset_us=-30 * MINUTE, first_us=at(0), last_us=at(23), reason="DRIFT"
    )
    story.cohort_fact(body)
    row = learner(story)
    assert (row.hours[0].minutes, row.hours[0].events) == (190, (4, 5, 6, 10, 11, 12))


def test_facts_of_a_lost_key_are_held_in_the_cohorts_own_record_too() -> None:
    story = taught_day()
    story.item("04-roster", held=KEY_LOST_OR_RETIRED)
    file = file_of(story)
    assert (file.items, file.held) == ((), 1)


# --- Courseware ----------------------------------------------------------------------------------


def test_reviews_of_courseware_stand_in_log_order_and_voided_ones_do_not() -> None:
    story = taught_day()
    assert file_of(story).courseware == ()
    for version in (2, 1):
        body = pb.CoursewareReviewed(
            courseware="LV-01", version=version, document_digest=b"d" * 32, reviewer=TEACHER
        )
        story.cohort_fact(body)
    newer, older = (
        CohortFileCourseware("LV-01", version, b"d" * 32, TEACHER, index)
        for version, index in ((2, 10), (1, 11))
    )
    assert file_of(story).courseware == (newer, older)
    void = pb.CohortEventVoided(target=(10).to_bytes(16, "big"), reason="TYPED-WRONG")
    story.cohort_fact(void, persons=TWO_PERSONS)
    assert file_of(story).courseware == (older,)
