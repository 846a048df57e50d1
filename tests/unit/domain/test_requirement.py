"""Does a learner's record allow a certificate: hours, course test, enrolment, all at once."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.domain.policies import Figure, Policy, packaged_policies, parse_policy
from ledger.domain.recorded_event import RecordedEvent
from ledger.domain.requirement import evaluate_requirement
from tests.unit.domain.recorded import event, header_of, message

HOUR = 3_600_000_000
# 2026-03-02 09:00 in Shanghai.
NINE = 1_772_413_200_000_000
LATER = NINE + 24 * HOUR
COHORT, ENROLMENT, SESSION = b"c" * 16, b"e" * 16, b"s" * 16
TEN_MINUTES = 600_000_000


def _figure(figure: Figure, value: int) -> Figure:
    return replace(figure, value=value)


def _policy() -> Policy:
    """One hour of classroom theory, pass mark 80; both bind."""
    policy = parse_policy(packaged_policies()["low-voltage-electrician"])
    hours = replace(
        policy.hours,
        theory=_figure(policy.hours.theory, 1),
        practical=_figure(policy.hours.practical, 0),
    )
    return replace(policy, hours=hours)


POLICY = _policy()


def _at(
    type_name: str,
    occurred: int,
    index: int,
    **body: Any,  # noqa: ANN401 - fields of any body
) -> RecordedEvent:
    stream = COHORT if type_name.startswith("Session") else ENROLMENT
    return event(
        type_name,
        index=index,
        stream=stream,
        recorded_us=LATER,
        header=header_of(index, occurred),
        **body,
    )


SESSIONS = [
    _at("SessionScheduled", NINE, 1, session=SESSION, component=1),
    _at("SessionStarted", NINE, 2, session=SESSION),
    _at("SessionEnded", NINE + HOUR, 3, session=SESSION, break_minutes=0),
]
ENROLLED = _at("LearnerEnrolled", NINE, 4)
PRESENT = [
    _at("LearnerSignedIn", NINE, 5, session=SESSION),
    _at("LearnerSignedOut", NINE + HOUR, 6, session=SESSION),
]


def _test(score: int, *, occurred: int = NINE, index: int = 7) -> RecordedEvent:
    return _at("CourseTestRecorded", occurred, index, score_hundredths=score)


WHOLE = [ENROLLED, *PRESENT, _test(8_000)]


def _missing(events: list[RecordedEvent], policy: Policy = POLICY) -> list[str]:
    requirement = evaluate_requirement(SESSIONS, events, policy)
    assert all(refusal.reason("zh") for refusal in requirement.refusals)
    return [refusal.code for refusal in requirement.refusals]


def test_a_whole_record_misses_nothing() -> None:
    requirement = evaluate_requirement(SESSIONS, WHOLE, POLICY)
    assert requirement.refusals == ()
    assert requirement.hours.total == 1
    assert requirement.test_hundredths == 8_000


def test_short_hours_name_component_and_figures() -> None:
    requirement = evaluate_requirement([], WHOLE, POLICY)
    assert {refusal.code for refusal in requirement.refusals} == {"HOURS_SHORT"}
    values = [refusal.values for refusal in requirement.refusals]
    assert sorted(values, key=str) == [
        {"component": "theory", "required": 1, "credited": 0},
        {"component": "theory_offline", "required": 1, "credited": 0},
    ]


@pytest.mark.parametrize(
    ("scores", "passed"), [([], False), ([7_999], False), ([8_000], True), ([10_000], True)]
)
def test_the_pass_mark_is_reached_or_missed_by_a_hundredth(scores: list[int], passed: bool) -> None:
    tests = [_test(score, index=10 + number) for number, score in enumerate(scores)]
    assert _missing([ENROLLED, *PRESENT, *tests]) == ([] if passed else ["TEST_NOT_PASSED"])


def test_the_best_test_counts() -> None:
    tests = [_test(score, index=10 + n) for n, score in enumerate((5_000, 9_000, 6_000))]
    requirement = evaluate_requirement(SESSIONS, [ENROLLED, *PRESENT, *tests], POLICY)
    assert requirement.test_hundredths == 9_000
    assert requirement.refusals == ()


def test_a_mark_that_does_not_bind_warns_only() -> None:
    mark = replace(POLICY.pass_mark, unverified=True, binding=False)
    assert _missing([ENROLLED, *PRESENT], replace(POLICY, pass_mark=mark)) == []


def test_a_test_with_the_clock_ahead_counts_for_nothing() -> None:
    assert _missing([ENROLLED, *PRESENT, _test(9_000, occurred=LATER + TEN_MINUTES)]) == []
    ahead = _test(9_000, occurred=LATER + TEN_MINUTES + 1)
    assert _missing([ENROLLED, *PRESENT, ahead]) == ["TEST_NOT_PASSED"]


@pytest.mark.parametrize("left", ["LearnerWithdrew", "EnrolmentRejected", "LearnerTransferred"])
def test_who_is_not_enrolled_or_has_left_gets_none(left: str) -> None:
    assert _missing(WHOLE[1:]) == ["NOT_ENROLLED"]
    assert _missing(WHOLE) == []
    assert _missing([*WHOLE, _at(left, NINE, 9)]) == ["NOT_ENROLLED"]


def test_the_records_that_count_come_with_it_in_log_order() -> None:
    ahead = _test(9_000, occurred=LATER + TEN_MINUTES + 1, index=8)
    requirement = evaluate_requirement(SESSIONS, [ahead, *reversed(WHOLE)], POLICY)
    assert [record.event.index for record in requirement.records] == [4, 5, 6, 7]


def test_all_that_is_missing_is_named_at_once() -> None:
    requirement = evaluate_requirement([], [], POLICY)
    assert {refusal.code for refusal in requirement.refusals} == {
        "HOURS_SHORT",
        "TEST_NOT_PASSED",
        "NOT_ENROLLED",
    }


def test_a_host_that_never_planned_its_cohort_credits_nothing() -> None:
    host = b"h" * 16
    held_elsewhere = [replace(each, stream=host) for each in SESSIONS]
    make_up = _at("MakeUpScheduled", NINE, 8, missed=b"m" * 16, session=SESSION, cohort=host)
    plan = event("CohortPlanned", index=0, stream=host, recorded_us=LATER)
    guest = [
        replace(each, header=message(**{**vars(each.header), "cohorts": [COHORT, host]}))
        for each in PRESENT
    ]
    whole = [ENROLLED, *guest, _test(8_000), make_up]
    unplanned = evaluate_requirement(held_elsewhere, whole, POLICY)
    assert (unplanned.hours.total, len(unplanned.refusals)) == (0, 2)
    planned = evaluate_requirement([plan, *held_elsewhere], whole, POLICY)
    assert (planned.hours.total, planned.refusals) == (1, ())
