"""A run against one backend: in each round one sample of every measure, so that noise meets all."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.application.ports import LogRow
from ledger.storage.open_storage import Storage, open_storage
from ledger.storage.views import PostgresViews, SQLiteViews, open_views
from projections.registry import READ_MODELS
from tests.bench.backends import Backend
from tests.bench.call_server import EMPTY, SIGNED
from tests.bench.load import APPEND
from tests.bench.measures import Measure, Plan
from tests.bench.processes import free_address, python, serving
from tests.bench.request_files import SignIns, signed_calls, write_requests
from tests.bench.samples import Sample
from tests.world import World, make_world

MANY: Final = 64
"""Callers where many are meant."""
WRITERS: Final = 8
_OURS: Final = (
    (Measure.OURS_ONE_CALLER, 1, 1),
    (Measure.OURS_SINGLE, 1, MANY),
    (Measure.OURS_100, 100, 16),
    (Measure.OURS_1000, 1_000, 4),
)
"""What is appended: events in a request, and callers."""
_PAGE: Final = 5_000
_CATCH_UP_SECONDS: Final = 600.0
_LOOK_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class CatchUp:
    """How far publisher and read models were behind when the last answer was there.

    Attributes:
        unpublished: Entries that no checkpoint covered.
        unfolded: Entries that the read models did not rest on.
        seconds: Until neither was behind.
    """

    unpublished: int
    unfolded: int
    seconds: float


@dataclass(slots=True)
class Results:
    """What a run showed: the samples of each measure, one for each round."""

    samples: dict[Measure, list[Sample]] = field(default_factory=dict)
    catch_ups: list[CatchUp] = field(default_factory=list)

    def add(self, measure: Measure, sample: Sample) -> None:
        """Add a sample."""
        self.samples.setdefault(measure, []).append(sample)


def run(backend: Backend, folder: Path, plan: Plan, tell: Callable[[str], None]) -> Results:
    """Measure everything on a backend.

    Args:
        backend: The backend.
        folder: Where home, identities and request files are kept.
        plan: How much.
        tell: Told what is under way.

    Raises:
        BenchError: when a process failed.
    """
    tell("making the log")
    # Configured, never listened on: each server is given a free port.
    address = "localhost:50443"
    making = make_world(
        folder, backend.database, address, cohorts=plan.cohorts, learners=plan.learners
    )
    world = asyncio.run(making)
    results, sign_ins = Results(), SignIns(world)
    storage, views = open_storage(backend.database), open_views(backend.database)
    with closing(storage.database), closing(views):
        for number in range(1, plan.rounds + 1):
            tell(f"round {number} of {plan.rounds}: ours")
            start = storage.reader.head().size
            files = _prepare(folder, plan, sign_ins)
            _ours(world, files, results, storage, views)
            rows = list(_rows(storage, start))
            tell(f"round {number} of {plan.rounds}: baselines")
            _calls(world, _call_files(folder, plan, sign_ins), results)
            _library(backend, plan, rows, results)
            for measure, batch, at in ((Measure.BULK_100, 100, 0), (Measure.BULK_1000, 1_000, 1)):
                part = rows[at * plan.bulk : (at + 1) * plan.bulk]
                results.add(measure, backend.bulk.write(part, batch))
    return results


def _prepare(folder: Path, plan: Plan, sign_ins: SignIns) -> dict[Measure | None, Path]:
    """Write the requests of each measure; under None, one sign-in of every learner."""
    counts = {
        Measure.OURS_ONE_CALLER: plan.one_caller,
        Measure.OURS_SINGLE: plan.singles,
        Measure.OURS_100: plan.batches_100,
        Measure.OURS_1000: plan.batches_1000,
    }
    files: dict[Measure | None, Path] = {
        measure: write_requests(
            folder / f"{measure}.requests", sign_ins.requests(counts[measure], events)
        )
        for measure, events, _ in _OURS
    }
    everyone = sign_ins.requests(plan.cohorts, plan.learners)
    files[None] = write_requests(folder / "everyone.requests", everyone)
    return files


def _ours(
    world: World,
    files: dict[Measure | None, Path],
    results: Results,
    storage: Storage,
    views: SQLiteViews | PostgresViews,
) -> None:
    # Asked for at the last moment: until the server listens, another process may take it.
    address = free_address()
    command = python(
        *("-m", "ledger.main", "serve", "--home", str(world.home.folder)),
        *("--address", address),
    )
    log = world.home.folder.parent / "serve.log"
    with serving(command, address, world.school_folder, log) as server:
        # A server that has run for a while knows the enrolments that are in training.
        server.load(APPEND, files[None], MANY)
        _wait_until_quiet(storage, views)
        for measure, _, callers in _OURS:
            results.add(measure, server.load(APPEND, files[measure], callers))
        results.catch_ups.append(_wait_until_quiet(storage, views))


def _wait_until_quiet(storage: Storage, views: SQLiteViews | PostgresViews) -> CatchUp:
    """Wait until publisher and read models have caught up."""
    started = time.perf_counter()
    first: CatchUp | None = None
    while True:
        size = storage.reader.head().size
        published = storage.publications.published()
        unpublished = size - (0 if published is None else published[0])
        unfolded = size - views.position(READ_MODELS)
        seconds = time.perf_counter() - started
        first = first or CatchUp(unpublished, unfolded, seconds)
        if (unpublished <= 0 and unfolded <= 0) or seconds > _CATCH_UP_SECONDS:
            return CatchUp(first.unpublished, first.unfolded, seconds)
        time.sleep(_LOOK_SECONDS)


def _rows(storage: Storage, start: int) -> Iterator[LogRow]:
    """Yield the events' rows from an index on."""
    while page := storage.reader.rows(start, _PAGE):
        yield from page
        start = page[-1].index + 1


def _call_files(folder: Path, plan: Plan, sign_ins: SignIns) -> tuple[Path, Path, str]:
    """Return the requests of (c) and (d), and the public key of (d)."""
    key = Ed25519PrivateKey.generate()
    events = sign_ins.requests(plan.calls, 1)
    empty = write_requests(folder / "empty.requests", _nothing(plan.calls))
    signed = write_requests(folder / "signed.requests", signed_calls(key, events))
    return empty, signed, key.public_key().public_bytes_raw().hex()


def _nothing(count: int) -> Iterable[bytes]:
    return (b"" for _ in range(count))


def _calls(world: World, files: tuple[Path, Path, str], results: Results) -> None:
    empty, signed, key = files
    address = free_address()
    command = python(
        *("-m", "tests.bench.call_server", "--home", str(world.home.folder)),
        *("--address", address, "--key", key),
    )
    log = world.home.folder.parent / "calls.log"
    with serving(command, address, world.school_folder, log) as server:
        results.add(Measure.CALL_EMPTY, server.load(EMPTY, empty, MANY))
        results.add(Measure.CALL_SIGNED, server.load(SIGNED, signed, MANY))


def _library(backend: Backend, plan: Plan, rows: list[LogRow], results: Results) -> None:
    """Give the library events of this round, other ones for each measure."""
    library, at = backend.library, 0
    for measure, events, batch, writers in (
        (Measure.LIBRARY_ONE_WRITER, plan.library_singles, 1, 1),
        (Measure.LIBRARY_SINGLE, plan.library_singles, 1, WRITERS),
        (Measure.LIBRARY_100, plan.library_batched, 100, WRITERS),
        (Measure.LIBRARY_1000, plan.library_batched, 1_000, WRITERS),
    ):
        part = rows[at : at + events]
        results.add(measure, library.insert(part, batch, writers))
        at += events
    results.add(Measure.SAVE_ONE_WRITER, library.save(plan.library_batched, 1))
    results.add(Measure.SAVE, library.save(plan.library_batched, WRITERS))
