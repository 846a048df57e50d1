"""Events of admission to a cohort: eligibility, identity, transfer from one cohort to another.

They stand in the enrolment's stream (docs/formats.md section 3).
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from clients.sdk.capture import USUAL, Circumstances
from clients.sdk.captured_events import CapturedEvent
from clients.sdk.field_values import (
    chosen,
    count,
    credited_hours,
    optional_digest,
    optional_id,
    text,
)
from clients.sdk.placed_events import PlacedEvents
from ledger.api.v1 import events_pb2 as pb

_INDEX_LIMIT: Final = 2**53


class AdmissionEvents(PlacedEvents):
    """What is written about a learner's admission; an exam body checks identities too."""

    def enrolment_eligibility_verified(
        self,
        *,
        cohort: UUID,
        person_ref: UUID,
        reviewer: UUID,
        evidence_digest: bytes = b"",
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """The learner is eligible 资格审核通过.

        Args:
            cohort: The cohort.
            person_ref: The learner's reference.
            reviewer: The reviewer's staff file.
            evidence_digest: SHA-256 of the evidence, empty where there is none.
            how: The circumstances.

        Raises:
            DraftError: when the digest is not 32 bytes.
        """
        body = pb.EnrolmentEligibilityVerified(
            reviewer=reviewer.bytes,
            evidence_digest=optional_digest("evidence_digest", evidence_digest),
        )
        return self._of_enrolment(body, cohort, person_ref, how)

    def enrolment_rejected(
        self, *, cohort: UUID, person_ref: UUID, reason: str, how: Circumstances = USUAL
    ) -> CapturedEvent:
        """The enrolment is rejected 报名驳回, with a reason code; its seat is free again.

        Raises:
            DraftError: when the reason is empty.
        """
        body = pb.EnrolmentRejected(reason=text("reason", reason))
        return self._of_enrolment(body, cohort, person_ref, how)

    def identity_verified(
        self,
        *,
        cohort: UUID,
        person_ref: UUID,
        method: pb.PresenceMethod.ValueType,
        score_band: str = "",
        consent: str = "",
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """Person and document agree 人证核验通过.

        Args:
            cohort: The cohort.
            person_ref: The learner's reference.
            method: How it was established.
            score_band: Band of the comparison score, A to E; empty where nothing was compared.
            consent: Reference of the consent to face recognition, empty where there was none.
            how: The circumstances.

        Raises:
            DraftError: when the method is not stated.
        """
        body = pb.IdentityVerified(
            method=chosen("method", method), score_band=score_band, consent=consent
        )
        return self._of_enrolment(body, cohort, person_ref, how)

    def identity_mismatch_detected(
        self,
        *,
        cohort: UUID,
        person_ref: UUID,
        method: pb.PresenceMethod.ValueType,
        session: UUID | None = None,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """Person and document do not agree 人证不符.

        Args:
            cohort: The cohort.
            person_ref: The learner's reference.
            method: How it was established.
            session: The session; None outside of one.
            how: The circumstances.

        Raises:
            DraftError: when the method is not stated.
        """
        body = pb.IdentityMismatchDetected(
            session=optional_id(session), method=chosen("method", method)
        )
        return self._of_enrolment(body, cohort, person_ref, how)

    def learner_transferred(
        self,
        *,
        cohort: UUID,
        person_ref: UUID,
        to_cohort: UUID,
        reason: str,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """The learner goes to another cohort 转班; written where the learner was until now.

        Args:
            cohort: The cohort that the learner leaves.
            person_ref: The learner's reference.
            to_cohort: The cohort that the learner goes to.
            reason: Reason code.
            how: The circumstances.

        Raises:
            DraftError: when the reason is empty.
        """
        body = pb.LearnerTransferred(to_cohort=to_cohort.bytes, reason=text("reason", reason))
        return self._of_enrolment(body, cohort, person_ref, how)

    def credits_carried_over(
        self,
        *,
        cohort: UUID,
        person_ref: UUID,
        from_cohort: UUID,
        up_to_index: int,
        credited: Mapping[pb.HourComponent.ValueType, int],
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """Hours of the enrolment that the learner was transferred from 学时结转.

        Args:
            cohort: The cohort that the learner is in now.
            person_ref: The learner's reference.
            from_cohort: The cohort that the hours come from.
            up_to_index: Its entries below this log index were counted.
            credited: Hours 学时 by component, at least one.
            how: The circumstances.

        Raises:
            DraftError: when a value is out of range, or no hours are stated.
        """
        body = pb.CreditsCarriedOver(
            from_cohort=from_cohort.bytes,
            up_to_index=count("up_to_index", up_to_index, _INDEX_LIMIT),
            credited=credited_hours(credited),
        )
        return self._of_enrolment(body, cohort, person_ref, how)
