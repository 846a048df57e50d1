"""Events of a certificate's stream (docs/formats.md section 8). They name no person."""

from datetime import date
from uuid import UUID

from clients.sdk.capture import USUAL, Circumstances
from clients.sdk.captured_events import CapturedEvent
from clients.sdk.field_values import chosen, day, digest, text
from clients.sdk.placed_events import PlacedEvents
from ledger.api.v1 import events_pb2 as pb


class CertificateEvents(PlacedEvents):
    """What an institution writes about a certificate, and a bureau that names the institution."""

    def training_certificate_issued(
        self,
        *,
        certificate: UUID,
        cohort: UUID,
        issue: pb.TrainingCertificateIssued,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """A training certificate is issued 培训证明签发.

        Args:
            certificate: The certificate, as PrepareCertificate returned it.
            cohort: The home cohort.
            issue: The body, as PrepareCertificate returned it.
            how: The circumstances.

        Raises:
            DraftError: when the body is not complete.
        """
        text("number", issue.number)
        digest("core_digest", issue.core_digest)
        digest("enrolment_digest", issue.enrolment_digest)
        digest("policy", issue.policy)
        return self._of_certificate(issue, certificate, cohort, how)

    def training_certificate_revoked(
        self,
        *,
        certificate: UUID,
        cohort: UUID,
        reason: pb.RevocationReason.ValueType,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """A training certificate is revoked 培训证明撤销.

        Args:
            certificate: The certificate.
            cohort: Its home cohort.
            reason: Class of the reason.
            how: The circumstances; a bureau names the institution in `recorded_for`.

        Raises:
            DraftError: when the reason is not stated.
        """
        body = pb.TrainingCertificateRevoked(reason=chosen("reason", reason))
        return self._of_certificate(body, certificate, cohort, how)

    def training_certificate_superseded(
        self,
        *,
        certificate: UUID,
        cohort: UUID,
        number: str,
        reason: str,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """A training certificate is replaced by its next edition 培训证明换发.

        Args:
            certificate: The certificate that is replaced.
            cohort: Its home cohort.
            number: Number of the certificate that replaces it.
            reason: Reason code.
            how: The circumstances.

        Raises:
            DraftError: when a value is empty or out of range.
        """
        body = pb.TrainingCertificateSuperseded(
            number=text("number", number), reason=text("reason", reason)
        )
        return self._of_certificate(body, certificate, cohort, how)

    def training_certificate_suspended(
        self, *, certificate: UUID, cohort: UUID, reason: str, how: Circumstances = USUAL
    ) -> CapturedEvent:
        """A training certificate is suspended 培训证明暂停, with a reason code; by a bureau.

        Raises:
            DraftError: when the reason is empty.
        """
        body = pb.TrainingCertificateSuspended(reason=text("reason", reason))
        return self._of_certificate(body, certificate, cohort, how)

    def training_certificate_reinstated(
        self, *, certificate: UUID, cohort: UUID, reason: str, how: Circumstances = USUAL
    ) -> CapturedEvent:
        """A suspended certificate is valid again 培训证明恢复, with a reason code; by a bureau.

        Raises:
            DraftError: when the reason is empty.
        """
        body = pb.TrainingCertificateReinstated(reason=text("reason", reason))
        return self._of_certificate(body, certificate, cohort, how)

    def operation_certificate_linked(
        self,
        *,
        certificate: UUID,
        cohort: UUID,
        number_commitment: bytes,
        first_issued: date,
        review_due: date,
        valid_to: date,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """The official certificate is linked 操作证关联; by a bureau.

        Args:
            certificate: The training certificate.
            cohort: Its home cohort.
            number_commitment: Commitment to the official certificate's number.
            first_issued: Day of first issue, Asia/Shanghai.
            review_due: Day by which it is reviewed.
            valid_to: Last day of validity.
            how: The circumstances; a bureau names the institution in `recorded_for`.

        Raises:
            DraftError: when the commitment is not 32 bytes, or a day is a moment.
        """
        body = pb.OperationCertificateLinked(
            number_commitment=digest("number_commitment", number_commitment),
            first_issued=day("first_issued", first_issued),
            review_due=day("review_due", review_due),
            valid_to=day("valid_to", valid_to),
        )
        return self._of_certificate(body, certificate, cohort, how)
