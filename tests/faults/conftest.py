"""What the fault tests share: the database they run on, and a ledger under way with its clients."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.underway import UnderWay, under_way
from tests.server_process import served_world

_SEED = 20_261_124


@pytest.fixture
def seed() -> int:
    """Where random choices come from; FAULT_SEED=n tries others. Shown when a test fails."""
    chosen = int(os.environ.get("FAULT_SEED", str(_SEED)))
    print(f"FAULT_SEED={chosen}")  # noqa: T201 - how to repeat it
    return chosen


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def running(tmp_path: Path, database: str, seed: int) -> Iterator[UnderWay]:
    """A ledger that serves, writers that write, readers that read."""
    with served_world(tmp_path, database) as served, under_way(served, seed) as everything:
        yield everything
