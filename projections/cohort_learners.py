"""The learners of a cohort file: hours by component, what makes them, tests, exams, certificate."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ledger.domain.amendments import Corrected, Counted, StreamRecord
from ledger.domain.enrolment_hours import CohortRecord, enrolment_record, learner_hours
from ledger.domain.exams import PRACTICAL, THEORY, best_result, exam_attempts
from ledger.domain.hours import LearnerHours
from ledger.domain.policies import HourComponent, HourRules, Policy
from ledger.domain.requirement import best_score
from ledger.domain.unlisted_presence import SIGN_INS
from projections.cohort_file_records import (
    CohortFileGuest,
    CohortFileHours,
    CohortFileLearner,
    CohortFileMakeUp,
    CohortFileResult,
)
from projections.documents import Document
from projections.enrolments import UNOPENED
from projections.kept_facts import restored_all

_NOTHING: Final = StreamRecord([], {}, frozenset(), frozenset())


@dataclass(frozen=True, slots=True)
class Learner:
    """A learner's document and what counts of it.

    Attributes:
        enrolment: The enrolment.
        document: Its document.
        record: What counts of it; nothing while the enrolment is not open.
    """

    enrolment: bytes
    document: Document
    record: StreamRecord

    @property
    def opened(self) -> bool:
        """The enrolment was opened."""
        return bool(self.document["state"] != UNOPENED)

    def sessions(self) -> set[bytes]:
        """Return the sessions with a sign-in that counts."""
        return {
            record.id(Corrected.SESSION, record.event.body.session)
            for record in self.record.counted
            if record.event.type in SIGN_INS
        }


def read_learner(
    enrolment: bytes,
    document: Document,
    cohorts: Sequence[CohortRecord],
    policy: Policy | None,
) -> Learner:
    """Return a learner with what counts.

    Args:
        enrolment: The enrolment.
        document: Its document.
        cohorts: The home cohort and the hosts of its learners' make-ups.
        policy: The pinned policy.
    """
    if document["state"] == UNOPENED:
        return Learner(enrolment, document, _NOTHING)
    home = bytes.fromhex(document["cohort"])
    events = restored_all(document["facts"], enrolment, home)
    return Learner(enrolment, document, enrolment_record(events, cohorts, policy))


def learner_row(
    learner: Learner,
    certificate: Document | None,
    cohorts: Sequence[CohortRecord],
    policy: Policy | None,
    pinned: Iterable[Policy],
) -> CohortFileLearner:
    """Return the file's row of one learner.

    Args:
        learner: The learner.
        certificate: Document of its newest certificate.
        cohorts: The home cohort and the hosts of its learners' make-ups.
        policy: The pinned policy.
        pinned: All policies that the cohort was pinned to, if there were several.
    """
    document, record = learner.document, learner.record
    records = record.counted
    opened = learner.opened
    hours = learner_hours(cohorts, records, policy) if policy and opened else None
    attempts = exam_attempts(records)
    types = [each.event.type for each in records]
    return CohortFileLearner(
        enrolment=learner.enrolment,
        person_ref=bytes.fromhex(document["person_ref"]),
        state=document["state"],
        transferred_to=bytes.fromhex(document["transferred_to"]),
        hours=_hours(hours, policy.hours) if policy else (),
        requirement_met=hours is not None and hours.met,
        results=tuple(_result(cohorts, records, each) for each in pinned) if opened else (),
        course_test_hundredths=best_score(records, "CourseTestRecorded") or 0,
        open_sign_ins=len(hours.open_sign_ins) if hours else 0,
        absences=types.count("AbsenceRecorded"),
        make_ups=tuple(_make_ups(learner)),
        certificate=certificate["number"] if certificate else "",
        certificate_state=certificate["state"] if certificate else "",
        attempts=attempts,
        theory_exam_hundredths=best_result(attempts, THEORY),
        practical_exam_hundredths=best_result(attempts, PRACTICAL),
        exam_registered="ExamRegistered" in types,
        held=document["lost"] + len(record.held) if opened else document["recorded"],
        corrected=len(record.amended),
    )


def guest_row(learner: Learner, sessions: Mapping[bytes, object]) -> CohortFileGuest:
    """Return the host's row of a guest.

    Args:
        learner: The guest.
        sessions: The host's sessions.
    """
    held = {row["index"] for row in learner.document["facts"] if row.get("hosts")}
    return CohortFileGuest(
        enrolment=learner.enrolment,
        cohort=bytes.fromhex(learner.document["cohort"]),
        sessions=tuple(sorted(learner.sessions() & sessions.keys())),
        held=len(held & learner.record.held.keys()),
    )


def _make_ups(learner: Learner) -> Iterable[CohortFileMakeUp]:
    plans = [
        record.event.body
        for record in learner.record.counted
        if record.event.type == "MakeUpScheduled"
    ]
    attended = learner.sessions() if plans else set()
    for plan in plans:
        yield CohortFileMakeUp(
            plan.missed, plan.session, plan.cohort, plan.due_day, plan.session in attended
        )


def _result(
    cohorts: Sequence[CohortRecord], records: Sequence[Counted], policy: Policy
) -> CohortFileResult:
    hours = learner_hours(cohorts, records, policy)
    return CohortFileResult(policy.digest, hours.total, hours.met)


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
