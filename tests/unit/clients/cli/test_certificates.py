"""Certificates from the command line: issued, verified offline, revoked, verified again."""

from datetime import timedelta
from pathlib import Path

import pytest

from clients.cli.session import Surroundings
from ledger.api.v1 import certificate_service_pb2 as pb
from ledger.log.identifiers import key_id
from tests.unit.clients.cli.command_line import CommandLine, documents, error
from tests.unit.clients.cli.conftest import Office
from tests.unit.clients.sdk.ledger_server import Step
from tests.unit.clients.verifier.small_log import (
    CERTIFICATE,
    COHORT,
    ENROLMENT,
    INSTITUTION,
    ISSUER,
    NUMBER,
    OTHER_NUMBER,
    START,
    WITNESS_POLICY,
    spki,
    trust_file,
)

OFFLINE = CommandLine(Surroundings(now=lambda: START + timedelta(hours=1)))


@pytest.fixture
def issued(office: Office, tmp_path: Path) -> Path:
    result = office.tledger("certificate", "issue", str(ENROLMENT), "--out", tmp_path, "--json")
    assert documents(result) == [
        {
            "number": NUMBER,
            "certificate": str(CERTIFICATE),
            "file": str(tmp_path / f"{NUMBER}.json"),
        }
    ]
    return tmp_path / f"{NUMBER}.json"


def verdict(issued: Path, office: Office, *args: str) -> tuple[str, int]:
    result = OFFLINE("verify", issued, "--trust", office.folder / "trust.json", "--json", *args)
    (found,) = documents(result)
    return found["verdict"], result.exit_code


def test_what_would_be_issued_is_shown_and_nothing_recorded(office: Office) -> None:
    (found,) = documents(office.tledger("certificate", "prepare", str(ENROLMENT), "--json"))
    assert (found["number"], found["certificate"]) == (NUMBER, str(CERTIFICATE))
    assert found["core"]["credentialSubject"]["licenseNumber"] == NUMBER
    assert found["issue"]["credited"] == [
        {"component": "THEORY_OFFLINE", "hours": 44},
        {"component": "PRACTICAL", "hours": 104},
    ]
    text = office.tledger("certificate", "prepare", str(ENROLMENT), "--lang", "zh").stdout
    assert "理论线下 44; 实操 104" in text
    assert office.running.recording.requests == []


def test_an_issued_certificate_is_valid_offline(office: Office, issued: Path) -> None:
    assert verdict(issued, office) == ("valid", 0)
    assert list((office.folder / "pending").iterdir()) == []


def test_an_issue_that_was_recorded_can_be_finished_by_its_number(
    office: Office, issued: Path
) -> None:
    issued.unlink()
    result = office.tledger("certificate", "issue", NUMBER, "--out", issued.parent)
    assert result.exit_code == 0
    assert verdict(issued, office) == ("valid", 0)
    assert len(office.running.recording.requests) == 1


def test_an_issue_whose_outcome_is_unknown_is_kept(office: Office, tmp_path: Path) -> None:
    office.running.recording.steps.extend([Step(unknown=frozenset({0}))] * 60)
    result = office.tledger("certificate", "issue", str(ENROLMENT), "--out", tmp_path, "--json")
    assert (result.exit_code, error(result)["code"]) == (2, "OUTCOME_UNKNOWN")
    assert len(list((office.folder / "pending").iterdir())) == 1
    office.running.recording.steps.clear()
    assert office.tledger("append", "--pending").exit_code == 0
    assert office.tledger("certificate", "issue", NUMBER, "--out", tmp_path).exit_code == 0
    assert verdict(tmp_path / f"{NUMBER}.json", office) == ("valid", 0)


def test_a_refused_issue_says_why(office: Office, tmp_path: Path) -> None:
    office.running.recording.steps.append(Step(reject={0: "HOURS_SHORT"}))
    result = office.tledger("certificate", "issue", str(ENROLMENT), "--out", tmp_path, "--json")
    assert (result.exit_code, error(result)["code"]) == (1, "HOURS_SHORT")
    assert error(result)["fixes_zh"] == ["检查班次标识与密钥"]
    assert list(tmp_path.glob("*.json")) == []
    assert list((office.folder / "pending").iterdir()) == []


def test_a_core_that_says_something_else_is_not_signed(office: Office) -> None:
    def forge(answer: pb.PrepareCertificateResponse) -> None:
        answer.issue.credited[0].hours = 45

    office.desk.forge_prepared = forge
    result = office.tledger("certificate", "issue", str(ENROLMENT), "--json")
    assert (result.exit_code, error(result)["code"]) == (1, "CERTIFICATE_NOT_SOUND")
    assert "148 hours, the issue event 149" in error(result)["message_en"]
    assert office.running.recording.requests == []


@pytest.mark.parametrize("what", ["x", NUMBER[:-1] + "0", ""])
def test_what_is_neither_enrolment_nor_number_is_misuse(office: Office, what: str) -> None:
    result = office.tledger("certificate", "issue", what, "--json")
    assert (result.exit_code, error(result)["code"]) == (64, "USAGE")


def test_a_wrong_check_character_never_reaches_the_ledger(office: Office) -> None:
    result = office.tledger("certificate", "show", NUMBER[:-1] + "0", "--json")
    assert (result.exit_code, error(result)["code"]) == (64, "USAGE")
    assert "check character does not fit" in error(result)["message_en"]


def test_the_registers_view_is_shown_and_the_file_saved(office: Office, tmp_path: Path) -> None:
    def complete(answer: pb.GetCertificateResponse) -> None:
        answer.credential = b"{}"
        answer.certificate.state = "valid"

    (bare,) = documents(office.tledger("certificate", "show", NUMBER.lower(), "--json"))
    assert (bare["number"], bare["has_file"], bare["file"]) == (NUMBER, False, None)
    result = office.tledger("certificate", "show", NUMBER, "--out", tmp_path, "--json")
    assert (result.exit_code, error(result)["code"]) == (64, "NO_FILE")
    office.desk.forge_core = complete
    result = office.tledger("certificate", "show", NUMBER, "--out", tmp_path, "--lang", "zh")
    assert (tmp_path / f"{NUMBER}.json").read_bytes() == b"{}"
    assert "有效" in result.stdout
    assert str(COHORT) in result.stdout


def test_the_history_has_every_entry_with_times_and_author(office: Office, issued: Path) -> None:
    (found,) = documents(office.tledger("certificate", "history", NUMBER, "--json"))
    assert (found["verified"], found["quorum"], found["witnesses"]) == (True, None, [])
    entries = found["entries"]
    assert [(entry["index"], entry["type"]) for entry in entries] == [
        (3, "KeyRegistered"),
        (4, "InstitutionRegistered"),
        (5, "KeyRegistered"),
        (7, "TrainingCertificateIssued"),
    ]
    issue = entries[-1]
    assert issue["author_key"] == key_id(spki(ISSUER)).hex()
    assert (issue["author_party"], issue["author_use"]) == (str(INSTITUTION), "PARTY")
    assert (issue["seq"], issue["contested"]) == (1, "")
    assert issue["recorded_us"] == 1_775_005_620_000_000  # 09:07 China time
    text = office.tledger("certificate", "history", NUMBER, "--lang", "zh").stdout
    last = text.splitlines()[-1]
    assert last.startswith("   7  2026-04-01 09:07:00  ")
    assert last.endswith("✔")
    assert "TrainingCertificateIssued" in last


def test_a_history_that_does_not_verify_is_not_shown(office: Office, issued: Path) -> None:
    def forge(answer: pb.GetHistoryResponse) -> None:
        answer.history_proof = answer.history_proof.replace(b'"seq\\":1', b'"seq\\":2')

    office.desk.forge_history = forge
    result = office.tledger("certificate", "history", NUMBER, "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert error(result)["code"] == "EVIDENCE_BAD"


def test_revoking_needs_a_yes_and_the_newest_status_shows_it(office: Office, issued: Path) -> None:
    args = ("certificate", "revoke", NUMBER, "--reason", "ERROR")
    result = office.tledger(*args, "--json")
    assert (result.exit_code, error(result)["code"]) == (64, "USAGE")
    assert "give --yes" in error(result)["message_en"]
    assert len(office.running.recording.requests) == 1

    (found,) = documents(office.tledger(*args, "--yes", "--json"))
    assert (found["number"], found["reason"], found["index"]) == (NUMBER, "ERROR", 9)
    assert verdict(issued, office) == ("valid", 0)  # the file itself knows nothing of it
    pulled = office.tledger("status", "pull", issued, "--wait", "--json")
    assert documents(pulled) == [
        {"number": NUMBER, "file": str(issued.with_name(f"{NUMBER}.status.json"))}
    ]
    assert verdict(issued, office) == ("not_valid", 1)
    assert verdict(issued, office, "--status", "none") == ("valid", 0)


def test_a_status_can_be_pulled_by_number_into_a_folder(
    office: Office, issued: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "statuses"
    result = office.tledger("status", "pull", NUMBER, "--out", folder)
    assert result.exit_code == 0
    status = folder / f"{NUMBER}.status.json"
    assert verdict(issued, office, "--status", str(status)) == ("valid", 0)
    result = office.tledger("status", "pull", OTHER_NUMBER, "--out", folder, "--json")
    assert (result.exit_code, error(result)["code"]) == (1, "EVIDENCE_BAD")
    assert not (folder / f"{OTHER_NUMBER}.status.json").exists()


@pytest.mark.parametrize("content", [b"", b"[]", b'{"credentialSubject":{"licenseNumber":7}}'])
def test_a_status_of_something_else_is_misuse(
    office: Office, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "no-certificate.json"
    path.write_bytes(content)
    result = office.tledger("status", "pull", path, "--json")
    assert (result.exit_code, error(result)["code"]) == (64, "USAGE")


def test_without_witnesses_a_certificate_is_recorded_but_not_finished(
    office: Office, tmp_path: Path
) -> None:
    trust = trust_file(policy=WITNESS_POLICY)
    (office.folder / "trust.json").write_bytes(trust.to_bytes())
    result = office.tledger("certificate", "issue", str(ENROLMENT), "--out", tmp_path, "--json")
    assert (result.exit_code, error(result)["code"]) == (2, "QUORUM_MISSING")
    assert len(office.running.recording.requests) == 1
    assert list(tmp_path.glob("*.json")) == []
