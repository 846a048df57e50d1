"""Whatever is changed behind the ledger's back, `tledger log check` names the first bad entry.

reliability-security A7, B8, G1 to G3, G6, G7. The log is one that a server wrote; the check is the
operator's command; the server itself refuses to start where its register knows better.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import pytest

from clients.sdk import Accepted, Ledger, sign_batch
from ledger.commands.home import Home
from tests.faults.raw_database import copy_database, database_copy, drop_database
from tests.faults.settling import published_size
from tests.faults.tampering import TAMPERINGS, Marks, move_slot
from tests.postgres_server import fresh_database
from tests.server_process import (
    Finished,
    Served,
    ServerProcess,
    served_world,
    tledger,
    wait_until,
)

pytestmark = [pytest.mark.slow, pytest.mark.faults]

# Four batches: with what the world holds before them, the log has a full tile and a second level.
_BATCHES = 4
_EVENTS = 80


@dataclass(frozen=True, slots=True)
class Written:
    """A log that a server wrote and published; nobody uses it.

    Attributes:
        home: Its home.
        old: URL of a copy of the database from before the last batch.
        old_size: Its size, which was published.
        marks: Where to tamper.
    """

    home: Home
    old: str
    old_size: int
    marks: Marks


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def written(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Written]:
    """The log that all tests here copy."""
    folder = tmp_path_factory.mktemp(request.param)
    with ExitStack() as stack:
        if request.param == "sqlite":
            database = f"sqlite:///{folder / 'ledger.sqlite3'}"
        else:
            server = request.getfixturevalue("postgres_server")
            database = stack.enter_context(fresh_database(server))
        served = stack.enter_context(served_world(folder, database, cohorts=1))
        batches = [_record(served) for _ in range(_BATCHES - 1)]
        old = copy_database(database, f"old_{uuid4().hex}")
        stack.callback(drop_database, old)
        batches.append(_record(served))
        first, last = batches[1][0].index, batches[-1][-1].index
        # Behind each batch its map-commit.
        old_size, size = batches[-2][-1].index + 2, last + 2
        marks = Marks(first, first + _EVENTS // 2, last, size, old_size)
        yield Written(served.home, old, old_size, marks)


def _record(served: Served) -> tuple[Accepted, ...]:
    """Start the server, record a batch, wait for its publication, stop the server."""
    (classroom,) = served.classrooms
    served.server.start()
    served.server.wait_ready()
    with Ledger.open(served.world.school) as ledger:
        wait_until(lambda: published_size(served) > 0, "the first checkpoint")
        learners = [
            classroom.learners[number % len(classroom.learners)] for number in range(_EVENTS)
        ]
        events = classroom.sign_ins(learners, uuid4())
        accepted = ledger.accepted(sign_batch(classroom.terminal.identity, events))
        ledger.get_receipt(accepted[-1], wait=True)
    served.server.stop()
    return accepted


def _check(home: Home) -> Finished:
    return tledger("log", "check", "--home", str(home.folder), "--json")


def _home_on(home: Home, database: str, folder: Path) -> Home:
    """Return a copy of a home with another database."""
    copy = Home(folder / "home")
    shutil.copytree(home.folder, copy.folder)
    settings = replace(home.settings(), database=database)
    copy.settings_file.write_text(settings.to_toml(), "utf-8")
    return copy


def _refusal(home: Home, folder: Path) -> str:
    """Start a server that has to refuse; return what it says."""
    server = ServerProcess(home, folder / "server.log")
    server.start()
    try:
        assert server.wait_end() == 1
    finally:
        server.end()
    return server.last_words()


def test_the_log_as_it_was_written_is_in_order(written: Written) -> None:
    found = _check(written.home)
    report = json.loads(found.out)
    assert found.code == 0
    assert (report["ok"], report["size"]) == (True, written.marks.size)
    assert report["published"] == written.marks.size


@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_tampered_log_is_found_and_the_first_bad_entry_named(
    written: Written, tmp_path: Path, name: str
) -> None:
    tampering = TAMPERINGS[name]
    with database_copy(written.home.settings().database, f"case_{uuid4().hex}") as database:
        tampering.apply(database, written.marks)
        found = _check(_home_on(written.home, database, tmp_path))
    report = json.loads(found.out)
    assert found.code == 1
    assert report["first_bad_index"] == tampering.due(written.marks), report["reason_en"]
    assert report["reason_zh"]


def test_a_server_refuses_to_start_on_a_log_without_its_tail(
    written: Written, tmp_path: Path
) -> None:
    with database_copy(written.home.settings().database, f"case_{uuid4().hex}") as database:
        TAMPERINGS["the tail behind a checkpoint"].apply(database, written.marks)
        said = _refusal(_home_on(written.home, database, tmp_path), tmp_path)
    assert f"entry {written.marks.size - 1} is published and missing" in said


def test_a_server_refuses_to_start_on_an_old_copy_and_names_both_sizes(
    written: Written, tmp_path: Path
) -> None:
    old, new = written.old_size, written.marks.size
    home = _home_on(written.home, written.old, tmp_path)
    said = _refusal(home, tmp_path)
    assert f"the database has published size {old}, the register holds {new}" in said
    found = _check(home)
    report = json.loads(found.out)
    assert (found.code, report["first_bad_index"]) == (1, old)
    assert f"{old} entries, but a checkpoint of size {new} was signed" in report["reason_en"]


def test_a_server_signs_nothing_where_an_event_is_said_to_be_its_slot(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
    with served_world(tmp_path, database, cohorts=1) as served:
        server, (classroom,) = served.server, served.classrooms
        # Published once at the start, and not again: what follows is acknowledged only.
        server.publish_every = 3_600.0
        server.start()
        server.wait_ready()
        wait_until(lambda: published_size(served) > 0, "the first checkpoint")
        with Ledger.open(served.world.school) as ledger:
            events = classroom.sign_ins(classroom.learners, uuid4())
            accepted = ledger.accepted(sign_batch(classroom.terminal.identity, events))
        server.kill()
        signed = served.home.register.read_bytes()
        move_slot(database, accepted[2].index)
        server.publish_every = 0.05
        server.start()
        server.wait_ready()
        wait_until(lambda: "publication refused" in server.last_words(), "it refuses")
        assert f"entry {accepted[2].index} is no empty slot" in server.last_words()
        server.stop()
        assert served.home.register.read_bytes() == signed
