"""What the cohort file 一期一档 consists of: records that mirror GetCohortFileResponse.

Conventions as in `projections.answers`: raw ids and digests, numbers of the proto enums, times in
microseconds since 1970 UTC.
"""

from dataclasses import dataclass

from ledger.domain.exams import ExamAttempt
from ledger.domain.policies import HourComponent
from projections.answers import Cohort


@dataclass(frozen=True, slots=True)
class CohortFileSession:
    """A session of the timetable with what became of it.

    Attributes:
        session: The session.
        component: What is taught, a number of HourComponent; 0 when not scheduled.
        room: Room code.
        teacher: Staff file of who teaches it, after substitutions.
        planned_start_us: Planned start, after changes; 0 when not scheduled.
        planned_end_us: Planned end.
        started_us: Actual start; 0 when not started.
        ended_us: Actual end; 0 when not ended.
        break_minutes: Minutes of breaks.
        interrupted_minutes: Minutes of interruptions, rounded down.
        signed_in: Learners of the cohort with a sign-in that counts.
        guests: Guests of other cohorts with a sign-in that counts.
        recorded: A recording was kept.
        coverage_permille: Share of the teaching that recordings cover, per mille.
        teacher_signed_in: Its teacher signed in.
        teacher_in_us: First sign-in of its teacher; 0 when there is none.
        teacher_out_us: Last sign-out of its teacher; 0 when there is none.
        cancelled: It does not take place.
        spot_checks: Spot checks of the cohort's learners.
        missed_spot_checks: Those in which the learner was not there.
        unlisted: People who signed in without a reference and are attributed to no learner of the
            file yet.
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
    interrupted_minutes: int
    signed_in: int
    guests: int
    recorded: bool
    coverage_permille: int
    teacher_signed_in: bool
    teacher_in_us: int
    teacher_out_us: int
    cancelled: bool
    spot_checks: int
    missed_spot_checks: int
    unlisted: int


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
class CohortFileMakeUp:
    """A make-up 补课 that was planned.

    Attributes:
        missed: The missed session.
        session: The session that makes up for it.
        cohort: The cohort that holds it.
        due_day: Last day for it, YYYYMMDD.
        attended: The learner signed in to it.
    """

    missed: bytes
    session: bytes
    cohort: bytes
    due_day: int
    attended: bool


@dataclass(frozen=True, slots=True)
class CohortFileResult:
    """What the hours come to under one of the policies that the cohort was pinned to.

    Attributes:
        policy: Digest of the policy.
        hours: Hours of all components together.
        met: They reach what this policy asks for.
    """

    policy: bytes
    hours: int
    met: bool


@dataclass(frozen=True, slots=True)
class CohortFileLearner:
    """One learner of the cohort.

    Attributes:
        enrolment: The enrolment.
        person_ref: The learner's reference.
        state: enrolled, withdrawn, rejected, transferred, or unopened when facts came first.
        transferred_to: The cohort that the learner was transferred to; empty otherwise.
        hours: Hours by component; none while no policy is pinned.
        requirement_met: All hours reach what the policy asks for.
        results: What they come to under each policy that was pinned, the present one last; none
            while there was only one.
        course_test_hundredths: Best course test; 0 when there is none.
        open_sign_ins: Sign-ins without sign-out.
        absences: Absences recorded.
        make_ups: Make-ups planned, in log order.
        certificate: Number of the newest certificate; empty when there is none.
        certificate_state: valid, suspended, superseded or revoked; empty when there is none.
        attempts: Attempts at examinations.
        theory_exam_hundredths: Best theory examination that stands; 0 when there is none.
        practical_exam_hundredths: Best practical examination that stands; 0 when there is none.
        exam_registered: A registration for an examination counts.
        held: Facts that are held.
        corrected: Corrections and voidings that count.
    """

    enrolment: bytes
    person_ref: bytes
    state: str
    transferred_to: bytes
    hours: tuple[CohortFileHours, ...]
    requirement_met: bool
    results: tuple[CohortFileResult, ...]
    course_test_hundredths: int
    open_sign_ins: int
    absences: int
    make_ups: tuple[CohortFileMakeUp, ...]
    certificate: str
    certificate_state: str
    attempts: tuple[ExamAttempt, ...]
    theory_exam_hundredths: int
    practical_exam_hundredths: int
    exam_registered: bool
    held: int
    corrected: int


@dataclass(frozen=True, slots=True)
class CohortFileGuest:
    """A learner of another cohort in this cohort's sessions.

    Attributes:
        enrolment: The enrolment.
        cohort: Its home cohort.
        sessions: Sessions of this cohort with a sign-in that counts.
        held: Facts in this cohort's sessions that wait for the home side's make-up plan.
    """

    enrolment: bytes
    cohort: bytes
    sessions: tuple[bytes, ...]
    held: int


@dataclass(frozen=True, slots=True)
class CohortFileItem:
    """A document: class, media type, bytes, salted digest, place code, custodian, log index."""

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
class CohortFileSeal:
    """A seal: version, documents, last day of retention, log index, events since then."""

    version: int
    items: int
    retain_until: int
    index: int
    later_events: int


@dataclass(frozen=True, slots=True)
class CohortFileEvaluation:
    """An evaluation: the teacher (empty for the cohort), respondents, mean score in hundredths."""

    teacher: bytes
    respondents: int
    score_hundredths: int


@dataclass(frozen=True, slots=True)
class CohortFileCourseware:
    """A review of courseware: code, version, digest, the reviewer's staff file, log index."""

    courseware: str
    version: int
    document_digest: bytes
    reviewer: bytes
    index: int


@dataclass(frozen=True, slots=True)
class CohortFilePin:
    """A policy that the cohort was pinned to: digest, log index, when it was recorded."""

    policy: bytes
    index: int
    at_us: int


@dataclass(frozen=True, slots=True)
class CohortFile:
    """The cohort file.

    Attributes:
        cohort: The cohort in brief.
        filed_with: Bureau that it was filed with; empty while it was not.
        pins: Policies in the order of pinning.
        sessions: Sessions by planned start.
        learners: Learners by enrolment.
        guests: Guests by enrolment.
        evaluations: Evaluations in log order.
        courseware: Reviews of courseware in log order.
        items: Documents by log index.
        checklist: The policy's checklist; empty while none is pinned.
        seals: Seals by version.
        held: Facts of the cohort's own stream that are held.
        corrected: Corrections and voidings of its own stream that count.
        events: Events of the cohort's record.
    """

    cohort: Cohort
    filed_with: bytes
    pins: tuple[CohortFilePin, ...]
    sessions: tuple[CohortFileSession, ...]
    learners: tuple[CohortFileLearner, ...]
    guests: tuple[CohortFileGuest, ...]
    evaluations: tuple[CohortFileEvaluation, ...]
    courseware: tuple[CohortFileCourseware, ...]
    items: tuple[CohortFileItem, ...]
    checklist: tuple[CohortFileCheck, ...]
    seals: tuple[CohortFileSeal, ...]
    held: int
    corrected: int
    events: int
