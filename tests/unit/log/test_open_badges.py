"""What a certificate says: the golden core, and the fields that are refused."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ledger.log.certificate_file import core_digest
from ledger.log.errors import FormatError
from ledger.log.open_badges import TITLE, CoreFields, build_core

VECTORS = Path(__file__).parents[2] / "vectors" / "open_badges"

FIELDS = CoreFields(
    number="PXZM-320599-2026-K7Q2-M4XB-9T3H-T",
    subject_id="3f0e6c1e-5b1a-4d52-9c3a-7f7b1d2e4a90",
    host="cert.example.org",
    issuer_did="did:web:cert.example.org:institutions:JG-320599-0001",
    issuer_name="某市安全生产培训中心",
    issuer_credit_code="91320594MA1234567X",
    masked_name="王*明",
    masked_id_number="3205************1X",
    id_type="nationalIdentityNumber",
    achievement_id="https://cert.example.org/standards/AQ-FZR-2024",
    achievement_code="AQ-FZR-2024",
    achievement_name="危险化学品生产单位主要负责人(初次培训)",
    trade="危险化学品",
    category="主要负责人",
    criteria="不少于48学时;每年再培训16学时。",
    required_hours=Decimal(48),
    credited_hours=Decimal("49.25"),
    period_from=date(2026, 11, 2),
    period_to=date(2026, 11, 19),
    issued_at=datetime(2026, 11, 20, 8, tzinfo=UTC),
    valid_until=datetime(2029, 11, 19, 16, tzinfo=UTC),
)


def golden_core() -> dict[str, Any]:
    core: dict[str, Any] = json.loads((VECTORS / "certificate.json").read_bytes())
    del core["proof"], core["evidence"]
    return core


def subject(fields: CoreFields) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(build_core(fields)["credentialSubject"]))
    return found


def test_the_core_never_changes() -> None:
    core = build_core(FIELDS)
    assert core == golden_core()
    assert core_digest(core).hex() == (
        "6f3926d70c8c8b6f1cecbc5219a5a71838160ca44fa07001bed4271c0a667f14"
    )


def test_it_is_a_training_certificate_with_no_score_and_no_status() -> None:
    core = build_core(FIELDS)
    assert core["name"] == TITLE == "安全生产培训证明"
    assert "credentialStatus" not in core
    assert "result" not in subject(FIELDS)
    assert "合格" not in json.dumps(core, ensure_ascii=False)


def test_identities_are_masked_and_not_hashed() -> None:
    name, number = subject(FIELDS)["identifier"]
    assert name["identityHash"] == "王*明"
    assert number["identityHash"] == "3205************1X"
    assert (name["hashed"], number["hashed"]) == (False, False)
    assert "salt" not in name | number


def test_whole_hours_are_integers() -> None:
    assert subject(FIELDS)["creditsEarned"] == 49.25
    whole = subject(replace(FIELDS, credited_hours=Decimal("48.00")))["creditsEarned"]
    assert json.dumps(whole) == "48"


def test_moments_are_written_in_utc() -> None:
    shanghai = datetime(2026, 11, 20, 16, 0, 0, 999_999, timezone(timedelta(hours=8)))
    assert build_core(replace(FIELDS, issued_at=shanghai))["validFrom"] == "2026-11-20T08:00:00Z"


def test_a_certificate_may_have_no_end() -> None:
    assert "validUntil" not in build_core(replace(FIELDS, valid_until=None))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", "PXZM-320599-2026-K7Q2-M4XB-9T3H-U"),
        ("number", "32059919900101001X"),
        ("subject_id", "3F0E6C1E-5B1A-4D52-9C3A-7F7B1D2E4A90"),
        ("subject_id", "3f0e6c1e-5b1a-5d52-9c3a-7f7b1d2e4a90"),
        ("subject_id", "1"),
        ("host", "cert.example.org/path"),
        ("host", "Cert.example.org"),
        ("issuer_did", "https://cert.example.org"),
        ("issuer_did", "did:web:cert.example.org#key-1"),
        ("issuer_credit_code", "91320594MA123456"),
        ("issuer_name", ""),
        ("issuer_name", "a\nb"),
        ("masked_name", "王小明"),
        ("masked_id_number", "32059919900101001X"),
        ("id_type", "name"),
        ("id_type", "ext:"),
        ("achievement_id", "AQ-FZR-2024"),
        ("achievement_id", "https://cert.example.org/a b"),
        ("criteria", "x" * 2001),
        ("required_hours", Decimal(-1)),
        ("credited_hours", Decimal("0.125")),
        ("credited_hours", Decimal("NaN")),
        ("credited_hours", Decimal("1E+9")),
        ("period_to", date(2026, 11, 1)),
        ("issued_at", datetime(2026, 11, 20, 8)),  # noqa: DTZ001 - the missing offset is the case
        ("valid_until", datetime(2026, 11, 20, 8, tzinfo=UTC)),
    ],
)
def test_a_malformed_field_is_refused(field: str, value: object) -> None:
    changed: dict[str, Any] = {field: value}
    with pytest.raises(FormatError):
        build_core(replace(FIELDS, **changed))
