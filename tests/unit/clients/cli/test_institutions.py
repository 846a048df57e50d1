"""An institution's life and a staff file, as people read them."""

import pytest

from tests.unit.clients.cli.conftest import Office
from tests.unit.clients.verifier.small_log import COHORT, INSTITUTION_CODE, PERSON


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", ["暂停招生", "2010-1.2", "2024-05-06", "初始报告", "县级通过 县级:OK-1", "2026-7"]),
        (
            "en",
            [
                "recruitment suspended",
                "2010-1.2",
                "2024-05-06",
                "initial report",
                "approved by the county county:OK-1",
                "2026-7",
            ],
        ),
    ],
)
def test_an_institution_is_shown_with_reports_and_decisions(
    office: Office, language: str, words: list[str]
) -> None:
    shown = office.tledger("institution", "show", INSTITUTION_CODE, "--lang", language)
    assert shown.exit_code == 0
    fields, reports, decisions = shown.stdout.split("\n\n")
    assert [word for word in words if word not in shown.stdout] == []
    assert str(COHORT) in reports
    assert "2010-1.3" in reports
    assert "OFF-SYLLABUS" in decisions
    assert "OFF-SYLLABUS" not in fields


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", ["已退出", "管理人员", "2026-03-02 12:00:00 RETIRED", "2024-09-01", "Q-1"]),
        ("en", ["exited", "manager", "2026-03-02 12:00:00 RETIRED", "2024-09-01", "Q-1"]),
    ],
)
def test_a_staff_file_is_shown_whole(office: Office, language: str, words: list[str]) -> None:
    shown = office.tledger("staff", "show", str(PERSON), "--lang", language)
    assert shown.exit_code == 0
    assert [word for word in words if word not in shown.stdout] == []
    fields, appointments, qualifications, education = shown.stdout.split("\n\n")
    assert str(PERSON) in fields
    assert "2024-09-01" in appointments
    assert "2027-08-31" in qualifications
    assert education.splitlines()[1].split() == ["2025", "24", "3", "5"]
