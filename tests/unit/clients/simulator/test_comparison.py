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
        "state": "closed",
        "filed_with": "b1",
        "enrolled": 1,
        "certificates": 1,
        "corrected": 0,
        "items": 1,
        "seals": 1,
        "held": 0,
        "cancelled": ["s2"],
        "guests": [{"code": "C02-L01", "enrolment": "e2", "sessions": ["s1"], "held": 0}],
        "sessions": [
            {
                "code": "C01-S01",
                "session": "s1",
                "component": "practical",
                "teacher": "t1",
                "room": "W-01",
                "started_us": 10,
                "ended_us": 20,
                "break_minutes": 30,
                "interrupted_minutes": 5,
                "coverage_permille": 1_000,
                "sign_ins": 1,
                "guests": 1,
            },
        ],
        "learners": [
            {
                "code": "C01-L01",
                "enrolment": "e1",
                "person_ref": "p1",
                "state": "enrolled",
                "transferred_to": "",
                "hours": {"theory_offline": 0, "practical": 4},
                "minutes": {"theory_offline": 0, "practical": 190},
                "requirement_met": False,
                "course_test": 8_000,
                "open_sign_ins": 0,
                "held": 2,
                "corrected": 1,
                "absences": 1,
                "make_ups": ["s1"],
                "certificate": True,
                "exam_registered": True,
                "theory_exam": 0,
                "practical_exam": 9_000,
                "attempts": ["practical/1/9000"],
            }
        ],
    }


def file() -> pb.GetCohortFileResponse:
    return pb.GetCohortFileResponse(
        cohort=pb.Cohort(state="closed", enrolled=1, certificates=1),
        filed_with="b1",
        items=[pb.CohortFileItem()],
        seals=[pb.CohortFileSeal(version=1)],
        guests=[pb.CohortFileGuest(enrolment="e2", sessions=["s1"])],
        sessions=[
            pb.CohortFileSession(
                session="s1",
                component=PRACTICAL,
                teacher="t1",
                room="W-01",
                started_us=10,
                ended_us=20,
                break_minutes=30,
                interrupted_minutes=5,
                coverage_permille=1_000,
                signed_in=1,
                guests=1,
            ),
            pb.CohortFileSession(session="s2", component=OFFLINE, cancelled=True),
        ],
        learners=[
            pb.CohortFileLearner(
                enrolment="e1",
                person_ref="p1",
                state="enrolled",
                hours=[
                    pb.CohortFileHours(component=OFFLINE),
                    pb.CohortFileHours(component=PRACTICAL, credited=4, minutes=190),
                ],
                course_test_hundredths=8_000,
                held=2,
                corrected=1,
                absences=1,
                make_ups=[
                    pb.CohortFileMakeUp(missed="s9", session="s1", attended=True),
                    pb.CohortFileMakeUp(missed="s9", session="s3"),
                ],
                certificate="PXZM-1",
                certificate_state="valid",
                exam_registered=True,
                practical_exam_hundredths=9_000,
                attempts=[
                    pb.CohortFileAttempt(
                        subject=events_pb2.EXAM_SUBJECT_PRACTICAL,
                        attempt=1,
                        score_hundredths=9_000,
                        state="stands",
                    ),
                    pb.CohortFileAttempt(subject=events_pb2.EXAM_SUBJECT_THEORY, state="cheating"),
                ],
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
    found.learners[0].certificate_state = "revoked"


def _exam(found: pb.GetCohortFileResponse) -> None:
    found.learners[0].theory_exam_hundredths = 100


def _guest(found: pb.GetCohortFileResponse) -> None:
    found.guests[0].held = 2


def _moved(found: pb.GetCohortFileResponse) -> None:
    found.sessions[0].started_us = 11


def _unattended(found: pb.GetCohortFileResponse) -> None:
    found.learners[0].make_ups[0].attended = False


def _gone(found: pb.GetCohortFileResponse) -> None:
    del found.learners[:]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_enrolled, "C01: enrolled is 2"),
        (_signed_in, "C01-S01: sign_ins is 3"),
        (_not_ended, "C01-S01: ended_us is 0"),
        (_held, "C01: session s2 is not in truth"),
        (_hours, "C01-L01: hours is {'theory_offline': 0, 'practical': 5}"),
        (_minutes, "C01-L01: minutes is {'theory_offline': 0, 'practical': 189}"),
        (_certificate, "C01-L01: certificate is False"),
        (_exam, "C01-L01: theory_exam is 100"),
        (_guest, "C02-L01: held is 2"),
        (_moved, "C01-S01: started_us is 11"),
        (_unattended, "C01-L01: make_ups is []"),
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
