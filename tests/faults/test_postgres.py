"""PostgreSQL failing under a server that goes on (reliability-security B1, B4; I1 to I5, I7).

Its backends end, stand still, and the whole database is killed; the server never restarts.
"""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Final

import pytest

from tests.faults.postgres_cluster import Cluster, running_cluster
from tests.faults.raw_database import query
from tests.faults.underway import UnderWay, under_way
from tests.server_process import served_world

pytestmark = [pytest.mark.slow, pytest.mark.faults]

TERMINATED: Final = 30
STOPPED: Final = 5
KILLED: Final = 3
WRITER: Final = "tledger writer"


@pytest.fixture
def database(postgres_url: str) -> str:
    """PostgreSQL, for these tests alone."""
    return postgres_url


@pytest.fixture
def cluster(postgres_server: str) -> Iterator[Cluster]:
    """A PostgreSQL of this test's own, which may be killed."""
    with running_cluster() as own:
        yield own


def _backends(database: str, name: str) -> list[int]:
    found = query(database, "SELECT pid FROM pg_stat_activity WHERE application_name = ?", name)
    return [pid for (pid,) in found]


def test_terminated_backends_lose_and_double_nothing(running: UnderWay, seed: int) -> None:
    random = Random(f"{seed}/terminate")
    running.wait_for_acknowledgements()
    hits = 0
    for number in range(TERMINATED):
        time.sleep(random.uniform(0.0, 0.1))
        # Every third time the connections of readers and publisher go, too.
        others = " OR application_name = 'tledger'" if number % 3 == 0 else ""
        ended = query(
            running.database,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            f" WHERE datname = current_database() AND (application_name = ?{others})",
            WRITER,
        )
        hits += len(ended)
        running.wait_for_acknowledgements()
    assert hits >= TERMINATED
    running.settle_and_check()


def test_a_backend_that_stands_still_is_an_unknown_outcome_and_a_retry_settles_it(
    running: UnderWay, seed: int
) -> None:
    random = Random(f"{seed}/stop")
    running.wait_for_acknowledgements()
    for _ in range(STOPPED):
        time.sleep(random.uniform(0.0, 0.1))
        pids = _backends(running.database, WRITER)
        assert pids
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            running.wait_for_failures(3)
            acknowledged = running.writers.book.acknowledged
            running.wait_for_failures(1)
            assert running.writers.book.acknowledged == acknowledged
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)
        running.wait_for_acknowledgements()
    assert "DEADLINE_EXCEEDED" in running.writers.failures
    running.settle_and_check()


def test_a_postgresql_that_is_killed_and_recovers_has_lost_and_doubled_nothing(
    tmp_path: Path, cluster: Cluster, seed: int
) -> None:
    random = Random(f"{seed}/postmaster")
    with (
        served_world(tmp_path, cluster.url) as served,
        under_way(served, seed) as running,
    ):
        running.wait_for_acknowledgements()
        for _ in range(KILLED):
            time.sleep(random.uniform(0.0, 0.3))
            cluster.kill()
            running.wait_for_failures(3)
            cluster.start()
            running.wait_for_acknowledgements()
        running.settle_and_check()
