"""Cohort files against the ground truth: every figure that differs, in words."""

import time
from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from clients.sdk import Ledger, LedgerClientError
from clients.simulator.programmes import OFFLINE, ONLINE, PRACTICAL
from ledger.api.v1 import cohort_service_pb2 as pb
from ledger.api.v1 import events_pb2

_COMPONENTS: Final = {
    events_pb2.HOUR_COMPONENT_THEORY_OFFLINE: OFFLINE,
    events_pb2.HOUR_COMPONENT_THEORY_ONLINE: ONLINE,
    events_pb2.HOUR_COMPONENT_PRACTICAL: PRACTICAL,
}


_SUBJECTS: Final = {
    events_pb2.EXAM_SUBJECT_THEORY: "theory",
    events_pb2.EXAM_SUBJECT_PRACTICAL: "practical",
}
_PATIENCE_SECONDS: Final = 300.0
_PAUSE_SECONDS: Final = 0.2


def compare(truth: dict[str, Any], ledger: Ledger, size: int = 0) -> list[str]:
    """Return what the cohort files of a ledger have other than truth.json says.

    Args:
        truth: The whole of truth.json.
        ledger: A connection of the bureau's, or of who else may read the cohorts.
        size: Entries that the files have to show at least; 0 for those that are published.

    Raises:
        LedgerClientError: when the ledger does not answer, or its read models stay behind.
    """
    found = []
    # The last entry that is published is a map-commit, which no read model follows.
    size = size or ledger.log.checkpoint().checkpoint.size - 1
    for cohort in truth["cohorts"]:
        found += differences(cohort, _file(ledger, UUID(cohort["cohort"]), size))
    return found


def _file(ledger: Ledger, cohort: UUID, size: int) -> pb.GetCohortFileResponse:
    """Return a cohort file that shows at least so many entries of the log."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        file = ledger.registers.cohort_file(cohort)
        if file.cohort.as_of_size >= size:
            return file
        if time.monotonic() > deadline:
            raise LedgerClientError(f"the read models stay behind {size} entries")
        time.sleep(_PAUSE_SECONDS)


def differences(truth: dict[str, Any], file: pb.GetCohortFileResponse) -> list[str]:
    """Return what differs, one line a figure; none when all of them agree.

    Args:
        truth: The cohort's part of truth.json.
        file: The cohort file of the ledger.
    """
    code = truth["code"]
    found = [*_values(truth, _cohort(file))]
    held = (row for row in file.sessions if (row.started_us and row.ended_us) or row.signed_in)
    for what, due, shown in (
        ("session", truth["sessions"], {row.session: _session(row) for row in held}),
        ("enrolment", truth["learners"], {row.enrolment: _learner(row) for row in file.learners}),
        ("enrolment", truth["guests"], {row.enrolment: _guest(row) for row in file.guests}),
    ):
        rows = {row[what]: row for row in due}
        missing, alien = rows.keys() - shown.keys(), shown.keys() - rows.keys()
        found += [f"{code}: {what} {name} is missing in the ledger" for name in sorted(missing)]
        found += [f"{code}: {what} {name} is not in truth" for name in sorted(alien)]
        for name in sorted(rows.keys() & shown.keys()):
            found += _values(rows[name], shown[name])
    return found


def _values(due: dict[str, Any], shown: dict[str, Any]) -> Iterator[str]:
    for name, value in shown.items():
        if value != due[name]:
            yield f"{due['code']}: {name} is {value} in the ledger, {due[name]} in truth"


def _cohort(file: pb.GetCohortFileResponse) -> dict[str, Any]:
    return {
        "state": file.cohort.state,
        "filed_with": file.filed_with,
        "enrolled": file.cohort.enrolled,
        "certificates": file.cohort.certificates,
        "corrected": file.corrected,
        "items": len(file.items),
        "seals": len(file.seals),
        "held": file.held,
        "cancelled": sorted(row.session for row in file.sessions if row.cancelled),
    }


def _session(row: pb.CohortFileSession) -> dict[str, Any]:
    return {
        "component": _COMPONENTS.get(row.component, ""),
        "teacher": row.teacher,
        "room": row.room,
        "started_us": row.started_us,
        "ended_us": row.ended_us,
        "break_minutes": row.break_minutes,
        "interrupted_minutes": row.interrupted_minutes,
        "coverage_permille": row.coverage_permille,
        "sign_ins": row.signed_in,
        "guests": row.guests,
    }


def _learner(row: pb.CohortFileLearner) -> dict[str, Any]:
    stands = [attempt for attempt in row.attempts if attempt.state == "stands"]
    return {
        "person_ref": row.person_ref,
        "state": row.state,
        "transferred_to": row.transferred_to,
        "hours": {_COMPONENTS[part.component]: part.credited for part in row.hours},
        "minutes": {_COMPONENTS[part.component]: part.minutes for part in row.hours},
        "requirement_met": row.requirement_met,
        "course_test": row.course_test_hundredths,
        "open_sign_ins": row.open_sign_ins,
        "held": row.held,
        "corrected": row.corrected,
        "absences": row.absences,
        "make_ups": sorted(each.session for each in row.make_ups if each.attended),
        "certificate": row.certificate_state == "valid",
        "exam_registered": row.exam_registered,
        "theory_exam": row.theory_exam_hundredths,
        "practical_exam": row.practical_exam_hundredths,
        "attempts": sorted(
            f"{_SUBJECTS[each.subject]}/{each.attempt}/{each.score_hundredths}" for each in stands
        ),
    }


def _guest(row: pb.CohortFileGuest) -> dict[str, Any]:
    return {"sessions": sorted(row.sessions), "held": row.held}
