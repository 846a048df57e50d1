"""What really happened: who was where when. The record tells of it, and `truth` reckons from it.

Where the record is all that there is (a proxy signed in for somebody), reality holds what the
record shows and a label says so: a flag is not a finding, and hours count until somebody decides.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias

from clients.simulator.town import Learner, Session, Town

Visit: TypeAlias = tuple[datetime, datetime]
"""From when to when somebody was there."""

SETTLED: Final = timedelta(days=6)
"""After the last day of a cohort: everything about it is recorded, certificates are asked for."""


class Trouble(StrEnum):
    """What went wrong with the record of a stay."""

    NONE = "none"
    NO_SIGN_OUT = "no-sign-out"
    SIGN_OUT_CORRECTED = "sign-out-corrected"
    TIME_CORRECTED = "time-corrected"
    WRONG_LEARNER = "wrong-learner"


@dataclass(frozen=True, slots=True)
class Pause:
    """Teaching stops for a time: a power cut, a lunch."""

    start: datetime
    end: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Held:
    """A session as it was held.

    Attributes:
        session: The session as planned first.
        start: When teaching started.
        end: When it ended.
        break_minutes: Minutes of breaks; when they were, nobody wrote down.
        pauses: Interruptions.
        teacher: Who taught.
        misstated_break: What the terminal recorded as break, corrected later; None if it was right.
        false_end: A first end by a slip of the finger, voided; None mostly.
    """

    session: Session
    start: datetime
    end: datetime
    break_minutes: int
    pauses: tuple[Pause, ...]
    teacher: str
    misstated_break: int | None = None
    false_end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stay:
    """A learner's presence in one session.

    Attributes:
        learner: Code of the learner.
        session: Code of the session, of the own cohort or of a host's.
        visits: From when to when; two where a lunch lies in between.
        trouble: What went wrong with its record.
        other: Wrong learner: who it was recorded for first.
        planned: A make-up plan names the session, or it is the own cohort's.
    """

    learner: str
    session: str
    visits: tuple[Visit, ...]
    trouble: Trouble = Trouble.NONE
    other: str = ""
    planned: bool = True


@dataclass(frozen=True, slots=True)
class Absence:
    """A session that a learner missed; `make_up` names the session that makes up for it, if any."""

    learner: str
    session: str
    reason: str
    known: datetime
    make_up: str = ""


@dataclass(frozen=True, slots=True)
class Lesson:
    """An online lesson that was watched; the same code again counts for nothing."""

    learner: str
    code: str
    started: datetime
    minutes: int


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the timetable.

    Attributes:
        kind: `rescheduled`, `cancelled`, `added` or `substituted`.
        session: The session.
        known: When the office recorded it.
        reason: Reason code.
    """

    kind: str
    session: Session
    known: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Leaving:
    """A learner leaves: for good, or for another cohort as another learner code."""

    learner: str
    at: datetime
    reason: str
    joined: str = ""


@dataclass(frozen=True, slots=True)
class Sitting:
    """One sitting of an examination; a score of None was cheating, and is void."""

    subject: str
    attempt: int
    at: datetime
    score: int | None


@dataclass(frozen=True, slots=True)
class Exam:
    """A learner's examinations; without sittings nobody came."""

    learner: str
    registered: datetime
    sittings: tuple[Sitting, ...]


@dataclass(frozen=True, slots=True)
class ClockFault:
    """The clock of a session's terminal was wrong from `true` on, when it showed `claim`."""

    session: str
    true: datetime
    claim: datetime

    @property
    def offset(self) -> timedelta:
        """What has to be added to a claimed time."""
        return self.true - self.claim


@dataclass(frozen=True, slots=True)
class Label:
    """A labelled case: an anomaly that should be found, or a benign look-alike that should not."""

    name: str
    benign: bool
    subject: str


@dataclass(slots=True)
class Reality:
    """Everything that happened, in no particular order.

    Attributes:
        town: What was planned.
        learners: All learners by code, those included that came from another cohort.
        held: The sessions that were held, by code.
        tests: Course test scores by learner, hundredths.
        back_dated: Sessions whose attendance the office typed in weeks later.
        reused: Stays whose capture was used before, as (learner, session).
        video_gaps: Seconds missing in the recording, by session.
    """

    town: Town
    learners: dict[str, Learner] = field(default_factory=dict)
    held: dict[str, Held] = field(default_factory=dict)
    stays: list[Stay] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    lessons: list[Lesson] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    leavings: list[Leaving] = field(default_factory=list)
    tests: dict[str, int] = field(default_factory=dict)
    exams: list[Exam] = field(default_factory=list)
    clock_faults: dict[str, ClockFault] = field(default_factory=dict)
    back_dated: set[str] = field(default_factory=set)
    reused: set[tuple[str, str]] = field(default_factory=set)
    video_gaps: dict[str, int] = field(default_factory=dict)
    labels: list[Label] = field(default_factory=list)

    def learners_of(self, cohort: str) -> list[Learner]:
        """Return the learners of a cohort by code."""
        return [row for code, row in sorted(self.learners.items()) if row.cohort == cohort]
