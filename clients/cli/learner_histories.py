"""`tledger person history`: a learner's enrolments across the institution's cohorts."""

from typing import TYPE_CHECKING, Final
from uuid import UUID

import click

from clients.cli.cohort_events import short
from clients.cli.cohort_file_learners import examinations, hours_cell, score_text
from clients.cli.command import Example, command
from clients.cli.event_json import to_document
from clients.cli.labels import label
from clients.cli.language import Text
from clients.cli.output import cut, echo, echo_json, filled_table, local_time, table
from clients.cli.session import Session
from ledger.api.v1 import events_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.api.v1.person_service_pb2 import HistoryEnrolment

_REFERENCE: Final = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
_STATES: Final = ("enrolled", "withdrawn", "rejected", "transferred", "unopened")
_HEADS: Final = (
    Text("报名", "Enrolment"),
    Text("班次", "Cohort"),
    Text("工种", "Trade"),
    Text("状态", "State"),
    Text("线下理论", "Classroom"),
    Text("线上理论", "Online"),
    Text("实操", "Practical"),
    Text("达标", "Met"),
    Text("结业考核", "Test"),
)
_TRANSFER_HEADS: Final = (
    Text("报名", "Enrolment"),
    Text("转自班次", "Transferred from"),
    Text("转入班次", "Transferred to"),
)
_CERTIFICATE_HEADS: Final = (
    Text("报名", "Enrolment"),
    Text("证明", "Certificate"),
    Text("版次", "Edition"),
    Text("状态", "State"),
    Text("签发日", "Issued"),
)
_NUMBER_COLUMNS: Final = 12
_TRADE_COLUMNS: Final = 14
_DAY: Final = slice(10)


@command(
    "person history",
    examples=[
        Example(f"tledger person history {_REFERENCE}", "全部报名", "every enrolment"),
        Example(
            f"tledger person history {_REFERENCE} --state transferred",
            "只看已转班的",
            "only what was transferred",
        ),
        Example(
            f"tledger person history {_REFERENCE} --json | jq .certificates",
            "供程序读取，每行一次报名",
            "for programs, an enrolment a line",
        ),
    ],
    more=Text(
        "REF 是本机构登记学员时得到的 person_ref。按先后列出该学员在本机构各班次的报名："
        "学时为已得/应得，与该班一期一档所载相同。"
        "他机构的标识查不到；主管部门跨机构查询用 tledger trace。",
        "REF is the person_ref that your institution got when it registered the person. Lists "
        "the enrolments in its cohorts in the order in which they began, with hours "
        "credited/required as each cohort's file has them. References of others are not found; "
        "a bureau that looks across institutions uses tledger trace.",
    ),
)
@click.argument("person_ref", metavar="REF", type=click.UUID)
@click.option("--state", type=click.Choice(_STATES), help="只列该状态的  Only in this state.")
def history(session: Session, person_ref: UUID, state: str | None) -> None:
    """Show a learner's history."""
    with session.ledger() as ledger:
        rows = ledger.registers.learner_history(person_ref, state=state or "")
        if session.as_json:
            for row in rows:
                echo_json(to_document(row))
            return
        echo(_whole(session, list(rows)))


def _whole(session: Session, rows: "Sequence[HistoryEnrolment]") -> str:
    if not rows:
        return session.say("没有报名", "no enrolments")
    parts = [
        _enrolments(session, rows),
        _transfers(session, rows),
        examinations(session, [row.learner for row in rows]),
        _certificates(session, rows),
    ]
    return "\n\n".join(part for part in parts if part)


def _enrolments(session: Session, rows: "Sequence[HistoryEnrolment]") -> str:
    return table(
        [session.say_text(head) for head in _HEADS],
        [
            (
                short(row.learner.enrolment),
                cut(row.cohort.number or short(row.cohort.cohort), _NUMBER_COLUMNS),
                cut(row.cohort.trade_name, _TRADE_COLUMNS),
                label(session, row.learner.state),
                hours_cell(row.learner, pb.HOUR_COMPONENT_THEORY_OFFLINE),
                hours_cell(row.learner, pb.HOUR_COMPONENT_THEORY_ONLINE),
                hours_cell(row.learner, pb.HOUR_COMPONENT_PRACTICAL),
                "✔" if row.learner.requirement_met else "✖",
                score_text(row.learner.course_test_hundredths),
            )
            for row in rows
        ],
    )


def _transfers(session: Session, rows: "Sequence[HistoryEnrolment]") -> str:
    lines = [
        (short(row.learner.enrolment), row.transferred_from, row.learner.transferred_to)
        for row in rows
        if row.transferred_from or row.learner.transferred_to
    ]
    heads = [session.say_text(head) for head in _TRANSFER_HEADS]
    return filled_table(heads, lines, 1) if lines else ""


def _certificates(session: Session, rows: "Sequence[HistoryEnrolment]") -> str:
    lines = [
        (
            short(row.learner.enrolment),
            each.number,
            each.edition,
            label(session, each.state),
            local_time(each.issued_us)[_DAY],
        )
        for row in rows
        for each in row.certificates
    ]
    heads = [session.say_text(head) for head in _CERTIFICATE_HEADS]
    return table(heads, lines) if lines else ""
