"""Events of an enrolment: one learner in one cohort (docs/formats.md section 3).

The stream is derived from cohort and person_ref. A platform, an exam body or a bureau that writes
for an institution names it in `Circumstances.recorded_for`.
"""

from datetime import datetime
from uuid import UUID

from clients.sdk.capture import USUAL, Circumstances
from clients.sdk.captured_events import CapturedEvent
from clients.sdk.field_values import (
    chosen,
    count,
    digest,
    micros,
    optional_digest,
    ordinal,
    score,
    text,
)
from clients.sdk.placed_events import PlacedEvents
from ledger.api.v1 import events_pb2 as pb


class EnrolmentEvents(PlacedEvents):
    """What is written about one learner in one cohort."""

    def learner_enrolled(
        self,
        *,
        cohort: UUID,
        person_ref: UUID,
        identity_commitment: bytes,
        basis: str,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """Enrolment 学员报名.

        Args:
            cohort: The cohort.
            person_ref: The learner's reference.
            identity_commitment: The commitment that RegisterPerson returned.
            basis: Code of the basis of eligibility.
            how: The circumstances.

        Raises:
            DraftError: when a value is empty or not 32 bytes.
        """
        body = pb.LearnerEnrolled(
            identity_commitment=digest("identity_commitment", identity_commitment),
            basis=text("basis", basis),
        )
        return self._of_enrolment(body, cohort, person_ref, how)

    def learner_signed_in(
        self,
        *,
        cohort: UUID,
        person_ref: UUID,
        session: UUID,
        method: pb.PresenceMethod.ValueType,
        capture_hmac: bytes = b"",
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """Sign-in 学员签到.

        Args:
            cohort: The cohort.
            person_ref: The learner's reference.
            session: The session.
            method: How presence was established.
            capture_hmac: HMAC of the capture, empty where there is no capture.
            how: The circumstances.

        Raises:
            DraftError: when a value is not stated.
        """
        body = pb.LearnerSignedIn(
            session=session.bytes,
            method=chosen("method", method),
            capture_hmac=optional_digest("capture_hmac", capture_hmac),
        )
        return self._of_enrolment(body, cohort, person_ref, how)

    def learner_signed_out(
        self,
        *,
        cohort: UUID,
        person_ref: UUID,
        session: UUID,
        method: pb.PresenceMethod.ValueType,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """Sign-out 学员签退.

        Raises:
            DraftError: when the method is not stated.
        """
        body = pb.LearnerSignedOut(session=session.bytes, method=chosen("method", method))
        return self._of_enrolment(body, cohort, person_ref, how)

    def online_lesson_completed(
        self,
        *,
        cohort: UUID,
        person_ref: UUID,
        lesson: str,
        started: datetime,
        watched_minutes: int,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """One online lesson 线上课时完成; written by the platform.

        Args:
            cohort: The cohort.
            person_ref: The learner's reference.
            lesson: Lesson code in the syllabus.
            started: Start of watching, with a UTC offset.
            watched_minutes: Minutes watched.
            how: The circumstances.

        Raises:
            DraftError: when a value is empty or out of range.
        """
        body = pb.OnlineLessonCompleted(
            lesson=text("lesson", lesson),
            started_us=micros("started", started),
            watched_minutes=count("watched_minutes", watched_minutes),
        )
        return self._of_enrolment(body, cohort, person_ref, how)

    def course_test_recorded(
        self,
        *,
        cohort: UUID,
        person_ref: UUID,
        score_hundredths: int,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """The institution's own end-of-course test 结业考核, score in hundredths of a point.

        Raises:
            DraftError: when the score is not from 0 to 10,000.
        """
        body = pb.CourseTestRecorded(score_hundredths=score("score_hundredths", score_hundredths))
        return self._of_enrolment(body, cohort, person_ref, how)

    def theory_exam_result_recorded(
        self,
        *,
        cohort: UUID,
        person_ref: UUID,
        attempt: int,
        score_hundredths: int,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """Result of the theory examination 理论考试成绩登记; written by the exam body.

        Args:
            cohort: The cohort.
            person_ref: The learner's reference.
            attempt: Attempt, from 1.
            score_hundredths: Score in hundredths of a point.
            how: The circumstances.

        Raises:
            DraftError: when attempt or score is out of range.
        """
        body = pb.TheoryExamResultRecorded(
            attempt=ordinal("attempt", attempt),
            score_hundredths=score("score_hundredths", score_hundredths),
        )
        return self._of_enrolment(body, cohort, person_ref, how)

    def practical_exam_result_recorded(
        self,
        *,
        cohort: UUID,
        person_ref: UUID,
        attempt: int,
        score_hundredths: int,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """Result of the practical examination 实操考试成绩登记; written by the exam body.

        Args:
            cohort: The cohort.
            person_ref: The learner's reference.
            attempt: Attempt, from 1.
            score_hundredths: Score in hundredths of a point.
            how: The circumstances.

        Raises:
            DraftError: when attempt or score is out of range.
        """
        body = pb.PracticalExamResultRecorded(
            attempt=ordinal("attempt", attempt),
            score_hundredths=score("score_hundredths", score_hundredths),
        )
        return self._of_enrolment(body, cohort, person_ref, how)

    def learner_withdrew(
        self, *, cohort: UUID, person_ref: UUID, reason: str, how: Circumstances = USUAL
    ) -> CapturedEvent:
        """The learner leaves the cohort 学员退学, with a reason code.

        Raises:
            DraftError: when the reason is empty.
        """
        body = pb.LearnerWithdrew(reason=text("reason", reason))
        return self._of_enrolment(body, cohort, person_ref, how)
