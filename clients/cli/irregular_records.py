"""`tledger irregular list`: records that are late, held, corrected, transcribed and so on."""

from datetime import date
from typing import TYPE_CHECKING, Final
from uuid import UUID

import click

from clients.cli.choosing import Day, chosen_party
from clients.cli.command import Example, command
from clients.cli.event_json import short_name, short_names, to_document
from clients.cli.labels import label
from clients.cli.language import Text
from clients.cli.output import echo, echo_json, local_time, table
from clients.cli.session import Session
from ledger.api.v1 import supervision_service_pb2 as pb

if TYPE_CHECKING:
    from ledger.api.v1.supervision_service_pb2 import IrregularRecord

_HEADS: Final = (
    Text("账本序号", "Index"),
    Text("类别", "Kind"),
    Text("记录所示", "What the record shows"),
    Text("类型", "Type"),
    Text("发生时间", "Occurred"),
    Text("入账时间", "Recorded"),
    Text("班次", "Cohort"),
    Text("报名", "Enrolment"),
    Text("事件", "Event"),
    Text("被作废", "Voided by"),
)


@command(
    "irregular list",
    examples=[
        Example("tledger irregular list --area 3205", "辖区内全部", "all in an area"),
        Example(
            "tledger irregular list --kind LATE --kind TRANSCRIBED --from 2026-03-01",
            "三月起入账的迟录与转录",
            "late and transcribed ones that were recorded from March on",
        ),
        Example(
            "tledger irregular list --cohort 8a6e0804-2bd0-4672-b79d-d97027f9071a",
            "一个班次的",
            "of one cohort",
        ),
    ],
    more=Text(
        "只列事实，不作认定。日期按入账时间计。",
        "These are facts of the record, not findings. Days are those of the time of recording.",
    ),
)
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(short_names(pb.IrregularKind.DESCRIPTOR)),
    help="只列这些类别  Only of these kinds.",
)
@click.option("--cohort", type=click.UUID, help="只列该班次的  Only of this cohort.")
@click.option(
    "--institution",
    default="",
    metavar="UUID|CREDIT_CODE",
    help="只列该机构的  Only of this institution.",
)
@click.option("--area", default="", help="区划代码前缀  Prefix of the area code.")
@click.option("--from", "from_day", type=Day(), help="自该日起  Recorded on this day or later.")
@click.option("--to", "to_day", type=Day(), help="至该日止  Recorded on this day or earlier.")
def list_irregular(
    session: Session,
    *,
    kinds: tuple[str, ...],
    cohort: UUID | None,
    institution: str,
    area: str,
    from_day: date | None,
    to_day: date | None,
) -> None:
    """List irregular records."""
    with session.ledger() as ledger:
        rows = ledger.supervision.irregular(
            kinds=[pb.IrregularKind.Value(f"IRREGULAR_KIND_{kind}") for kind in kinds],
            cohort=cohort,
            institution=chosen_party(ledger, institution),
            area=area,
            from_day=from_day,
            to_day=to_day,
        )
        if session.as_json:
            for row in rows:
                echo_json(to_document(row))
            return
        heads = [session.say_text(head) for head in _HEADS]
        echo(table(heads, [_row(session, row) for row in rows]))


def _row(session: Session, row: "IrregularRecord") -> tuple[object, ...]:
    return (
        row.index,
        label(session, short_name(pb.IrregularKind.DESCRIPTOR, row.kind)),
        session.say(row.shows_zh, row.shows_en),
        row.type,
        local_time(row.occurred_us),
        local_time(row.recorded_us),
        row.cohort,
        row.enrolment,
        row.event_id,
        row.voided_by,
    )
