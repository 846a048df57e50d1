"""Where events belong: the streams of docs/formats.md section 2, one method for each kind.

An office or a terminal writes for its own party. Whoever writes for another (a platform, an exam
body or a bureau into an institution's cohort) names it in `Circumstances.recorded_for`.
"""

from uuid import UUID

from google.protobuf.message import Message

from clients.sdk.capture import Capture, Circumstances, Place
from clients.sdk.captured_events import CapturedEvent
from clients.sdk.errors import DraftError
from ledger.log.identifiers import enrolment_id


class PlacedEvents(Capture):
    """Captures a body into the stream that its kind has."""

    def _of_cohort(self, body: Message, cohort: UUID, how: Circumstances) -> CapturedEvent:
        """Return an event of a cohort's stream, which is the cohort's id."""
        return self._capture(body, Place(cohort, self._identity.party, cohort), how)

    def _of_enrolment(
        self, body: Message, cohort: UUID, person_ref: UUID, how: Circumstances
    ) -> CapturedEvent:
        """Return an event of one learner in one cohort; the stream follows from the two."""
        stream = enrolment_id(cohort, person_ref)
        return self._capture(body, Place(stream, self._identity.party, cohort, person_ref), how)

    def _of_certificate(
        self, body: Message, certificate: UUID, cohort: UUID, how: Circumstances
    ) -> CapturedEvent:
        """Return an event of a certificate; it names the home cohort and no person."""
        return self._capture(body, Place(certificate, self._identity.party, cohort), how)

    def _of_institution(
        self, body: Message, institution: UUID | None, how: Circumstances
    ) -> CapturedEvent:
        """Return an event of a party's stream, which is the party's id.

        Raises:
            DraftError: when the circumstances name another party.
        """
        institution = institution or self._identity.party
        if how.recorded_for not in (None, institution):
            raise DraftError(
                f"recorded_for: {how.recorded_for} is not the institution {institution}"
            )
        return self._capture(body, Place(institution, institution), how)

    def _of_staff(self, body: Message, staff: UUID, how: Circumstances) -> CapturedEvent:
        """Return an event of a staff file 一人一档, which belongs to no cohort."""
        return self._capture(body, Place(staff, self._identity.party), how)

    def _by_two_persons(self, how: Circumstances) -> None:
        """Check that two persons stand behind an event.

        Raises:
            DraftError: when the second one is missing, or is the first.
        """
        entered_by = how.entered_by or self._entered_by
        if entered_by is None or how.approved_by is None:
            raise DraftError("entered_by and approved_by: two persons stand behind it")
        if entered_by == how.approved_by:
            raise DraftError("approved_by: it is the person who entered it")
