"""One session as its facts show it: timetable, teacher, course, teachers' sign-ins, recordings.

A fact is a document with `type`, `index`, `session`, `at_us` and what its type states. Latest and
first go by the log, as in `ledger.domain.enrolment_hours.taught_sessions`: the latest timetable,
the first start, the first end that happened after it.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from ledger.domain.recorded_event import RecordedEvent
from projections.documents import Document
from projections.recording_coverage import Recording, covered_per_mille, taught_intervals

PLANNED: Final = "planned"
STARTED: Final = "started"
INTERRUPTED: Final = "interrupted"
ENDED: Final = "ended"
CANCELLED: Final = "cancelled"

_TIMETABLE: Final = frozenset({"SessionScheduled", "SessionRescheduled"})
_TEACHER: Final = _TIMETABLE | {"TeacherSubstituted"}
_TAKES_PLACE: Final = _TIMETABLE | {"SessionCancelled"}
_PAUSES: Final = frozenset({"SessionInterrupted", "SessionResumed"})
_MEMBERS: Final = {
    "SessionScheduled": ("start_us", "end_us", "component", "room", "teacher"),
    "SessionRescheduled": ("start_us", "end_us", "room", "teacher"),
    "SessionCancelled": (),
    "SessionStarted": (),
    "SessionEnded": (),
    "SessionInterrupted": (),
    "SessionResumed": (),
    "TeacherSignedIn": ("teacher",),
    "TeacherSubstituted": ("teacher",),
    "SessionRecordingStored": ("channel", "from_us", "to_us", "gap_seconds", "recording_digest"),
}

SESSION_FACTS: Final = frozenset(_MEMBERS)
"""Types of the cohort's stream that a session is made of."""


def session_fact(event: RecordedEvent) -> Document:
    """Return the fact that an event of `SESSION_FACTS` states."""
    stated = {name: _plain(getattr(event.body, name)) for name in _MEMBERS[event.type]}
    return {
        "type": event.type,
        "index": event.index,
        "session": event.body.session.hex(),
        "at_us": event.header.occurred_us,
        **stated,
    }


def session_row(facts: Iterable[Document]) -> Document:
    """Return what the facts of one session show, in any order; at least one."""
    ordered = sorted(facts, key=lambda fact: fact["index"])
    plan = _last(ordered, _TIMETABLE)
    started, ended = course(ordered)
    pauses = [fact for fact in ordered if fact["type"] in _PAUSES]
    cancelled = _last(ordered, _TAKES_PLACE).get("type") == "SessionCancelled"
    interrupted_us = 0 if ended or not started else _interrupted(started, pauses)
    recordings = _recordings(ordered)
    return {
        "component": _last(ordered, {"SessionScheduled"}).get("component", 0),
        "room": plan.get("room", ""),
        "teacher": _last(ordered, _TEACHER).get("teacher", ""),
        "planned_start_us": plan.get("start_us", 0),
        "planned_end_us": plan.get("end_us", 0),
        "rescheduled": sum(fact["type"] == "SessionRescheduled" for fact in ordered),
        "cancelled": cancelled,
        "state": _state(started, ended, interrupted_us, cancelled=cancelled),
        "started_us": started,
        "interrupted_us": interrupted_us,
        "ended_us": ended,
        "teachers_signed_in": list(
            dict.fromkeys(f["teacher"] for f in ordered if f["type"] == "TeacherSignedIn")
        ),
        "recordings": len({recording.digest for recording in recordings}),
        "recording_per_mille": covered_per_mille(recordings, taught_time(ordered)),
    }


def course(facts: Sequence[Document]) -> tuple[int, int]:
    """Return start and end of teaching, microseconds since 1970 UTC, 0 for what did not happen."""
    start: int = next((fact["at_us"] for fact in facts if fact["type"] == "SessionStarted"), 0)
    ends = (fact["at_us"] for fact in facts if fact["type"] == "SessionEnded")
    return start, next((end for end in ends if end > start), 0)


def taught_time(facts: Sequence[Document]) -> tuple[tuple[int, int], ...]:
    """Return when teaching went on: from start to end without interruptions."""
    start, end = course(facts)
    if not start or not end:
        return ()
    pauses = (
        (fact["at_us"], fact["type"] == "SessionInterrupted")
        for fact in facts
        if fact["type"] in _PAUSES
    )
    return taught_intervals(start, end, pauses)


def _state(started: int, ended: int, interrupted_us: int, *, cancelled: bool) -> str:
    if ended:
        return ENDED
    if started:
        return INTERRUPTED if interrupted_us else STARTED
    return CANCELLED if cancelled else PLANNED


def _interrupted(started: int, pauses: Sequence[Document]) -> int:
    """Return since when a session that goes on is interrupted, 0 when it is not."""
    since = 0
    for pause in sorted(pauses, key=lambda fact: (fact["at_us"], fact["index"])):
        if pause["type"] == "SessionResumed":
            since = 0
        elif pause["at_us"] >= started:
            since = since or pause["at_us"]
    return since


def _recordings(facts: Iterable[Document]) -> list[Recording]:
    return [
        Recording(
            fact["channel"],
            fact["from_us"],
            fact["to_us"],
            fact["gap_seconds"],
            fact["recording_digest"],
        )
        for fact in facts
        if fact["type"] == "SessionRecordingStored"
    ]


def _last(facts: Sequence[Document], types: Iterable[str]) -> Document:
    wanted = frozenset(types)
    return next((fact for fact in reversed(facts) if fact["type"] in wanted), {})


def _plain(value: Any) -> Any:  # noqa: ANN401 - any field of a body
    return value.hex() if isinstance(value, bytes) else value
