"""`tledger cohort diff`: what tells two moments of a cohort apart."""

from typing import TYPE_CHECKING
from uuid import UUID

import click

from clients.cli.cohort_events import HEADS, cells, hours_text, remarks
from clients.cli.command import Example, command
from clients.cli.event_json import to_document
from clients.cli.labels import label
from clients.cli.language import Text
from clients.cli.moments import Point
from clients.cli.output import table
from clients.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clients.sdk import AsOf
    from ledger.api.v1.cohort_service_pb2 import (
        CohortCertificateChange,
        CohortChangedEvent,
        DiffCohortResponse,
    )

_COHORT = "8a6e0804-2bd0-4672-b79d-d97027f9071a"


@command(
    "cohort diff",
    examples=[
        Example(
            f"tledger cohort diff {_COHORT} 2026-03-16",
            "那天以后账本新知道了什么",
            "what became known since that day",
        ),
        Example(
            f"tledger cohort diff {_COHORT} 1200 recorded:2026-03-16T12:00+08:00",
            "从第 1200 条到某一时刻",
            "from an index of the log to a moment",
        ),
        Example(
            f"tledger cohort diff {_COHORT} recorded:2026-03-16 happened:2026-03-16",
            "那天已发生而当时未入账的",
            "what had happened that day and was not recorded by its end",
        ),
    ],
    more=Text(
        "AFTER 缺省为现在。时点可写账本序号、recorded:时间（当时已入账的）、"
        "happened:时间（当时已发生的）；"
        "只写日期即 recorded:日期，指北京时间当日结束。迟录指入账比发生晚 24 小时以上。",
        "AFTER is now unless it is given. A moment is an index of the log, recorded:MOMENT (what "
        "was recorded by then) or happened:MOMENT (what had happened by then); a date alone is "
        "recorded:DATE, the end of that day in Asia/Shanghai. Late means recorded more than 24 "
        "hours after it happened.",
    ),
)
@click.argument("cohort", type=click.UUID)
@click.argument("before", type=Point())
@click.argument("after", type=Point(), required=False)
def diff(session: Session, cohort: UUID, before: "AsOf", after: "AsOf | None") -> None:
    """Compare two moments."""
    with session.ledger() as ledger:
        found = ledger.registers.cohort_difference(cohort, before, after)
    session.show(to_document(found), lambda: _people(session, found))


def _people(session: Session, found: "DiffCohortResponse") -> str:
    say = session.say
    sizes = say(
        f"账本规模 {found.before_size} → {found.after_size}",
        f"log size {found.before_size} → {found.after_size}",
    )
    parts = [
        (say("事件", "Events"), _events(session, found)),
        (
            say("学时", "Hours"),
            "\n".join(hours_text(session, change, named=True) for change in found.hours),
        ),
        (
            say("新增归档材料", "Documents added"),
            "\n".join(f"#{item.index} {item.item_class}" for item in found.items),
        ),
        (say("培训证明", "Certificates"), _certificates(session, found.certificates)),
    ]
    shown = [f"{title}\n{text}" for title, text in parts if text]
    return "\n\n".join([sizes, *(shown or [say("两个时点没有差别", "no difference")])])


def _events(session: Session, found: "DiffCohortResponse") -> str:
    if not found.events:
        return ""
    heads = [*(session.say_text(head) for head in HEADS), session.say("说明", "Remarks")]
    text = table(heads, [_row(session, row) for row in found.events])
    more = found.events_total - len(found.events)
    return f"{text}\n{session.say(f'另有 {more} 个', f'and {more} more')}" if more else text


def _row(session: Session, row: "CohortChangedEvent") -> tuple[object, ...]:
    said = (
        (row.added, "新知", "became known"),
        (row.removed, "不再计入", "no longer among them"),
        (row.corrected_by, f"被 #{row.corrected_by} 更正", f"corrected by #{row.corrected_by}"),
        (row.voided_by, f"被 #{row.voided_by} 作废", f"voided by #{row.voided_by}"),
        (row.late, "迟录", "late"),
        (row.released, "由挂起转为计入", "held before, counts now"),
    )
    words = [session.say(zh, en) for true, zh, en in said if true]
    return (*cells(session, row.event), "; ".join([*words, *remarks(session, row.event)]))


def _certificates(session: Session, changes: "Iterable[CohortCertificateChange]") -> str:
    none = session.say("无", "none")

    def text(number: str, state: str) -> str:
        return f"{number} {label(session, state)}" if number else none

    return "\n".join(
        f"{text(change.number_before, change.state_before)} → "
        f"{text(change.number_after, change.state_after)}"
        for change in changes
    )
