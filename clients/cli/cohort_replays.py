"""`tledger cohort replay`: the events of a cohort in log order, and what each of them changed."""

from typing import TYPE_CHECKING
from uuid import UUID

import click

from clients.cli.cohort_events import HEADS, cells, hours_text, remarks
from clients.cli.command import Example, command
from clients.cli.event_json import to_document
from clients.cli.language import Text
from clients.cli.moments import MOST
from clients.cli.output import echo, echo_json, table
from clients.cli.session import Session

if TYPE_CHECKING:
    from ledger.api.v1.cohort_service_pb2 import CohortStep

_COHORT = "8a6e0804-2bd0-4672-b79d-d97027f9071a"


@command(
    "cohort replay",
    examples=[
        Example(f"tledger cohort replay {_COHORT}", "从头到尾", "from the first event to the last"),
        Example(
            f"tledger cohort replay {_COHORT} --learner 4d3c2b1a-0f9e-5d8c-8b7a-695847362514",
            "一名学员的学时从何而来",
            "where one learner's hours come from",
        ),
        Example(
            f"tledger cohort replay {_COHORT} --from 1200 --to 1300 --json",
            "一段，每行一个 JSON",
            "a part of it, one JSON document a line",
        ),
    ],
    more=Text(
        "按入账顺序逐个显示事件：何时入账、自称何时发生、来自何处、当时是否挂起、更正或作废了哪个事件，"
        "以及入账时改变了谁的学时。表中报名号只显示前八位，--json 给出全部。",
        "Shows the events in the order in which they were recorded: when that was, when they say "
        "that they happened, where they come from, whether they were held then, what they correct "
        "or void, and whose hours changed with them. Tables show the first eight characters of an "
        "enrolment; --json has them all.",
    ),
)
@click.argument("cohort", type=click.UUID)
@click.option(
    "--from",
    "start",
    type=click.IntRange(min=0, max=MOST),
    default=0,
    show_default=True,
    help="从第几条起  First index of the log.",
)
@click.option(
    "--to",
    "end",
    type=click.IntRange(min=1, max=MOST),
    help="到第几条之前  Index behind the last one.",
)
@click.option(
    "--learner",
    type=click.UUID,
    metavar="ENROLMENT",
    help="只看该报名的  Only of this enrolment, and what changed its hours.",
)
def replay(
    session: Session, cohort: UUID, start: int, end: int | None, learner: UUID | None
) -> None:
    """Replay a cohort."""
    with session.ledger() as ledger:
        steps = ledger.registers.cohort_steps(cohort, start, end or 0, learner)
        if session.as_json:
            for step in steps:
                echo_json(to_document(step))
            return
        heads = [session.say_text(head) for head in HEADS]
        rows = [_row(session, step) for step in steps]
    echo(table([*heads, session.say("说明", "Remarks")], rows))


def _row(session: Session, step: "CohortStep") -> tuple[object, ...]:
    # Whose hours they are is plain where the event is that learner's own.
    own = step.event.enrolment
    changes = [hours_text(session, change, named=change.enrolment != own) for change in step.hours]
    text = "; ".join([*remarks(session, step.event), *changes])
    return (*cells(session, step.event), text)
