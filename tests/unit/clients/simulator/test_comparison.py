"""The comparison names every figure that differs, and nothing where all agree."""

from collections.abc import Callable
from typing import Any

import pytest

from clients.simulator.comparison import differences
from ledger.api.v1 import cohort_service_pb2 as pb
from ledger.api.v1 import events_pb2

OFFLINE = events_pb2.HOUR_COMPONENT_THEORY_OFFLINE
PRACTICAL = events_pb2.HOUR_COMPONENT_PRACTICAL


def truth() -> dict[str, Any]:
    return {
        "code": "C01",
        "enrolled": 1,
        "certificates": 1,
        "sessions": [
            {"code": "C01-S01", "session": "s1", "component": "practical", "sign_ins": 1},
        ],
        "learners": [
            {
                "code": "C01-L01",
                "enrolment": "e1",
                "state": "enrolled",
                "hours": {"theory_offline": 0, "practical": 4},
                "minutes": {"theory_offline": 0, "practical": 190},
                "requirement_met": False,
                "course_test": 8_000,
                "open_sign_ins": 0,
                "certificate": True,
                "theory_exam": 0,
                "practical_exam": 9_000,
            }
        ],
    }


def file() -> pb.GetCohortFileResponse:
    return pb.GetCohortFileResponse(
        cohort=pb.Cohort(enrolled=1, certificates=1),
        sessions=[
            pb.CohortFileSession(
                session="s1", component=PRACTICAL, started_us=1, ended_us=2, signed_in=1
            ),
            # Cancelled: in the timetable, never held.
            pb.CohortFileSession(session="s2", component=OFFLINE),
        ],
        learners=[
            pb.CohortFileLearner(
                enrolment="e1",
                state="enrolled",
                hours=[
                    pb.CohortFileHours(component=OFFLINE),
                    pb.CohortFileHours(component=PRACTICAL, credited=4, minutes=190),
                ],
                course_test_hundredths=8_000,
                certificate="PXZM-1",
                practical_exam_hundredths=9_000,
            )
        ],
    )


def test_nothing_differs_where_all_agree() -> None:
    assert differences(truth(), file()) == []


def _enrolled(found: pb.GetCohortFileResponse) -> None:
    found.cohort.enrolled = 2


def _signed_in(found: pb.GetCohortFileResponse) -> None:
    found.sessions[0].signed_in = 3


def _not_ended(found: pb.GetCohortFileResponse) -> None:
    found.sessions[0].ended_us = 0


def _held(found: pb.GetCohortFileResponse) -> None:
    found.sessions[1].signed_in = 1


def _hours(found: pb.GetCohortFileResponse) -> None:
    found.learners[0].hours[1].credited = 5


def _minutes(found: pb.GetCohortFileResponse) -> None:
    found.learners[0].hours[1].minutes = 189


def _certificate(found: pb.GetCohortFileResponse) -> None:
    found.learners[0].certificate = ""


def _exam(found: pb.GetCohortFileResponse) -> None:
    found.learners[0].theory_exam_hundredths = 100


def _gone(found: pb.GetCohortFileResponse) -> None:
    del found.learners[:]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_enrolled, "C01: enrolled is 2"),
        (_signed_in, "C01-S01: sign_ins is 3"),
        (_not_ended, "C01-S01: held is False"),
        (_held, "C01: session s2 is in the ledger and not in truth"),
        (_hours, "C01-L01: hours is {'theory_offline': 0, 'practical': 5}"),
        (_minutes, "C01-L01: minutes is {'theory_offline': 0, 'practical': 189}"),
        (_certificate, "C01-L01: certificate is False"),
        (_exam, "C01-L01: theory_exam is 100"),
        (_gone, "C01: enrolment e1 is missing in the ledger"),
    ],
)
def test_every_figure_that_differs_is_named(
    change: Callable[[pb.GetCohortFileResponse], None], said: str
) -> None:
    found = file()
    change(found)
    (line,) = differences(truth(), found)
    assert line.startswith(said)
