"""A city-year on a real server: every hour, refusal, certificate and cohort-file figure is as due.

What is due was worked out from what happened, by code that shares nothing with the ledger
(clients/simulator/truth.py). A town of 20 cohorts, some 90,000 events, runs with
TLEDGER_YEAR=20x38; `tledger simulate --append --check` does the same against any ledger.
"""

import asyncio
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from clients.sdk import Identity, Ledger, LedgerClientError
from clients.simulator.comparison import compare
from clients.simulator.decisions import Outcome
from clients.simulator.plan import make_town
from clients.simulator.simulation import TRUTH, append_town
from clients.simulator.town import Size
from ledger.commands.clients import make_client
from ledger.commands.home import Home, Settings
from ledger.commands.initialising import initialise
from tests.server_process import ServerProcess, fixed_address, tledger, wait_until
from tests.world import BUREAU, ORIGIN

pytestmark = pytest.mark.slow
SEED = 21
"""The small town of this seed has guests of another institution's class, with a plan and without,
and a transferred learner who passes."""

COHORTS, LEARNERS = (int(part) for part in os.environ.get("TLEDGER_YEAR", "4x7").split("x"))


@dataclass(frozen=True, slots=True)
class Year:
    """A town in a ledger.

    Attributes:
        server: The ledger; it runs.
        bureau: The bureau's identity.
        outcome: What became of the town.
        parties: Folder with the identities of its parties.
        out: Folder with its truth.
    """

    server: ServerProcess
    bureau: Identity
    outcome: Outcome
    parties: Path
    out: Path

    def truth(self) -> dict[str, list[dict[str, object]]]:
        document: dict[str, list[dict[str, object]]] = json.loads(
            (self.out / TRUTH).read_text("utf-8")
        )
        return document


@pytest.fixture(scope="module", params=["real", "shuffled"])
def year(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Year]:
    folder = tmp_path_factory.mktemp(request.param)
    home = Home(folder / "home")
    databases = home.default_database("ledger"), home.default_database("vault")
    settings = Settings(ORIGIN, BUREAU.credit_code, *databases, fixed_address(), "cert.example")
    bureau = asyncio.run(initialise(home, settings, BUREAU, (), synthetic=True))
    size = Size(seed=SEED, cohorts=COHORTS, learners=LEARNERS, institutions=2)
    parties = folder / "parties"
    make_parties(home, size, parties)
    server = ServerProcess(home, folder / "server.log")
    server.start()
    try:
        server.wait_ready()
        wait_until(lambda: published(bureau), "the first checkpoint")
        outcome = append_town(
            size,
            bureau,
            parties,
            folder / "out",
            mixed=request.param == "shuffled",
            progress=lambda _done, _steps: None,
        )
        yield Year(server, bureau, outcome, parties, folder / "out")
    finally:
        server.end()


def make_parties(home: Home, size: Size, folder: Path) -> None:
    """Make the identities of a town's parties, as the operator does."""
    for party in make_town(size).parties:
        if not (folder / party.credit_code).exists():
            make_client(home, folder / party.credit_code, party.credit_code, None)


def published(identity: Identity) -> bool:
    with Ledger.open(identity) as ledger:
        try:
            ledger.log.checkpoint()
        except LedgerClientError:
            return False
    return True


def test_the_ledger_grants_and_refuses_what_is_due(year: Year) -> None:
    truth = year.truth()
    assert year.outcome.surprises == []
    assert year.outcome.certificates == sum(
        bool(learner["certificate"])
        for cohort in truth["cohorts"]
        for learner in cohort["learners"]  # type: ignore[attr-defined] # JSON
    )
    assert year.outcome.certificates > 0
    assert year.outcome.held > 0
    assert year.outcome.refused == len(truth["refusals"]) > 0


def test_every_cohort_file_is_the_truth(year: Year) -> None:
    with Ledger.open(year.bureau, timeout=60) as ledger:
        assert compare(year.truth(), ledger, year.outcome.size) == []


def test_a_truth_with_one_hour_more_is_found_out(year: Year) -> None:
    truth = year.truth()
    learner = truth["cohorts"][0]["learners"][2]  # type: ignore[index] # JSON
    learner["hours"]["practical"] += 1
    with Ledger.open(year.bureau, timeout=60) as ledger:
        (line,) = compare(truth, ledger, year.outcome.size)
    assert line.startswith(f"{learner['code']}: hours is")


def test_only_guests_without_a_plan_are_held_in_the_end(year: Year) -> None:
    due = sum(
        learner["held"]
        for cohort in year.truth()["cohorts"]
        for learner in cohort["learners"]  # type: ignore[attr-defined] # JSON
    )
    assert due > 0
    with Ledger.open(year.bureau, timeout=60) as ledger:
        held = [event.code for event in ledger.registers.held()]
    assert held == ["GUEST_NOT_PLANNED"] * due


def test_the_command_compares_as_well(year: Year) -> None:
    bureau = str(year.server.home.folder / "bureau")
    arguments = ("simulate", "--check", "--out", str(year.out), "--identity", bureau, "--json")
    done = tledger(*arguments)
    assert done.code == 0, done.out + done.err
    assert json.loads(done.out)["differences"] == 0


def test_the_command_appends_another_town_beside_it(year: Year, tmp_path: Path) -> None:
    # Platform and exam body are those of the first town: they are registered already.
    make_parties(year.server.home, Size(seed=2, cohorts=1, learners=6), year.parties)
    size = ("--seed", "2", "--cohorts", "1", "--learners", "6")
    bureau = str(year.server.home.folder / "bureau")
    places = ("--parties", str(year.parties), "--out", str(tmp_path), "--identity", bureau)
    done = tledger("simulate", *size, "--append", "--check", *places, "--json")
    assert done.code == 0, done.out + done.err
    document = json.loads(done.out)
    assert document["differences"] == 0
    assert document["wrong"] == []
    assert document["events"] > 500
