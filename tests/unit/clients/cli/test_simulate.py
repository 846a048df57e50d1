"""`tledger simulate` as a user has it: files, and what it says when it cannot append."""

import json
from pathlib import Path

from tests.unit.clients.cli.command_line import documents, error
from tests.unit.clients.cli.conftest import Office

SMALL = ("--cohorts", "1", "--learners", "6")


def test_a_town_is_written_with_its_truth(office: Office, tmp_path: Path) -> None:
    out = tmp_path / "town"
    result = office.tledger("simulate", *SMALL, "--seed", "7", "--out", out, "--json")
    assert result.exit_code == 0
    (document,) = documents(result)
    assert document["events"] > 500
    assert document["wrong"] == []
    truth = json.loads((out / "truth.json").read_text("utf-8"))
    assert truth["size"]["seed"] == 7
    assert len(truth["cohorts"]) == 1
    assert (out / "parties.csv").read_text("utf-8").startswith("kind,credit_code,")
    assert list((out / "policies").glob("*.toml"))


def test_appending_needs_the_parties_identities_and_says_how_to_make_them(
    office: Office, tmp_path: Path
) -> None:
    parties = tmp_path / "parties"
    parties.mkdir()
    arguments = ("simulate", *SMALL, "--out", tmp_path / "town", "--append", "--parties", parties)
    result = office.tledger(*arguments, "--json")
    assert result.exit_code == 64
    told = error(result)
    assert told["code"] == "IDENTITY_MISSING"
    # One institution, the exam body and the platform.
    assert len(told["values"]["credit codes"].split()) == 3
    assert "tledger client" in told["fixes_en"][0]
    assert not (tmp_path / "town").exists()


def test_a_check_without_truth_is_a_misuse(office: Office, tmp_path: Path) -> None:
    result = office.tledger("simulate", *SMALL, "--out", tmp_path, "--check", "--json")
    assert result.exit_code == 64
    assert error(result)["code"] == "FILE_UNREADABLE"
