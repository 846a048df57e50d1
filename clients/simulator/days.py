"""Living through the plan: cohort by cohort, each with its own source of chance."""

from random import Random
from typing import Final

from clients.simulator.anomalies import cluster_scores, inject
from clients.simulator.attendance import attend
from clients.simulator.classes import hold_classes
from clients.simulator.examinations import course_tests, examine
from clients.simulator.leavings import goers_of
from clients.simulator.make_ups import make_up
from clients.simulator.online import watch
from clients.simulator.reality import Label, Reality
from clients.simulator.town import Cohort, Learner, Town
from clients.simulator.truth import certificate_refusals, dues

_TWICE: Final = 0.0005
_DOUBLE: Final = 4
"""Learners that a cohort needs so that the second of them can be in two places."""


def live(town: Town) -> Reality:
    """Return what happens in a town; the same town gives the same reality."""
    reality = Reality(town)
    for cohort in town.cohorts:
        reality.learners |= {learner.code: learner for learner in cohort.learners}
    _enrol_twice(reality)
    for cohort in town.cohorts:
        hold_classes(reality, cohort, _chance(town, cohort, "classes"))
    for cohort in town.cohorts:
        random = _chance(town, cohort, "attendance")
        attend(reality, cohort, random, goers_of(reality, cohort, random))
        joined = {row.joined for row in reality.leavings}
        for learner in reality.learners_of(cohort.code):
            if learner.code not in joined:
                watch(reality, cohort, learner, _chance(town, cohort, learner.code))
    for cohort in town.cohorts:
        random = _chance(town, cohort, "make-up")
        make_up(reality, cohort, random)
        course_tests(reality, cohort, random)
    random = Random(f"{town.size.seed}/anomalies")
    inject(reality, random)
    _examine_all(reality)
    cluster_scores(reality, random)
    return reality


def _chance(town: Town, cohort: Cohort, what: str) -> Random:
    return Random(f"{town.size.seed}/{cohort.code}/{what}")


def _enrol_twice(reality: Reality) -> None:
    """Enrol a person in two parallel classes at once, present in both: 代学, 挂名."""
    pairs = [
        (cohort, cohort.sibling)
        for cohort in reality.town.cohorts
        if cohort.sibling > cohort.code
        and reality.town.cohort(cohort.sibling).institution == cohort.institution
        and len(cohort.learners) >= _DOUBLE
    ]
    count = max(1, round(len(reality.learners) * _TWICE))
    for cohort, sibling in pairs[:count]:
        double = Learner(f"{sibling}-L91", sibling, cohort.learners[1].person)
        reality.learners[double.code] = double
        reality.labels.append(Label("SAME_PERSON_TWICE", benign=False, subject=double.code))


def _examine_all(reality: Reality) -> None:
    due = dues(reality)
    for cohort in reality.town.cohorts:
        random = _chance(reality.town, cohort, "exams")
        for learner in reality.learners_of(cohort.code):
            if not certificate_refusals(reality, learner.code, due[learner.code]):
                examine(reality, cohort, learner.code, random)
