"""What the cohort file 一期一档 consists of: records that mirror GetCohortFileResponse.

Conventions as in `projections.answers`: raw ids and digests, numbers of the proto enums, times in
microseconds since 1970 UTC.
"""

from dataclasses import dataclass

from ledger.domain.policies import HourComponent
from projections.answers import Cohort


@dataclass(frozen=True, slots=True)
class CohortFileSession:
    """A session of the timetable with what became of it.

    Attributes:
        session: The session.
        component: What is taught, a number of HourComponent; 0 when not scheduled.
        room: Room code.
        teacher: The teacher's staff file.
        planned_start_us: Planned start; 0 when not scheduled.
        planned_end_us: Planned end.
        started_us: Actual start; 0 when not started.
        ended_us: Actual end; 0 when not ended.
        break_minutes: Minutes of breaks.
        signed_in: Learners with a sign-in that counts.
        recorded: A recording was kept.
    """

    session: bytes
    component: int
    room: str
    teacher: bytes
    planned_start_us: int
    planned_end_us: int
    started_us: int
    ended_us: int
    break_minutes: int
    signed_in: int
    recorded: bool


@dataclass(frozen=True, slots=True)
class CohortFileHours:
    """Hours of one learner in one component.

    Attributes:
        component: The component.
        required: Hours asked for. Those of online theory are what classroom theory leaves of all
            theory, so that the three add up to the programme.
        credited: Hours credited.
        minutes: Minutes before rounding.
        events: Log indices of the events that make them.
    """

    component: HourComponent
    required: int
    credited: int
    minutes: int
    events: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CohortFileLearner:
    """One learner of the cohort.

    Attributes:
        enrolment: The enrolment.
        person_ref: The learner's reference.
        state: enrolled, withdrawn, or unopened when facts came first.
        hours: Hours by component; none while no policy is pinned.
        requirement_met: All hours reach what the policy asks for.
        course_test_hundredths: Best course test; 0 when there is none.
        open_sign_ins: Sign-ins without sign-out.
        certificate: Number of the newest certificate; empty when there is none.
        certificate_state: valid or revoked; empty when there is none.
        theory_exam_hundredths: Best theory examination; 0 when there is none.
        practical_exam_hundredths: Best practical examination; 0 when there is none.
        held: Facts that are held.
    """

    enrolment: bytes
    person_ref: bytes
    state: str
    hours: tuple[CohortFileHours, ...]
    requirement_met: bool
    course_test_hundredths: int
    open_sign_ins: int
    certificate: str
    certificate_state: str
    theory_exam_hundredths: int
    practical_exam_hundredths: int
    held: int


@dataclass(frozen=True, slots=True)
class CohortFileItem:
    """A document of the file.

    Attributes:
        item_class: Class in the checklist.
        media_type: Media type.
        size: Bytes.
        salted_digest: SHA-256 over its salt and bytes.
        place: Code of the place where it is kept.
        custodian: Party that keeps it; empty for the institution itself.
        index: Log index of the event.
    """

    item_class: str
    media_type: str
    size: int
    salted_digest: bytes
    place: str
    custodian: bytes
    index: int


@dataclass(frozen=True, slots=True)
class CohortFileCheck:
    """One line of the checklist; `present` when a document of the class is in the file."""

    item_class: str
    label_zh: str
    label_en: str
    present: bool


@dataclass(frozen=True, slots=True)
class CohortFile:
    """The cohort file.

    Attributes:
        cohort: The cohort in brief.
        sessions: Sessions by planned start.
        learners: Learners by enrolment.
        items: Documents by log index.
        checklist: The policy's checklist; empty while none is pinned.
        events: Events of the cohort's record.
    """

    cohort: Cohort
    sessions: tuple[CohortFileSession, ...]
    learners: tuple[CohortFileLearner, ...]
    items: tuple[CohortFileItem, ...]
    checklist: tuple[CohortFileCheck, ...]
    events: int
