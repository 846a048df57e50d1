"""The learners of a cohort file: hours by component, what makes them, tests, exams, certificate."""

from collections.abc import Sequence

from ledger.domain.hours import LearnerHours, Lesson, Mark, TaughtSession, evaluate_hours
from ledger.domain.policies import HourComponent, HourRules, Policy
from projections.cohort_file_records import CohortFileHours, CohortFileLearner
from projections.documents import Document
from projections.enrolments import UNOPENED


def learner_row(
    enrolment: bytes,
    learner: Document,
    certificate: Document | None,
    taught: Sequence[TaughtSession],
    policy: Policy | None,
) -> CohortFileLearner:
    """Return the file's row of one learner.

    Args:
        enrolment: The enrolment.
        learner: Its document.
        certificate: Document of its newest certificate.
        taught: The cohort's sessions that were held.
        policy: The pinned policy.
    """
    opened = learner["state"] != UNOPENED
    hours = _evaluate(learner, taught, policy.hours) if policy and opened else None
    return CohortFileLearner(
        enrolment=enrolment,
        person_ref=bytes.fromhex(learner["person_ref"]),
        state=learner["state"],
        hours=_hours(hours, policy.hours) if policy else (),
        requirement_met=hours is not None and hours.met,
        course_test_hundredths=learner["course_test"] if opened else 0,
        open_sign_ins=len(hours.open_sign_ins) if hours else 0,
        certificate=certificate["number"] if certificate else "",
        certificate_state=certificate["state"] if certificate else "",
        theory_exam_hundredths=learner["theory_exam"] if opened else 0,
        practical_exam_hundredths=learner["practical_exam"] if opened else 0,
        held=learner["held"] if opened else learner["facts"],
    )


def _evaluate(learner: Document, taught: Sequence[TaughtSession], rules: HourRules) -> LearnerHours:
    marks = [
        Mark(bytes.fromhex(session), at_us, is_sign_in, index)
        for session, at_us, is_sign_in, index in learner["marks"]
    ]
    lessons = [
        Lesson(lesson, started_us, minutes, index)
        for lesson, started_us, minutes, index in learner["lessons"]
    ]
    return evaluate_hours(taught, marks, lessons, rules)


def _hours(hours: LearnerHours | None, rules: HourRules) -> tuple[CohortFileHours, ...]:
    required = {
        HourComponent.THEORY_OFFLINE: rules.theory_offline,
        HourComponent.THEORY_ONLINE: rules.theory.value - rules.theory_offline,
        HourComponent.PRACTICAL: rules.practical.value,
    }
    if hours is None:
        return tuple(CohortFileHours(part, required[part], 0, 0, ()) for part in HourComponent)
    return tuple(
        CohortFileHours(row.component, required[row.component], row.hours, row.minutes, row.events)
        for row in hours.components
    )
