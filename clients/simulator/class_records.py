"""What a classroom terminal captures of a session: who comes and goes, start, pauses and end."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Final

from clients.simulator.classes import DOORS_OPEN
from clients.simulator.reality import Held, Reality, Stay, Trouble
from clients.simulator.records import (
    Block,
    Desk,
    Stage,
    Stamp,
    cohort_ref,
    person_ref,
    session_ref,
    staff_ref,
)
from ledger.api.v1 import events_pb2 as pb

SPOT_CHECKED: Final = 0.5
_OFFLINE: Final = 0.012
_CARD: Final = pb.PRESENCE_METHOD_ID_CARD
_FACE: Final = pb.PRESENCE_METHOD_FACE
_TWO_HOURS: Final = timedelta(hours=2)


def class_blocks(reality: Reality, random: Random) -> Iterator[Block]:
    """Yield two blocks of each session's terminal: the arrivals, and the rest after the end."""
    stays: defaultdict[str, list[Stay]] = defaultdict(list)
    for stay in reality.stays:
        stays[stay.session].append(stay)
    for code, held in sorted(reality.held.items()):
        yield from _session(reality, held, stays[code], random)


def _session(reality: Reality, held: Held, stays: list[Stay], random: Random) -> Iterator[Block]:
    session = held.session
    institution = reality.town.cohort(session.cohort).institution
    desk = Desk(f"{institution}/{session.room}", session.cohort, Stage.TERMINAL)
    _teaching(reality, desk, held, len(stays))
    by_hand = session.code in reality.back_dated
    marks = Desk(institution, session.cohort, Stage.OFFICE) if by_hand else desk
    for stay in stays:
        if by_hand:
            mark_presence(
                reality, marks, stay, stay.learner, stamp=stamp_of(reality, session.cohort)
            )
        else:
            # What was meant for another learner is repaired by `repair_records`.
            mark_presence(reality, marks, stay, stay.other or stay.learner)
            _spot_check(reality, desk, held, stay, random)
    if by_hand:
        last_day = reality.town.cohort(session.cohort).last_day
        typed = held.start.replace(
            year=last_day.year, month=last_day.month, day=last_day.day, hour=21
        ) + timedelta(days=1)
        yield marks.block(typed)
    lag = timedelta(hours=random.uniform(1, 24)) if random.random() < _OFFLINE else timedelta()
    yield from _split(desk, held, lag, reality)


def _split(desk: Desk, held: Held, lag: timedelta, reality: Reality) -> Iterator[Block]:
    """Yield who had come when the doors closed, and what came after that."""
    doors_close = held.start + DOORS_OPEN
    arrivals, rest = (Desk(desk.author, desk.cohort, desk.stage) for _ in range(2))
    for entry in desk.entries:
        (arrivals if entry.occurred <= doors_close else rest).entries.append(entry)
    fault = reality.clock_faults.get(held.session.code)
    in_time = fault is None or fault.true >= doors_close
    yield arrivals.block(doors_close, doors_close + lag, None if in_time else fault)
    end = held.end + DOORS_OPEN
    yield rest.block(end, end + lag, fault)


def _teaching(reality: Reality, desk: Desk, held: Held, present: int) -> None:
    session = held.session
    where = {"cohort": cohort_ref(session.cohort), "session": session_ref(session.code)}
    early = held.start - timedelta(minutes=6)
    teacher = staff_ref(held.teacher)
    desk.add("teacher_signed_in", early, {**where, "teacher": teacher, "method": _FACE})
    desk.add(
        "session_started", held.start, {**where, "present": present}, label=f"{session.code}/start"
    )
    for pause in held.pauses:
        desk.add("session_interrupted", pause.start, {**where, "reason": pause.reason})
        desk.add("session_resumed", pause.end, {**where})
    if held.false_end:
        label = f"{session.code}/false-end"
        desk.add("session_ended", held.false_end, {**where, "break_minutes": 0}, label=label)
    stated = held.misstated_break if held.misstated_break is not None else held.break_minutes
    digest = sha256(f"recording/{session.code}".encode()).digest()
    desk.add(
        "session_ended",
        held.end,
        {**where, "break_minutes": stated, "recording_digest": digest},
        label=f"{session.code}/end",
    )
    desk.add(
        "session_recording_stored",
        held.end + timedelta(minutes=2),
        {
            **where,
            "channel": f"CH-{session.room}",
            "first": held.start,
            "last": held.end,
            "recording_digest": digest,
            "gap_seconds": reality.video_gaps.get(session.code, 0),
        },
    )


def mark_presence(
    reality: Reality,
    desk: Desk,
    stay: Stay,
    learner: str,
    *,
    stamp: Stamp | None = None,
    label: str = "",
) -> None:
    """Write sign-ins and sign-outs of a stay on a learner, with what goes wrong with them.

    Args:
        reality: What happened.
        desk: Who writes.
        stay: The stay.
        learner: On whom it is written.
        stamp: Who entered and approved it, where the office writes.
        label: Prefix of the entries' labels; empty for that of the terminal's own capture.
    """
    about = reality.learners[learner]
    where = {
        "cohort": cohort_ref(about.cohort),
        "person_ref": person_ref(about.person),
        "session": session_ref(stay.session),
    }
    host = reality.held[stay.session].session.cohort
    guest_of = host if host != about.cohort else ""
    prefix = label or f"{stay.learner}/{stay.session}"
    reused = (stay.learner, stay.session) in reality.reused
    for number, (arrived, left) in enumerate(stay.visits):
        seed = f"{learner}/reused" if reused else f"{prefix}/{number}"
        wrong = stay.trouble is Trouble.TIME_CORRECTED and not number
        desk.add(
            "learner_signed_in",
            arrived,
            {**where, "method": _CARD, "capture_hmac": sha256(seed.encode()).digest()},
            label=f"{prefix}/in{number}",
            claimed=arrived + _TWO_HOURS if wrong else None,
            stamp=stamp,
            guest_of=guest_of,
        )
        missing = stay.trouble in (Trouble.NO_SIGN_OUT, Trouble.SIGN_OUT_CORRECTED)
        if not (missing and number == len(stay.visits) - 1):
            out = f"{prefix}/out{number}"
            desk.add(
                "learner_signed_out",
                left,
                {**where, "method": _CARD},
                label=out,
                stamp=stamp,
                guest_of=guest_of,
            )


def _spot_check(reality: Reality, desk: Desk, held: Held, stay: Stay, random: Random) -> None:
    """Check now and then, while somebody is there, that this is so."""
    about = reality.learners[stay.learner]
    start = max(stay.visits[0][0], held.start)
    end: datetime = min(stay.visits[0][1], held.end)
    if random.random() >= SPOT_CHECKED or start >= end or not stay.planned:
        return
    desk.add(
        "presence_spot_checked",
        start + (end - start) * random.random(),
        {
            "cohort": cohort_ref(about.cohort),
            "person_ref": person_ref(about.person),
            "session": session_ref(stay.session),
            "present": True,
            "method": _FACE,
        },
        guest_of=held.session.cohort if held.session.cohort != about.cohort else "",
    )


def stamp_of(reality: Reality, cohort: str) -> Stamp:
    """Return who enters and who approves records of a cohort by hand."""
    institution = reality.town.cohort(cohort).institution
    teachers = [code for party, code in reality.town.teachers if party == institution]
    return teachers[-1], teachers[0]
