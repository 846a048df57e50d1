"""`tledger held`: events that are recorded but count for nothing yet, and why."""

from uuid import UUID

import click

from clients.cli.command import Example, command
from clients.cli.event_json import to_document
from clients.cli.output import echo, echo_json, local_time, table
from clients.cli.session import Session


@command(
    "held list",
    examples=[
        Example("tledger held list", "全部挂起事件", "all held events"),
        Example(
            "tledger held list --cohort 8a6e0804-2bd0-4672-b79d-d97027f9071a",
            "一个班次的",
            "of one cohort",
        ),
    ],
)
@click.option("--cohort", type=click.UUID, help="只列该班次的  Only of this cohort.")
def list_held(session: Session, cohort: UUID | None) -> None:
    """List held events."""
    with session.ledger() as ledger:
        rows = list(ledger.registers.held(cohort))
    if session.as_json:
        for row in rows:
            echo_json(to_document(row))
        return
    say = session.say
    if not rows:
        echo(say("没有挂起的事件", "nothing is held"))
        return
    heads = (
        say("账本序号", "Index"),
        say("入账时间", "Recorded"),
        say("类型", "Type"),
        say("代码", "Code"),
        say("原因", "Reason"),
        say("事件", "Event"),
    )
    echo(
        table(
            heads,
            [
                (
                    row.index,
                    local_time(row.recorded_us),
                    row.type,
                    row.code,
                    say(row.reason_zh, row.reason_en),
                    row.event_id,
                )
                for row in rows
            ],
        )
    )
