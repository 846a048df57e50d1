"""From the events of a cohort's record to the rows that are shown of them."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from ledger.domain.recorded_event import RecordedEvent
from ledger.domain.unlisted_presence import ATTRIBUTION
from ledger.log.identifiers import certificate_id
from projections.fold import home_cohort, kind_of
from projections.ports import FedEvent
from projections.timeline_records import TimelineEvent

CORRECTIONS: Final = frozenset({"RecordCorrected", "CohortRecordCorrected"})
VOIDINGS: Final = frozenset({"EventVoided", "CohortEventVoided"})
_ISSUE: Final = "TrainingCertificateIssued"


class EventReader:
    """Makes rows; knows the events of one record by their ids and its learners by enrolment."""

    def __init__(self, cohort: bytes, events: Sequence[FedEvent]) -> None:
        """Read a record.

        Args:
            cohort: The cohort.
            events: All events that the rows may speak of.
        """
        self._cohort = cohort
        self._indexes = {bytes(event.header.event_id): event.index for event, _ in events}
        self._people = {
            event.stream: bytes(event.header.person_ref)
            for event, _ in events
            if kind_of(event) == "enrolment"
        }
        # No event of a certificate names its holder; its stream follows from holder and edition.
        editions = {event.body.edition for event, _ in events if event.type == _ISSUE}
        self._certificates = {
            certificate_id(UUID(bytes=person), UUID(bytes=enrolment), edition).bytes: enrolment
            for edition in editions
            for enrolment, person in self._people.items()
        }

    def person(self, enrolment: bytes) -> bytes:
        """Return the learner's reference; empty where the record does not have the enrolment."""
        return self._people.get(enrolment, b"")

    def row(self, fed: FedEvent) -> TimelineEvent:
        """Return the row of an event."""
        event, held = fed
        header, kind, target = event.header, kind_of(event), target_of(event)
        enrolment = self._enrolment(event)
        return TimelineEvent(
            index=event.index,
            event_id=bytes(header.event_id),
            type=event.type,
            kind=kind,
            stream=event.stream,
            guest=home_cohort(event) != self._cohort,
            enrolment=enrolment,
            person_ref=self.person(enrolment),
            occurred_us=header.occurred_us,
            recorded_us=event.recorded_us,
            origin=header.record_origin,
            device=header.device,
            held=held,
            target=target,
            target_index=self._indexes.get(target),
        )

    def _enrolment(self, event: RecordedEvent) -> bytes:
        if kind_of(event) == "enrolment":
            return event.stream
        if event.type == ATTRIBUTION:
            return bytes(event.body.enrolment)
        return self._certificates.get(event.stream, b"")


def target_of(event: RecordedEvent) -> bytes:
    """Return the id of the event that another corrects or voids; empty where it does neither."""
    return bytes(event.body.target) if event.type in CORRECTIONS | VOIDINGS else b""
