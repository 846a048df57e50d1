"""The demo's world: who takes part, and one cohort of low-voltage electricians as it was trained.

88 hours of theory, 61 of them online and 27 in the classroom, and 60 of practical work: 148 hours
in March 2026. The last learner leaves the last practical session early and lacks two hours.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from hashlib import sha256
from typing import Final
from uuid import UUID, uuid4

from clients.sdk import CapturedEvent, Circumstances, Emitter, PersonRef
from ledger.api.v1 import events_pb2 as pb

SHANGHAI: Final = timezone(timedelta(hours=8))
FIRST_DAY: Final = date(2026, 3, 2)
LAST_DAY: Final = date(2026, 4, 2)
LESSONS: Final = 61
LESSON_MINUTES: Final = 31
LESSONS_A_DAY: Final = 8
BREAK_MINUTES: Final = 30
_THEORY: Final = pb.HOUR_COMPONENT_THEORY_OFFLINE
_PRACTICAL: Final = pb.HOUR_COMPONENT_PRACTICAL
_CARD: Final = pb.PRESENCE_METHOD_ID_CARD


@dataclass(frozen=True, slots=True)
class Session:
    """One half-day of the timetable."""

    id: UUID
    component: pb.HourComponent.ValueType
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Cohort:
    """The cohort and who is in it."""

    id: UUID
    institution: UUID
    platform: UUID
    exam_body: UUID
    policy: bytes
    learners: Sequence[PersonRef]
    sessions: Sequence[Session]


def timetable() -> tuple[Session, ...]:
    """Return 7 theory sessions (27 hours) and 15 practical ones (60 hours), on working days."""
    days = list(_working_days(date(2026, 3, 12)))
    theory = [
        # 8:30 to 12:00 less 30 minutes are 4 hours of 45; the seventh session has 3.
        _session(_THEORY, days[number], 8 * 60 + 30, 210 if number < 6 else 165)  # noqa: PLR2004
        for number in range(7)
    ]
    practical = [_session(_PRACTICAL, days[number], 13 * 60, 210) for number in range(15)]
    return tuple(sorted([*theory, *practical], key=lambda session: session.start))


def _working_days(first: date) -> Iterator[date]:
    day = first
    while day <= LAST_DAY:
        if day.isoweekday() <= 5:  # noqa: PLR2004 - Friday
            yield day
        day += timedelta(days=1)


def _session(
    component: pb.HourComponent.ValueType, day: date, start_minute: int, minutes: int
) -> Session:
    midnight = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
    start = midnight + timedelta(minutes=start_minute)
    return Session(uuid4(), component, start, start + timedelta(minutes=minutes))


def at(moment: datetime) -> Circumstances:
    """Return the circumstances of something that happened at a moment."""
    return Circumstances(occurred=moment)


def on(day: date, hour: int) -> datetime:
    """Return an hour of a day in Shanghai."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)


def planning(office: Emitter, cohort: Cohort) -> list[CapturedEvent]:
    """Return report, plan, timetable, enrolments and opening, as the office writes them."""
    events = [
        office.initial_report_submitted(
            trades=["2010-1.2"],
            document_digest=sha256(b"synthetic initial report").digest(),
            how=at(on(date(2026, 2, 24), 10)),
        ),
        office.cohort_planned(
            cohort=cohort.id,
            trade="2010-1.2",
            trade_name="低压电工作业",
            policy=cohort.policy,
            capacity=40,
            first_day=FIRST_DAY,
            last_day=LAST_DAY,
            number="DEMO-2026-01",
            platform=cohort.platform,
            exam_body=cohort.exam_body,
            how=at(on(date(2026, 2, 25), 10)),
        ),
    ]
    events += [
        office.learner_enrolled(
            cohort=cohort.id,
            person_ref=learner.person_ref,
            identity_commitment=learner.commitment,
            basis="LOCAL-EMPLOYMENT",
            how=at(on(date(2026, 2, 27), 15)),
        )
        for learner in cohort.learners
    ]
    events += [
        office.session_scheduled(
            cohort=cohort.id,
            session=session.id,
            start=session.start,
            end=session.end,
            component=session.component,
            room="R-201" if session.component == _THEORY else "P-LV-1",
            teacher=UUID("7a1e4c52-90b3-4f6d-8e21-3c5b7d9f1a24"),
            how=at(on(date(2026, 2, 28), 11)),
        )
        for session in cohort.sessions
    ]
    opened = at(on(FIRST_DAY, 9))
    events.append(office.cohort_opened(cohort=cohort.id, enrolled=len(cohort.learners), how=opened))
    return events


def lessons(platform: Emitter, cohort: Cohort, learner: PersonRef) -> list[CapturedEvent]:
    """Return a learner's 61 online lessons, eight a day."""
    events = []
    for number in range(LESSONS):
        day, slot = divmod(number, LESSONS_A_DAY)
        started = on(FIRST_DAY + timedelta(days=day), 9) + timedelta(minutes=40 * slot)
        ended = started + timedelta(minutes=LESSON_MINUTES)
        events.append(
            platform.online_lesson_completed(
                cohort=cohort.id,
                person_ref=learner.person_ref,
                lesson=f"LV-ON-{number + 1:02}",
                started=started,
                watched_minutes=LESSON_MINUTES,
                how=Circumstances(occurred=ended, recorded_for=cohort.institution),
            )
        )
    return events


def session_events(
    terminal: Emitter, cohort: Cohort, session: Session, leaves: Callable[[PersonRef], datetime]
) -> list[CapturedEvent]:
    """Return what the terminal captures of one session.

    Args:
        terminal: The classroom terminal.
        cohort: The cohort.
        session: The session.
        leaves: When a learner leaves.
    """
    before = session.start - timedelta(minutes=8)
    events = [
        terminal.learner_signed_in(
            cohort=cohort.id,
            person_ref=learner.person_ref,
            session=session.id,
            method=_CARD,
            how=at(before),
        )
        for learner in cohort.learners
    ]
    present = len(cohort.learners)
    started = at(session.start)
    events.append(
        terminal.session_started(cohort=cohort.id, session=session.id, present=present, how=started)
    )
    out = [
        terminal.learner_signed_out(
            cohort=cohort.id,
            person_ref=learner.person_ref,
            session=session.id,
            method=_CARD,
            how=at(leaves(learner)),
        )
        for learner in cohort.learners
    ]
    ended = terminal.session_ended(
        cohort=cohort.id,
        session=session.id,
        break_minutes=BREAK_MINUTES,
        how=at(session.end),
    )
    return [*events, ended, *out]


def course_tests(office: Emitter, cohort: Cohort) -> list[CapturedEvent]:
    """Return the course tests 结业考核 of all learners."""
    return [
        office.course_test_recorded(
            cohort=cohort.id,
            person_ref=learner.person_ref,
            score_hundredths=8_600 + 100 * number,
            how=at(on(date(2026, 4, 1), 17)),
        )
        for number, learner in enumerate(cohort.learners)
    ]
