"""What is decided about certificates from the command line, and how it is shown afterwards."""

from pathlib import Path
from typing import Any

import pytest

from ledger.api.v1 import certificate_service_pb2 as pb
from ledger.api.v1 import events_pb2
from ledger.api.v1 import recording_service_pb2 as recording_pb
from ledger.log.event_reader import read_event
from tests.unit.clients.cli.command_line import documents, error
from tests.unit.clients.cli.conftest import Office
from tests.unit.clients.sdk.ledger_server import Step
from tests.unit.clients.verifier.small_log import (
    ENROLMENT,
    NUMBER,
    OTHER_CERTIFICATE,
    OTHER_NUMBER,
    PERSON,
)

SUPERSEDE = ("--enrolment", str(ENROLMENT), "--reason", "NAME-CORRECTED")
LINK = ("--first-issued", "2026-06-01", "--review-due", "2029-05-31", "--valid-to", "2032-05-31")


@pytest.fixture(autouse=True)
def issued(office: Office, tmp_path: Path) -> None:
    result = office.tledger("certificate", "issue", str(ENROLMENT), "--out", tmp_path)
    assert result.exit_code == 0


def sent(office: Office) -> list[Any]:
    """Events of the last request, as read."""
    (batch,) = recording_pb.AppendEventsRequest.FromString(
        office.running.recording.requests[-1]
    ).batches
    return [read_event(event) for event in batch.events]


def history(office: Office, number: str) -> list[tuple[str, dict[str, str]]]:
    """Types and details of a certificate's own entries, in the order of the log."""
    result = office.tledger("certificate", "history", number, "--wait", "--json")
    (found,) = documents(result)
    return [
        (entry["type"], entry["detail"])
        for entry in found["entries"]
        if entry["kind"] == "certificate"
    ]


def test_a_certificate_is_replaced_and_the_new_file_written(office: Office, tmp_path: Path) -> None:
    args = ("certificate", "supersede", NUMBER, *SUPERSEDE, "--out", tmp_path, "--yes", "--json")
    path = tmp_path / f"{OTHER_NUMBER}.json"
    assert documents(office.tledger(*args)) == [
        {
            "number": OTHER_NUMBER,
            "certificate": str(OTHER_CERTIFICATE),
            "supersedes": NUMBER,
            "reason": "NAME-CORRECTED",
            "file": str(path),
        }
    ]
    assert path.read_bytes() == office.desk.files[-1]
    assert history(office, NUMBER)[-1] == (
        "TrainingCertificateSuperseded",
        {"number": OTHER_NUMBER, "reason": "NAME-CORRECTED"},
    )
    ((kind, detail),) = history(office, OTHER_NUMBER)
    assert (kind, detail["supersedes"]) == ("TrainingCertificateIssued", NUMBER)
    text = office.tledger("certificate", "history", NUMBER, "--lang", "zh").stdout
    assert f"{OTHER_NUMBER} NAME-CORRECTED" in text


def test_a_replacement_is_asked_about_first(office: Office) -> None:
    asked = len(office.running.recording.requests)
    result = office.tledger("certificate", "supersede", NUMBER, *SUPERSEDE, "--json")
    assert (result.exit_code, "--yes" in result.stderr) == (64, True)
    assert len(office.running.recording.requests) == asked


def test_a_refused_replacement_leaves_no_batch_behind(office: Office, tmp_path: Path) -> None:
    office.running.recording.steps.append(
        Step(reject={0: "CERTIFICATE_SUSPENDED", 1: "ATOMIC_ABORTED"})
    )
    args = ("certificate", "supersede", NUMBER, *SUPERSEDE, "--out", tmp_path, "--yes", "--json")
    result = office.tledger(*args)
    assert (result.exit_code, "CERTIFICATE_SUSPENDED" in result.stderr) == (1, True)
    assert list(office.folder.glob("pending/*")) == []
    assert not (tmp_path / f"{OTHER_NUMBER}.json").exists()


@pytest.mark.parametrize(
    ("name", "reason", "type_name", "words"),
    [
        ("suspend", "COMPLAINT", "TrainingCertificateSuspended", "已暂停"),
        ("reinstate", "CLEARED", "TrainingCertificateReinstated", "已恢复"),
    ],
)
def test_suspension_and_its_end_are_recorded_with_their_reason(
    office: Office, name: str, reason: str, type_name: str, words: str
) -> None:
    args = ("certificate", name, NUMBER, "--reason", reason)
    (found,) = documents(office.tledger(*args, "--json"))
    assert (found["number"], found["reason"]) == (NUMBER, reason)
    assert [(event.type, event.body.reason) for event in sent(office)] == [(type_name, reason)]
    assert words in office.tledger(*args, "--lang", "zh").stdout


def test_a_reason_that_is_no_code_is_refused_before_it_is_sent(office: Office) -> None:
    result = office.tledger("certificate", "suspend", NUMBER, "--json")
    assert result.exit_code == 64
    assert "--reason" in result.stderr


@pytest.mark.parametrize("by_file", [True, False])
def test_the_official_number_never_stands_on_the_command_line(
    office: Office, tmp_path: Path, *, by_file: bool
) -> None:
    (tmp_path / "official").write_text("t320599199001010011\n", "utf-8")
    args: tuple[str | Path, ...] = ("certificate", "link", NUMBER, *LINK, "--json")
    if by_file:
        result = office.tledger(*args, "--number-file", tmp_path / "official")
    else:
        result = office.tledger(*args, stdin="T320599199001010011\n")
    (found,) = documents(result)
    assert found["number"] == NUMBER
    assert "T320599" not in result.stdout
    (event,) = sent(office)
    assert (event.type, event.body.valid_to) == ("OperationCertificateLinked", 20320531)
    assert history(office, NUMBER)[-1][1] == {
        "first_issued": "2026-06-01",
        "review_due": "2029-05-31",
        "valid_to": "2032-05-31",
    }


def test_the_registers_view_says_when_and_why(office: Office) -> None:
    def later(answer: pb.GetCertificateResponse) -> None:
        found = answer.certificate
        found.state = "suspended"
        found.suspended_us, found.suspension_reason = 1_775_005_500_000_000, "COMPLAINT"
        found.successor, found.superseding_reason = OTHER_NUMBER, "NAME-CORRECTED"
        found.superseded_us = 1_775_005_560_000_000
        found.revocation_reason = events_pb2.REVOCATION_REASON_UNSPECIFIED
        found.official.CopyFrom(
            pb.OfficialCertificate(first_issued=20260601, review_due=20290531, valid_to=20320531)
        )

    office.desk.forge_core = later
    text = office.tledger("certificate", "show", NUMBER, "--lang", "zh").stdout
    for words in ("已暂停", "COMPLAINT", OTHER_NUMBER, "2026-06-01", "2029-05-31", "2032-05-31"):
        assert words in text
    assert "撤销" not in text
    (found,) = documents(office.tledger("certificate", "show", NUMBER, "--json"))
    assert (found["state"], found["successor"]) == ("suspended", OTHER_NUMBER)
    assert found["official"]["review_due"] == 20290531


def test_of_what_did_not_happen_the_view_says_nothing(office: Office) -> None:
    text = office.tledger("certificate", "show", NUMBER, "--lang", "en").stdout
    for words in ("Suspended", "Replaced", "Official", "Revoked"):
        assert words not in text


def test_a_person_is_corrected_by_name_or_by_number(office: Office, tmp_path: Path) -> None:
    def corrected(*args: str | Path) -> dict[str, str]:
        result = office.tledger("person", "correct", str(PERSON), "--json", *args)
        assert result.exit_code == 0, result.stderr
        (found,) = documents(result)
        return dict(found)

    by_name = corrected("--name", "王晓明")
    assert by_name["person_ref"] == str(PERSON)
    (tmp_path / "number").write_text("32059919900101002x\n", "utf-8")
    number = corrected("--id-type", "RESIDENT_ID_CARD", "--id-file", tmp_path / "number")
    assert number["identity_commitment"] != by_name["identity_commitment"]


@pytest.mark.parametrize(
    "args",
    [(), ("--name", ""), ("--name", "王\n明"), ("--name", "王", "--id-file", "-")],
)
def test_a_correction_says_what_is_right(office: Office, args: tuple[str, ...]) -> None:
    result = office.tledger("person", "correct", str(PERSON), *args, "--json", stdin="1\n")
    assert result.exit_code == 64
    assert error(result)["code"]
