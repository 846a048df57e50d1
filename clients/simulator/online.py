"""Online lessons: at most 8 a day of 30 to 32 minutes, so that a day's minutes make its hours."""

from datetime import timedelta
from itertools import islice
from random import Random
from typing import Final

from clients.simulator.calendar import moment, working_days
from clients.simulator.reality import Label, Lesson, Reality
from clients.simulator.timetable import LESSONS_A_DAY
from clients.simulator.town import Cohort, Learner

_TWICE, _BROKEN_OFF = 0.02, 0.0005
_CRAMMED: Final = 16


def watch(reality: Reality, cohort: Cohort, learner: Learner, random: Random) -> None:
    """Let a learner watch all lessons of the programme in the evenings of the first days."""
    lessons = cohort.programme.lessons
    days = list(islice(working_days(cohort.first_day), -(-lessons // LESSONS_A_DAY)))
    for number in range(lessons):
        day, slot = divmod(number, LESSONS_A_DAY)
        started = moment(days[day], 15 * 60 + 40 * slot + random.randrange(6))
        minutes = random.randrange(30, 33)
        if random.random() < _BROKEN_OFF:
            minutes = random.randrange(3, 20)
        code = f"{cohort.programme.trade}-ON-{number + 1:02}"
        reality.lessons.append(Lesson(learner.code, code, started, minutes))
        if random.random() < _TWICE:
            # Watched again later that evening, and longer: the first counts.
            again = started + timedelta(hours=1)
            reality.lessons.append(Lesson(learner.code, code, again, minutes + 5))


def cram(reality: Reality, learner: str) -> None:
    """Have a learner's first lessons all watched within one hour: hours that cannot be."""
    mine = [row for row in reality.lessons if row.learner == learner]
    crammed = sorted(mine, key=lambda row: row.started)[:_CRAMMED]
    first = crammed[0].started
    for number, lesson in enumerate(crammed):
        at = first + timedelta(minutes=2 * number)
        reality.lessons[reality.lessons.index(lesson)] = Lesson(
            learner, lesson.code, at, lesson.minutes
        )
    reality.labels.append(Label("IMPOSSIBLE_HOURS", benign=False, subject=learner))
