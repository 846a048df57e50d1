"""Events of attendance beside sign-in and sign-out: spot checks, absence, make-up.

They stand in the enrolment's stream (docs/formats.md section 3).
"""

from datetime import date
from uuid import UUID

from clients.sdk.capture import USUAL, Circumstances
from clients.sdk.captured_events import CapturedEvent
from clients.sdk.field_values import chosen, day, optional_digest, text
from clients.sdk.placed_events import PlacedEvents
from ledger.api.v1 import events_pb2 as pb


class AttendanceEvents(PlacedEvents):
    """What an institution writes about who was there, who was not, and what makes up for it."""

    def presence_spot_checked(
        self,
        *,
        cohort: UUID,
        person_ref: UUID,
        session: UUID,
        present: bool,
        method: pb.PresenceMethod.ValueType,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """Spot check in a session 在场抽检.

        Args:
            cohort: The cohort.
            person_ref: The learner's reference.
            session: The session.
            present: The learner was there.
            method: How that was established.
            how: The circumstances.

        Raises:
            DraftError: when the method is not stated.
        """
        body = pb.PresenceSpotChecked(
            session=session.bytes, present=present, method=chosen("method", method)
        )
        return self._of_enrolment(body, cohort, person_ref, how)

    def absence_recorded(
        self,
        *,
        cohort: UUID,
        person_ref: UUID,
        session: UUID,
        reason: str,
        evidence_digest: bytes = b"",
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """Absence from a session 缺课登记.

        Args:
            cohort: The cohort.
            person_ref: The learner's reference.
            session: The missed session.
            reason: Reason code.
            evidence_digest: SHA-256 of the evidence, empty where there is none.
            how: The circumstances.

        Raises:
            DraftError: when the reason is empty or the digest not 32 bytes.
        """
        body = pb.AbsenceRecorded(
            session=session.bytes,
            reason=text("reason", reason),
            evidence_digest=optional_digest("evidence_digest", evidence_digest),
        )
        return self._of_enrolment(body, cohort, person_ref, how)

    def make_up_scheduled(
        self,
        *,
        cohort: UUID,
        person_ref: UUID,
        missed: UUID,
        session: UUID,
        host_cohort: UUID,
        due_day: date,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """Make-up of a missed session 补课安排, also as a guest of another cohort.

        Args:
            cohort: The learner's home cohort.
            person_ref: The learner's reference.
            missed: The missed session.
            session: The session that makes up for it.
            host_cohort: The cohort that holds it, the home cohort or another.
            due_day: Last day for it, Asia/Shanghai.
            how: The circumstances.

        Raises:
            DraftError: when the day is a moment.
        """
        body = pb.MakeUpScheduled(
            missed=missed.bytes,
            session=session.bytes,
            cohort=host_cohort.bytes,
            due_day=day("due_day", due_day),
        )
        return self._of_enrolment(body, cohort, person_ref, how)

    def make_up_completed(
        self, *, cohort: UUID, person_ref: UUID, session: UUID, how: Circumstances = USUAL
    ) -> CapturedEvent:
        """A make-up was attended 补课完成; `session` is the one that makes up for the missed."""
        body = pb.MakeUpCompleted(session=session.bytes)
        return self._of_enrolment(body, cohort, person_ref, how)
