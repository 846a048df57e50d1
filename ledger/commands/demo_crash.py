"""The crash of act one: what the terminal captures before and after it, and the backlog."""

import json
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from clients.sdk import DeviceChain
from ledger.commands.demo_cast import Cast
from ledger.commands.demo_events import BREAK_MINUTES, TEACHER
from ledger.commands.demo_terminal import WAITING
from ledger.commands.demo_world import Course
from ledger.commands.stage import heading, remark, run_module, run_until_killed

AHEAD: Final = timedelta(minutes=26)
_TERMINAL: Final = "ledger.commands.demo_terminal"
_MINUTE: Final = timedelta(minutes=1)


def crash(cast: Cast, course: Course, chain: DeviceChain) -> UUID:
    """Let the terminal die in mid-session and come back; send its backlog twice.

    Args:
        cast: Who takes part.
        course: The course.
        chain: Where the terminal's chain of events stands.

    Returns:
        The id of the boot whose clock is ahead.
    """
    session, folder = course.today, cast.folder / "terminal"
    heading(
        "终端断网、断电、时钟快 26 分钟", "A terminal goes offline, dies, comes back 26 min fast"
    )
    remark(
        f"今日课次 {session.start:%H:%M}–{session.end:%H:%M}；断网后只存盘，再被强行终止",
        "today's class; offline it writes to disk only, then it is killed",
    )
    first, second = _first_part(course, chain), _second_part(course)
    (folder / "before.json").write_text(json.dumps(first), "utf-8")
    (folder / "after.json").write_text(json.dumps(second), "utf-8")
    run_until_killed(_TERMINAL, ["class", str(folder / "before.json")], WAITING)
    remark(
        "重启后时钟快 26 分钟，从盘上的最后一个事件接着采集", "restarted, its clock is 26 min fast"
    )
    run_module(_TERMINAL, ["class", str(folder / "after.json")])
    heading("网络恢复，积压补传两遍：不丢、不重", "Back online, the backlog is sent twice")
    run_module(_TERMINAL, ["send", str(folder)])
    run_module(_TERMINAL, ["send", str(folder)])
    return UUID(second["boot"])


def _plan(course: Course, steps: list[tuple[datetime, str, UUID | None]]) -> dict[str, Any]:
    return {
        "cohort": str(course.id),
        "session": str(course.today.id),
        "present": len(course.enrolled),
        "break_minutes": BREAK_MINUTES,
        "boot": str(uuid4()),
        "booted": (steps[0][0] - _MINUTE).isoformat(),
        "steps": [
            {"at": moment.isoformat(), "do": what} | ({} if who is None else {"who": str(who)})
            for moment, what, who in steps
        ],
    }


def _first_part(course: Course, chain: DeviceChain) -> dict[str, Any]:
    session = course.today
    before, later = session.start - 8 * _MINUTE, session.start + 95 * _MINUTE
    online = [
        (before, "teacher signs in", TEACHER),
        *((before, "sign in", learner.person_ref) for learner in course.enrolled),
        (session.start, "start", None),
    ]
    offline = [
        *(
            (session.start + 3 * _MINUTE, "sign in", learner.person_ref)
            for learner in course.unenrolled
        ),
        *((later, "spot check", learner.person_ref) for learner in course.enrolled[:2]),
    ]
    return _plan(course, [*online, *offline]) | {
        "online_steps": len(online),
        "ahead_minutes": 0,
        "waits": True,
        "sequence": chain.sequence,
        "leaf": chain.leaf.hex(),
    }


def _second_part(course: Course) -> dict[str, Any]:
    end = course.today.end
    out = [(end + 2 * _MINUTE, "sign out", learner.person_ref) for learner in course.people]
    return _plan(course, [(end, "end", None), *out]) | {
        "online_steps": 0,
        "ahead_minutes": AHEAD // _MINUTE,
        "waits": False,
    }
