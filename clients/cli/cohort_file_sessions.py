"""The sessions of a cohort file, and the guests in them."""

from typing import TYPE_CHECKING, Final

from clients.cli.cohort_events import component, short
from clients.cli.labels import label
from clients.cli.language import Text
from clients.cli.output import filled_table, local_time, table
from clients.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.api.v1.cohort_service_pb2 import CohortFileGuest, CohortFileSession

_HEADS: Final = (
    Text("课次", "Session"),
    Text("内容", "Component"),
    Text("教室", "Room"),
    Text("计划", "Planned"),
    Text("实际", "Taught"),
    Text("学员", "In"),
    Text("他班", "Guest"),
    Text("未登记", "Unl"),
    Text("中断", "Cut"),
    Text("教师", "Tch"),
    Text("录像", "Rec"),
    Text("抽检", "Chk"),
)
LEGEND: Final = Text(
    "学员、他班：有签到的人数；未登记：已签到、尚未归属学员；中断：分钟；教师：已签到；\n"
    "录像：覆盖授课的百分比；抽检：次数（其中不在场）",
    "In, Guest: with a sign-in; Unl: signed in, of no learner yet; Cut: minutes interrupted;\n"
    "Tch: the teacher signed in; Rec: per cent of the teaching on recordings;\n"
    "Chk: spot checks (of these, not there)",
)
_ALWAYS: Final = 6
_MONTH_TO_MINUTE: Final = slice(5, 16)
_MINUTE: Final = slice(11, 16)
_DAY: Final = slice(10)


def sessions(session: Session, rows: "Iterable[CohortFileSession]") -> str:
    """Return the timetable with what became of it; what no session has is no column."""
    heads = [session.say_text(head) for head in _HEADS]
    lines = [_row(session, each) for each in rows]
    return f"{filled_table(heads, lines, _ALWAYS)}\n{session.say_text(LEGEND)}"


def guests(session: Session, rows: "Iterable[CohortFileGuest]") -> str:
    """Return the learners of other cohorts."""
    say = session.say
    heads = (
        say("报名", "Enrolment"),
        say("原班次", "Home"),
        say("挂起", "Held"),
        say("课次", "Sessions"),
    )
    return table(
        heads,
        [
            (each.enrolment, short(each.cohort), each.held, " ".join(map(short, each.sessions)))
            for each in rows
        ],
    )


def _row(session: Session, each: "CohortFileSession") -> tuple[object, ...]:
    planned = local_time(each.planned_start_us)
    return (
        short(each.session),
        component(session, each.component),
        each.room,
        span(each.planned_start_us, each.planned_end_us, ""),
        label(session, "cancelled")
        if each.cancelled
        else span(each.started_us, each.ended_us, planned[_DAY]),
        each.signed_in,
        each.guests or "",
        each.unlisted or "",
        each.interrupted_minutes or "",
        "✔" if each.teacher_signed_in else "",
        f"{each.coverage_permille // 10}%" if each.recorded else "",
        _checks(each),
    )


def _checks(each: "CohortFileSession") -> str:
    missed = f" ({each.missed_spot_checks})" if each.missed_spot_checks else ""
    return f"{each.spot_checks}{missed}" if each.spot_checks else ""


def span(start_us: int, end_us: int, known_day: str) -> str:
    """Return two moments as month, day and minutes; a day that is known already is left out."""
    start, end = local_time(start_us), local_time(end_us)
    first = start[_MINUTE if start[_DAY] == known_day else _MONTH_TO_MINUTE]
    last = end[_MINUTE if end[_DAY] == (start or end)[_DAY] else _MONTH_TO_MINUTE]
    return f"{first}–{last}" if start or end else ""
