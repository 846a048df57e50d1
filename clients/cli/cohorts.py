"""`tledger cohort list` and `show`: cohorts in brief, as the caller may see them."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

import click

from clients.cli.command import Example, command
from clients.cli.event_json import to_document
from clients.cli.labels import label
from clients.cli.language import Text
from clients.cli.moments import TWO_CLOCKS, as_of, as_of_options
from clients.cli.output import day, echo, echo_json, fields, table
from clients.cli.session import Session

if TYPE_CHECKING:
    from ledger.api.v1.cohort_service_pb2 import Cohort

_HEADS: Final = (
    Text("班次", "Cohort"),
    Text("编号", "Number"),
    Text("工种", "Trade"),
    Text("状态", "State"),
    Text("开始", "First day"),
    Text("结束", "Last day"),
    Text("报名", "Enrolled"),
    Text("名额", "Capacity"),
    Text("证明", "Certificates"),
)


@command(
    "cohort list",
    examples=[
        Example("tledger cohort list", "可见的全部班次", "all cohorts that you may see"),
        Example("tledger cohort list --json | jq .cohort", "供程序读取", "for programs"),
    ],
)
@click.option("--institution", type=click.UUID, help="只列该机构的  Only of this institution.")
def list_cohorts(session: Session, institution: UUID | None) -> None:
    """List cohorts."""
    with session.ledger() as ledger:
        rows = ledger.registers.cohorts(institution)
        if session.as_json:
            for row in rows:
                echo_json(to_document(row))
            return
        heads = [session.say_text(head) for head in _HEADS]
        echo(table(heads, [_row(session, row) for row in rows]))


@command(
    "cohort show",
    examples=[
        Example(
            "tledger cohort show 8a6e0804-2bd0-4672-b79d-d97027f9071a",
            "一个班次的概况",
            "one cohort in brief",
        ),
        Example(
            "tledger cohort show 8a6e0804-2bd0-4672-b79d-d97027f9071a --as-known-on 2026-03-16",
            "当日结束时账本所知",
            "as it was known when that day was over",
        ),
    ],
    more=TWO_CLOCKS,
)
@click.argument("cohort", type=click.UUID)
@as_of_options
def show(
    session: Session,
    cohort: UUID,
    index: int | None,
    recorded: datetime | None,
    occurred: datetime | None,
) -> None:
    """Show a cohort."""
    moment = as_of(index, recorded, occurred)
    with session.ledger() as ledger:
        found = ledger.registers.cohort(cohort, moment)
    session.show(to_document(found), lambda: brief(session, found))


def brief(session: Session, cohort: "Cohort", more: Iterable[tuple[str, object]] = ()) -> str:
    """Return a cohort for people, with more lines below."""
    say = session.say
    heads = (session.say_text(head) for head in _HEADS)
    return fields(
        [
            *zip(heads, _row(session, cohort), strict=True),
            (say("机构", "Institution"), cohort.institution),
            (say("截至账本规模", "As of log size"), cohort.as_of_size),
            *more,
        ]
    )


def _row(session: Session, cohort: "Cohort") -> tuple[object, ...]:
    return (
        cohort.cohort,
        cohort.number,
        f"{cohort.trade} {cohort.trade_name}".strip(),
        label(session, cohort.state),
        day(cohort.first_day),
        day(cohort.last_day),
        cohort.enrolled,
        cohort.capacity,
        cohort.certificates,
    )
