"""One session as what counts of it shows: timetable, teacher, course, sign-ins, recordings."""

from collections.abc import Iterable
from typing import Final

from ledger.domain.amendments import Corrected, Counted
from ledger.domain.taught_sessions import SessionRecord
from projections.documents import Document
from projections.recording_coverage import covered_per_mille, recording_of, taught_intervals

PLANNED: Final = "planned"
STARTED: Final = "started"
INTERRUPTED: Final = "interrupted"
ENDED: Final = "ended"
CANCELLED: Final = "cancelled"


def session_row(record: SessionRecord) -> Document:
    """Return what a session's facts show, of which there is at least one."""
    timetable, taught = record.timetable, record.taught()
    plan = None if timetable is None else timetable.event.body
    started, ended, interrupted_us = record.started, record.ended, _interrupted(record)
    teacher_in_us, teacher_out_us = record.teacher_times
    recordings = [recording_of(each) for each in record.of("SessionRecordingStored")]
    return {
        "component": int(record.component or 0),
        "room": plan.room if plan else "",
        "teacher": record.teacher.hex(),
        "planned_start_us": plan.start_us if plan else 0,
        "planned_end_us": plan.end_us if plan else 0,
        "rescheduled": len(record.of("SessionRescheduled")),
        "cancelled": record.cancelled,
        "state": _state(record, interrupted_us),
        "started_us": started.at_us if started else 0,
        "interrupted_us": interrupted_us,
        "ended_us": ended.at_us if ended else 0,
        "teachers_signed_in": _signed_in(record.of("TeacherSignedIn")),
        "teacher_in_us": teacher_in_us,
        "teacher_out_us": teacher_out_us,
        "recordings": len({recording.digest for recording in recordings}),
        "recording_per_mille": covered_per_mille(
            recordings, taught_intervals(taught) if taught else ()
        ),
    }


def _state(record: SessionRecord, interrupted_us: int) -> str:
    if record.ended:
        return ENDED
    if record.started:
        return INTERRUPTED if interrupted_us else STARTED
    return CANCELLED if record.cancelled else PLANNED


def _interrupted(record: SessionRecord) -> int:
    """Return since when a session that goes on is interrupted, 0 when it is not."""
    since = 0
    if record.started is None or record.ended is not None:
        return since
    for pause in record.of("SessionInterrupted", "SessionResumed"):
        if pause.event.type == "SessionResumed":
            since = 0
        elif pause.at_us >= record.started.at_us:
            since = since or pause.at_us
    return since


def _signed_in(facts: Iterable[Counted]) -> list[str]:
    """Return the teachers once each, in the order of their first sign-ins."""
    teachers = (fact.id(Corrected.TEACHER, fact.event.body.teacher).hex() for fact in facts)
    return list(dict.fromkeys(teachers))
