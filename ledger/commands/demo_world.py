"""The demo's world: one course of low-voltage electricians, as it was planned and taught.

88 hours of theory, 61 of them online and 27 in the classroom, and 60 of practical work: 148 hours.
The course ends today: its last session is the class of act one. Of those before, one was left
early, one stands on paper for one learner, one had a power cut; the acts come back to these.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Final
from uuid import UUID, uuid4

from clients.sdk import Circumstances, PersonRef
from ledger.api.v1 import events_pb2 as pb
from ledger.log.identifiers import enrolment_id

SHANGHAI: Final = timezone(timedelta(hours=8))
POWER_CUT: Final = timedelta(minutes=20)

_THEORY: Final = pb.HOUR_COMPONENT_THEORY_OFFLINE
_PRACTICAL: Final = pb.HOUR_COMPONENT_PRACTICAL
_HALF_DAY: Final = timedelta(minutes=210)
"""Less the break 180 minutes: 4 hours of 45."""

_SHORT_DAY: Final = timedelta(minutes=165)
"""Less the break 135 minutes: 3 hours."""

_THEORY_DAYS: Final = range(15, 8, -1)
_PRACTICAL_DAYS: Final = range(14, 0, -1)
_POWER_CUT_DAY: Final = 8
_PAPER_DAY: Final = 6
_EARLY_DAY: Final = 4


@dataclass(frozen=True, slots=True)
class Session:
    """A session: what the timetable says of it, and when it really ended."""

    id: UUID
    component: pb.HourComponent.ValueType
    start: datetime
    end: datetime
    ended: datetime


@dataclass(frozen=True, slots=True)
class Course:
    """A cohort and who is in it.

    Attributes:
        id: The cohort.
        institution: Its institution.
        platform: Who teaches online.
        exam_body: Who examines.
        policy: Digest of the pinned policy.
        last_day: Its last day, today.
        people: Its learners, at least 5; the office has not enrolled the last two yet.
        sessions: Its sessions; the last one is today's.
        power_cut: The session with the power cut.
        paper: The session of which one learner's attendance stands on paper.
        early: The session that one learner left early.
    """

    id: UUID
    institution: UUID
    platform: UUID
    exam_body: UUID
    policy: bytes
    last_day: date
    people: Sequence[PersonRef]
    sessions: Sequence[Session]
    power_cut: Session
    paper: Session
    early: Session

    @property
    def today(self) -> Session:
        """The last session."""
        return self.sessions[-1]

    @property
    def short(self) -> PersonRef:
        """Who left a session early and has not sat the course test."""
        return self.people[0]

    @property
    def on_paper(self) -> PersonRef:
        """Who signed on paper once."""
        return self.people[1]

    @property
    def mistyped(self) -> PersonRef:
        """Whose score in the course test was mistyped."""
        return self.people[2]

    def day(self, ago: int) -> date:
        """Return the day so many days before the last one."""
        return self.last_day - timedelta(days=ago)

    def enrolment(self, learner: PersonRef) -> UUID:
        """Return a learner's enrolment in the cohort."""
        return enrolment_id(self.id, learner.person_ref)

    @property
    def enrolled(self) -> Sequence[PersonRef]:
        """Whom the office enrolled in time."""
        return self.people[:-2]

    @property
    def unenrolled(self) -> Sequence[PersonRef]:
        """Whom it enrols today, after class."""
        return self.people[-2:]


def plan_course(
    parties: tuple[UUID, UUID, UUID], policy: bytes, people: Sequence[PersonRef], now: datetime
) -> Course:
    """Return a course whose last session ended four minutes ago.

    Args:
        parties: Institution, platform and exam body.
        policy: Digest of its policy.
        people: Its learners.
        now: The moment.
    """
    last_day, days = now.astimezone(SHANGHAI).date(), {}
    theory = [
        _session(_THEORY, last_day - timedelta(days=days_ago), time(8, 30), length)
        for days_ago, length in zip(_THEORY_DAYS, [_HALF_DAY] * 6 + [_SHORT_DAY], strict=True)
    ]
    for days_ago in _PRACTICAL_DAYS:
        late = POWER_CUT if days_ago == _POWER_CUT_DAY else timedelta()
        days[days_ago] = _session(
            _PRACTICAL, last_day - timedelta(days=days_ago), time(13), _HALF_DAY, late=late
        )
    end = now.replace(second=0, microsecond=0) - timedelta(minutes=4)
    today = Session(uuid4(), _PRACTICAL, end - _HALF_DAY, end, end)
    return Course(
        uuid4(),
        *parties,
        policy,
        last_day,
        people,
        (*sorted([*theory, *days.values()], key=lambda session: session.start), today),
        days[_POWER_CUT_DAY],
        days[_PAPER_DAY],
        days[_EARLY_DAY],
    )


def on(day: date, clock: time) -> datetime:
    """Return a moment of a day in Shanghai."""
    return datetime.combine(day, clock, SHANGHAI)


def at(moment: datetime) -> Circumstances:
    """Return the circumstances of something that happened at a moment."""
    return Circumstances(occurred=moment)


def _session(
    component: pb.HourComponent.ValueType,
    day: date,
    clock: time,
    length: timedelta,
    *,
    late: timedelta = timedelta(),
) -> Session:
    start = on(day, clock)
    return Session(uuid4(), component, start, start + length, start + length + late)
