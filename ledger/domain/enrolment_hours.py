"""From recorded events to a learner's hours (DESIGN sections 4 and 5).

Picks what `ledger.domain.hours` needs out of a cohort's and an enrolment's events; other types are
passed over, and the order given is irrelevant. An event whose clock is ahead is HELD and counts for
nothing (`ledger.domain.holding`). Whether the enrolment is open and the cohort planned is not asked
here: who decides on the result asks it, and facts recorded before count from then on.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from ledger.domain.holding import held_code
from ledger.domain.hours import LearnerHours, Lesson, Mark, TaughtSession, evaluate_hours
from ledger.domain.policies import HourComponent, HourRules
from ledger.domain.recorded_event import RecordedEvent

_COMPONENTS: Final = {component.value: component for component in HourComponent}


def learner_hours(
    cohort_events: Iterable[RecordedEvent],
    enrolment_events: Iterable[RecordedEvent],
    rules: HourRules,
) -> LearnerHours:
    """Compute the hours of one learner from the recorded events.

    Args:
        cohort_events: Events of the cohort's stream.
        enrolment_events: Events of the learner's enrolment stream.
        rules: The hours part of the pinned policy.
    """
    marks, lessons = marks_and_lessons(enrolment_events)
    return evaluate_hours(taught_sessions(cohort_events), marks, lessons, rules)


def taught_sessions(cohort_events: Iterable[RecordedEvent]) -> tuple[TaughtSession, ...]:
    """Return the sessions that were taught, by start, then id.

    A session was taught when it stands in the timetable, was started and was ended. Its latest
    SessionScheduled gives the component, its first SessionStarted the start, and the first
    SessionEnded that happened after that start gives end and breaks. Latest and first go by the
    log: an end that arrives before its start counts, a second start or end recorded later moves
    nothing.
    """
    scheduled: dict[bytes, RecordedEvent] = {}
    started: dict[bytes, RecordedEvent] = {}
    ended: defaultdict[bytes, list[RecordedEvent]] = defaultdict(list)
    for event in _counted("cohort", cohort_events):
        match event.type:
            case "SessionScheduled":
                scheduled[event.body.session] = event
            case "SessionStarted":
                started.setdefault(event.body.session, event)
            case "SessionEnded":
                ended[event.body.session].append(event)
    sessions = (
        taught
        for session in scheduled.keys() & started.keys()
        for taught in _taught(scheduled[session], started[session], ended[session])
    )
    return tuple(sorted(sessions, key=lambda taught: (taught.start_us, taught.session)))


def marks_and_lessons(
    enrolment_events: Iterable[RecordedEvent],
) -> tuple[tuple[Mark, ...], tuple[Lesson, ...]]:
    """Return a learner's sign-ins and sign-outs, and the online lessons, each in log order."""
    marks, lessons = [], []
    for event in _counted("enrolment", enrolment_events):
        body = event.body
        match event.type:
            case "LearnerSignedIn" | "LearnerSignedOut":
                is_sign_in = event.type == "LearnerSignedIn"
                marks.append(Mark(body.session, event.header.occurred_us, is_sign_in, event.index))
            case "OnlineLessonCompleted":
                lessons.append(
                    Lesson(body.lesson, body.started_us, body.watched_minutes, event.index)
                )
    return tuple(marks), tuple(lessons)


def _counted(kind: str, events: Iterable[RecordedEvent]) -> list[RecordedEvent]:
    counted = (
        event
        for event in events
        if not held_code(
            kind,
            opened=True,
            occurred_us=event.header.occurred_us,
            recorded_us=event.recorded_us,
        )
    )
    return sorted(counted, key=lambda event: event.index)


def _taught(
    scheduled: RecordedEvent, started: RecordedEvent, ends: Iterable[RecordedEvent]
) -> Iterator[TaughtSession]:
    start_us = started.header.occurred_us
    ended = next((end for end in ends if end.header.occurred_us > start_us), None)
    # Offline readers have no protovalidate before them: a component that is none credits nothing.
    component = _COMPONENTS.get(scheduled.body.component)
    if ended and component:
        yield TaughtSession(
            scheduled.body.session,
            component,
            start_us,
            ended.header.occurred_us,
            ended.body.break_minutes,
            (scheduled.index, started.index, ended.index),
        )
