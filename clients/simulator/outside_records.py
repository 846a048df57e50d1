"""What platform and exam body write into an institution's cohorts."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from clients.simulator.examinations import THEORY
from clients.simulator.reality import Exam, Lesson, Reality, Sitting
from clients.simulator.records import Block, Desk, Ref, Stage, cohort_ref, person_ref
from ledger.api.v1 import events_pb2 as pb

_SUBJECTS: Final = {
    THEORY: pb.EXAM_SUBJECT_THEORY,
    "practical": pb.EXAM_SUBJECT_PRACTICAL,
}


def outside_blocks(reality: Reality) -> Iterator[Block]:
    """Yield the platform's blocks, one a cohort and day, and the exam body's."""
    days: defaultdict[tuple[str, date], list[Lesson]] = defaultdict(list)
    for lesson in reality.lessons:
        cohort = reality.learners[lesson.learner].cohort
        days[cohort, lesson.started.date()].append(lesson)
    for (cohort, _), lessons in sorted(days.items()):
        yield _day(reality, cohort, lessons)
    for exam in reality.exams:
        yield from _exam(reality, exam)


def _who(reality: Reality, learner: str) -> dict[str, Ref]:
    about = reality.learners[learner]
    return {"cohort": cohort_ref(about.cohort), "person_ref": person_ref(about.person)}


def _day(reality: Reality, cohort: str, lessons: list[Lesson]) -> Block:
    desk = Desk(reality.town.platform.code, cohort, Stage.PLATFORM)
    for lesson in lessons:
        desk.add(
            "online_lesson_completed",
            lesson.started + timedelta(minutes=lesson.minutes),
            {
                **_who(reality, lesson.learner),
                "lesson": lesson.code,
                "started": lesson.started,
                "watched_minutes": lesson.minutes,
            },
        )
    return desk.block(max(entry.occurred for entry in desk.entries) + timedelta(minutes=1))


def _exam(reality: Reality, exam: Exam) -> Iterator[Block]:
    """Yield the registration, and a block for each sitting."""
    cohort = reality.learners[exam.learner].cohort
    code = reality.town.exam_body.code
    who = _who(reality, exam.learner)
    desk = Desk(code, cohort, Stage.AFTER)
    sitting = f"EX-{exam.registered:%Y%m}-{cohort}"
    desk.add("exam_registered", exam.registered, {**who, "sitting": sitting, "edition": 1})
    yield desk.block(exam.registered)
    for row in exam.sittings:
        desk = Desk(code, cohort, Stage.AFTER)
        _sitting(desk, row, who)
        yield desk.block(row.at + timedelta(hours=6))


def _sitting(desk: Desk, row: Sitting, who: dict[str, Ref]) -> None:
    if row.score is None:
        subject = _SUBJECTS[row.subject]
        desk.add(
            "exam_cheating_recorded",
            row.at,
            {**who, "subject": subject, "attempt": row.attempt, "reason": "FORBIDDEN-AIDS"},
        )
    else:
        desk.add(
            f"{row.subject}_exam_result_recorded",
            row.at,
            {**who, "attempt": row.attempt, "score_hundredths": row.score},
        )
