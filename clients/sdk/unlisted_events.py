"""Presence of who has no reference yet 未登记人员 (DESIGN section 6).

They stand in the cohort's stream (docs/formats.md section 3): the terminal gives the person a
ticket for the day, and two persons say later whose presence it was.
"""

from uuid import UUID

from clients.sdk.capture import USUAL, Circumstances
from clients.sdk.captured_events import CapturedEvent
from clients.sdk.field_values import chosen, optional_digest
from clients.sdk.placed_events import PlacedEvents
from ledger.api.v1 import events_pb2 as pb


class UnlistedEvents(PlacedEvents):
    """What an institution and its terminals write about who is on no list yet."""

    def unlisted_signed_in(
        self,
        *,
        cohort: UUID,
        session: UUID,
        ticket: UUID,
        method: pb.PresenceMethod.ValueType,
        capture_hmac: bytes = b"",
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """Sign-in of somebody who has no reference yet 未登记人员签到.

        Args:
            cohort: The cohort.
            session: The session.
            ticket: A random id that the terminal gives this person for the day (`uuid4`).
            method: How presence was established.
            capture_hmac: HMAC of the capture, empty where there is no capture.
            how: The circumstances.

        Raises:
            DraftError: when a value is not stated.
        """
        body = pb.UnlistedSignedIn(
            session=session.bytes,
            method=chosen("method", method),
            ticket=ticket.bytes,
            capture_hmac=optional_digest("capture_hmac", capture_hmac),
        )
        return self._of_cohort(body, cohort, how)

    def unlisted_signed_out(
        self,
        *,
        cohort: UUID,
        session: UUID,
        ticket: UUID,
        method: pb.PresenceMethod.ValueType,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """Sign-out of somebody who has no reference yet 未登记人员签退, by the same ticket.

        Raises:
            DraftError: when the method is not stated.
        """
        body = pb.UnlistedSignedOut(
            session=session.bytes, method=chosen("method", method), ticket=ticket.bytes
        )
        return self._of_cohort(body, cohort, how)

    def unlisted_presence_attributed(
        self,
        *,
        cohort: UUID,
        session: UUID,
        ticket: UUID,
        enrolment: UUID,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """Whose presence a ticket stands for in one session 未登记人员归属.

        Args:
            cohort: The cohort, which is the learner's home cohort.
            session: The session.
            ticket: The ticket.
            enrolment: The learner's enrolment in it (`ledger.log.identifiers.enrolment_id`).
            how: The circumstances, with two persons.

        Raises:
            DraftError: when a second person is missing.
        """
        self._by_two_persons(how)
        body = pb.UnlistedPresenceAttributed(
            session=session.bytes,
            ticket=ticket.bytes,
            enrolment=enrolment.bytes,
        )
        return self._of_cohort(body, cohort, how)
