"""Which sessions are held and how: cancellations, moves, stand-ins, power cuts, wrong clocks.

Every cohort gets one of each by plan, whatever its size, and more by chance.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Final

from clients.simulator.reality import Change, ClockFault, Held, Label, Pause, Reality
from clients.simulator.timetable import BREAK_MINUTES
from clients.simulator.town import Cohort, Session

AHEAD: Final = timedelta(hours=8)
DOORS_OPEN: Final = timedelta(minutes=15)
"""After the start, until when arrivals are captured."""

_MARGIN: Final = timedelta(minutes=35)
_POWER_CUT: Final = 0.01
_SUBSTITUTED: Final = 0.01
_VIDEO_GAP: Final = 0.02
_NOTICE: Final = timedelta(days=1, hours=2)
_EPOCH: Final = datetime.fromisoformat("1970-01-01T08:00:00+08:00")


def hold_classes(reality: Reality, cohort: Cohort, random: Random) -> None:
    """Hold the cohort's regular sessions; spare ones that replace a cancelled one as well."""
    regular = [session for session in cohort.sessions if not session.spare]
    halves = [session for session in regular if not session.lunch]
    cancelled, moved, substituted, cut, misstated, slipped, *_ = random.sample(halves, len(halves))
    for session in regular:
        if session is cancelled:
            _cancel(reality, cohort, session)
            continue
        place = _move(reality, cohort, session) if session is moved else session
        teacher = session.teacher
        if session is substituted or random.random() < _SUBSTITUTED:
            teacher = cohort.stand_in
            known = place.start - timedelta(hours=2)
            change = replace(session, teacher=teacher)
            reality.changes.append(Change("substituted", change, known, "SICK-LEAVE"))
        held = hold(place, teacher, random)
        if session is cut or random.random() < _POWER_CUT:
            held = _cut_power(held, random)
            reality.labels.append(Label("POWER_CUT", benign=True, subject=session.code))
        if session is misstated:
            held = replace(held, misstated_break=BREAK_MINUTES + 60)
        if session is slipped:
            held = replace(held, false_end=held.start + timedelta(minutes=40))
        reality.held[session.code] = held
        if random.random() < _VIDEO_GAP:
            _lose_video(reality, held, random)
    _set_clocks_wrong(reality, [row for row in regular if row not in (cancelled, moved, slipped)])


def hold(session: Session, teacher: str, random: Random) -> Held:
    """Hold a session: it begins and ends within minutes of the plan."""
    start = session.start + timedelta(seconds=random.randrange(180))
    end = session.end - timedelta(seconds=random.randrange(120))
    pauses: tuple[Pause, ...] = ()
    if session.lunch:
        noon = session.start.replace(hour=12, minute=0)
        pauses = (Pause(noon, noon + timedelta(minutes=session.lunch), "LUNCH"),)
    return Held(session, start, end, BREAK_MINUTES, pauses, teacher)


def _cancel(reality: Reality, cohort: Cohort, session: Session) -> None:
    """Cancel a session and hold a spare one instead."""
    known = session.start - _NOTICE
    reality.changes.append(Change("cancelled", session, known, "POWER-MAINTENANCE"))
    spare = spares(cohort, session.component)[0]
    reality.changes.append(Change("added", spare, known + timedelta(minutes=5), ""))
    reality.held[spare.code] = Held(spare, spare.start, spare.end, BREAK_MINUTES, (), spare.teacher)


def _move(reality: Reality, cohort: Cohort, session: Session) -> Session:
    """Move a session to where the last spare one would be."""
    slot = spares(cohort, session.component)[-1]
    moved = replace(session, start=slot.start, end=slot.end)
    reality.changes.append(Change("rescheduled", moved, session.start - _NOTICE, "ROOM-REPAIR"))
    return moved


def spares(cohort: Cohort, component: str) -> list[Session]:
    """Return the spare sessions of a component by start."""
    return [row for row in cohort.sessions if row.spare and row.component == component]


def _cut_power(held: Held, random: Random) -> Held:
    """Interrupt a session; mostly the lost time is taught at its end."""
    lost = timedelta(minutes=random.randrange(12, 21))
    start = held.start + timedelta(minutes=random.randrange(30, 90))
    pause = Pause(start, start + lost, "POWER-CUT")
    caught_up = random.random() < 0.9  # noqa: PLR2004 - a share
    return replace(
        held,
        pauses=tuple(sorted((*held.pauses, pause), key=lambda row: row.start)),
        end=held.end + lost if caught_up else held.end,
    )


def _lose_video(reality: Reality, held: Held, random: Random) -> None:
    seconds = (held.end - held.start).total_seconds()
    reality.video_gaps[held.session.code] = round(seconds * random.uniform(0.06, 0.4))
    reality.labels.append(Label("VIDEO_GAP", benign=False, subject=held.session.code))


def _set_clocks_wrong(reality: Reality, sessions: list[Session]) -> None:
    """One session's terminal runs 8 hours ahead; another's is reset to 1970 when class has begun.

    No guest is in such a session: whose cohort has to state the offset would else be in doubt.
    """
    ahead, reset = sessions[-1], sessions[len(sessions) // 2]
    before = reality.held[ahead.code].start - _MARGIN
    reality.clock_faults[ahead.code] = ClockFault(ahead.code, before, before + AHEAD)
    begun = reality.held[reset.code].start + DOORS_OPEN
    reality.clock_faults[reset.code] = ClockFault(reset.code, begun, _EPOCH)
