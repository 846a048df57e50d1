"""The log's clock: what `recorded` says, never backwards (DESIGN section 3).

A jump that the monotonic clock does not explain stops the writer before it commits: a time once
written into an entry can never be taken back.
"""

import time
from collections.abc import Callable
from typing import Final

from ledger.application.errors import ApplicationError

TOLERANCE_US: Final = 5_000_000
"""How far the clock may be slewed between two groups, or stand behind the last entry."""

APART_US: Final = 60_000_000
"""How far two synchronised clocks may be apart, the way between them included."""


class ClockJumpError(ApplicationError):
    """The machine's clock jumped; nothing is written until a person has looked."""


def wall_clock_us() -> int:
    """Return the machine's clock, microseconds since 1970 UTC."""
    return time.time_ns() // 1_000


def monotonic_us() -> int:
    """Return microseconds of a clock that nobody sets."""
    return time.monotonic_ns() // 1_000


class RecordedClock:
    """Gives the time of a group's entries. Used under the head lock only."""

    def __init__(
        self,
        wall: Callable[[], int] = wall_clock_us,
        monotonic: Callable[[], int] = monotonic_us,
        apart_us: int | None = APART_US,
    ) -> None:
        """Read these two clocks.

        Args:
            wall: Microseconds since 1970 UTC.
            monotonic: Microseconds of a clock that nobody sets.
            apart_us: How far the database's clock may be away; None where there is no comparing.
        """
        self._apart_us = apart_us
        self._wall = wall
        self._monotonic = monotonic
        self._last: tuple[int, int] | None = None

    def agree_with(self, other_us: int) -> None:
        """Check this machine's clock against another's: the database's, after a start.

        Raises:
            ClockJumpError: they are further apart than synchronised clocks are.
        """
        apart = self._wall() - other_us
        if self._apart_us is not None and abs(apart) > self._apart_us:
            raise ClockJumpError(f"the clock is {apart} microseconds from the database's")

    def now(self, previous_us: int) -> int:
        """Return the time for entries that follow one recorded at `previous_us`.

        Raises:
            ClockJumpError: the wall clock moved by another span than the monotonic clock, or stands
                behind the last entry.
        """
        wall, monotonic = self._wall(), self._monotonic()
        if self._last is not None:
            drift = (wall - self._last[0]) - (monotonic - self._last[1])
            if abs(drift) > TOLERANCE_US:
                raise ClockJumpError(f"the clock jumped by {drift} microseconds")
        if wall < previous_us - TOLERANCE_US:
            behind = previous_us - wall
            raise ClockJumpError(f"the clock is {behind} microseconds behind the last entry")
        self._last = (wall, monotonic)
        return max(wall, previous_us)
