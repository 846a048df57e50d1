"""The cohort file as people read it: what there is and nothing else, within 100 columns."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from clients.cli.cohort_file_hours import chosen_learner, hours, ranges
from clients.cli.cohort_file_sessions import span
from clients.cli.cohort_files import people
from clients.cli.language import Language
from clients.cli.output import width
from clients.cli.problems import Problem
from clients.cli.session import Session
from ledger.api.v1 import cohort_service_pb2 as pb
from ledger.api.v1 import events_pb2

COHORT = "8a6e0804-2bd0-4672-b79d-d97027f9071a"
HOST = "5b0c1f7e-6f43-4d0a-9a54-0b7f6f0c8d21"
FIRST = "c920adca-87df-5b60-9649-d803059ae681"
SECOND = "c9ffadca-87df-5b60-9649-d803059ae681"
LESSON = "11112222-3333-4444-8555-666677778888"
TEACHER = "7a1e4c52-90b3-4f6d-8e21-3c5b7d9f1a24"
NUMBER = "PXZM-320599-2026-K7Q2-M4XB-9T3H-T"
PRACTICAL = events_pb2.HOUR_COMPONENT_PRACTICAL


def micros(text: str) -> int:
    return round(datetime.fromisoformat(f"{text}+08:00").astimezone(UTC).timestamp()) * 1_000_000


STARTED, ENDED = micros("2026-03-16T13:00"), micros("2026-03-16T16:50")


def say(language: Language) -> Session:
    return Session(language, as_json=False, folder=Path(), timeout=1.0)


EN, ZH = say(Language.EN), say(Language.ZH)


def bare() -> pb.GetCohortFileResponse:
    """A cohort that was planned, with one learner and one session that was not held yet."""
    return pb.GetCohortFileResponse(
        cohort=pb.Cohort(cohort=COHORT, number="LV-01", trade="2010-1.2", state="planned"),
        sessions=[
            pb.CohortFileSession(
                session=LESSON,
                component=PRACTICAL,
                room="P-LV-1",
                planned_start_us=STARTED,
                planned_end_us=micros("2026-03-16T16:30"),
            )
        ],
        learners=[pb.CohortFileLearner(enrolment=FIRST, state="enrolled")],
        pins=[pb.CohortFilePin(policy="ab" * 32, index=7)],
        events=3,
    )


def full() -> pb.GetCohortFileResponse:
    """A cohort in which everything happened."""
    found = bare()
    found.filed_with, found.held, found.corrected = TEACHER, 2, 1
    found.pins.add(policy="cd" * 32, index=90, at_us=STARTED)
    (lesson,) = found.sessions
    lesson.started_us, lesson.ended_us, lesson.interrupted_minutes = STARTED, ENDED, 20
    lesson.signed_in, lesson.guests, lesson.teacher_signed_in = 29, 1, True
    lesson.recorded, lesson.coverage_permille = True, 968
    lesson.teacher_in_us, lesson.teacher_out_us, lesson.unlisted = STARTED, ENDED, 2
    lesson.spot_checks, lesson.missed_spot_checks = 3, 1
    found.sessions.add(session=HOST, component=PRACTICAL, cancelled=True)
    (learner,) = found.learners
    learner.hours.add(
        component=PRACTICAL, required=60, credited=58, minutes=2_625, events=[3, 5, 6, 7, 9]
    )
    learner.held, learner.corrected, learner.absences, learner.open_sign_ins = 4, 1, 1, 1
    learner.course_test_hundredths = 8_650
    learner.make_ups.add(
        missed=LESSON, session=HOST, cohort=HOST, due_day=20_260_415, attended=True
    )
    learner.attempts.add(
        subject=events_pb2.EXAM_SUBJECT_THEORY,
        attempt=1,
        score_hundredths=8_800,
        state="cheating",
        at_us=ENDED,
        index=140,
    )
    learner.results.add(policy="ab" * 32, hours=146, met=False)
    learner.certificate, learner.certificate_state = NUMBER, "suspended"
    found.learners.add(
        enrolment=SECOND, state="transferred", transferred_to=HOST, exam_registered=True
    )
    found.guests.add(enrolment=SECOND, cohort=HOST, sessions=[LESSON, HOST], held=2)
    found.evaluations.add(respondents=28, score_hundredths=465)
    found.courseware.add(
        courseware="LV-01", version=2, document_digest="ab" * 32, reviewer=TEACHER, index=88
    )
    found.items.add(item_class="04-roster", media_type="text/csv", size=310, place="A", index=8)
    found.seals.add(version=1, items=1, retain_until=20_320_402, index=150, later_events=3)
    return found


def test_what_is_not_there_has_no_part_and_no_column() -> None:
    text = people(EN, bare())
    titles = [line for line in text.splitlines() if line in {"Sessions", "Learners"}]
    assert titles == ["Sessions", "Learners"]
    assert [part.splitlines()[0] for part in text.split("\n\n")[1:]] == [
        "Sessions",
        "Learners",
        "3 events in the ledger",
    ]
    heads = next(line for line in text.splitlines() if line.startswith("Session "))
    assert heads.split() == ["Session", "Component", "Room", "Planned", "Taught", "In"]
    assert "11112222  practical  P-LV-1  03-16 13:00–16:30" in text
    assert "Filed with" not in text
    assert f"Policy          {'ab' * 32}" in text


@pytest.mark.parametrize(
    ("session", "expected"),
    [
        (
            EN,
            [
                f"Filed with {TEACHER}",
                "11112222 practical P-LV-1 03-16 13:00–16:30 13:00–16:50 29 1 2 20 ✔ 96% 3 (1)",
                "c920adca held 4; corrected or voided 1; absences 1; sign-ins without sign-out 1",
                f"c9ffadca transferred to {HOST}",
                f"c920adca 11112222 5b0c1f7e {HOST} 2026-04-15 ✔",
                f"{SECOND} 5b0c1f7e 2 11112222 5b0c1f7e",
                "c920adca theory 1 2026-03-16 16:50 88 cheating 140",
                "c9ffadca registered",
                "c920adca abababababababab 146 ✖",
                f"c920adca {NUMBER} suspended",
                "the whole cohort 28 4.65",
                "LV-01 2 7a1e4c52 abababab 88",
                "04-roster text/csv 310 A 8",
                "1 1 2032-04-02 150 3",
                f"{'cd' * 32} 90 2026-03-16 13:00:00",
            ],
        ),
        (
            ZH,
            [
                "班次记录挂起 2",
                "c920adca 挂起 4; 更正 1; 缺课 1; 有签到无签退 1",
                f"c920adca {NUMBER} 已暂停",
                "全班次 28 4.65",
            ],
        ),
    ],
)
def test_everything_that_happened_is_said_within_100_columns(
    session: Session, expected: list[str]
) -> None:
    lines = people(session, full()).splitlines()
    said = [" ".join(line.split()) for line in lines]
    assert [line for line in expected if line not in said] == []
    assert max(width(line) for line in lines) <= 100


def test_a_cancelled_session_says_so_where_its_times_would_stand() -> None:
    (line,) = [line for line in people(EN, full()).splitlines() if line.startswith("5b0c1f7e  pr")]
    assert line.split() == ["5b0c1f7e", "practical", "cancelled", "0"]


def test_the_events_of_a_learner_are_named_by_component() -> None:
    found = full()
    text = hours(EN, chosen_learner(found, "c920"))
    assert "Hours      58/60" in text
    assert "practical: 58/60 h, 2625 min, 5 events\n  3, 5–7, 9" in text
    assert chosen_learner(found, f" {SECOND.upper()}").enrolment == SECOND
    for wanted in ("c9", "d0", ""):
        with pytest.raises(Problem):
            chosen_learner(found, wanted)


def test_neighbours_are_drawn_together() -> None:
    assert ranges([]) == ""
    assert ranges([4]) == "4"
    assert ranges([4, 5, 6, 8, 10, 11]) == "4–6, 8, 10–11"


def test_a_day_is_said_once_and_midnight_shows() -> None:
    midnight, late = micros("2026-03-17T00:05"), micros("2026-03-16T21:00")
    assert span(late, midnight, "") == "03-16 21:00–03-17 00:05"
    assert span(late, midnight, "2026-03-16") == "21:00–03-17 00:05"
    assert span(late, 0, "2026-03-16") == "21:00–"
    assert span(0, 0, "2026-03-16") == ""
