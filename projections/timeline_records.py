"""What the timeline and the difference of a cohort consist of; they mirror cohort_service.proto.

Conventions as in `projections.answers`: raw ids, numbers of the proto enums, times in microseconds
since 1970 UTC.
"""

from dataclasses import dataclass

from ledger.domain.policies import HourComponent
from projections.answers import Cohort
from projections.cohort_file_records import CohortFileItem


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """An event of a cohort's record.

    Attributes:
        index: Log index.
        event_id: Id of the event.
        type: Name of its type.
        kind: Kind of its stream.
        stream: The stream.
        guest: It belongs to another cohort, which names this one as where it happened.
        enrolment: The learner's enrolment, also of a certificate's event; empty where none is.
        person_ref: The learner's reference; empty where there is none.
        occurred_us: When it happened, as its author claims.
        recorded_us: When the ledger recorded it.
        origin: Where the record comes from, a number of RecordOrigin.
        device: Serial code of the device; empty where there is none.
        held: Why it counted for nothing when it was recorded; empty when it counted.
        target: Id of the event that it corrects or voids; empty where it does neither.
        target_index: Log index of that event; None where the cohort's record does not hold it.
    """

    index: int
    event_id: bytes
    type: str
    kind: str
    stream: bytes
    guest: bool
    enrolment: bytes
    person_ref: bytes
    occurred_us: int
    recorded_us: int
    origin: int
    device: str
    held: str
    target: bytes
    target_index: int | None


@dataclass(frozen=True, slots=True)
class FigureChange:
    """Hours of one learner in one component, before and after.

    Attributes:
        enrolment: The learner's enrolment.
        person_ref: The learner's reference.
        component: The component.
        minutes_before: Minutes before rounding.
        minutes_after: The same afterwards.
        hours_before: Hours credited.
        hours_after: The same afterwards.
    """

    enrolment: bytes
    person_ref: bytes
    component: HourComponent
    minutes_before: int
    minutes_after: int
    hours_before: int
    hours_after: int


@dataclass(frozen=True, slots=True)
class TimelineStep:
    """One step of the timeline: an event, and the hours that it changed when it was recorded."""

    event: TimelineEvent
    figures: tuple[FigureChange, ...]


@dataclass(frozen=True, slots=True)
class ChangedEvent:
    """An event that tells two moments apart, and what is to be said of it.

    Attributes:
        event: The event.
        added: The later state rests on it, the earlier one does not.
        removed: The earlier state rests on it, the later one does not.
        corrected_by: Log index of an added event that corrects it and counts; None where none does.
        voided_by: Log index of an added event that voids it and counts; None where none does.
        transcribed: Added, and taken over from paper or from another system.
        late: Added, and recorded more than a day after it happened.
        released: It was held in the earlier state and counts in the later one.
    """

    event: TimelineEvent
    added: bool
    removed: bool
    corrected_by: int | None
    voided_by: int | None
    transcribed: bool
    late: bool
    released: bool


@dataclass(frozen=True, slots=True)
class CertificateChange:
    """A learner's newest certificate, before and after.

    Attributes:
        enrolment: The learner's enrolment.
        number_before: Its number; empty when there was none.
        state_before: Its state; empty when there was none.
        number_after: The number afterwards.
        state_after: The state afterwards.
    """

    enrolment: bytes
    number_before: str
    state_before: str
    number_after: str
    state_after: str


@dataclass(frozen=True, slots=True)
class CohortDifference:
    """What tells two moments of a cohort apart.

    Attributes:
        before: The cohort at the first moment; None when there was nothing of it.
        after: The cohort at the second moment.
        before_size: Log size that the first moment rests on.
        after_size: Log size that the second moment rests on.
        events: Events that one state rests on and the other does not, and those that became
            corrected, void or counted; in log order.
        figures: Hours that differ.
        items: Documents added to the file.
        certificates: Learners whose newest certificate differs.
    """

    before: Cohort | None
    after: Cohort | None
    before_size: int
    after_size: int
    events: tuple[ChangedEvent, ...]
    figures: tuple[FigureChange, ...]
    items: tuple[CohortFileItem, ...]
    certificates: tuple[CertificateChange, ...]
