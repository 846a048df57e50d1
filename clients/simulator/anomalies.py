"""Labelled anomalies, each with a benign look-alike (domain reference, section 5.2).

At least one of each kind that events can express, more in a large town by the published rates.
"""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Final

from clients.simulator.online import cram
from clients.simulator.reality import Change, Exam, Label, Reality, Trouble

_IMPOSSIBLE, _REUSED, _OVERLAPPING, _BACK_DATED, _CLUSTERED = 0.001, 0.002, 0.003, 0.0023, 0.0017
_FULL_MARKS: Final = 10_000


def inject(reality: Reality, random: Random) -> None:
    """Put anomalies into what happened, before anything is reckoned."""
    town = reality.town
    learners = [row.code for cohort in town.cohorts for row in cohort.learners]
    for learner in random.sample(learners, _count(len(learners), _IMPOSSIBLE)):
        cram(reality, learner)
    for stay in random.sample(reality.stays, _count(len(reality.stays), _REUSED)):
        reality.reused.add((stay.learner, stay.session))
        reality.labels.append(Label("REUSED_CAPTURE", benign=False, subject=stay.learner))
    _back_date(reality, random)
    _double_teachers(reality, random)
    for cohort in town.cohorts:
        for room in sorted({row.room for row in cohort.sessions}):
            subject = f"{cohort.institution}-{room}"
            reality.labels.append(Label("SHARED_TERMINAL", benign=True, subject=subject))
    for elder, younger in zip(town.persons, town.persons[1:], strict=False):
        if elder.id_number[6:14] == younger.id_number[6:14] and younger.name.endswith("双"):
            reality.labels.append(Label("TWINS", benign=True, subject=younger.code))


def cluster_scores(reality: Reality, random: Random) -> None:
    """Give everybody of a cohort full marks in every examination."""
    cohorts = [cohort.code for cohort in reality.town.cohorts]
    for cohort in random.sample(cohorts, _count(len(cohorts), _CLUSTERED)):
        for number, exam in enumerate(reality.exams):
            if reality.learners[exam.learner].cohort == cohort:
                passed = [
                    replace(row, score=_FULL_MARKS)
                    for row in exam.sittings
                    if row.attempt == 1 and row.score is not None
                ]
                reality.exams[number] = Exam(exam.learner, exam.registered, tuple(passed))
        reality.labels.append(Label("SCORE_CLUSTER", benign=False, subject=cohort))


def _count(population: int, rate: float) -> int:
    return max(1, round(population * rate))


def _back_date(reality: Reality, random: Random) -> None:
    """Have the attendance of a session typed in weeks later, all of it in one go."""
    cohorts = [cohort.code for cohort in reality.town.cohorts]
    for cohort in random.sample(cohorts, _count(len(cohorts), _BACK_DATED)):
        # No repairs in it, and no guests: a guest's own cohort may be settled sooner.
        troubled = {
            row.session
            for row in reality.stays
            if row.trouble is not Trouble.NONE or not row.learner.startswith(cohort)
        }
        fit = [
            code
            for code, held in sorted(reality.held.items())
            if held.session.cohort == cohort
            and code not in troubled
            and code not in reality.clock_faults
            and not held.pauses
        ]
        if fit:
            # The last of them: nothing was carried over that rests on it.
            reality.back_dated.add(fit[-1])
            reality.labels.append(Label("BACK_DATED_BULK", benign=False, subject=fit[-1]))


def _double_teachers(reality: Reality, random: Random) -> None:
    """Have teachers sign in to a session while they teach another one of their institution."""
    rows = [
        (one.teacher, code)
        for one in reality.held.values()
        for code, other in sorted(reality.held.items())
        if one.session.cohort != other.session.cohort
        and one.start < other.end
        and other.start < one.end
        and one.teacher.partition("-")[0] == other.teacher.partition("-")[0]
    ]
    for teacher, code in random.sample(
        rows, min(len(rows), _count(len(reality.held), _OVERLAPPING))
    ):
        held = reality.held[code]
        reality.held[code] = replace(held, teacher=teacher)
        session = replace(held.session, teacher=teacher)
        known = held.start - timedelta(hours=1)
        reality.changes.append(Change("substituted", session, known, "SICK-LEAVE"))
        reality.labels.append(Label("TEACHER_OVERLAP", benign=False, subject=code))
