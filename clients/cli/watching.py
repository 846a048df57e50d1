"""`tledger watch`: every event that the caller may see, as it comes."""

from typing import TYPE_CHECKING, Final
from uuid import UUID

import click

from clients.cli.command import Example, command
from clients.cli.event_json import to_document
from clients.cli.language import Text
from clients.cli.output import echo, echo_json, local_time, one_line, pad
from clients.cli.session import Session
from ledger.api.v1 import events_pb2 as pb
from ledger.log.event_reader import read_event

if TYPE_CHECKING:
    from clients.sdk import WatchedEvent

_TYPE_COLUMNS: Final = 27


@command(
    "watch",
    examples=[
        Example("tledger watch", "自头起跟随，Ctrl-C 结束", "from the start; Ctrl-C ends it"),
        Example("tledger watch --from 18204377 --json", "自某条起", "from an index on"),
        Example("tledger watch --limit 10", "十条后结束", "end after ten events"),
    ],
    more=Text(
        "断线自动重连，不重不漏；每个事件都核对过是其账本条目所承诺的。",
        "Reconnects by itself, without a gap or a double; every event is checked to be the one "
        "that its entry commits to.",
    ),
)
@click.option(
    "--from",
    "start",
    type=click.IntRange(min=0, max=2**53 - 1),
    default=0,
    show_default=True,
    help="从第几条起  First index wanted.",
)
@click.option("--cohort", type=click.UUID, help="只看该班次的  Only of this cohort.")
@click.option("--limit", type=click.IntRange(min=1), help="多少条后结束  End after so many events.")
def watch(session: Session, start: int, cohort: UUID | None, limit: int | None) -> None:
    """Follow the log."""
    with session.ledger() as ledger:
        for number, watched in enumerate(ledger.watch(start, cohort=cohort), 1):
            if session.as_json:
                echo_json(_document(watched))
            else:
                echo(_line(watched))
            if number == limit:
                return


def _line(watched: "WatchedEvent") -> str:
    event = read_event(watched.event)
    recorded, occurred = watched.entry.recorded, event.header.occurred_us
    return one_line(
        f"#{watched.index:<10}  {local_time(recorded)}  {pad(event.type, _TYPE_COLUMNS)}  "
        f"{local_time(occurred)}  {watched.entry.event}"
    )


def _document(watched: "WatchedEvent") -> dict[str, object]:
    event = pb.TrainingEvent.FromString(watched.event)
    body = event.WhichOneof("body")
    return {
        "index": watched.index,
        "stream": watched.entry.stream,
        "kind": watched.entry.kind,
        "seq": watched.entry.seq,
        "recorded_us": watched.entry.recorded,
        "header": to_document(event.header),
        "body": None if body is None else to_document(getattr(event, body)),
    }
