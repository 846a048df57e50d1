"""Attempts at examinations: which stand, which are void, and the best of those that stand."""

from ledger.api.v1 import events_pb2 as pb
from ledger.domain.amendments import stream_record
from ledger.domain.exams import (
    CHEATING,
    PRACTICAL,
    STANDS,
    THEORY,
    VOID,
    ExamAttempt,
    best_result,
    exam_attempts,
)
from ledger.domain.recorded_event import RecordedEvent
from tests.unit.domain.facts import CHIEF, CLERK, fact, id_of
from tests.unit.domain.learner_days import at

FAILURE, CHEATED = "SYSTEM-FAILURE", "SUBSTITUTE"


def theory(index: int, attempt: int, score: int) -> RecordedEvent:
    body = pb.TheoryExamResultRecorded(attempt=attempt, score_hundredths=score)
    return fact(index, "14:00", body)


def practical(index: int, attempt: int, score: int) -> RecordedEvent:
    body = pb.PracticalExamResultRecorded(attempt=attempt, score_hundredths=score)
    return fact(index, "15:00", body)


def voided(index: int, subject: int, attempt: int) -> RecordedEvent:
    body = pb.ExamAttemptVoided(subject=subject, attempt=attempt, reason=FAILURE)  # type: ignore[arg-type] # the enum's number
    return fact(index, "16:00", body)


def cheated(index: int, subject: int, attempt: int) -> RecordedEvent:
    body = pb.ExamCheatingRecorded(subject=subject, attempt=attempt, reason=CHEATED)  # type: ignore[arg-type] # the enum's number
    return fact(index, "16:00", body)


def attempts(*events: RecordedEvent) -> tuple[ExamAttempt, ...]:
    return exam_attempts(stream_record(events).counted)


def states(*events: RecordedEvent) -> list[tuple[int, int, str]]:
    return [(each.subject, each.attempt, each.state) for each in attempts(*events)]


def test_the_numbers_are_those_of_the_contract() -> None:
    assert (THEORY, PRACTICAL) == (pb.EXAM_SUBJECT_THEORY, pb.EXAM_SUBJECT_PRACTICAL)


def test_attempts_stand_by_subject_then_number_with_score_and_moment() -> None:
    assert attempts(practical(5, 1, 7_200), theory(6, 2, 8_800), theory(7, 1, 7_900)) == (
        ExamAttempt(THEORY, 1, 7_900, STANDS, at("14:00"), 7),
        ExamAttempt(THEORY, 2, 8_800, STANDS, at("14:00"), 6),
        ExamAttempt(PRACTICAL, 1, 7_200, STANDS, at("15:00"), 5),
    )


def test_a_void_attempt_is_the_one_that_is_named_and_no_other() -> None:
    results = theory(5, 1, 9_000), theory(6, 2, 8_000), practical(7, 1, 8_500)
    assert states(*results, voided(8, THEORY, 1)) == [
        (THEORY, 1, VOID),
        (THEORY, 2, STANDS),
        (PRACTICAL, 1, STANDS),
    ]
    assert states(*results, cheated(8, PRACTICAL, 1)) == [
        (THEORY, 1, STANDS),
        (THEORY, 2, STANDS),
        (PRACTICAL, 1, CHEATING),
    ]


def test_it_may_be_said_before_the_result_is_recorded() -> None:
    assert states(voided(4, THEORY, 1), theory(5, 1, 9_000)) == [(THEORY, 1, VOID)]
    assert states(voided(4, THEORY, 1)) == []


def test_cheating_weighs_more_than_voiding_whichever_came_first() -> None:
    result = theory(5, 1, 9_000)
    for ends in (
        (voided(6, THEORY, 1), cheated(7, THEORY, 1)),
        (cheated(6, THEORY, 1), voided(7, THEORY, 1)),
    ):
        assert states(result, *ends) == [(THEORY, 1, CHEATING)]


def test_cheating_that_was_recorded_of_the_wrong_learner_is_voided() -> None:
    void = pb.EventVoided(target=id_of(6), reason="WRONG-LEARNER")
    events = theory(5, 1, 9_000), cheated(6, THEORY, 1)
    assert states(*events) == [(THEORY, 1, CHEATING)]
    undone = fact(7, "20:00", void, persons=(CLERK, CHIEF))
    assert states(*events, undone) == [(THEORY, 1, STANDS)]


def test_a_corrected_score_counts() -> None:
    body = pb.RecordCorrected(target=id_of(5), field=pb.CORRECTED_FIELD_SCORE, number=8_100)
    correction = fact(6, "20:00", body, persons=(CLERK, CHIEF))
    (attempt,) = attempts(theory(5, 1, 1_800), correction)
    assert (attempt.score_hundredths, attempt.index) == (8_100, 5)


def test_the_best_result_is_of_attempts_that_stand_in_that_subject() -> None:
    found = attempts(
        theory(5, 1, 9_900),
        theory(6, 2, 8_000),
        theory(7, 3, 7_000),
        practical(8, 1, 9_000),
        voided(9, THEORY, 1),
    )
    assert best_result(found, THEORY) == 8_000
    assert best_result(found, PRACTICAL) == 9_000
    assert best_result(attempts(theory(5, 1, 9_900), cheated(6, THEORY, 1)), THEORY) == 0
    assert best_result((), THEORY) == 0
