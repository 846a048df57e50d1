"""The events of the demo's course up to yesterday: plan, enrolments, lessons, sessions, tests."""

from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from clients.sdk import CapturedEvent, Circumstances, Emitter, PersonRef
from ledger.api.v1 import events_pb2 as pb
from ledger.commands.demo_world import Course, Session, at, on

TRADE: Final = "2010-1.2"
TEACHER: Final = UUID("7a1e4c52-90b3-4f6d-8e21-3c5b7d9f1a24")
CLERK: Final = UUID("b2f0c7d4-1e58-4a39-9c06-5d8e7f3a2b10")
DIRECTOR: Final = UUID("e91d3a66-47b2-4c0f-a5d8-0f6c2b7e9431")
BREAK_MINUTES: Final = 30
LEFT_EARLY: Final = timedelta(minutes=75)
"""Who leaves so early has 105 minutes of 180: 2 of 4 hours."""

MISTYPED: Final = 6_800
"""Hundredths of a point that were typed for 86 points."""

_CARD: Final = pb.PRESENCE_METHOD_ID_CARD
_LESSONS: Final = 61
_LESSON_MINUTES: Final = 31
_LESSONS_A_DAY: Final = 8


def from_paper(moment: datetime, document: bytes) -> Circumstances:
    """Return those of a record that two persons took over from a paper."""
    return Circumstances(
        occurred=moment,
        record_origin=pb.RECORD_ORIGIN_TRANSCRIBED_PAPER,
        source_digest=sha256(document).digest(),
        entered_by=CLERK,
        approved_by=DIRECTOR,
    )


def planning(office: Emitter, course: Course) -> list[CapturedEvent]:
    """Return report, staff, plan, enrolments, timetable and opening, as the office writes them."""
    first, of = course.day(26), at(on(course.day(28), time(10)))
    events = [
        office.initial_report_submitted(
            trades=[TRADE], document_digest=sha256(b"synthetic report").digest(), how=of
        ),
        *(
            office.staff_appointed(
                staff=staff,
                role=role,
                identity_commitment=sha256(staff.bytes).digest(),
                subject=TRADE,
                from_day=first,
                how=of,
            )
            for staff, role in (
                (TEACHER, pb.STAFF_ROLE_FULL_TIME_TEACHER),
                (CLERK, pb.STAFF_ROLE_MANAGER),
                (DIRECTOR, pb.STAFF_ROLE_MANAGER),
            )
        ),
        office.cohort_planned(
            cohort=course.id,
            trade=TRADE,
            trade_name="低压电工作业",
            policy=course.policy,
            capacity=40,
            first_day=first,
            last_day=course.day(0),
            number="DEMO-01",
            platform=course.platform,
            exam_body=course.exam_body,
            how=of,
        ),
        *(enrolment(office, course, learner, first) for learner in course.enrolled),
        *(scheduled(office, course.id, session, of) for session in course.sessions),
    ]
    opened = at(on(first, time(9)))
    return [
        *events,
        office.cohort_opened(cohort=course.id, enrolled=len(course.enrolled), how=opened),
    ]


def enrolment(office: Emitter, course: Course, learner: PersonRef, day: date) -> CapturedEvent:
    """Return an enrolment."""
    return office.learner_enrolled(
        cohort=course.id,
        person_ref=learner.person_ref,
        identity_commitment=learner.commitment,
        basis="LOCAL-EMPLOYMENT",
        how=at(on(day, time(8))),
    )


def scheduled(office: Emitter, cohort: UUID, session: Session, how: Circumstances) -> CapturedEvent:
    """Return the timetable's line of a session."""
    return office.session_scheduled(
        cohort=cohort,
        session=session.id,
        start=session.start,
        end=session.end,
        component=session.component,
        room="R-201" if session.component == pb.HOUR_COMPONENT_THEORY_OFFLINE else "P-LV-1",
        teacher=TEACHER,
        how=how,
    )


def lessons(platform: Emitter, course: Course, learner: PersonRef) -> list[CapturedEvent]:
    """Return a learner's 61 online lessons, eight a day."""
    events = []
    for number in range(_LESSONS):
        day, slot = divmod(number, _LESSONS_A_DAY)
        started = on(course.day(25 - day), time(9)) + timedelta(minutes=40 * slot)
        ended = started + timedelta(minutes=_LESSON_MINUTES)
        events.append(
            platform.online_lesson_completed(
                cohort=course.id,
                person_ref=learner.person_ref,
                lesson=f"LV-ON-{number + 1:02}",
                started=started,
                watched_minutes=_LESSON_MINUTES,
                how=Circumstances(occurred=ended, recorded_for=course.institution),
            )
        )
    return events


def taught(terminal: Emitter, course: Course, session: Session) -> list[CapturedEvent]:
    """Return what the terminal captured of an earlier session."""
    there = [
        learner
        for learner in course.enrolled
        if session is not course.paper or learner is not course.on_paper
    ]
    before, after = session.start - timedelta(minutes=8), session.ended + timedelta(minutes=2)
    came = [
        terminal.learner_signed_in(
            cohort=course.id,
            session=session.id,
            person_ref=learner.person_ref,
            method=_CARD,
            how=at(before),
        )
        for learner in there
    ]
    left = [
        terminal.learner_signed_out(
            cohort=course.id,
            session=session.id,
            person_ref=learner.person_ref,
            method=_CARD,
            how=at(
                session.ended - LEFT_EARLY
                if session is course.early and learner is course.short
                else after
            ),
        )
        for learner in there
    ]
    start, end = at(session.start), at(session.ended)
    return [
        terminal.teacher_signed_in(
            cohort=course.id, session=session.id, teacher=TEACHER, method=_CARD, how=at(before)
        ),
        *came,
        terminal.session_started(
            cohort=course.id, session=session.id, present=len(there), how=start
        ),
        terminal.session_ended(
            cohort=course.id, session=session.id, break_minutes=BREAK_MINUTES, how=end
        ),
        *left,
        terminal.session_recording_stored(
            cohort=course.id,
            session=session.id,
            channel="CAM-1",
            first=session.start,
            last=session.ended,
            recording_digest=sha256(session.id.bytes).digest(),
            gap_seconds=0,
            how=at(after),
        ),
    ]


def course_tests(office: Emitter, course: Course) -> list[CapturedEvent]:
    """Return the course tests 结业考核: of who is short none yet, and one mistyped."""
    return [
        office.course_test_recorded(
            cohort=course.id,
            person_ref=learner.person_ref,
            score_hundredths=MISTYPED
            if learner is course.mistyped
            else 8_500 + 100 * (number % 10),
            how=at(on(course.day(1), time(17))),
        )
        for number, learner in enumerate(course.enrolled)
        if learner is not course.short
    ]
