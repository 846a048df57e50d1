"""The learners of truth.json: standing, hours, repairs, absences, examinations."""

from typing import Any, Final

from clients.simulator.examinations import PRACTICAL, THEORY
from clients.simulator.ids import Ids
from clients.simulator.programmes import COMPONENTS
from clients.simulator.reality import Reality, Stay, Trouble
from clients.simulator.records import Kind
from clients.simulator.town import Cohort, Learner
from clients.simulator.truth import Due, certificate_refusals

Document = dict[str, Any]
_AMENDED: Final = frozenset({Trouble.SIGN_OUT_CORRECTED, Trouble.TIME_CORRECTED})


def learner_document(
    reality: Reality, ids: Ids, cohort: Cohort, learner: Learner, due: Due
) -> Document:
    """Return what is due to a learner, and what the record shows of one."""
    refusals = certificate_refusals(reality, learner.code, due)
    short = due.shortfalls(cohort.programme)
    reference = ids.persons[cohort.institution, learner.person].person_ref
    stays = [row for row in reality.stays if row.learner == learner.code]
    absences = [row for row in reality.absences if row.learner == learner.code]
    return {
        "code": learner.code,
        "person": learner.person,
        "person_ref": str(reference),
        "enrolment": str(ids.enrolment(cohort.code, cohort.institution, learner.person)),
        **_standing(reality, ids, learner),
        "hours": {part: due.total(part) for part in COMPONENTS},
        "carried": {part: due.carried[part] for part in COMPONENTS},
        "minutes": {part: due.minutes_of(part) for part in COMPONENTS},
        "days": {
            day.isoformat(): {part: minutes for part, minutes in row.items() if minutes}
            for day, row in sorted(due.minutes.items())
        },
        "requirement_met": not short,
        "short": [
            {"component": part, "required": required, "credited": credited}
            for part, required, credited in short
        ],
        "course_test": reality.tests.get(learner.code, 0),
        "open_sign_ins": sum(row.trouble is Trouble.NO_SIGN_OUT for row in stays),
        "held": held_facts(stays),
        "corrected": _amendments(reality, learner.code, stays),
        "absences": len(absences),
        "make_ups": sorted(
            str(ids.derived(Kind.SESSION, row.make_up)) for row in absences if row.make_up
        ),
        "certificate": not refusals,
        **_exams(reality, learner.code),
        "sessions": sorted(stay.session for stay in stays),
    }


def _standing(reality: Reality, ids: Ids, learner: Learner) -> Document:
    leaving = next((row for row in reality.leavings if row.learner == learner.code), None)
    state, to_cohort = "enrolled", ""
    if leaving is not None and leaving.joined:
        state = "transferred"
        to_cohort = str(ids.derived(Kind.COHORT, reality.learners[leaving.joined].cohort))
    elif leaving is not None:
        state = "withdrawn"
    return {"state": state, "transferred_to": to_cohort}


def _amendments(reality: Reality, learner: str, stays: list[Stay]) -> int:
    """Return the corrections and voidings of a learner's record."""
    voided = sum(2 * len(stay.visits) for stay in reality.stays if stay.other == learner)
    return voided + sum(stay.trouble in _AMENDED for stay in stays)


def _exams(reality: Reality, learner: str) -> Document:
    mine = [exam for exam in reality.exams if exam.learner == learner]
    rows = [row for exam in mine for row in exam.sittings if row.score is not None]
    return {
        "exam_registered": bool(mine),
        "theory_exam": max((row.score or 0 for row in rows if row.subject == THEORY), default=0),
        "practical_exam": max(
            (row.score or 0 for row in rows if row.subject == PRACTICAL), default=0
        ),
        "attempts": sorted(f"{row.subject}/{row.attempt}/{row.score}" for row in rows),
    }


def held_facts(stays: list[Stay]) -> int:
    """Return the sign-ins and sign-outs that no plan names."""
    return sum(2 * len(stay.visits) for stay in stays if not stay.planned)
