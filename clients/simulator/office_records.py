"""What the office writes of a cohort as a whole: plan, timetable, tests, documents."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Final

from clients.simulator.calendar import moment
from clients.simulator.examinations import settled
from clients.simulator.programmes import OFFLINE
from clients.simulator.reality import Change, Reality
from clients.simulator.records import (
    Block,
    Desk,
    Kind,
    Ref,
    Stage,
    cohort_ref,
    person_ref,
    session_ref,
    staff_ref,
)
from clients.simulator.town import Cohort, Session
from ledger.api.v1 import events_pb2 as pb

_COMPONENTS: Final = {
    OFFLINE: pb.HOUR_COMPONENT_THEORY_OFFLINE,
    "practical": pb.HOUR_COMPONENT_PRACTICAL,
}
ITEMS: Final = (
    "01-plan",
    "02-filing",
    "03-timetable",
    "04-roster",
    "05-applications",
    "06-teachers",
    "07-courseware",
    "08-attendance",
    "11-online-hours",
    "12-tests",
    "13-evaluation",
)
"""Documents that every office files, by class of the checklist."""


def office_blocks(reality: Reality) -> Iterator[Block]:
    """Yield the office's blocks about every cohort."""
    for cohort in reality.town.cohorts:
        yield _plan(reality, cohort)
        yield from _open(reality, cohort)
        yield from _timetable(reality, cohort)
        yield _finish(reality, cohort)


def number_of(cohort: Cohort) -> str:
    """Return the institution's own number of a cohort."""
    return f"SIM-{cohort.first_day.year}-{cohort.code}"


def _at(day: date, hour: int, days: int = 0) -> datetime:
    return moment(day + timedelta(days=days), 60 * hour)


def _desk(cohort: Cohort, stage: Stage) -> Desk:
    return Desk(cohort.institution, cohort.code, stage)


def _plan(reality: Reality, cohort: Cohort) -> Block:
    desk, at = _desk(cohort, Stage.PLAN), _at(cohort.first_day, 10, -12)
    programme, me = cohort.programme, cohort_ref(cohort.code)
    desk.add(
        "cohort_planned",
        at,
        {
            "cohort": me,
            "trade": programme.trade,
            "trade_name": programme.name,
            "policy": Ref(Kind.POLICY, programme.id),
            "capacity": len(cohort.learners) + 4,
            "first_day": cohort.first_day,
            "last_day": cohort.last_day,
            "number": number_of(cohort),
            "platform": Ref(Kind.PARTY, reality.town.platform.code),
            "exam_body": Ref(Kind.PARTY, reality.town.exam_body.code),
        },
    )
    desk.add(
        "cohort_filed",
        at + timedelta(hours=2),
        {
            "cohort": me,
            "bureau": Ref(Kind.PARTY, "bureau"),
            "rooms": sorted({row.room for row in cohort.sessions}),
            "teachers": tuple(
                staff_ref(code) for code in sorted({r.teacher for r in cohort.sessions})
            ),
        },
    )
    return desk.block(at + timedelta(hours=2))


def _open(reality: Reality, cohort: Cohort) -> Iterator[Block]:
    desk, at = _desk(cohort, Stage.OPEN), _at(cohort.first_day, 9)
    joined = {row.joined for row in reality.leavings}
    enrolled = sum(row.code not in joined for row in reality.learners_of(cohort.code))
    desk.add("cohort_opened", at, {"cohort": cohort_ref(cohort.code), "enrolled": enrolled})
    yield desk.block(at)


def _timetable(reality: Reality, cohort: Cohort) -> Iterator[Block]:
    desk, at = _desk(cohort, Stage.TIMETABLE), _at(cohort.first_day, 15, -10)
    for session in cohort.sessions:
        if not session.spare:
            _schedule(desk, session, at)
    yield desk.block(at)
    for change in sorted(reality.changes, key=lambda row: row.known):
        if change.session.cohort == cohort.code:
            desk = _desk(cohort, Stage.TIMETABLE)
            _change(desk, change)
            yield desk.block(change.known)


def _schedule(desk: Desk, session: Session, at: datetime) -> None:
    desk.add(
        "session_scheduled",
        at,
        {
            "cohort": cohort_ref(session.cohort),
            "session": session_ref(session.code),
            "start": session.start,
            "end": session.end,
            "component": _COMPONENTS[session.component],
            "room": session.room,
            "teacher": staff_ref(session.teacher),
        },
    )


def _change(desk: Desk, change: Change) -> None:
    session = change.session
    where = {"cohort": cohort_ref(session.cohort), "session": session_ref(session.code)}
    teacher = staff_ref(session.teacher)
    match change.kind:
        case "added":
            _schedule(desk, session, change.known)
        case "cancelled":
            desk.add("session_cancelled", change.known, {**where, "reason": change.reason})
        case "substituted":
            desk.add(
                "teacher_substituted",
                change.known,
                {**where, "teacher": teacher, "reason": change.reason},
            )
        case _:
            desk.add(
                "session_rescheduled",
                change.known,
                {
                    **where,
                    "start": session.start,
                    "end": session.end,
                    "room": session.room,
                    "teacher": teacher,
                    "reason": change.reason,
                },
            )


def _finish(reality: Reality, cohort: Cohort) -> Block:
    """Return course tests, evaluation and documents."""
    desk, at = _desk(cohort, Stage.OFFICE), settled(cohort) - timedelta(days=2)
    learners = reality.learners_of(cohort.code)
    for number, learner in enumerate(learners):
        if learner.code in reality.tests:
            desk.add(
                "course_test_recorded",
                at + timedelta(minutes=number),
                {
                    "cohort": cohort_ref(cohort.code),
                    "person_ref": person_ref(learner.person),
                    "score_hundredths": reality.tests[learner.code],
                },
            )
    after = at + timedelta(hours=4)
    desk.add(
        "training_evaluation_submitted",
        after,
        {
            "cohort": cohort_ref(cohort.code),
            "respondents": max(1, len(learners) - 2),
            "score_hundredths": 460,
        },
    )
    for number, item in enumerate(ITEMS):
        desk.add(
            "archive_item_added",
            after + timedelta(minutes=1 + number),
            {
                "cohort": cohort_ref(cohort.code),
                "item_class": item,
                "salted_digest": sha256(f"{cohort.code}/{item}".encode()).digest(),
                "media_type": "application/pdf",
                "size": 40_000 + number,
                "place": "ARCHIVE-1",
            },
        )
    return desk.block(after + timedelta(hours=1))
