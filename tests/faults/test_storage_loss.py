"""A full disk under SQLite (reliability-security A3, A9): no new event, no half event, reads go on.

A stopped and a killed PostgreSQL: test_postgres.py.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from clients.sdk import Ledger
from tests.faults.acknowledgement_book import read_book
from tests.faults.settling import published_size
from tests.faults.small_disk import FileLimit, FullFileSystem, SmallDisk, full_file_system
from tests.faults.underway import UnderWay, under_way
from tests.server_process import PATIENCE_SECONDS, served_world, tledger

pytestmark = [pytest.mark.slow, pytest.mark.faults]

REFUSALS = {"STORAGE_FULL", "STORAGE_UNAVAILABLE", "UNKNOWN", "DEADLINE_EXCEEDED"}
"""What a client may be told of a write that did not come about."""


@dataclass(frozen=True, slots=True)
class OnSmallDisk:
    """A ledger under way, and its disk."""

    running: UnderWay
    disk: SmallDisk


@pytest.fixture(params=["a limit on files", "a full file system"])
def on_small_disk(
    request: pytest.FixtureRequest, tmp_path: Path, seed: int
) -> Iterator[OnSmallDisk]:
    """The home, its databases and its register are on the disk; the clients' book is not."""
    with ExitStack() as stack:
        folder: Path = tmp_path
        disk: SmallDisk = FileLimit()
        if request.param == "a full file system":
            folder = tmp_path / "disk"
            disk = stack.enter_context(full_file_system(folder))
        database = f"sqlite:///{folder / 'ledger.sqlite3'}"
        served = stack.enter_context(served_world(folder, database))
        served.server.log = tmp_path / "server.log"
        yield OnSmallDisk(stack.enter_context(under_way(served, seed)), disk)


def _fill(on: OnSmallDisk) -> None:
    """Let the disk run full while clients write; return when nothing gets through any more."""
    running = on.running
    running.wait_for_acknowledgements(100)
    on.disk.fill(running.server.pid)
    running.wait_for_failures(20)
    acknowledged = running.writers.book.acknowledged
    running.wait_for_failures(20)
    assert running.writers.book.acknowledged == acknowledged
    assert running.writers.failures
    assert running.writers.failures <= REFUSALS
    if isinstance(on.disk, FullFileSystem):
        # The ledger says so itself: nothing was written because there is no room.
        assert "STORAGE_FULL" in running.writers.failures


def _reads_go_on(running: UnderWay) -> None:
    """Read what an institution reads: checkpoint, receipts, registers, the log itself."""
    published = published_size(running.served)
    book = read_book(running.writers.book.path)
    places = {event: given[0] for event, given in book.acknowledged.items()}
    covered = [event for event, place in places.items() if place.index < published]
    classroom = running.served.classrooms[0]
    with Ledger.open(running.served.world.school) as ledger:
        assert ledger.log.checkpoint().checkpoint.size == published
        for event in covered[:10]:
            receipt = ledger.get_receipt(UUID(event), timeout=PATIENCE_SECONDS)
            assert receipt.proven.entry == places[event].entry
        assert ledger.registers.cohort(classroom.cohort).enrolled == len(classroom.learners)
        assert len(list(ledger.log.entries(0, published))) == published
    check = tledger("log", "check", "--home", str(running.served.home.folder))
    assert check.code == 0, check.err


def test_on_a_full_disk_nothing_is_half_written_and_writing_resumes_when_there_is_room(
    on_small_disk: OnSmallDisk,
) -> None:
    running, disk = on_small_disk.running, on_small_disk.disk
    _fill(on_small_disk)
    _reads_go_on(running)
    disk.free(running.server.pid)
    running.wait_for_acknowledgements(20)
    running.settle_and_check()


def test_a_server_that_dies_on_a_full_disk_goes_on_after_a_restart_with_room(
    on_small_disk: OnSmallDisk,
) -> None:
    running, disk = on_small_disk.running, on_small_disk.disk
    _fill(on_small_disk)
    running.server.kill()
    if not isinstance(disk, FileLimit):
        disk.free(0)
    running.server.start()
    running.wait_for_acknowledgements(20)
    running.settle_and_check()
