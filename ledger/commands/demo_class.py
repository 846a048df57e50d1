"""Act one, the class: a terminal that crashes, a wrong clock, a power cut, a roll on paper.

Facts are never refused: what cannot count yet is held, and counts from the moment on at which what
was missing is there. Nothing of it is lost, and nothing is there twice.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from uuid import UUID, uuid4

from clients.sdk import Accepted, CapturedEvent, Circumstances, Correction, DeviceChain, Emitter
from ledger.api.v1 import events_pb2 as pb
from ledger.commands import demo_terminal
from ledger.commands.demo_cast import Cast, send, wait_for_views
from ledger.commands.demo_events import (
    BREAK_MINUTES,
    CLERK,
    DIRECTOR,
    TEACHER,
    enrolment,
    from_paper,
)
from ledger.commands.demo_world import POWER_CUT, SHANGHAI, Course, at
from ledger.commands.stage import act, heading, remark, run, run_module, run_until_killed

AHEAD: Final = timedelta(minutes=26)
_TERMINAL: Final = "ledger.commands.demo_terminal"
_MINUTE: Final = timedelta(minutes=1)
_CARD: Final = pb.PRESENCE_METHOD_ID_CARD


@dataclass(frozen=True, slots=True)
class Standing:
    """What act one takes up: where the terminal's chain stands, and the mistyped test's event."""

    chain: DeviceChain
    mistyped_test: UUID


def play_class(cast: Cast, course: Course, standing: Standing) -> datetime:
    """Play the act.

    Args:
        cast: Who takes part.
        course: The course, taught up to yesterday.
        standing: What is taken up.

    Returns:
        The moment at which the terminal's backlog was recorded and held.
    """
    act("第一幕 课堂", "Act one: class")
    boot = _crash(cast, course, standing.chain)
    moment = datetime.now(SHANGHAI)
    _release(cast, course, boot)
    _cut_power(cast, course)
    _transcribe(cast, course, standing.mistyped_test)
    return moment


def _crash(cast: Cast, course: Course, chain: DeviceChain) -> UUID:
    """Return the id of the boot whose clock is ahead."""
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
    run_until_killed(_TERMINAL, ["class", str(folder / "before.json")], demo_terminal.WAITING)
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


def _release(cast: Cast, course: Course, boot: UUID) -> None:
    office = Emitter(cast.school, synthetic=True)
    heading("挂起：有记录而暂不计入", "Held: on record, and counting for nothing yet")
    _list_held(cast, course)
    yesterday = course.day(1)
    late = [enrolment(office, course, learner, yesterday) for learner in course.unenrolled]
    _told(cast, course, late, "报名处补录两名学员的报名", "the office enrols the two learners")
    _list_held(cast, course)
    end = course.today.end
    stated = office.clock_offset_stated(
        cohort=course.id,
        device=demo_terminal.DEVICE,
        offset=-AHEAD,
        first=end - _MINUTE + AHEAD,
        last=end + 10 * _MINUTE + AHEAD,
        reason="CLOCK-FAST",
        boot_id=boot,
    )
    _told(cast, course, [stated], "说明时钟偏差：快 26 分钟", "the clock was 26 minutes ahead")
    _list_held(cast, course)


def _list_held(cast: Cast, course: Course) -> None:
    run(["held", "list", "--cohort", str(course.id), *cast.named("school")])


def _cut_power(cast: Cast, course: Course) -> None:
    heading("停电二十分钟：时长照扣", "Twenty minutes without power: minutes less")
    office, session = Emitter(cast.school, synthetic=True), course.power_cut
    since = session.start + 60 * _MINUTE
    told = _told(
        cast,
        course,
        [
            office.session_interrupted(
                cohort=course.id, session=session.id, reason="POWER-CUT", how=at(since)
            ),
            office.session_resumed(cohort=course.id, session=session.id, how=at(since + POWER_CUT)),
        ],
        f"{session.start:%m-%d} 的课停电，课后延时 20 分钟",
        "the class had gone on for 20 minutes longer",
    )
    span = ["--from", str(told[0].index), "--to", str(told[-1].index + 1)]
    learner = str(course.enrolment(course.short))
    run(["cohort", "replay", str(course.id), *span, "--learner", learner, *cast.named("school")])


def _transcribe(cast: Cast, course: Course, mistyped_test: UUID) -> None:
    heading("补录纸质签到、更正录错的成绩：两人负责", "A paper roll, a mistyped score: two persons")
    office, session = Emitter(cast.school, synthetic=True), course.paper
    learner, roll = course.on_paper.person_ref, b"synthetic paper roll"
    came = from_paper(session.start - 5 * _MINUTE, roll)
    left = from_paper(session.end + 5 * _MINUTE, roll)
    events = [
        office.learner_signed_in(
            cohort=course.id, person_ref=learner, session=session.id, method=_CARD, how=came
        ),
        office.learner_signed_out(
            cohort=course.id, person_ref=learner, session=session.id, method=_CARD, how=left
        ),
        office.record_corrected(
            cohort=course.id,
            person_ref=course.mistyped.person_ref,
            target=mistyped_test,
            correction=Correction.score(8_600),
            reason="TYPED-WRONG",
            evidence_digest=sha256(b"synthetic answer sheet").digest(),
            how=Circumstances(entered_by=CLERK, approved_by=DIRECTOR),
        ),
    ]
    _told(cast, course, events, "纸质签到表与原始答卷的摘要随之入账", "with digests of both papers")
    kinds = ["--kind", "TRANSCRIBED", "--kind", "CORRECTION", "--kind", "CHAIN_GAP"]
    run(["irregular", "list", "--cohort", str(course.id), *kinds, *cast.named("school")])


def _told(
    cast: Cast, course: Course, events: Sequence[CapturedEvent], zh: str, en: str
) -> list[Accepted]:
    """Say what the office sends, send it, and wait until it can be seen."""
    remark(zh, en)
    accepted = send(cast.school, events)
    wait_for_views(cast.school, course.id, accepted[-1].index)
    return accepted
