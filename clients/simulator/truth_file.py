"""The ground truth as a document, written next to the event files as truth.json.

| member | what |
|---|---|
| `size` | seed and figures that make this town again |
| `cohorts[]` | figures of the cohort file, its sessions, its learners with hours per day |
| `labels[]` | injected anomalies and benign look-alikes: `name`, `benign`, `subject` (a code) |
| `refusals[]` | decisions that have to be refused: `decision`, `subject`, `codes` |

Ids stand beside codes; hours are 学时 by component, minutes are minutes.
"""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Final

from clients.simulator.ids import Ids
from clients.simulator.office_records import ITEMS, number_of
from clients.simulator.reality import Held, Reality, Stay
from clients.simulator.records import Kind, Wanted
from clients.simulator.town import Cohort
from clients.simulator.truth import Due, dues
from clients.simulator.truth_learners import Document, held_facts, learner_document

VERSION: Final = 1
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND, _MINUTE = timedelta(microseconds=1), timedelta(minutes=1)


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
            {"decision": row.kind, "subject": row.subject, "codes": sorted(row.refusals)}
            for row in wanted
            if row.refusals
        ],
    }


def _cohort(reality: Reality, ids: Ids, cohort: Cohort, due: dict[str, Due]) -> Document:
    learners = reality.learners_of(cohort.code)
    gone = {row.learner for row in reality.leavings}
    rows = [
        learner_document(reality, ids, cohort, learner, due[learner.code]) for learner in learners
    ]
    held = [row for row in reality.held.values() if row.session.cohort == cohort.code]
    cancelled = [
        row.session.code
        for row in reality.changes
        if row.kind == "cancelled" and row.session.cohort == cohort.code
    ]
    return {
        "code": cohort.code,
        "cohort": str(ids.derived(Kind.COHORT, cohort.code)),
        "institution": cohort.institution,
        "number": number_of(cohort),
        "trade": cohort.programme.trade,
        "state": "closed",
        "filed_with": str(ids.parties["bureau"]),
        "enrolled": sum(learner.code not in gone for learner in learners),
        "certificates": sum(row["certificate"] for row in rows),
        "corrected": sum((row.misstated_break is not None) + bool(row.false_end) for row in held),
        "items": len(ITEMS),
        "seals": 1,
        "held": 0,
        "cancelled": sorted(str(ids.derived(Kind.SESSION, code)) for code in cancelled),
        "guests": _guests(reality, ids, cohort),
        "sessions": [_session(reality, ids, row) for row in held],
        "learners": rows,
    }


def _guests(reality: Reality, ids: Ids, cohort: Cohort) -> list[Document]:
    """Return the guests with the sessions that count, and the facts that wait for a plan."""
    stays: defaultdict[str, list[Stay]] = defaultdict(list)
    for stay in reality.stays:
        home = reality.learners[stay.learner].cohort
        if home != cohort.code == reality.held[stay.session].session.cohort:
            stays[stay.learner].append(stay)
    rows = []
    for learner, mine in stays.items():
        about = reality.learners[learner]
        home = reality.town.cohort(about.cohort).institution
        sessions = [row.session for row in mine if row.planned]
        rows.append(
            {
                "code": learner,
                "enrolment": str(ids.enrolment(about.cohort, home, about.person)),
                "sessions": sorted(str(ids.derived(Kind.SESSION, code)) for code in sessions),
                "held": held_facts(mine),
            }
        )
    return rows


def _session(reality: Reality, ids: Ids, held: Held) -> Document:
    code, paused = held.session.code, timedelta()
    for pause in held.pauses:
        paused += pause.end - pause.start
    taught = held.end - held.start
    filmed = taught - timedelta(seconds=reality.video_gaps.get(code, 0))
    stays = [stay for stay in reality.stays if stay.session == code and stay.planned]
    own = sum(reality.learners[stay.learner].cohort == held.session.cohort for stay in stays)
    return {
        "code": code,
        "session": str(ids.derived(Kind.SESSION, code)),
        "component": held.session.component,
        "teacher": str(ids.derived(Kind.STAFF, held.teacher)),
        "room": held.session.room,
        "started_us": (held.start - _EPOCH) // _MICROSECOND,
        "ended_us": (held.end - _EPOCH) // _MICROSECOND,
        "break_minutes": held.break_minutes,
        "interrupted_minutes": paused // _MINUTE,
        "coverage_permille": filmed * 1_000 // taught,
        "sign_ins": own,
        "guests": len(stays) - own,
    }
