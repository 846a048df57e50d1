"""`tledger certificate list`: the register of certificates, as the caller may see it."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Final
from uuid import UUID

import click

from clients.cli.choosing import Day, chosen_party
from clients.cli.command import Example, command
from clients.cli.event_json import to_document
from clients.cli.labels import label
from clients.cli.language import Text
from clients.cli.output import cut, echo, echo_json, local_time, table
from clients.cli.session import Session

if TYPE_CHECKING:
    from ledger.api.v1.certificate_service_pb2 import Certificate

_STATES: Final = ("valid", "suspended", "superseded", "revoked")
_HEADS: Final = (
    Text("编号", "Number"),
    Text("状态", "State"),
    Text("签发日", "Issued"),
    Text("工种", "Trade"),
    Text("签发机构", "Institution"),
)
# With the number, the state and the day, and the gaps between them: within 100 columns.
_TRADE_COLUMNS: Final = 20
_NAME_COLUMNS: Final = 19
_DAY: Final = slice(10)


@command(
    "certificate list",
    examples=[
        Example("tledger certificate list", "可见的全部证明", "all that you may see"),
        Example(
            "tledger certificate list --institution 91320500MA1XK0TW1J --state revoked",
            "一家机构被撤销的",
            "the revoked ones of an institution",
        ),
        Example(
            "tledger certificate list --issued-from 2026-03-01 --issued-to 2026-03-31",
            "三月签发的",
            "those that were issued in March",
        ),
        Example(
            "tledger certificate list --cohort 8a6e0804-2bd0-4672-b79d-d97027f9071a --json "
            "| jq -r .number",
            "一个班次的编号，供程序读取",
            "the numbers of a cohort's, for programs",
        ),
    ],
    more=Text(
        "机构看本机构的，主管部门看辖区内的，按签发先后列出；状态是现时的，日期是签发入账的北京时间。"
        "名册不载持证人；表中名称过长则截断，--json 给出全文。",
        "An institution sees its own, a bureau those of its area, in the order of their issue. "
        "The state is that of now, days are those of Asia/Shanghai on which the issue was "
        "recorded. The register names no holder. The table cuts long names; --json gives them "
        "whole.",
    ),
)
@click.option(
    "--institution",
    default="",
    metavar="CODE|UUID",
    help="只列该机构的，按信用代码或标识  Only of this institution, by credit code or id.",
)
@click.option("--cohort", type=click.UUID, help="只列该班次的  Only of this cohort.")
@click.option("--state", type=click.Choice(_STATES), help="只列该状态的  Only in this state.")
@click.option("--issued-from", type=Day(), help="自该日起  Issued on this day or later.")
@click.option("--issued-to", type=Day(), help="至该日止  Issued on this day or earlier.")
def list_certificates(
    session: Session,
    *,
    institution: str,
    cohort: UUID | None,
    state: str | None,
    issued_from: date | None,
    issued_to: date | None,
) -> None:
    """List certificates."""
    with session.ledger() as ledger:
        rows = ledger.registers.certificates(
            institution=chosen_party(ledger, institution),
            cohort=cohort,
            state=state or "",
            issued_from=issued_from,
            issued_to=issued_to,
        )
        if session.as_json:
            for row in rows:
                echo_json(to_document(row))
            return
        echo(_table(session, rows))


def _table(session: Session, rows: Iterable["Certificate"]) -> str:
    heads = [session.say_text(head) for head in _HEADS]
    lines = [
        (
            row.number,
            label(session, row.state),
            local_time(row.issued_us)[_DAY],
            cut(row.trade_name, _TRADE_COLUMNS),
            cut(row.institution_name or row.institution, _NAME_COLUMNS),
        )
        for row in rows
    ]
    return table(heads, lines) if lines else session.say("没有证明", "no certificates")
