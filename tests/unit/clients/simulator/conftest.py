"""A small town that was lived through once for all tests, and an identity to write it with."""

from collections.abc import Iterator

import pytest

from clients.sdk import Identity
from clients.simulator.days import live
from clients.simulator.plan import make_town
from clients.simulator.reality import Reality
from clients.simulator.town import Size
from tests.unit.clients.sdk.ledger_server import start


@pytest.fixture(scope="session")
def reality() -> Reality:
    return live(make_town(Size(seed=3, cohorts=4, learners=12)))


@pytest.fixture(scope="session")
def identity() -> Iterator[Identity]:
    running = start()
    yield running.identity()
    running.server.stop(grace=None).wait()
