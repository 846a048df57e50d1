"""`tledger institution list` and `show`: parties of the ledger."""

from typing import TYPE_CHECKING, Final

import click

from clients.cli.command import Example, command
from clients.cli.event_json import short_name, to_document
from clients.cli.labels import label
from clients.cli.language import Text
from clients.cli.output import echo, echo_json, fields, table
from clients.cli.parties import party
from clients.cli.session import Session
from ledger.api.v1 import events_pb2 as pb

if TYPE_CHECKING:
    from ledger.api.v1.institution_service_pb2 import Institution

_HEADS: Final = (
    Text("标识", "Id"),
    Text("类别", "Kind"),
    Text("信用代码", "Credit code"),
    Text("名称", "Name"),
    Text("区划", "Area"),
    Text("名录号", "Directory no."),
)


@command(
    "institution list",
    examples=[
        Example("tledger institution list", "全部", "all"),
        Example("tledger institution list --area 3205", "辖区内", "in an area"),
    ],
)
@click.option("--area", default="", help="区划代码前缀  Prefix of the area code.")
def list_parties(session: Session, area: str) -> None:
    """List parties."""
    with session.ledger() as ledger:
        rows = ledger.registers.institutions(area)
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
    """Show a party."""
    with session.ledger() as ledger:
        found = ledger.registers.institution(party(ledger.identity.origin, institution))
    heads = [session.say_text(head) for head in _HEADS]
    session.show(to_document(found), lambda: fields(zip(heads, _row(session, found), strict=True)))


def _row(session: Session, found: "Institution") -> tuple[object, ...]:
    return (
        found.institution,
        label(session, short_name(pb.PartyKind.DESCRIPTOR, found.kind)),
        found.credit_code,
        found.name,
        found.area,
        found.directory_number,
    )
