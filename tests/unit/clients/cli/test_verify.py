"""`tledger verify`: one verdict in words, five checks, and an exit code for every outcome."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from clients.cli.session import Surroundings
from ledger.api.v1 import events_pb2 as pb
from tests.unit.clients.cli.command_line import CommandLine, documents, error
from tests.unit.clients.verifier.small_log import (
    NUMBER,
    ORIGIN,
    ROOT,
    START,
    STRANGER,
    WITNESS_POLICY,
    Issued,
    certificate_file,
    issued,
    trust_file,
)

ISSUED = issued()
NOW = START + timedelta(hours=1)


def at(now: datetime) -> CommandLine:
    return CommandLine(Surroundings(now=lambda: now))


@pytest.fixture
def trust(tmp_path: Path) -> Path:
    path = tmp_path / "trust.json"
    path.write_bytes(trust_file().to_bytes())
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / f"{NUMBER}.json"
    path.write_bytes(ISSUED.file)
    return path


def revoked() -> tuple[Issued, bytes]:
    certificate = issued()
    certificate.log.revoke(by=ROOT, reason=pb.REVOCATION_REASON_FRAUD)
    return certificate, certificate.status()


def test_a_good_certificate_is_valid_in_words(file: Path, trust: Path) -> None:
    result = at(NOW)("verify", file, "--trust", trust, "--lang", "zh")
    assert (result.exit_code, result.stderr) == (0, "")
    first, *rest = result.stdout.splitlines()
    assert first == "✔ 有效"
    assert rest[0] == f"编号      {NUMBER}"
    assert rest[1] == "状态截至  2026-04-01 09:05:00"
    signs = [line[:4].strip() for line in rest if line.startswith("  ")]
    assert signs == ["✔"] * 5
    assert "Open Badges (RDF) 附加签名有效" in result.stdout
    assert "无见证（quorum none）" in result.stdout
    assert rest[-1].startswith("→ 请核对持证人")


def test_english_has_the_same_checks(file: Path, trust: Path) -> None:
    lines = at(NOW)("verify", file, "--trust", trust, "--lang", "en").stdout.splitlines()
    assert lines[0] == "✔ Valid"
    assert [line[4:26].strip() for line in lines if line.startswith("  ")] == [
        "Content unchanged",
        "Recorded in the ledger",
        "Status",
        "Issuer trusted",
        "Witnessed",
    ]


def test_json_has_verdict_checks_and_exit_code(file: Path, trust: Path) -> None:
    (found,) = documents(at(NOW)("verify", file, "--trust", trust, "--json"))
    assert set(found) == {
        "verdict",
        "sub_state",
        "verdict_zh",
        "verdict_en",
        "number",
        "successor",
        "status_as_of_us",
        "checks",
        "levels",
        "next_step_zh",
        "next_step_en",
        "file",
        "status_file",
        "origin",
        "exit_code",
    }
    assert (found["verdict"], found["sub_state"], found["exit_code"]) == ("valid", None, 0)
    assert (found["number"], found["origin"], found["file"]) == (NUMBER, ORIGIN, str(file))
    assert found["status_as_of_us"] == 1_775_005_500_000_000
    assert found["status_file"] is None
    assert [(check["name"], check["outcome"]) for check in found["checks"]] == [
        ("content", "passed"),
        ("recorded", "passed"),
        ("status", "passed"),
        ("issuer", "passed"),
        ("witnessed", "passed"),
    ]
    assert all(check["detail_zh"] and check["detail_en"] for check in found["checks"])


def test_an_edited_certificate_is_a_forgery_with_both_values(file: Path, trust: Path) -> None:
    file.write_bytes(ISSUED.file.replace("王*明".encode(), "李*明".encode()))
    result = at(NOW)("verify", file, "--trust", trust, "--json")
    (found,) = documents(result)
    assert (result.exit_code, found["verdict"], found["exit_code"]) == (1, "forged", 1)
    content = found["checks"][0]
    assert content["outcome"] == "failed"
    assert "The digest differs: " in content["detail_en"]


def test_a_badge_signed_by_a_stranger_is_a_forgery(file: Path, trust: Path) -> None:
    file.write_bytes(
        certificate_file(
            ISSUED.log, ISSUED.core, ISSUED.index, ISSUED.published, ISSUED.history, signer=STRANGER
        )
    )
    result = at(NOW)("verify", file, "--trust", trust)
    assert (result.exit_code, result.stdout.splitlines()[0]) == (
        1,
        "✖ No such record, possibly forged",
    )


@pytest.mark.parametrize("name", [f"{NUMBER}.status.json", "certificate.status.json"])
def test_a_status_file_beside_the_certificate_is_found(
    tmp_path: Path, trust: Path, name: str
) -> None:
    certificate, status = revoked()
    file = tmp_path / "certificate.json"
    file.write_bytes(certificate.file)
    (tmp_path / name).write_bytes(status)
    result = at(NOW)("verify", file, "--trust", trust, "--json")
    (found,) = documents(result)
    assert (result.exit_code, found["verdict"], found["sub_state"]) == (1, "not_valid", "revoked")
    assert found["status_file"] == str(tmp_path / name)
    zh = at(NOW)("verify", file, "--trust", trust, "--lang", "zh").stdout
    assert zh.startswith("✖ 无效：已撤销\n")
    assert "弄虚作假" in zh


def test_a_status_file_can_be_named_or_left_out(tmp_path: Path, trust: Path) -> None:
    certificate, status = revoked()
    file, named = tmp_path / f"{NUMBER}.json", tmp_path / "status" / "s.json"
    named.parent.mkdir()
    file.write_bytes(certificate.file)
    named.write_bytes(status)
    assert at(NOW)("verify", file, "--trust", trust, "--status", named).exit_code == 1
    assert at(NOW)("verify", file, "--trust", trust).exit_code == 0
    (tmp_path / f"{NUMBER}.status.json").write_bytes(status)
    assert at(NOW)("verify", file, "--trust", trust, "--status", "none").exit_code == 0
    missing = at(NOW)("verify", file, "--trust", trust, "--status", tmp_path / "no", "--json")
    assert (missing.exit_code, error(missing)["code"]) == (64, "FILE_UNREADABLE")


@pytest.mark.parametrize(
    ("hours", "max_age", "exit_code"),
    [(1, None, 0), (24, None, 0), (25, None, 2), (25, "48", 0), (1, "0.5", 2), (1, "0", 2)],
)
def test_a_status_that_is_too_old_could_not_be_checked(
    file: Path, trust: Path, hours: int, max_age: str | None, exit_code: int
) -> None:
    args = () if max_age is None else ("--max-age", max_age)
    result = at(START + timedelta(hours=hours))("verify", file, "--trust", trust, "--json", *args)
    (found,) = documents(result)
    assert (result.exit_code, found["exit_code"]) == (exit_code, exit_code)
    assert found["verdict"] == ("unchecked" if exit_code else "valid")


def test_without_the_witnesses_it_could_not_be_checked(file: Path, trust: Path) -> None:
    trust.write_bytes(trust_file(policy=WITNESS_POLICY).to_bytes())
    result = at(NOW)("verify", file, "--trust", trust)
    assert (result.exit_code, result.stdout.splitlines()[0]) == (2, "? Could not check")


def test_under_another_root_it_is_nobodys_certificate(file: Path, trust: Path) -> None:
    trust.write_bytes(trust_file(root=STRANGER).to_bytes())
    result = at(NOW)("verify", file, "--trust", trust, "--json")
    (found,) = documents(result)
    assert (result.exit_code, found["verdict"]) == (1, "forged")
    assert {check["name"]: check["outcome"] for check in found["checks"]}["issuer"] == "failed"


@pytest.mark.parametrize("content", [b"", b"{}", b"PK\x03\x04", "证明".encode(), b"[" * 100_000])
def test_what_is_no_certificate_has_a_verdict_all_the_same(
    file: Path, trust: Path, content: bytes
) -> None:
    file.write_bytes(content)
    result = at(NOW)("verify", file, "--trust", trust, "--json")
    (found,) = documents(result)
    assert (result.exit_code, found["verdict"], found["number"]) == (1, "forged", None)


def test_a_huge_file_is_not_read_to_its_end(file: Path, trust: Path) -> None:
    with file.open("wb") as huge:
        huge.truncate(2**40)
    result = at(NOW)("verify", file, "--trust", trust, "--json")
    (found,) = documents(result)
    assert (result.exit_code, found["verdict"]) == (1, "forged")


@pytest.mark.parametrize("content", [b"", b"{}", trust_file().to_bytes() + b"\n"])
def test_what_is_no_trust_file_is_misuse(file: Path, trust: Path, content: bytes) -> None:
    trust.write_bytes(content)
    result = at(NOW)("verify", file, "--trust", trust, "--json")
    assert (result.exit_code, result.stdout) == (64, "")
    assert error(result)["code"] == "TRUST_FILE_WRONG"


def test_whom_to_trust_has_to_be_said(file: Path, trust: Path) -> None:
    result = at(NOW)("verify", file)
    assert result.exit_code == 64
    assert "--trust" in result.stderr
    tledger = at(NOW)
    tledger.environment["TLEDGER_TRUST"] = str(trust)
    assert tledger("verify", file).exit_code == 0


def test_a_missing_certificate_is_misuse(tmp_path: Path, trust: Path) -> None:
    assert at(NOW)("verify", tmp_path / "no.json", "--trust", trust).exit_code == 64
