"""Sessions of a day, irregular records and traces from the command line, in both languages."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from click.testing import Result

from clients.cli.session import Surroundings
from ledger.api.v1 import person_service_pb2 as persons_pb
from ledger.api.v1 import supervision_service_pb2 as pb
from ledger.log.identifiers import party_id
from tests.unit.clients.cli.command_line import CommandLine, documents, error
from tests.unit.clients.sdk.ledger_server import Recording, start
from tests.unit.clients.sdk.supervision_server import (
    EVENT,
    SUBSTITUTE,
    TARGET,
    TEACHER,
    SupervisionDesk,
    add_supervision,
)
from tests.unit.clients.verifier.small_log import (
    COHORT,
    ENROLMENT,
    INSTITUTION,
    INSTITUTION_CODE,
    NUMBER,
    ORIGIN,
    PERSON,
    ROOT,
)

# Unassigned region 320599, born 1990-01-01, with the check digit of GB 11643.
ID_NUMBER = "320599199001010011"
DAY = ("session", "list", "--day", "2026-03-16")


@dataclass
class Officer:
    """A bureau's officer at a command line."""

    desk: SupervisionDesk
    tledger: CommandLine

    def __call__(self, *args: str, stdin: str | None = None) -> Result:
        return self.tledger(*args, stdin=stdin)


@pytest.fixture
def officer(tmp_path: Path) -> Iterator[Officer]:
    desk = SupervisionDesk()

    def add(server: grpc.Server, _recording: Recording) -> None:
        add_supervision(server, desk)

    running = start(add)
    folder = tmp_path / "bureau"
    running.identity(ROOT).save(folder)
    yield Officer(
        desk,
        CommandLine(
            Surroundings(retries=running.time.retries()), {"TLEDGER_IDENTITY": str(folder)}
        ),
    )
    running.server.stop(grace=None).wait()


def cells(line: str) -> list[str]:
    return [cell for cell in line.split("  ") if cell.strip()]


def test_sessions_are_a_table_in_either_language(officer: Officer) -> None:
    zh = officer(*DAY, "--lang", "zh").stdout.splitlines()
    assert [cell.strip() for cell in cells(zh[0])][:6] == [
        "计划", "机构", "班次", "内容", "教室", "状态"
    ]  # fmt: skip
    assert [cell.strip() for cell in cells(zh[1])] == [
        "08:00-12:00", "东区培训中心", "2026-000 低压电工作业", "实操", "R-201", "已下课",
        "08:00", "12:00", "29", "✔", "1", "987", "5/1", EVENT,
    ]  # fmt: skip
    en = officer(*DAY, "--lang", "en").stdout.splitlines()
    assert [cell.strip() for cell in cells(en[0])][:3] == ["Planned", "Institution", "Cohort"]
    # Somebody else signed in as teacher; it goes on although it was cancelled.
    assert "interrupted (cancelled)" in en[2]
    assert "≠" in en[2]
    # Nobody did, and it did not take place.
    assert "cancelled" in en[3]
    assert "(cancelled)" not in en[3]
    assert not {"✔", "≠"} & set(en[3])
    assert len(en) == 4


def test_sessions_are_chosen_by_day_area_and_institution(officer: Officer) -> None:
    args = ("--area", "3205", "--institution", INSTITUTION_CODE, "--json")
    rows = documents(officer(*DAY, *args))
    assert [row["signed_in"] for row in rows] == [29, 28, 27]
    assert rows[0]["teachers_signed_in"] == [TEACHER]
    first, second = officer.desk.asked
    assert isinstance(first, pb.ListSessionsRequest)
    assert (first.day, first.area) == (20260316, "3205")
    assert first.institution == str(party_id(ORIGIN, INSTITUTION_CODE))
    assert isinstance(second, pb.ListSessionsRequest)
    assert (second.page_token, second.day, second.area) == ("2", 20260316, "3205")


@pytest.mark.parametrize("day", ["2026-02-29", "16.3.2026", ""])
def test_a_day_is_one_of_the_calendar(officer: Officer, day: str) -> None:
    result = officer("session", "list", "--day", day, "--json")
    assert (result.exit_code, error(result)["code"]) == (64, "USAGE")
    assert officer("session", "list").exit_code == 64
    assert officer.desk.asked == []


def test_irregular_records_say_in_one_line_what_they_show(officer: Officer) -> None:
    zh = officer("irregular", "list", "--lang", "zh").stdout.splitlines()
    assert [cell.strip() for cell in cells(zh[0])][:3] == ["账本序号", "类别", "记录所示"]
    assert [cell.strip() for cell in cells(zh[1])] == [
        "17", "更正", "更正某事件的发生时间", "RecordCorrected", "2026-03-16 08:00:00",
        "2026-03-16 09:00:00", str(COHORT), str(ENROLMENT), EVENT,
    ]  # fmt: skip
    en = officer("irregular", "list", "--lang", "en").stdout.splitlines()
    assert "correction" in en[1]
    assert "corrects the time of an event" in en[1]
    (row,) = documents(officer("irregular", "list", "--json"))
    assert (row["index"], row["target"], row["voided_by"]) == (17, TARGET, "")


def test_irregular_records_are_chosen_by_kind_place_and_day(officer: Officer) -> None:
    result = officer(
        "irregular", "list", "--kind", "LATE", "--kind", "CHAIN_GAP", "--cohort", str(COHORT),
        "--institution", str(INSTITUTION), "--area", "3205", "--from", "2026-03-01",
        "--to", "2026-03-31",
    )  # fmt: skip
    assert result.exit_code == 0
    (asked,) = officer.desk.asked
    assert asked == pb.ListIrregularRequest(
        kinds=[pb.IRREGULAR_KIND_LATE, pb.IRREGULAR_KIND_CHAIN_GAP],
        cohort=str(COHORT),
        institution=str(INSTITUTION),
        area="3205",
        from_day=20260301,
        to_day=20260331,
        page_size=100,
    )
    assert officer("irregular", "list", "--kind", "FRAUD").exit_code == 64


def test_a_trace_by_certificate_shows_enrolments_sessions_and_teachers(officer: Officer) -> None:
    zh = officer("trace", NUMBER, "--case", "苏应急〔2026〕17号", "--lang", "zh").stdout
    assert officer.desk.asked == [
        pb.TraceRequest(case_number="苏应急〔2026〕17号", certificate=NUMBER)
    ]
    for text in (
        "东区培训中心",
        str(PERSON),
        f"{NUMBER} 已撤销",
        "已退学",
        "2026-001 低压电工作业",
    ):
        assert text in zh
    session = next(line for line in zh.splitlines() if EVENT in line)
    assert [cell.strip() for cell in cells(session)] == [
        "2026-03-16 08:00:00", "2026-03-16 07:55:00", "实操", "R-201", "已下课", TEACHER, "≠", EVENT
    ]  # fmt: skip
    en = officer("trace", NUMBER, "--case", "2026-17", "--lang", "en").stdout
    for text in ("Institution", f"{NUMBER} revoked", "withdrawn", "Teacher signed in", "41"):
        assert text in en
    (document,) = documents(officer("trace", NUMBER, "--case", "2026-17", "--json"))
    sessions = document["references"][0]["enrolments"][0]["sessions"]
    assert sessions[0]["teachers_signed_in"] == [SUBSTITUTE]


def test_a_trace_by_person_takes_the_id_number_from_standard_input_only(officer: Officer) -> None:
    args = ("trace", "王小明", "--case", "2026-17", "--id-file", "-", "--json")
    assert officer(*args, stdin=f"{ID_NUMBER}\n").exit_code == 0
    assert officer.desk.asked == [
        pb.TraceRequest(
            case_number="2026-17",
            person=persons_pb.RegisterPersonRequest(
                id_type=persons_pb.ID_TYPE_RESIDENT_ID_CARD, id_number=ID_NUMBER, name="王小明"
            ),
        )
    ]
    assert officer("trace", "王小明", ID_NUMBER, "--case", "2026-17").exit_code == 64


def test_a_trace_needs_a_case_and_a_whole_number(officer: Officer) -> None:
    assert officer("trace", NUMBER).exit_code == 64
    wrong = officer("trace", f"{NUMBER[:-1]}9", "--case", "2026-17", "--json")
    assert (wrong.exit_code, error(wrong)["code"]) == (64, "USAGE")
    assert officer.desk.asked == []


def test_nobody_found_is_a_negative_result(officer: Officer) -> None:
    args = ("trace", "无", "--case", "2026-17", "--id-file", "-", "--json")
    result = officer(*args, stdin=ID_NUMBER)
    assert (result.exit_code, result.stdout) == (1, "")
