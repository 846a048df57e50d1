"""When a fact is held, and that nothing else holds it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.holding import (
    CLOCK_AHEAD,
    COHORT_NOT_PLANNED,
    ENROLMENT_NOT_OPEN,
    held_code,
)

NOON = 1_772_424_000_000_000
TEN_MINUTES = 600_000_000
TIMES = st.integers(0, 2**53 - 1)


@pytest.mark.parametrize(
    ("kind", "code"), [("enrolment", ENROLMENT_NOT_OPEN), ("cohort", COHORT_NOT_PLANNED)]
)
def test_a_fact_before_its_stream_is_opened_is_held_and_counts_afterwards(
    kind: str, code: str
) -> None:
    assert held_code(kind, opened=False, occurred_us=NOON, recorded_us=NOON) == code
    assert held_code(kind, opened=True, occurred_us=NOON, recorded_us=NOON) == ""


@pytest.mark.parametrize("kind", ["certificate", "institution", "key", "policy"])
def test_streams_of_decisions_need_no_opening(kind: str) -> None:
    assert held_code(kind, opened=False, occurred_us=NOON, recorded_us=NOON) == ""


def test_a_clock_may_be_ten_minutes_ahead_and_no_more() -> None:
    at_limit, beyond = NOON + TEN_MINUTES, NOON + TEN_MINUTES + 1
    assert held_code("cohort", opened=True, occurred_us=at_limit, recorded_us=NOON) == ""
    assert held_code("cohort", opened=True, occurred_us=beyond, recorded_us=NOON) == CLOCK_AHEAD


def test_the_missing_opening_is_named_before_the_clock() -> None:
    beyond = NOON + TEN_MINUTES + 1
    code = held_code("enrolment", opened=False, occurred_us=beyond, recorded_us=NOON)
    assert code == ENROLMENT_NOT_OPEN


@given(TIMES, TIMES)
def test_a_backlog_is_never_held_for_its_age(first: int, second: int) -> None:
    occurred, recorded = sorted((first, second))
    assert held_code("enrolment", opened=True, occurred_us=occurred, recorded_us=recorded) == ""
