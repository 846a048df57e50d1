"""How long and how often a call is tried: growing pauses with a random part, until a deadline."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from random import SystemRandom
from typing import Final

DEFAULT_TIMEOUT: Final = 10.0
"""Seconds that a call may take with all its attempts."""


@dataclass(frozen=True, slots=True)
class Retries:
    """The rules of trying again.

    Attributes:
        first_pause: Seconds before the second attempt, at most.
        longest_pause: Seconds between attempts, at most.
        attempt: Seconds that one attempt may take.
        sleep: Waits so many seconds.
        random: Returns a number from 0 to below 1.
        clock: Returns seconds that never go backwards.
    """

    first_pause: float = 0.1
    longest_pause: float = 5.0
    attempt: float = 5.0
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = SystemRandom().random
    clock: Callable[[], float] = time.monotonic

    def begin(self, timeout: float) -> "Trial":
        """Start to try for `timeout` seconds."""
        return Trial(self, self.clock() + timeout)


class Trial:
    """One call on its way through its attempts."""

    def __init__(self, rules: Retries, deadline: float) -> None:
        """Start with the first attempt."""
        self._rules = rules
        self._deadline = deadline
        self._pause = rules.first_pause

    def attempt_timeout(self) -> float:
        """Return the seconds that the next attempt may take."""
        return max(0.001, min(self._rules.attempt, self.remaining()))

    def remaining(self) -> float:
        """Return the seconds until the deadline."""
        return self._deadline - self._rules.clock()

    def wait(self, at_least: float = 0.0) -> bool:
        """Pause before the next attempt.

        Args:
            at_least: Seconds that the ledger asked for.

        Returns:
            False, without a pause, when the deadline would pass.
        """
        # Half of the pause is random, so that many clients do not come back in step.
        pause = max(at_least, self._pause * (0.5 + self._rules.random() / 2))
        self._pause = min(self._pause * 2, self._rules.longest_pause)
        if pause >= self.remaining():
            return False
        self._rules.sleep(pause)
        return True
