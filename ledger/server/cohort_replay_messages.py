"""Between the records of a cohort's history and the contract's messages (cohort_service.proto)."""

from typing import Final

from ledger.api.v1 import cohort_service_pb2 as pb
from ledger.api.v1 import events_pb2
from ledger.domain.event_types import EVENT_TYPES
from ledger.server.cohort_messages import COMPONENTS, cohort_message, item_message
from ledger.server.held_words import held_words
from ledger.server.identifiers import id_text
from projections.replay_queries import Moment
from projections.timeline_records import (
    CertificateChange,
    ChangedEvent,
    CohortDifference,
    FigureChange,
    TimelineEvent,
    TimelineStep,
)

MOST_CHANGED_EVENTS: Final = 5_000
"""Events that one answer to DiffCohort lists; it says how many there are."""


def moment_of(as_of: pb.AsOf) -> Moment:
    """Return the moment that a request names; both bounds of the recorded clock hold."""
    index, recorded_us, occurred_us = None, None, None
    for field in (as_of.WhichOneof("moment"), as_of.WhichOneof("known")):
        match field:
            case "index" | "known_index":
                value = getattr(as_of, field)
                index = value if index is None else min(index, value)
            case "recorded_us" | "known_recorded_us":
                value = getattr(as_of, field)
                recorded_us = value if recorded_us is None else min(recorded_us, value)
            case "occurred_us":
                occurred_us = as_of.occurred_us
    return Moment(index, recorded_us, occurred_us)


def step_message(step: TimelineStep) -> pb.CohortStep:
    """Return a step of a timeline."""
    return pb.CohortStep(event=_event(step.event), hours=map(_hours, step.figures))


def difference_message(found: CohortDifference) -> pb.DiffCohortResponse:
    """Return what tells two moments apart."""
    message = pb.DiffCohortResponse(
        events=map(_changed, found.events[:MOST_CHANGED_EVENTS]),
        events_total=len(found.events),
        hours=map(_hours, found.figures),
        items=map(item_message, found.items),
        certificates=map(_certificate, found.certificates),
        before_size=found.before_size,
        after_size=found.after_size,
    )
    if found.before is not None:
        message.before.CopyFrom(cohort_message(found.before, found.before_size))
    if found.after is not None:
        message.after.CopyFrom(cohort_message(found.after, found.after_size))
    return message


def _event(event: TimelineEvent) -> pb.CohortEvent:
    known = EVENT_TYPES.get(event.type)
    held_zh, held_en = held_words(event.held)
    return pb.CohortEvent(
        index=event.index,
        event_id=id_text(event.event_id),
        type=event.type,
        label_zh=known.label_zh if known else event.type,
        label_en=known.label_en if known else event.type,
        kind=event.kind,
        stream=id_text(event.stream),
        guest=event.guest,
        enrolment=id_text(event.enrolment),
        person_ref=id_text(event.person_ref),
        occurred_us=event.occurred_us,
        recorded_us=event.recorded_us,
        origin=events_pb2.RecordOrigin.ValueType(event.origin),
        device=event.device,
        held=event.held,
        held_zh=held_zh,
        held_en=held_en,
        target=id_text(event.target),
        target_index=event.target_index or 0,
    )


def _hours(change: FigureChange) -> pb.HoursChange:
    return pb.HoursChange(
        enrolment=id_text(change.enrolment),
        person_ref=id_text(change.person_ref),
        component=COMPONENTS[change.component],
        minutes_before=change.minutes_before,
        minutes_after=change.minutes_after,
        hours_before=change.hours_before,
        hours_after=change.hours_after,
    )


def _changed(row: ChangedEvent) -> pb.CohortChangedEvent:
    return pb.CohortChangedEvent(
        event=_event(row.event),
        added=row.added,
        removed=row.removed,
        corrected_by=row.corrected_by or 0,
        voided_by=row.voided_by or 0,
        transcribed=row.transcribed,
        late=row.late,
        released=row.released,
    )


def _certificate(change: CertificateChange) -> pb.CohortCertificateChange:
    return pb.CohortCertificateChange(
        enrolment=id_text(change.enrolment),
        number_before=change.number_before,
        state_before=change.state_before,
        number_after=change.number_after,
        state_after=change.state_after,
    )
