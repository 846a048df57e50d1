"""`tledger institution list` and `show`: parties of the ledger, and the life of an institution."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final
from uuid import UUID

import click
import grpc

from clients.cli.command import Example, command
from clients.cli.event_json import short_name, to_document
from clients.cli.labels import label
from clients.cli.language import Text
from clients.cli.output import day, echo, echo_json, fields, local_time, table
from clients.cli.parties import party
from clients.cli.session import Session
from clients.sdk import RefusedError
from ledger.api.v1 import events_pb2 as pb

if TYPE_CHECKING:
    from clients.sdk import Ledger
    from ledger.api.v1.institution_service_pb2 import Institution, InstitutionReport

_HEADS: Final = (
    Text("标识", "Id"),
    Text("类别", "Kind"),
    Text("信用代码", "Credit code"),
    Text("名称", "Name"),
    Text("区划", "Area"),
    Text("名录号", "Directory no."),
    Text("状态", "Standing"),
    Text("工种", "Trades"),
)
_STANDINGS: Final = ("active", "suspended", "delisted", "exited")
_REPORT_HEADS: Final = (
    Text("报告", "Report"),
    Text("类型", "Type"),
    Text("工种", "Trades"),
    Text("审核", "Review"),
    Text("入账时间", "Recorded"),
    Text("账本序号", "Index"),
)
_DECISION_HEADS: Final = (
    Text("决定", "Decision"),
    Text("文号", "Number"),
    Text("理由", "Reason"),
    Text("入账时间", "Recorded"),
    Text("账本序号", "Index"),
)


@command(
    "institution list",
    examples=[
        Example("tledger institution list", "全部", "all"),
        Example("tledger institution list --area 3205", "辖区内", "in an area"),
        Example(
            "tledger institution list --standing suspended",
            "被暂停招生的机构",
            "institutions whose recruitment is suspended",
        ),
        Example(
            "tledger institution list --area 3205 --trade 2010-1.2 --standing active",
            "辖区内可培训该工种的正常机构",
            "active institutions of an area that may train for a trade",
        ),
    ],
    more=Text(
        "状态与工种以账本现时所载为准：取消资格或退出的机构已无工种范围。",
        "Standing and trades are those that the ledger has now: a delisted institution or one "
        "that left has no trades in its scope.",
    ),
)
@click.option("--area", default="", help="区划代码前缀  Prefix of the area code.")
@click.option(
    "--standing",
    type=click.Choice(_STANDINGS),
    help="只列该状态的机构  Only institutions of this standing.",
)
@click.option(
    "--trade", default="", metavar="CODE", help="只列可培训该工种的  Only who may train for it."
)
def list_parties(session: Session, area: str, standing: str | None, trade: str) -> None:
    """List parties."""
    with session.ledger() as ledger:
        rows = ledger.registers.institutions(area, standing=standing or "", trade=trade)
        if session.as_json:
            for row in rows:
                echo_json(to_document(row))
            return
        heads = [session.say_text(head) for head in _HEADS]
        echo(table(heads, [_row(session, row) for row in rows]))


@command(
    "institution show",
    examples=[
        Example("tledger institution show 91320500MA1XK0TW1J", "按信用代码", "by credit code"),
        Example("tledger institution show 6fa1b0d6-3c39-5a4f-8e55-0d0f3c4b7a21", "按标识", "by id"),
    ],
)
@click.argument("institution", metavar="UUID|CREDIT_CODE")
def show(session: Session, institution: str) -> None:
    """Show a party with its reports, their reviews, and what bureaus decided."""
    with session.ledger() as ledger:
        found = ledger.registers.institution(party(ledger.identity.origin, institution))
        # Programs have its id; people are told who it is.
        custodian = "" if session.as_json else _custodian(ledger, found)
    session.show(to_document(found), lambda: _whole(session, found, custodian))


def _custodian(ledger: "Ledger", found: "Institution") -> str:
    """Return name and id of the party that keeps the archives; it need not be registered."""
    if not found.custodian:
        return ""
    try:
        keeper = ledger.registers.institution(UUID(found.custodian))
    except RefusedError as error:
        if error.failure.status is not grpc.StatusCode.NOT_FOUND:
            raise
        return found.custodian
    return f"{keeper.name} {found.custodian}"


def _row(session: Session, found: "Institution") -> tuple[object, ...]:
    return (
        found.institution,
        label(session, short_name(pb.PartyKind.DESCRIPTOR, found.kind)),
        found.credit_code,
        found.name,
        found.area,
        found.directory_number,
        _standing(session, found.standing),
        " ".join(found.scope),
    )


def _whole(session: Session, found: "Institution", custodian: str) -> str:
    say = session.say_text
    pairs = list(zip(map(say, _HEADS), _row(session, found), strict=True))
    if found.listed_since:
        pairs.append((session.say("纳入名录", "Listed since"), day(found.listed_since)))
    if custodian:
        pairs.append((session.say("档案保管", "Archive custodian"), custodian))
    parts = [fields(pairs)]
    if found.reports:
        parts.append(table([say(head) for head in _REPORT_HEADS], _reports(session, found)))
    if found.decisions:
        parts.append(table([say(head) for head in _DECISION_HEADS], _decisions(session, found)))
    return "\n\n".join(parts)


def _reports(session: Session, found: "Institution") -> Iterator[tuple[object, ...]]:
    for each in found.reports:
        yield (
            each.report,
            label(session, each.type),
            " ".join(each.trades),
            _reviews(session, each),
            local_time(each.recorded_us),
            each.index,
        )


def _reviews(session: Session, report: "InstitutionReport") -> str:
    """Return the state of a report with the reasons of its reviews."""
    reasons = " ".join(
        f"{label(session, short_name(pb.ReviewStage.DESCRIPTOR, each.stage))}:{each.reason}"
        for each in report.reviews
    )
    return f"{label(session, report.state)} {reasons}".strip()


def _decisions(session: Session, found: "Institution") -> Iterator[tuple[object, ...]]:
    for each in found.decisions:
        yield (
            label(session, each.type),
            each.decision_number,
            each.reason,
            local_time(each.recorded_us),
            each.index,
        )


def _standing(session: Session, standing: str) -> str:
    """Return the standing in words: of a certificate, "suspended" means another thing."""
    return label(session, "recruitment_suspended" if standing == "suspended" else standing)
