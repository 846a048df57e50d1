"""Events that correct or void others (DESIGN section 4): nothing recorded is ever changed.

The corrected event is in the same stream, and its cohorts are carried again: the home cohort, and
those it had as a guest in `Circumstances.guest_cohorts`. Two persons stand behind a correction,
`entered_by` and another one in `approved_by`.
"""

from uuid import UUID

from clients.sdk.capture import USUAL, Circumstances
from clients.sdk.captured_events import CapturedEvent
from clients.sdk.corrections import Correction
from clients.sdk.field_values import digest, optional_id, text
from clients.sdk.placed_events import PlacedEvents
from ledger.api.v1 import events_pb2 as pb


class CorrectionEvents(PlacedEvents):
    """What is written about earlier events; by the same kind of writer as wrote these."""

    def cohort_record_corrected(
        self,
        *,
        cohort: UUID,
        target: UUID,
        correction: Correction,
        reason: str,
        evidence_digest: bytes,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """A record of the cohort is corrected 班次记录更正.

        Args:
            cohort: The cohort.
            target: Id of the corrected event.
            correction: The field and its new value.
            reason: Reason code.
            evidence_digest: SHA-256 of the evidence.
            how: The circumstances, with two persons.

        Raises:
            DraftError: when a value is empty or a second person is missing.
        """
        self._by_two_persons(how)
        body = pb.CohortRecordCorrected(
            target=target.bytes,
            field=correction.field,
            number=correction.number,
            id=optional_id(correction.id),
            commitment=correction.commitment,
            reason=text("reason", reason),
            evidence_digest=digest("evidence_digest", evidence_digest),
        )
        return self._of_cohort(body, cohort, how)

    def cohort_event_voided(
        self,
        *,
        cohort: UUID,
        target: UUID,
        reason: str,
        evidence_digest: bytes,
        attributed_to: UUID | None = None,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """A record of the cohort is void 班次记录作废.

        Args:
            cohort: The cohort.
            target: Id of the voided event.
            reason: Reason code.
            evidence_digest: SHA-256 of the evidence.
            attributed_to: Id of the event that states the matter right, in whatever stream; None
                where nothing replaces it.
            how: The circumstances, with two persons.

        Raises:
            DraftError: when a value is empty or a second person is missing.
        """
        self._by_two_persons(how)
        body = pb.CohortEventVoided(
            target=target.bytes,
            reason=text("reason", reason),
            evidence_digest=digest("evidence_digest", evidence_digest),
            attributed_to=optional_id(attributed_to),
        )
        return self._of_cohort(body, cohort, how)

    def record_corrected(
        self,
        *,
        cohort: UUID,
        person_ref: UUID,
        target: UUID,
        correction: Correction,
        reason: str,
        evidence_digest: bytes,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """A record of the enrolment is corrected 记录更正.

        Args:
            cohort: The cohort.
            person_ref: The learner's reference.
            target: Id of the corrected event.
            correction: The field and its new value.
            reason: Reason code.
            evidence_digest: SHA-256 of the evidence.
            how: The circumstances, with two persons.

        Raises:
            DraftError: when a value is empty or a second person is missing.
        """
        self._by_two_persons(how)
        body = pb.RecordCorrected(
            target=target.bytes,
            field=correction.field,
            number=correction.number,
            id=optional_id(correction.id),
            commitment=correction.commitment,
            reason=text("reason", reason),
            evidence_digest=digest("evidence_digest", evidence_digest),
        )
        return self._of_enrolment(body, cohort, person_ref, how)

    def event_voided(
        self,
        *,
        cohort: UUID,
        person_ref: UUID,
        target: UUID,
        reason: str,
        evidence_digest: bytes,
        attributed_to: UUID | None = None,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """A record of the enrolment is void 记录作废: another learner's, or it never happened.

        Args:
            cohort: The cohort.
            person_ref: The learner's reference.
            target: Id of the voided event.
            reason: Reason code.
            evidence_digest: SHA-256 of the evidence.
            attributed_to: Id of the event that states the matter right, in whatever stream; None
                where nothing replaces it.
            how: The circumstances, with two persons.

        Raises:
            DraftError: when a value is empty or a second person is missing.
        """
        self._by_two_persons(how)
        body = pb.EventVoided(
            target=target.bytes,
            reason=text("reason", reason),
            evidence_digest=digest("evidence_digest", evidence_digest),
            attributed_to=optional_id(attributed_to),
        )
        return self._of_enrolment(body, cohort, person_ref, how)
