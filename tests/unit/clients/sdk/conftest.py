"""A running ledger and a client of it."""

from collections.abc import Iterator

import pytest

from clients.sdk import Ledger
from tests.unit.clients.sdk.ledger_server import Running, start


@pytest.fixture
def running() -> Iterator[Running]:
    running = start()
    yield running
    running.server.stop(grace=None).wait()


@pytest.fixture
def ledger(running: Running) -> Iterator[Ledger]:
    with Ledger.open(running.identity(), retries=running.time.retries()) as ledger:
        yield ledger
