"""Events of the qualification examination beside its results; written by the exam body.

They stand in the enrolment's stream. `Circumstances.recorded_for` names the cohort's institution.
"""

from uuid import UUID

from clients.sdk.capture import USUAL, Circumstances
from clients.sdk.captured_events import CapturedEvent
from clients.sdk.errors import DraftError
from clients.sdk.field_values import chosen, count, optional_digest, ordinal, text
from clients.sdk.placed_events import PlacedEvents
from ledger.api.v1 import events_pb2 as pb


class ExamEvents(PlacedEvents):
    """What an exam body writes about a learner's attempts."""

    def exam_registered(
        self,
        *,
        cohort: UUID,
        person_ref: UUID,
        sitting: str,
        edition: int = 0,
        other_proof_digest: bytes = b"",
        exemption_digest: bytes = b"",
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """Registration for an examination 考试报名; it rests on exactly one of three.

        Args:
            cohort: The cohort.
            person_ref: The learner's reference.
            sitting: Code of the sitting.
            edition: Edition of this enrolment's certificate, from 1.
            other_proof_digest: SHA-256 of a certificate from elsewhere.
            exemption_digest: SHA-256 of an approved exemption.
            how: The circumstances.

        Raises:
            DraftError: when a value is empty or out of range, or not exactly one of the three is
                stated.
        """
        body = pb.ExamRegistered(
            sitting=text("sitting", sitting),
            edition=count("edition", edition),
            other_proof_digest=optional_digest("other_proof_digest", other_proof_digest),
            exemption_digest=optional_digest("exemption_digest", exemption_digest),
        )
        bases = (body.edition, body.other_proof_digest, body.exemption_digest)
        if sum(map(bool, bases)) != 1:
            raise DraftError(
                "exactly one of edition, other_proof_digest and exemption_digest is due"
            )
        return self._of_enrolment(body, cohort, person_ref, how)

    def exam_attempt_voided(
        self,
        *,
        cohort: UUID,
        person_ref: UUID,
        subject: pb.ExamSubject.ValueType,
        attempt: int,
        reason: str,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """An attempt at an examination is void 考试作废.

        Args:
            cohort: The cohort.
            person_ref: The learner's reference.
            subject: The examination.
            attempt: Attempt, from 1.
            reason: Reason code.
            how: The circumstances.

        Raises:
            DraftError: when a value is empty, not stated or out of range.
        """
        body = pb.ExamAttemptVoided(
            subject=chosen("subject", subject),
            attempt=ordinal("attempt", attempt),
            reason=text("reason", reason),
        )
        return self._of_enrolment(body, cohort, person_ref, how)

    def exam_cheating_recorded(
        self,
        *,
        cohort: UUID,
        person_ref: UUID,
        subject: pb.ExamSubject.ValueType,
        attempt: int,
        reason: str,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """Cheating in an examination 考试作弊登记; the attempt is void.

        Args:
            cohort: The cohort.
            person_ref: The learner's reference.
            subject: The examination.
            attempt: Attempt, from 1.
            reason: Reason code.
            how: The circumstances.

        Raises:
            DraftError: when a value is empty, not stated or out of range.
        """
        body = pb.ExamCheatingRecorded(
            subject=chosen("subject", subject),
            attempt=ordinal("attempt", attempt),
            reason=text("reason", reason),
        )
        return self._of_enrolment(body, cohort, person_ref, how)
