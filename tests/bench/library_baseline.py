"""Baseline (a): the eventsourcing library's own recorder and its Application.save.

The recorder gets the events that the ledger recorded, in the same streams under the same numbers.
`save` gets small aggregates, 4 with 25 new events each; the events are triggered before the time
starts, so that mapping and storing alone are measured.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar
from uuid import UUID, uuid4

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import StoredEvent
from psycopg import conninfo

from ledger.application.ports import LogRow
from tests.bench.samples import Sample, sample_of

T = TypeVar("T")

EVENTS_A_SAVE: Final = 100
_AGGREGATES_A_SAVE: Final = 4
_POOL_SIZE: Final = 10


class Attendance(Aggregate):
    """A learner in a cohort, as the library's users write it."""

    @event("Enrolled")
    def __init__(self, cohort: UUID, person_ref: UUID) -> None:
        self.cohort = cohort
        self.person_ref = person_ref
        self.sign_ins = 0

    @event("SignedIn")
    def sign_in(self, session: UUID, method: int, device: str) -> None:
        self.sign_ins += 1


class Library:
    """The library on one database."""

    def __init__(self, env: dict[str, str]) -> None:
        """Make its tables in the database that `env` names."""
        self._application: Application[UUID] = Application(env)

    def insert(self, rows: Sequence[LogRow], batch: int, writers: int) -> Sample:
        """Insert the events of rows through the recorder, `batch` a save."""
        events = [StoredEvent(UUID(bytes=row.stream), row.seq, row.type, row.event) for row in rows]
        saves = [events[start : start + batch] for start in range(0, len(events), batch)]
        recorder = self._application.recorder
        return _timed(saves, recorder.insert_events, writers, len(events))

    def save(self, events: int, writers: int) -> Sample:
        """Save aggregates, 100 events a save."""
        saves = [_aggregates() for _ in range(events // EVENTS_A_SAVE)]
        count = len(saves) * EVENTS_A_SAVE
        return _timed(saves, lambda save: self._application.save(*save), writers, count)

    def close(self) -> None:
        """Close the connections."""
        self._application.close()


def sqlite_library(path: Path) -> Library:
    """Return the library on a new SQLite file."""
    return Library(
        {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(path)},
    )


def postgres_library(url: str) -> Library:
    """Return the library on an empty PostgreSQL database."""
    server = conninfo.conninfo_to_dict(url)
    return Library(
        {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": str(server["dbname"]),
            "POSTGRES_HOST": str(server["host"]),
            "POSTGRES_PORT": str(server.get("port", "5432")),
            "POSTGRES_USER": str(server["user"]),
            "POSTGRES_PASSWORD": str(server.get("password", "none")),
            "POSTGRES_POOL_SIZE": str(_POOL_SIZE),
        },
    )


def _aggregates() -> list[Attendance]:
    aggregates = [Attendance(uuid4(), uuid4()) for _ in range(_AGGREGATES_A_SAVE)]
    for number in range(EVENTS_A_SAVE // _AGGREGATES_A_SAVE - 1):
        for aggregate in aggregates:
            aggregate.sign_in(uuid4(), 1, f"BENCH-{number:04}")
    return aggregates


def _timed(saves: Sequence[T], save: Callable[[T], object], writers: int, events: int) -> Sample:
    """Let writers take the next save in turn."""
    latencies: list[float] = []

    def write(waiting: Iterable[T]) -> None:
        for each in waiting:
            before = time.perf_counter()
            save(each)
            latencies.append(time.perf_counter() - before)

    waiting = iter(saves)
    started = time.perf_counter()
    with ThreadPoolExecutor(writers) as threads:
        for done in [threads.submit(write, waiting) for _ in range(writers)]:
            done.result()
    return sample_of(events, time.perf_counter() - started, latencies)
