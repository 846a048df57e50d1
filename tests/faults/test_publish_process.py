"""The process that publishes ends, by itself or with its server; publishing does not.

reliability-security I5: what was shown stays so, whichever process signs next.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.underway import UnderWay
from tests.server_process import PATIENCE_SECONDS, ROOT, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.faults]


@pytest.fixture
def database(postgres_url: str) -> str:
    """PostgreSQL: there the publisher is apart."""
    return postgres_url


def _publisher(running: UnderWay, *, other_than: int = 0) -> int:
    """Return the process of the server's that publishes, as soon as there is one."""
    server = running.server.pid
    children = Path(f"/proc/{server}/task/{server}/children")

    def found() -> list[int]:
        return [int(child) for child in children.read_text().split() if int(child) != other_than]

    wait_until(lambda: len(found()) == 1, "one process that publishes", running.server.last_words)
    return found()[0]


def _wait_for_health(running: UnderWay, *, serving: bool) -> None:
    """Wait until the server's log says so of the publisher, as the last thing."""

    def said() -> bool:
        lines = running.server.log.read_text("utf-8").splitlines()
        of_it = [line for line in lines if '"part": "ledger.publisher"' in line]
        return bool(of_it) and json.loads(of_it[-1])["serving"] is serving

    wait_until(said, f"health of the publisher: serving {serving}", running.server.last_words)


def test_a_killed_publisher_is_started_again_and_nothing_shown_changes(running: UnderWay) -> None:
    running.wait_for_acknowledgements()
    publisher = _publisher(running)
    for _ in range(3):
        os.kill(publisher, signal.SIGKILL)
        publisher = _publisher(running, other_than=publisher)
    _wait_for_health(running, serving=False)
    _wait_for_health(running, serving=True)
    assert running.settle_and_check().checkpoints > 1


def test_the_publisher_ends_with_a_killed_server(running: UnderWay) -> None:
    running.wait_for_acknowledgements()
    publisher = _publisher(running)
    running.server.kill()
    wait_until(lambda: not Path(f"/proc/{publisher}").exists(), "the end of the publisher")
    running.server.start()
    running.settle_and_check()


def test_two_publishers_on_one_log_sign_one_history(running: UnderWay) -> None:
    running.wait_for_acknowledgements()
    options = ["--home", str(running.served.home.folder), "--publish-every", "0.05"]
    program = [sys.executable, "-m", "ledger.main", "publish", *options]
    second = subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE)
    assert second.stdout is not None
    try:
        assert b"publishing" in second.stdout.readline()
        running.wait_for_acknowledgements(200)
        second.send_signal(signal.SIGTERM)
        assert second.wait(PATIENCE_SECONDS) == 0
    finally:
        second.kill()
        second.communicate()
    running.settle_and_check()
