"""How the office repairs the record: corrections, voidings, stated clock offsets."""

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Final

from clients.sdk import Correction
from clients.simulator.class_records import mark_presence, stamp_of
from clients.simulator.reality import Held, Reality, Stay, Trouble
from clients.simulator.records import Block, Desk, Stage, cohort_ref, event_ref, person_ref

_AFTER_CLASS: Final = timedelta(minutes=35)
REPAIRED_AFTER: Final = timedelta(hours=26)
"""After the class: later than a terminal is ever offline, sooner than anything rests on it."""


def repair_blocks(reality: Reality) -> Iterator[Block]:
    """Yield a block of the office for every session that has something to repair."""
    for stay in reality.stays:
        if stay.trouble not in (Trouble.NONE, Trouble.NO_SIGN_OUT):
            yield _repair_stay(reality, stay)
    for held in reality.held.values():
        if held.misstated_break is not None or held.false_end:
            yield _repair_session(reality, held)
    for code in reality.clock_faults:
        yield _state_offset(reality, reality.held[code])


def _desk(reality: Reality, cohort: str) -> Desk:
    return Desk(reality.town.cohort(cohort).institution, cohort, Stage.OFFICE)


def _evidence(what: str) -> bytes:
    return sha256(f"evidence/{what}".encode()).digest()


def _repair_stay(reality: Reality, stay: Stay) -> Block:
    about = reality.learners[stay.learner]
    host = reality.held[stay.session].session.cohort
    at = reality.held[stay.session].end + REPAIRED_AFTER
    desk, stamp = _desk(reality, about.cohort), stamp_of(reality, about.cohort)
    prefix = f"{stay.learner}/{stay.session}"
    where = {"cohort": cohort_ref(about.cohort), "person_ref": person_ref(about.person)}
    guest_of = host if host != about.cohort else ""
    if stay.trouble is Trouble.WRONG_LEARNER:
        _void_and_attribute(reality, desk, stay, prefix)
        return desk.block(at)
    last = len(stay.visits) - 1
    if stay.trouble is Trouble.TIME_CORRECTED:
        target, correction = f"{prefix}/in0", Correction.occurred(stay.visits[0][0])
    else:
        target, correction = f"{prefix}/in{last}", Correction.signed_out(stay.visits[last][1])
    desk.add(
        "record_corrected",
        at,
        {
            **where,
            "target": event_ref(target),
            "correction": correction,
            "reason": "DEVICE-FAULT",
            "evidence_digest": _evidence(prefix),
        },
        stamp=stamp,
        guest_of=guest_of,
    )
    return desk.block(at)


def _void_and_attribute(reality: Reality, desk: Desk, stay: Stay, prefix: str) -> None:
    """State a stay on who was there, and void it on who was not."""
    wrong = reality.learners[stay.other]
    stamp = stamp_of(reality, wrong.cohort)
    at = reality.held[stay.session].end + REPAIRED_AFTER
    right = f"{prefix}/right"
    mark_presence(reality, desk, stay, stay.learner, stamp=stamp, label=right)
    for number in range(len(stay.visits)):
        for mark in (f"in{number}", f"out{number}"):
            desk.add(
                "event_voided",
                at,
                {
                    "cohort": cohort_ref(wrong.cohort),
                    "person_ref": person_ref(wrong.person),
                    "target": event_ref(f"{prefix}/{mark}"),
                    "reason": "WRONG-LEARNER",
                    "evidence_digest": _evidence(prefix),
                    "attributed_to": event_ref(f"{right}/{mark}"),
                },
                stamp=stamp,
            )


def _repair_session(reality: Reality, held: Held) -> Block:
    code, cohort = held.session.code, held.session.cohort
    at = held.end + REPAIRED_AFTER
    desk, stamp = _desk(reality, cohort), stamp_of(reality, cohort)
    if held.misstated_break is not None:
        desk.add(
            "cohort_record_corrected",
            at,
            {
                "cohort": cohort_ref(cohort),
                "target": event_ref(f"{code}/end"),
                "correction": Correction.minutes(held.break_minutes),
                "reason": "TYPING-ERROR",
                "evidence_digest": _evidence(code),
            },
            stamp=stamp,
        )
    if held.false_end:
        desk.add(
            "cohort_event_voided",
            at,
            {
                "cohort": cohort_ref(cohort),
                "target": event_ref(f"{code}/false-end"),
                "reason": "NEVER-HAPPENED",
                "evidence_digest": _evidence(code),
            },
            stamp=stamp,
        )
    return desk.block(at)


def _state_offset(reality: Reality, held: Held) -> Block:
    code, cohort = held.session.code, held.session.cohort
    fault = reality.clock_faults[code]
    institution = reality.town.cohort(cohort).institution
    desk = _desk(reality, cohort)
    at = held.end + REPAIRED_AFTER
    desk.add(
        "clock_offset_stated",
        at,
        {
            "cohort": cohort_ref(cohort),
            "device": device_code(institution, held.session.room),
            "offset": fault.offset,
            "first": fault.claim,
            "last": held.end + _AFTER_CLASS - fault.offset,
            "reason": "CLOCK-RESET",
        },
    )
    return desk.block(at)


def device_code(institution: str, room: str) -> str:
    """Return the serial code of the terminal in a room."""
    return f"TERM-{institution}-{room}"
