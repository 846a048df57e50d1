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
    found = [
        *_pairs(code, {"enrolled": truth["enrolled"]}, {"enrolled": file.cohort.enrolled}),
        *_pairs(
            code,
            {"certificates": truth["certificates"]},
            {"certificates": file.cohort.certificates},
        ),
    ]
    held = {row.session: row for row in file.sessions if row.signed_in}
    sessions = {row["session"]: row for row in truth["sessions"]}
    found += _names(code, "session", set(sessions), set(held))
    for session in sorted(sessions.keys() & held.keys()):
        found += _session(sessions[session], held[session])
    learners = {row["enrolment"]: row for row in truth["learners"]}
    shown = {row.enrolment: row for row in file.learners}
    found += _names(code, "enrolment", set(learners), set(shown))
    for enrolment in sorted(learners.keys() & shown.keys()):
        found += _learner(learners[enrolment], shown[enrolment])
    return found


def _session(due: dict[str, Any], shown: pb.CohortFileSession) -> Iterator[str]:
    yield from _pairs(
        due["code"],
        {"sign_ins": due["sign_ins"], "component": due["component"], "held": True},
        {
            "sign_ins": shown.signed_in,
            "component": _COMPONENTS.get(shown.component, ""),
            "held": bool(shown.started_us and shown.ended_us),
        },
    )


def _learner(due: dict[str, Any], shown: pb.CohortFileLearner) -> Iterator[str]:
    names = (
        "state",
        "hours",
        "minutes",
        "requirement_met",
        "course_test",
        "open_sign_ins",
        "certificate",
        "theory_exam",
        "practical_exam",
    )
    found = {
        "state": shown.state,
        "hours": {_COMPONENTS[row.component]: row.credited for row in shown.hours},
        "minutes": {_COMPONENTS[row.component]: row.minutes for row in shown.hours},
        "requirement_met": shown.requirement_met,
        "course_test": shown.course_test_hundredths,
        "open_sign_ins": shown.open_sign_ins,
        "certificate": bool(shown.certificate),
        "theory_exam": shown.theory_exam_hundredths,
        "practical_exam": shown.practical_exam_hundredths,
    }
    yield from _pairs(due["code"], {name: due[name] for name in names}, found)


def _pairs(code: str, due: dict[str, Any], found: dict[str, Any]) -> Iterator[str]:
    for name, value in due.items():
        if value != found[name]:
            yield f"{code}: {name} is {found[name]} in the ledger, {value} in truth"


def _names(code: str, what: str, due: set[str], found: set[str]) -> Iterator[str]:
    for name in sorted(due - found):
        yield f"{code}: {what} {name} is missing in the ledger"
    for name in sorted(found - due):
        yield f"{code}: {what} {name} is in the ledger and not in truth"
