"""Proofs from the command line: verified before they are shown, and the last checkpoint is kept."""

from pathlib import Path

import pytest

from clients.sdk import Ledger
from ledger.log.checkpoints import open_checkpoint
from ledger.log.entries import entry_hash
from ledger.log.tlog_proof import TlogProof
from tests.unit.clients.cli.command_line import documents, error
from tests.unit.clients.cli.conftest import Office
from tests.unit.clients.sdk.identities import sessions_started
from tests.unit.clients.sdk.ledger_server import LedgerLog
from tests.unit.clients.verifier.small_log import (
    COHORT,
    INSTITUTION,
    ORIGIN,
    WITNESS_POLICY,
    trust_file,
)

TRUST = trust_file()


def record(office: Office, number: int) -> list[str]:
    """Record and publish so many events; return their ids."""
    identity = office.running.identity()
    events = sessions_started(identity, number)
    with Ledger.open(identity, retries=office.running.time.retries()) as ledger:
        ledger.accepted(events)
    office.running.publish()
    return [str(event.event_id) for event in events]


def test_the_checkpoint_is_shown_and_kept_between_commands(office: Office, tmp_path: Path) -> None:
    out = tmp_path / "out" / "checkpoint.note"
    (found,) = documents(office.tledger("log", "checkpoint", "--json", "--out", out))
    assert (found["origin"], found["size"], found["quorum_met"]) == (ORIGIN, 7, True)
    assert (office.folder / "checkpoint").read_text("utf-8") == found["note"]
    assert out.read_text("utf-8") == found["note"]
    opened = open_checkpoint(found["note"], TRUST.verifiers())
    assert opened.checkpoint.root.hex() == found["root"]
    text = office.tledger("log", "checkpoint", "--lang", "zh").stdout
    assert found["quorum"] is None
    assert "无（quorum none，完整性以运营方为准）" in text
    assert found["root"] in text


def test_a_log_that_shrinks_is_caught_by_the_next_command(office: Office) -> None:
    old = office.running.view.shown
    record(office, 1)
    assert office.tledger("log", "checkpoint").exit_code == 0
    office.running.view.shown = old
    result = office.tledger("log", "checkpoint", "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert error(result)["code"] == "EVIDENCE_BAD"
    assert "has size 7, but one of size 9 was seen before" in error(result)["message_en"]
    assert error(result)["retryable"] is False


def test_a_log_with_another_history_is_caught_by_the_next_command(office: Office) -> None:
    record(office, 1)
    assert office.tledger("log", "checkpoint").exit_code == 0
    other = LedgerLog().start()
    for _ in range(3):
        other.revoke()
    office.running.view.shown = other.publish()
    result = office.tledger("log", "checkpoint", "--json")
    assert (result.exit_code, error(result)["code"]) == (1, "EVIDENCE_BAD")


def test_a_kept_checkpoint_that_was_edited_stops_everything(office: Office) -> None:
    office.tledger("log", "checkpoint")
    path = office.folder / "checkpoint"
    path.write_text(path.read_text("utf-8").replace("\n7\n", "\n8\n"), "utf-8")
    result = office.tledger("log", "checkpoint", "--json")
    assert (result.exit_code, error(result)["code"]) == (1, "EVIDENCE_BAD")
    path.write_bytes(b"\xff")
    result = office.tledger("log", "checkpoint", "--json")
    assert (result.exit_code, error(result)["code"]) == (64, "FILE_UNREADABLE")


def test_a_proof_by_index_and_by_event_is_the_same_and_verifies(
    office: Office, tmp_path: Path
) -> None:
    event, *_ = record(office, 2)
    out = tmp_path / "event.tlog-proof"
    (by_event,) = documents(office.tledger("log", "prove", event, "--json"))
    (by_index,) = documents(office.tledger("log", "prove", "7", "--json", "--out", out))
    assert by_event == by_index
    assert by_event["index"] == 7
    proof = TlogProof.parse(out.read_text("utf-8"))
    assert out.read_text("utf-8") == by_event["proof"]
    opened = proof.verify(entry_hash(by_event["entry"].encode()), TRUST.verifiers())
    assert opened.checkpoint.size == by_event["checkpoint"]["size"] == 10


def test_the_proof_alone_goes_to_standard_output(office: Office) -> None:
    record(office, 1)
    result = office.tledger("log", "prove", "7")
    TlogProof.parse(result.stdout)
    assert "Included" in result.stderr


@pytest.mark.parametrize("what", ["x", "-", "12a", "１２", "9" * 30])
def test_what_is_neither_index_nor_event_is_misuse(office: Office, what: str) -> None:
    result = office.tledger("log", "prove", "--json", "--", what)
    assert (result.exit_code, error(result)["code"]) == (64, "USAGE")


def test_a_receipt_is_verified_and_shown(office: Office, tmp_path: Path) -> None:
    event, *_ = record(office, 1)
    out = tmp_path / "receipt.tlog-proof"
    (found,) = documents(office.tledger("receipt", event, "--json", "--out", out))
    assert (found["event_id"], found["stream"], found["kind"], found["seq"], found["index"]) == (
        event,
        str(COHORT),
        "cohort",
        1,
        7,
    )
    assert out.read_text("utf-8") == found["proof"]
    assert f"cohort {COHORT}" in office.tledger("receipt", event).stdout


def test_without_the_witnesses_a_receipt_could_not_be_checked(office: Office) -> None:
    event, *_ = record(office, 1)
    asks_for_a_witness = trust_file(policy=WITNESS_POLICY)
    (office.folder / "trust.json").write_bytes(asks_for_a_witness.to_bytes())
    result = office.tledger("receipt", event, "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert (error(result)["code"], error(result)["retryable"]) == ("QUORUM_MISSING", True)
    (found,) = documents(office.tledger("log", "checkpoint", "--json"))
    assert (found["quorum"], found["quorum_met"], found["witnesses"]) == ("auditor", False, [])
    assert "none (quorum auditor: missing)" in office.tledger("log", "checkpoint").stdout


def test_watching_shows_every_event_from_an_index_on(office: Office) -> None:
    events = record(office, 3)
    rows = documents(office.tledger("watch", "--from", "8", "--limit", "2", "--json"))
    assert [row["index"] for row in rows] == [8, 9]
    assert [row["header"]["event_id"] for row in rows] == events[1:]
    assert rows[0]["header"]["type"] == "SessionStarted"
    assert rows[0]["header"]["institution"] == str(INSTITUTION)
    assert rows[0]["header"]["record_origin"] == "ENTERED"
    assert "clock" not in rows[0]["header"]
    assert rows[0]["body"]["present"] == 1
    text = office.tledger("watch", "--limit", "4").stdout.splitlines()
    assert [line.split()[0] for line in text] == ["#3", "#4", "#5", "#7"]
    assert text[3].endswith(events[0])
