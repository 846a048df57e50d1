"""Attempts at examinations 考试次: which stand and which are void (考试与证书管理暂行办法)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ledger.domain.amendments import Corrected, Counted

THEORY: Final = 1
PRACTICAL: Final = 2
"""Numbers of the proto enum `ExamSubject`."""

STANDS: Final = "stands"
VOID: Final = "void"
CHEATING: Final = "cheating"

_RESULTS: Final = {"TheoryExamResultRecorded": THEORY, "PracticalExamResultRecorded": PRACTICAL}
_ENDS: Final = {"ExamAttemptVoided": VOID, "ExamCheatingRecorded": CHEATING}


@dataclass(frozen=True, slots=True)
class ExamAttempt:
    """One attempt.

    Attributes:
        subject: `THEORY` or `PRACTICAL`.
        attempt: Its number, from 1.
        score_hundredths: Score in hundredths of a point.
        state: `STANDS`, `VOID` or `CHEATING`.
        at_us: When it was sat, microseconds since 1970 UTC.
        index: Log index of the result.
    """

    subject: int
    attempt: int
    score_hundredths: int
    state: str
    at_us: int
    index: int


def exam_attempts(records: Iterable[Counted]) -> tuple[ExamAttempt, ...]:
    """Return the attempts of an enrolment by subject, then number, then log index.

    Cheating weighs more than voiding, whichever was recorded first.
    """
    results: list[Counted] = []
    ends: dict[tuple[int, int], str] = {}
    for record in records:
        name, body = record.event.type, record.event.body
        if name in _RESULTS:
            results.append(record)
        elif name in _ENDS and ends.get((body.subject, body.attempt)) != CHEATING:
            ends[body.subject, body.attempt] = _ENDS[name]
    attempts = (
        ExamAttempt(
            subject := _RESULTS[record.event.type],
            record.event.body.attempt,
            record.number(Corrected.SCORE, record.event.body.score_hundredths),
            ends.get((subject, record.event.body.attempt), STANDS),
            record.at_us,
            record.event.index,
        )
        for record in results
    )
    return tuple(sorted(attempts, key=lambda each: (each.subject, each.attempt, each.index)))


def best_result(attempts: Iterable[ExamAttempt], subject: int) -> int:
    """Return the best score of the attempts that stand, 0 without one."""
    return max(
        (
            each.score_hundredths
            for each in attempts
            if (each.subject, each.state) == (subject, STANDS)
        ),
        default=0,
    )
