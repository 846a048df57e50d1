"""SIGKILL of the server at random moments of appending (reliability-security A1, I1 to I5, I7)."""

import time
from random import Random
from typing import Final

import pytest

from tests.faults.underway import UnderWay

pytestmark = [pytest.mark.slow, pytest.mark.faults]

KILLS: Final = 50
_DURING_START: Final = 0.2
_START_SECONDS: Final = 1.5
_WRITING_SECONDS: Final = 0.25


def test_a_server_killed_fifty_times_loses_and_doubles_nothing(
    running: UnderWay, seed: int
) -> None:
    random = Random(f"{seed}/kills")
    running.wait_for_acknowledgements()
    for _ in range(KILLS):
        time.sleep(random.uniform(0.0, _WRITING_SECONDS))
        running.server.kill()
        if random.random() < _DURING_START:
            running.server.start()
            time.sleep(random.uniform(0.0, _START_SECONDS))
            running.server.kill()
        running.server.start()
        # The next moment is one of writing again: without it this would kill idle servers.
        running.wait_for_acknowledgements()
    settled = running.settle_and_check()
    assert settled.acknowledged > KILLS
    assert settled.checkpoints > 1
