"""Events of a certificate's stream (docs/formats.md section 8). They name no person."""

from uuid import UUID

from clients.sdk.capture import USUAL, Capture, Circumstances, Place
from clients.sdk.captured_events import CapturedEvent
from clients.sdk.field_values import chosen, digest, text
from ledger.api.v1 import events_pb2 as pb


class CertificateEvents(Capture):
    """What an institution writes about a certificate; a bureau may revoke one too."""

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
        return self._capture(issue, Place(certificate, self._identity.party, cohort), how)

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
        return self._capture(body, Place(certificate, self._identity.party, cohort), how)
