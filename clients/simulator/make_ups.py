"""Missed sessions made up 补课: as a guest of the parallel class, or in a session held for it."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Final

from clients.simulator.attendance import visits_of
from clients.simulator.classes import hold, spares
from clients.simulator.reality import Absence, Change, Held, Label, Reality, Stay
from clients.simulator.town import Cohort, Learner

MADE_UP: Final = 0.92
_GUESTS: Final = 0.5


def make_up(reality: Reality, cohort: Cohort, random: Random) -> None:
    """Make up for absences: as a guest of the parallel class, or in a session held for it."""
    gone = {row.learner: row.at for row in reality.leavings}
    for number, absence in enumerate(reality.absences):
        learner = reality.learners[absence.learner]
        if learner.cohort != cohort.code:
            continue
        wish, session = absence.make_up, ""
        if wish == "absent-open":
            reality.absences[number] = replace(absence, make_up="")
            _sit_in(reality, cohort, absence, random)
            continue
        if learner.code not in gone and (wish or random.random() < MADE_UP):
            elsewhere = wish == "absent-guest" or (not wish and random.random() < _GUESTS)
            session = _elsewhere(reality, cohort, absence) if elsewhere else ""
            session = session or _here(reality, cohort, learner, absence, random)
        reality.absences[number] = replace(absence, make_up=session)
        if session:
            visits = tuple(
                visits_of(reality.held[session], random, late=False, early=False, sure=True)
            )
            reality.stays.append(Stay(learner.code, session, visits))
            if not session.startswith(cohort.code):
                reality.labels.append(Label("MAKE_UP_ELSEWHERE", benign=True, subject=learner.code))


def _sit_in(reality: Reality, cohort: Cohort, absence: Absence, random: Random) -> None:
    """Sit in the parallel class without a plan that says so: it is recorded, and counts nothing."""
    session = _elsewhere(reality, cohort, absence)
    if session:
        visits = tuple(visits_of(reality.held[session], random, late=False, early=False, sure=True))
        reality.stays.append(Stay(absence.learner, session, visits, planned=False))
        reality.labels.append(Label("GUEST_WITHOUT_PLAN", benign=False, subject=absence.learner))


def _elsewhere(reality: Reality, cohort: Cohort, absence: Absence) -> str:
    """Return a later session of the parallel class for the same hours, where nobody is in doubt."""
    missed = reality.held[absence.session].session
    for held in reality.held.values():
        session = held.session
        fits = session.component == missed.component and session.lunch == missed.lunch
        when = absence.known + timedelta(hours=12) < held.start
        in_time = held.end.date() <= cohort.last_day
        if session.cohort == cohort.sibling and fits and when and in_time:
            clear = session.code not in reality.clock_faults and not session.spare
            if clear and not _busy(reality, absence.learner, held):
                return session.code
    return ""


def _here(
    reality: Reality, cohort: Cohort, learner: Learner, absence: Absence, random: Random
) -> str:
    """Return the session that the cohort holds for make-ups; it is held once somebody needs it."""
    missed = reality.held[absence.session].session
    spare = spares(cohort, missed.component)[1]
    if missed.lunch or absence.known > spare.start:
        return ""
    if spare.code not in reality.held:
        held = hold(spare, spare.teacher, random)
        reality.held[spare.code] = held
        known = spare.start - timedelta(days=1)
        reality.changes.append(Change("added", spare, known, ""))
    return "" if _busy(reality, learner.code, reality.held[spare.code]) else spare.code


def _busy(reality: Reality, learner: str, held: Held) -> bool:
    """Tell whether a learner is in class then already, or in that very session."""
    margin = timedelta(minutes=45)
    mine = {stay.session for stay in reality.stays if stay.learner == learner}
    near = (reality.held[code] for code in mine)
    return held.session.code in mine or any(
        row.start - margin < held.end and held.start < row.end + margin for row in near
    )
