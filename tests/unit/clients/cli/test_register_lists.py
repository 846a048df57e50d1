"""Registers and a learner's history as people read them, and what is asked for."""

import pytest

from clients.cli.output import width
from ledger.log.identifiers import party_id
from tests.unit.clients.cli.command_line import documents, error
from tests.unit.clients.cli.conftest import Office
from tests.unit.clients.sdk.register_server import history_rows
from tests.unit.clients.verifier.small_log import (
    COHORT,
    INSTITUTION,
    INSTITUTION_CODE,
    NUMBER,
    ORIGIN,
    OTHER_NUMBER,
    PERSON,
)


@pytest.mark.parametrize(
    ("language", "head", "state"),
    [
        ("zh", ["编号", "状态", "签发日", "工种", "签发机构"], "已换发"),
        ("en", ["Number", "State", "Issued", "Trade", "Institution"], "superseded"),
    ],
)
def test_certificates_stand_in_a_table_within_100_columns(
    office: Office, language: str, head: list[str], state: str
) -> None:
    result = office.tledger("certificate", "list", "--lang", language)
    lines = result.stdout.splitlines()
    assert (result.exit_code, lines[0].split()) == (0, head)
    # Cut, since each name is longer than its column; the day is that of Asia/Shanghai.
    row = [state, "2026-03-16", "金属非金属矿山安全…", "示例市高新区安全…"]
    assert [line.split() for line in lines[1:]] == [
        [NUMBER, *row],
        [OTHER_NUMBER, *row],
        [NUMBER, *row],
    ]
    assert max(map(width, lines)) <= 100


def test_certificates_are_asked_for_by_all_that_is_given(office: Office) -> None:
    args = ("certificate", "list", "--json", "--state", "revoked", "--cohort", str(COHORT),
            "--issued-from", "2026-03-01", "--issued-to", "2026-03-31")  # fmt: skip
    rows = documents(office.tledger(*args, "--institution", INSTITUTION_CODE))
    assert [row["number"] for row in rows] == [NUMBER, OTHER_NUMBER, NUMBER]
    assert {row["institution_name"] for row in rows} == {"示例市高新区安全生产技术培训中心有限公司"}
    first = office.desk.listed[0]
    assert first.institution == str(party_id(ORIGIN, INSTITUTION_CODE))
    assert (first.cohort, first.state) == (str(COHORT), "revoked")
    assert (first.issued_from, first.issued_to) == (20260301, 20260331)
    office.tledger("certificate", "list", "--institution", str(INSTITUTION))
    assert office.desk.listed[-1].institution == str(INSTITUTION)
    assert (office.desk.listed[-1].issued_from, office.desk.listed[-1].state) == (0, "")


@pytest.mark.parametrize(
    "args",
    [
        ("certificate", "list", "--state", "lost"),
        ("certificate", "list", "--issued-from", "March"),
        ("certificate", "list", "--institution", "nobody"),
        ("certificate", "list", "--cohort", "2026-017"),
        ("institution", "list", "--standing", "closed"),
        ("person", "history", "王小明"),
        ("person", "history", str(PERSON), "--state", "open"),
    ],
)
def test_what_cannot_be_meant_is_misuse(office: Office, args: tuple[str, ...]) -> None:
    result = office.tledger(*args)
    assert (result.exit_code, result.stdout) == (64, "")


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "zh",
            [
                "报名 班次 工种 状态 线下理论 线上理论 实操 达标 结业考核",
                "00000002 2026-001 熔化焊接与热… 已转班 1/16 100/100 ✖",
                "00000003 2026-002 熔化焊接与热… 在训 2/16 100/100 ✔ 92.5",
                "00000003 理论 1 79 有效 0",
                f"00000003 {NUMBER} 1 已换发 2026-03-16",
                f"00000003 {OTHER_NUMBER} 2 有效 2026-03-16",
            ],
        ),
        (
            "en",
            [
                "Enrolment Cohort Trade State Classroom Online Practical Met Test",
                "00000001 2026-000 熔化焊接与热… withdrawn 0/16 100/100 ✖",
                "00000003 theory 1 79 stands 0",
                "Enrolment Transferred from Transferred to",
                f"00000003 {OTHER_NUMBER} 2 valid 2026-03-16",
            ],
        ),
    ],
)
def test_a_history_shows_hours_transfers_examinations_and_certificates(
    office: Office, language: str, expected: list[str]
) -> None:
    result = office.tledger("person", "history", str(PERSON), "--lang", language)
    assert result.exit_code == 0
    enrolments, transfers, examinations, certificates = result.stdout.split("\n\n")
    said = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert [line for line in expected if line not in said] == []
    assert [len(part.splitlines()) for part in (enrolments, examinations, certificates)] == [
        4,
        2,
        3,
    ]
    rows = history_rows()
    assert [line.split() for line in transfers.splitlines()[1:]] == [
        ["00000002", rows[2].cohort.cohort],
        ["00000003", rows[1].cohort.cohort],
    ]
    assert max(width(line) for line in result.stdout.splitlines()) <= 100


def test_a_history_says_no_more_than_there_is(office: Office) -> None:
    one = office.tledger("person", "history", str(PERSON), "--state", "withdrawn", "--lang", "en")
    assert len(one.stdout.splitlines()) == 2
    none = office.tledger("person", "history", str(PERSON), "--state", "rejected", "--lang", "en")
    assert none.stdout == "no enrolments\n"
    lines = documents(office.tledger("person", "history", str(PERSON), "--json"))
    assert [line["learner"]["state"] for line in lines] == ["withdrawn", "transferred", "enrolled"]
    foreign = office.tledger("person", "history", str(COHORT), "--json")
    assert (foreign.exit_code, error(foreign)["code"]) == (1, "NOT_FOUND")


def test_institutions_are_asked_for_by_standing_and_trade(office: Office) -> None:
    args = ("institution", "list", "--standing", "suspended", "--trade", "2010-1.2")
    rows = documents(office.tledger(*args, "--json"))
    assert {(row["standing"], *row["scope"]) for row in rows} == {("suspended", "2010-1.2")}
    shown = office.tledger(*args, "--lang", "zh").stdout.splitlines()
    assert len(shown) == 4
    assert shown[1].split()[-2:] == ["暂停招生", "2010-1.2"]
