"""Course tests and examinations, with the rates of the domain reference, section 5.1.

No-show 4 %; theory passed at first by 80 %, at the retake by 60 %; practical work by 92 and 75 %;
four in five take the retake.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Final

from clients.simulator.calendar import SHANGHAI
from clients.simulator.reality import SETTLED, Exam, Reality, Sitting
from clients.simulator.town import Cohort

THEORY: Final = "theory"
PRACTICAL: Final = "practical"
_PASSES: Final = {THEORY: (0.80, 0.60), PRACTICAL: (0.92, 0.75)}
_NO_SHOW, _RETAKES, _CHEATS, _FAILS_TEST = 0.04, 0.80, 0.004, 0.01
_FULL: Final = 10_000
_PASS: Final = 8_000


def settled(cohort: Cohort) -> datetime:
    """Return when everything about a cohort is recorded and certificates are asked for."""
    day = cohort.last_day + SETTLED
    return datetime(day.year, day.month, day.day, 10, tzinfo=SHANGHAI)


def course_tests(reality: Reality, cohort: Cohort, random: Random) -> None:
    """Let who stayed to the end take the course test 结业考核."""
    gone = {row.learner for row in reality.leavings}
    for learner in reality.learners_of(cohort.code):
        if learner.code not in gone:
            failed = random.random() < _FAILS_TEST
            reality.tests[learner.code] = _score(random, passed=not failed)


def examine(reality: Reality, cohort: Cohort, learner: str, random: Random) -> None:
    """Register a learner who has a certificate, and let the examinations be sat."""
    registered = settled(cohort) + timedelta(days=1, minutes=random.randrange(300))
    sittings: tuple[Sitting, ...] = ()
    if random.random() >= _NO_SHOW:
        sittings = tuple(_sit(cohort, registered + timedelta(days=8), random))
    reality.exams.append(Exam(learner, registered, sittings))


def _sit(cohort: Cohort, at: datetime, random: Random) -> Iterator[Sitting]:
    """Yield theory and, once it is passed, practical work, each with at most one retake."""
    subjects = (THEORY, PRACTICAL) if cohort.programme.practical else (THEORY,)
    for number, subject in enumerate(subjects):
        day = at + timedelta(days=number)
        if random.random() < _CHEATS:
            yield Sitting(subject, 1, day, None)
            return
        for attempt, share in enumerate(_PASSES[subject], 1):
            passed = random.random() < share
            yield Sitting(subject, attempt, day, _score(random, passed=passed))
            if passed:
                break
            day += timedelta(days=13)
            if attempt > 1 or random.random() >= _RETAKES:
                return


def _score(random: Random, *, passed: bool) -> int:
    return random.randrange(_PASS, _FULL, 50) if passed else random.randrange(4_000, _PASS, 50)
