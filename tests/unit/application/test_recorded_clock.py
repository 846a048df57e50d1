"""The log's clock: never backwards, and stopped by a jump that nothing explains."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.application.recorded_clock import ClockJumpError, RecordedClock

SECOND = 1_000_000
NOON = 1_772_424_000 * SECOND
TOLERANCE = 5 * SECOND


class _Machine:
    """A wall clock and a monotonic clock, moved by the test."""

    def __init__(self) -> None:
        self.wall_us = NOON
        self.monotonic_us = 7 * SECOND

    def clock(self) -> RecordedClock:
        return RecordedClock(lambda: self.wall_us, lambda: self.monotonic_us)

    def wait(self, microseconds: int, *, slew: int = 0) -> None:
        self.wall_us += microseconds + slew
        self.monotonic_us += microseconds


def test_it_gives_the_machines_time() -> None:
    machine = _Machine()
    clock = machine.clock()
    assert clock.now(0) == NOON
    machine.wait(SECOND)
    assert clock.now(NOON) == NOON + SECOND


@pytest.mark.parametrize("slew", [TOLERANCE, -TOLERANCE])
def test_a_clock_is_slewed_a_little_without_a_stop(slew: int) -> None:
    machine = _Machine()
    clock = machine.clock()
    clock.now(0)
    machine.wait(10 * SECOND, slew=slew)
    assert clock.now(NOON) == NOON + 10 * SECOND + slew


@pytest.mark.parametrize("slew", [TOLERANCE + 1, -TOLERANCE - 1, 86_400 * SECOND])
def test_a_jump_against_the_monotonic_clock_stops_the_writer_until_it_is_restarted(
    slew: int,
) -> None:
    machine = _Machine()
    clock = machine.clock()
    clock.now(0)
    machine.wait(10 * SECOND, slew=slew)
    for _ in range(2):
        with pytest.raises(ClockJumpError):
            clock.now(NOON)
        machine.wait(SECOND)
    # The machine's clock was put right again.
    machine.wait(0, slew=-slew)
    assert clock.now(NOON) == NOON + 12 * SECOND


def test_a_long_idle_time_is_no_jump() -> None:
    machine = _Machine()
    clock = machine.clock()
    clock.now(0)
    machine.wait(30 * 86_400 * SECOND)
    assert clock.now(NOON) == NOON + 30 * 86_400 * SECOND


def test_a_clock_a_little_behind_the_last_entry_repeats_its_time() -> None:
    assert _Machine().clock().now(NOON + TOLERANCE) == NOON + TOLERANCE


def test_a_clock_far_behind_the_last_entry_stops_the_writer() -> None:
    with pytest.raises(ClockJumpError):
        _Machine().clock().now(NOON + TOLERANCE + 1)


@given(st.lists(st.tuples(st.integers(0, 10 * SECOND), st.integers(-TOLERANCE, TOLERANCE))))
def test_time_never_runs_backwards(steps: list[tuple[int, int]]) -> None:
    machine = _Machine()
    clock = machine.clock()
    recorded = clock.now(0)
    for span, slew in steps:
        machine.wait(span, slew=slew)
        try:
            now = clock.now(recorded)
        except ClockJumpError:
            return
        assert now >= recorded
        recorded = now


def test_a_clock_far_from_the_databases_stops_the_writer_before_it_writes() -> None:
    clock = RecordedClock(lambda: 1_000_000_000, lambda: 0)
    clock.agree_with(1_059_000_000)
    clock.agree_with(941_000_000)
    for other in (1_061_000_000, 939_000_000):
        with pytest.raises(ClockJumpError):
            clock.agree_with(other)


def test_where_there_is_no_other_clock_nothing_is_compared() -> None:
    RecordedClock(lambda: 0, lambda: 0, apart_us=None).agree_with(10**15)
