"""`tledger session list`: the sessions of a day across cohorts, and what became of them."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Final

import click

from clients.cli.choosing import Day, chosen_party
from clients.cli.command import Example, command
from clients.cli.event_json import short_name, to_document
from clients.cli.labels import label
from clients.cli.language import Text
from clients.cli.output import echo, echo_json, local_time, table
from clients.cli.session import Session
from ledger.api.v1 import events_pb2 as pb

if TYPE_CHECKING:
    from ledger.api.v1.supervision_service_pb2 import DaySession

_HEADS: Final = (
    Text("计划", "Planned"),
    Text("机构", "Institution"),
    Text("班次", "Cohort"),
    Text("内容", "Component"),
    Text("教室", "Room"),
    Text("状态", "State"),
    Text("上课", "Started"),
    Text("下课", "Ended"),
    Text("签到", "Signed in"),
    Text("教师签到", "Teacher signed in"),
    Text("录像", "Recordings"),
    Text("录像覆盖 ‰", "Covered ‰"),
    Text("抽检在场/不在场", "Checked present/absent"),
    Text("课次", "Session"),
)
_CLOCK: Final = slice(11, 16)


@command(
    "session list",
    examples=[
        Example(
            "tledger session list --day 2026-03-16 --area 3205",
            "辖区当日课次",
            "the sessions of a day in an area",
        ),
        Example(
            "tledger session list --day 2026-03-16 --institution 91320500MA1XK0TW1J",
            "一家机构的",
            "of one institution",
        ),
    ],
    more=Text(
        "改期的课次列在新的日期下。教师签到：✔ 安排的教师已签到，≠ 他人签到，空白为无人签到。",
        "A session that was rescheduled stands under its new day. Teacher signed in: ✔ the teacher "
        "who was due, ≠ somebody else, blank for nobody.",
    ),
)
@click.option("--day", type=Day(), required=True, help="日期  The day, in Asia/Shanghai.")
@click.option("--area", default="", help="区划代码前缀  Prefix of the area code.")
@click.option(
    "--institution",
    default="",
    metavar="UUID|CREDIT_CODE",
    help="只列该机构的  Only of this institution.",
)
def list_sessions(session: Session, day: date, area: str, institution: str) -> None:
    """List sessions."""
    with session.ledger() as ledger:
        rows = ledger.supervision.sessions(
            day, area=area, institution=chosen_party(ledger, institution)
        )
        if session.as_json:
            for row in rows:
                echo_json(to_document(row))
            return
        heads = [session.say_text(head) for head in _HEADS]
        echo(table(heads, [_row(session, row) for row in rows]))


def _row(session: Session, row: "DaySession") -> tuple[object, ...]:
    state = label(session, row.state)
    if row.cancelled and row.state != "cancelled":
        state += session.say("（已停课）", " (cancelled)")
    return (
        f"{_clock(row.planned_start_us)}-{_clock(row.planned_end_us)}".strip("-"),
        row.institution_name or row.institution,
        f"{row.cohort_number or label(session, 'unplanned')} {row.trade_name}".strip(),
        label(session, short_name(pb.HourComponent.DESCRIPTOR, row.component)),
        row.room,
        state,
        _clock(row.started_us),
        _clock(row.ended_us),
        row.signed_in,
        teacher_mark(row.teacher, row.teachers_signed_in),
        row.recordings,
        row.recording_per_mille,
        f"{row.checked_present}/{row.checked_absent}",
        row.session,
    )


def teacher_mark(teacher: str, signed_in: Sequence[str]) -> str:
    """Return ✔ when the teacher who was due signed in, ≠ when others did, nothing for nobody."""
    if not signed_in:
        return ""
    return "✔" if teacher in signed_in else "≠"


def _clock(microseconds: int) -> str:
    """Return hour and minute in Asia/Shanghai; empty for 0."""
    return local_time(microseconds)[_CLOCK]
