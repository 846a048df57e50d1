"""Act one, the class: a terminal that crashes, a wrong clock, a power cut, a roll on paper.

Facts are never refused: what cannot count yet is held, and counts from the moment on at which what
was missing is there. Nothing of it is lost, and nothing is there twice.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from clients.sdk import Circumstances, Correction, DeviceChain, Emitter
from ledger.api.v1 import events_pb2 as pb
from ledger.commands.demo_cast import Cast, office_sends
from ledger.commands.demo_crash import AHEAD, crash
from ledger.commands.demo_events import CLERK, DIRECTOR, enrolment, from_paper
from ledger.commands.demo_terminal import DEVICE
from ledger.commands.demo_world import POWER_CUT, SHANGHAI, Course, at
from ledger.commands.stage import act, heading, run

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
    boot = crash(cast, course, standing.chain)
    moment = datetime.now(SHANGHAI)
    _release(cast, course, boot)
    _cut_power(cast, course)
    _transcribe(cast, course, standing.mistyped_test)
    return moment


def _release(cast: Cast, course: Course, boot: UUID) -> None:
    office = Emitter(cast.school, synthetic=True)
    heading("挂起：有记录而暂不计入", "Held: on record, and counting for nothing yet")
    _list_held(cast, course)
    yesterday = course.day(1)
    late = [enrolment(office, course, learner, yesterday) for learner in course.unenrolled]
    office_sends(
        cast, course, late, "报名处补录两名学员的报名", "the office enrols the two learners"
    )
    _list_held(cast, course)
    end = course.today.end
    stated = office.clock_offset_stated(
        cohort=course.id,
        device=DEVICE,
        offset=-AHEAD,
        first=end - _MINUTE + AHEAD,
        last=end + 10 * _MINUTE + AHEAD,
        reason="CLOCK-FAST",
        boot_id=boot,
    )
    office_sends(
        cast, course, [stated], "说明时钟偏差：快 26 分钟", "the clock was 26 minutes ahead"
    )
    _list_held(cast, course)


def _list_held(cast: Cast, course: Course) -> None:
    run(["held", "list", "--cohort", str(course.id), *cast.named("school")])


def _cut_power(cast: Cast, course: Course) -> None:
    heading("停电二十分钟：时长照扣", "Twenty minutes without power: minutes less")
    office, session = Emitter(cast.school, synthetic=True), course.power_cut
    since = session.start + 60 * _MINUTE
    sent = office_sends(
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
    span = ["--from", str(sent[0].index), "--to", str(sent[-1].index + 1)]
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
    office_sends(
        cast, course, events, "纸质签到表与原始答卷的摘要随之入账", "with digests of both papers"
    )
    # The killed terminal's chain has neither gap nor fork: it went on from what was on disk.
    kinds = ["TRANSCRIBED", "CORRECTION", "CHAIN_GAP", "CHAIN_FORK"]
    chosen = [word for kind in kinds for word in ("--kind", kind)]
    run(["irregular", "list", "--cohort", str(course.id), *chosen, *cast.named("school")])
