"""The ground truth as a document, written next to the event files as truth.json.

| member | what |
|---|---|
| `size` | seed and figures that make this town again |
| `cohorts[]` | figures of the cohort file, its sessions, its learners with hours per day |
| `labels[]` | injected anomalies and benign look-alikes: `name`, `benign`, `subject` (a code) |
| `refusals[]` | decisions that have to be refused: `decision`, `learner`, `codes` |

Ids stand beside codes; hours are 学时 by component, minutes are minutes.
"""

from collections import Counter
from typing import Any, Final

from clients.simulator.examinations import PRACTICAL as PRACTICAL_EXAM
from clients.simulator.examinations import THEORY as THEORY_EXAM
from clients.simulator.ids import Ids
from clients.simulator.office_records import number_of
from clients.simulator.programmes import COMPONENTS
from clients.simulator.reality import Reality, Stay, Trouble
from clients.simulator.records import Kind, Wanted
from clients.simulator.town import Cohort, Learner
from clients.simulator.truth import Due, certificate_refusals, dues

VERSION: Final = 1
Document = dict[str, Any]


def truth_document(reality: Reality, ids: Ids, wanted: list[Wanted]) -> Document:
    """Return the ground truth of a town under the ids that its events have.

    Args:
        reality: What happened.
        ids: Resolves codes.
        wanted: The decisions that are asked for.
    """
    size, due = reality.town.size, dues(reality)
    return {
        "v": VERSION,
        "size": {
            "seed": size.seed,
            "cohorts": size.cohorts,
            "learners": size.learners,
            "institutions": len(reality.town.institutions),
            "start": size.start.isoformat(),
        },
        "cohorts": [_cohort(reality, ids, cohort, due) for cohort in reality.town.cohorts],
        "labels": [
            {"name": row.name, "benign": row.benign, "subject": row.subject}
            for row in sorted(reality.labels, key=lambda row: (row.name, row.subject))
        ],
        "refusals": [
            {"decision": row.kind, "learner": row.learner, "codes": sorted(row.refusals)}
            for row in wanted
            if row.refusals
        ],
    }


def _cohort(reality: Reality, ids: Ids, cohort: Cohort, due: dict[str, Due]) -> Document:
    learners = reality.learners_of(cohort.code)
    gone = {row.learner for row in reality.leavings}
    rows = [_learner(reality, ids, cohort, learner, due[learner.code]) for learner in learners]
    return {
        "code": cohort.code,
        "cohort": str(ids.derived(Kind.COHORT, cohort.code)),
        "institution": cohort.institution,
        "number": number_of(cohort),
        "trade": cohort.programme.trade,
        "enrolled": sum(learner.code not in gone for learner in learners),
        "certificates": sum(row["certificate"] for row in rows),
        "sessions": _sessions(reality, ids, cohort),
        "learners": rows,
    }


def _sessions(reality: Reality, ids: Ids, cohort: Cohort) -> list[Document]:
    """Return the sessions that were held, with the own learners and the guests signed in."""
    own: Counter[str] = Counter()
    guests: Counter[str] = Counter()
    for stay in reality.stays:
        home = reality.learners[stay.learner].cohort
        host = reality.held[stay.session].session.cohort
        (own if home == host else guests)[stay.session] += 1
    return [
        {
            "code": session.code,
            "session": str(ids.derived(Kind.SESSION, session.code)),
            "component": session.component,
            "minutes": _taught_minutes(reality, session.code),
            "sign_ins": own[session.code],
            "guests": guests[session.code],
        }
        for session in cohort.sessions
        if session.code in reality.held
    ]


def _taught_minutes(reality: Reality, session: str) -> int:
    held = reality.held[session]
    taught = held.end - held.start
    for pause in held.pauses:
        taught -= max(min(pause.end, held.end) - max(pause.start, held.start), taught * 0)
    return int(taught.total_seconds()) // 60 - held.break_minutes


def _learner(reality: Reality, ids: Ids, cohort: Cohort, learner: Learner, due: Due) -> Document:
    refusals = certificate_refusals(reality, learner.code, due)
    short = due.shortfalls(cohort.programme)
    leaving = next((row for row in reality.leavings if row.learner == learner.code), None)
    state = "enrolled" if leaving is None else "transferred" if leaving.joined else "withdrawn"
    reference = ids.persons[cohort.institution, learner.person].person_ref
    stays = [row for row in reality.stays if row.learner == learner.code]
    return {
        "code": learner.code,
        "person": learner.person,
        "person_ref": str(reference),
        "enrolment": str(ids.enrolment(cohort.code, cohort.institution, learner.person)),
        "state": state,
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
        "certificate": not refusals,
        "theory_exam": _best(reality, learner.code, THEORY_EXAM),
        "practical_exam": _best(reality, learner.code, PRACTICAL_EXAM),
        "sessions": _attended(stays),
    }


def _attended(stays: list[Stay]) -> list[str]:
    return sorted(stay.session for stay in stays)


def _best(reality: Reality, learner: str, subject: str) -> int:
    scores = (
        row.score
        for exam in reality.exams
        if exam.learner == learner
        for row in exam.sittings
        if row.subject == subject and row.score is not None
    )
    return max(scores, default=0)
