"""The storage under contract: each test runs on an SQLite file and on PostgreSQL."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.storage.open_storage import Storage, open_storage
from tests.unit.application.town import Town

Open = Callable[[], Storage]


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    """The event loop that a test's writers belong to."""
    with asyncio.Runner() as running:
        yield running


@pytest.fixture
def run(runner: asyncio.Runner) -> Callable[[Coroutine[Any, Any, None]], None]:
    """Runs a test's story to its end."""
    return runner.run


@pytest.fixture
def town() -> Town:
    """Parties, keys and a clock to tell stories with."""
    return Town()


@pytest.fixture(params=["sqlite", "postgresql"])
def storage_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where there is an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def open_another(storage_url: str, runner: asyncio.Runner) -> Iterator[Open]:
    """Opens the same database again, as another process would."""
    opened: list[Storage] = []

    def another() -> Storage:
        opened.append(open_storage(storage_url))
        return opened[-1]

    yield another
    for storage in opened:
        runner.run(storage.close())


@pytest.fixture
def storage(open_another: Open) -> Storage:
    """The storage of a new ledger."""
    return open_another()
