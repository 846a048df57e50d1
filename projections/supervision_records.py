"""What an officer is shown across cohorts: records that mirror supervision_service.proto.

Conventions as in `projections.answers`: raw ids, numbers of the proto enums, times in microseconds
since 1970 UTC, 0 where there is none.
"""

from dataclasses import dataclass

from projections.answers import Certificate
from projections.documents import Document
from projections.irregular import IrregularKind


@dataclass(frozen=True, slots=True)
class DaySession:
    """A session with its timetable and what became of it.

    Attributes:
        session: The session.
        cohort: Its cohort.
        cohort_number: The institution's own number of the cohort; empty while it has no plan.
        trade_name: Trade name of the cohort.
        institution: The cohort's owner.
        institution_name: Its name.
        area: Its area code.
        place: Where the session stands in its day.
        shown: What its facts show (`projections.session_rows.session_row`).
        unlisted: People who signed in without a reference and are attributed to no enrolled
            learner.
        signed_in: Learners with a sign-in.
        checked_present: Learners found present in spot checks.
        checked_absent: Learners found absent in spot checks.
    """

    session: bytes
    cohort: bytes
    cohort_number: str
    trade_name: str
    institution: bytes
    institution_name: str
    area: str
    place: bytes
    shown: Document
    unlisted: int
    signed_in: int
    checked_present: int
    checked_absent: int


@dataclass(frozen=True, slots=True)
class IrregularRecord:
    """A record and what it shows.

    Attributes:
        kind: What it shows.
        details: The particulars that say how: members by kind, for instance `code` of what is held.
        index: Log index.
        event_id: The event.
        type: Its type.
        cohort: Its home cohort; empty when it is of none.
        enrolment: The enrolment; empty when it is of none.
        institution: Who owns the cohort.
        area: Area code of the owner.
        occurred_us: When it happened by the emitter's clock.
        recorded_us: When the ledger recorded it.
        voided_by: The event that voids it; empty while none does.
    """

    kind: IrregularKind
    details: Document
    index: int
    event_id: bytes
    type: str
    cohort: bytes
    enrolment: bytes
    institution: bytes
    area: str
    occurred_us: int
    recorded_us: int
    voided_by: bytes


@dataclass(frozen=True, slots=True)
class TracedSession:
    """A session that the person signed in to.

    Attributes:
        session: The session.
        cohort: The cohort that held it; the home cohort when no timetable has it.
        shown: What its facts show; empty when there are none.
        signed_in_us: The person's first sign-in.
    """

    session: bytes
    cohort: bytes
    shown: Document
    signed_in_us: int


@dataclass(frozen=True, slots=True)
class TracedEnrolment:
    """One enrolment of the person, with all editions of its certificate and what was attended."""

    enrolment: bytes
    cohort: bytes
    cohort_number: str
    trade_name: str
    state: str
    certificates: tuple[Certificate, ...]
    sessions: tuple[TracedSession, ...]


@dataclass(frozen=True, slots=True)
class TracedReference:
    """The person as one institution knows one."""

    institution: bytes
    institution_name: str
    person_ref: bytes
    enrolments: tuple[TracedEnrolment, ...]
