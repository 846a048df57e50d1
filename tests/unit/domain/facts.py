"""Recorded events with generated bodies, for tests of what counts of a record.

Times are Asia/Shanghai; day 0 is 2026-03-16, a Monday. The id of an event follows from its index.
"""

from typing import Any

from google.protobuf.message import Message

from ledger.api.v1 import events_pb2 as pb
from ledger.domain.event_types import EVENT_TYPES
from ledger.domain.recorded_event import RecordedEvent
from tests.unit.domain.learner_days import at

COHORT, HOST, OTHER_HOST = b"c" * 16, b"h" * 16, b"o" * 16
ENROLMENT, TEACHER, SECOND_TEACHER = b"e" * 16, b"t" * 16, b"u" * 16
S1, S2, S3 = b"1" * 16, b"2" * 16, b"3" * 16
CLERK, CHIEF, CHIEF_KEY = b"k" * 16, b"f" * 16, b"K" * 32
TERMINAL = "TERM-0001"
FACE = pb.PRESENCE_METHOD_FACE
THEORY, PRACTICE = pb.HOUR_COMPONENT_THEORY_OFFLINE, pb.HOUR_COMPONENT_PRACTICAL


def id_of(index: int) -> bytes:
    return index.to_bytes(16, "big")


def fact(
    index: int,
    clock: str,
    body: Message,
    *,
    day: int = 0,
    recorded_us: int | None = None,
    cohorts: tuple[bytes, ...] = (COHORT,),
    persons: tuple[bytes, bytes] = (b"", b""),
    approver: bytes = b"",
    device: str = "",
    boot: bytes = b"",
) -> RecordedEvent:
    """An event that happened at `clock`; recorded then too, unless another time is given."""
    name = body.DESCRIPTOR.name
    stream = ENROLMENT if EVENT_TYPES[name].kind == "enrolment" else cohorts[0]
    entered_by, approved_by = persons
    header = pb.EventHeader(
        event_id=id_of(index),
        type=name,
        stream=stream,
        cohorts=cohorts,
        occurred_us=at(clock, day),
        device=device,
        entered_by=entered_by,
        approved_by=approved_by,
        approver_key=approver,
    )
    if boot:
        header.clock.boot_id = boot
    # Generated messages obey the protocol of RecordedEvent, but their stubs do not declare it.
    fields: tuple[Any, Any] = header, body
    recorded = at(clock, day) if recorded_us is None else recorded_us
    return RecordedEvent(index, index + 1, name, stream, recorded, *fields)


def scheduled(
    session: bytes = S1,
    start: str = "08:30",
    end: str = "12:00",
    component: pb.HourComponent.ValueType = THEORY,
    *,
    day: int = 0,
    teacher: bytes = TEACHER,
) -> pb.SessionScheduled:
    return pb.SessionScheduled(
        session=session,
        start_us=at(start, day),
        end_us=at(end, day),
        component=component,
        room="R-201",
        teacher=teacher,
    )


def started(session: bytes = S1) -> pb.SessionStarted:
    return pb.SessionStarted(session=session, present=37)


def ended(session: bytes = S1, breaks: int = 0) -> pb.SessionEnded:
    return pb.SessionEnded(session=session, break_minutes=breaks)


def signed_in(session: bytes = S1) -> pb.LearnerSignedIn:
    return pb.LearnerSignedIn(session=session, method=FACE)


def signed_out(session: bytes = S1) -> pb.LearnerSignedOut:
    return pb.LearnerSignedOut(session=session, method=FACE)


def lesson(code: str, clock: str, minutes: int, *, day: int = 0) -> pb.OnlineLessonCompleted:
    return pb.OnlineLessonCompleted(lesson=code, started_us=at(clock, day), watched_minutes=minutes)
