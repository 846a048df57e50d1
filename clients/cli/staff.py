"""`tledger staff list` and `show`: staff files 一人一档 of teachers and managers."""

from typing import TYPE_CHECKING, Final
from uuid import UUID

import click

from clients.cli.command import Example, command
from clients.cli.event_json import short_name, to_document
from clients.cli.labels import label
from clients.cli.language import Text
from clients.cli.output import day, echo, echo_json, fields, local_time, table
from clients.cli.session import Session
from ledger.api.v1 import events_pb2 as pb

if TYPE_CHECKING:
    from ledger.api.v1.staff_service_pb2 import GetStaffFileResponse, Staff

_HEADS: Final = (
    Text("人员档案", "Staff file"),
    Text("机构", "Institution"),
    Text("状态", "State"),
    Text("聘任", "Role"),
    Text("专业", "Subject"),
    Text("起始", "From"),
    Text("资质", "Qualifications"),
    Text("最早到期", "First expiry"),
)


@command(
    "staff list",
    examples=[
        Example("tledger staff list", "可见的全部人员", "all staff files that you may see"),
        Example("tledger staff list --json | jq .staff", "供程序读取", "for programs"),
    ],
)
@click.option("--institution", type=click.UUID, help="只列该机构的  Only of this institution.")
def list_staff(session: Session, institution: UUID | None) -> None:
    """List staff files."""
    with session.ledger() as ledger:
        rows = ledger.registers.staff(institution)
        if session.as_json:
            for row in rows:
                echo_json(to_document(row))
            return
        heads = [session.say_text(head) for head in _HEADS]
        echo(table(heads, [_row(session, row) for row in rows]))


@command(
    "staff show",
    examples=[
        Example(
            "tledger staff show 5c1d2f9e-7f0a-4c38-8a55-6f2d6d6f7c11",
            "一份人员档案",
            "one staff file",
        )
    ],
)
@click.argument("staff", type=click.UUID)
def show(session: Session, staff: UUID) -> None:
    """Show a staff file."""
    with session.ledger() as ledger:
        found = ledger.registers.staff_file(staff)
    session.show(to_document(found), lambda: _file(session, found))


def _row(session: Session, row: "Staff") -> tuple[object, ...]:
    return (
        row.staff,
        row.institution,
        label(session, row.state),
        label(session, short_name(pb.StaffRole.DESCRIPTOR, row.role)),
        row.subject,
        day(row.from_day),
        row.qualifications,
        day(row.first_expiry),
    )


def _file(session: Session, found: "GetStaffFileResponse") -> str:
    say = session.say
    heads = (session.say_text(head) for head in _HEADS)
    pairs: list[tuple[str, object]] = list(zip(heads, _row(session, found.staff), strict=True))
    if found.exited_us:
        left = f"{local_time(found.exited_us)} {found.exit_reason}"
        pairs.append((say("退出", "Exit"), left))
    pairs += [
        (say("事件", "Events"), found.events),
        (say("其中挂起", "Of them held"), found.held),
        (say("截至账本规模", "As of log size"), found.as_of_size),
    ]
    return "\n\n".join([fields(pairs), *_tables(session, found)])


def _tables(session: Session, found: "GetStaffFileResponse") -> list[str]:
    say = session.say
    index = say("账本序号", "Index")
    tables = []
    if found.appointments:
        rows = [
            (
                label(session, short_name(pb.StaffRole.DESCRIPTOR, each.role)),
                each.subject,
                day(each.from_day),
                each.index,
            )
            for each in found.appointments
        ]
        heads = [say("聘任", "Appointment"), say("专业", "Subject"), say("起始", "From"), index]
        tables.append(table(heads, rows))
    if found.qualifications:
        qualified = [
            (each.qualification, day(each.valid_until), each.document_digest.hex()[:16], each.index)
            for each in found.qualifications
        ]
        heads = [say("资质", "Qualification"), say("有效期至", "Valid until")]
        tables.append(table([*heads, say("文件摘要", "Document digest"), index], qualified))
    if found.education:
        years = [
            (each.year, each.hours, " ".join(map(str, each.events))) for each in found.education
        ]
        heads = [say("继续教育年度", "Education year"), say("学时", "Hours"), index]
        tables.append(table(heads, years))
    return tables
