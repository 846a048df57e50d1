"""The timetable of a cohort: half-days of 4 hours 学时, one whole day, and spare sessions.

A half-day teaches 200 minutes beside a break of 30, so that it is 4 hours of 45 minutes with twenty
to spare. Theory comes in the mornings, practical work in the afternoons; when theory is through,
practical work fills the mornings as well. The last two sessions of practical work are one whole
day, with a lunch in between at which learners sign out and in again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from clients.simulator.calendar import moment
from clients.simulator.programmes import OFFLINE, PRACTICAL, Programme
from clients.simulator.town import Session

LESSONS_A_DAY: Final = 8
HOURS: Final = 4
BREAK_MINUTES: Final = 30
MORNING: Final = 8 * 60 + 30
AFTERNOON: Final = 13 * 60
HALF_DAY: Final = 200 + BREAK_MINUTES
LUNCH: Final = 60
WHOLE_DAY: Final = 385 + LUNCH + BREAK_MINUTES
_SPARES: Final = 3
"""Spare sessions of each component: in place of a cancelled one, and for make-ups."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where a cohort is taught, and by whom."""

    classroom: str
    workshop: str
    theory_teacher: str
    practical_teacher: str


def timetable(
    cohort: str, programme: Programme, days: Sequence[date], places: Places
) -> tuple[Session, ...]:
    """Return the timetable, spare sessions last; `days` are working days, enough of them."""
    theory = -(-programme.classroom // HOURS)
    practical = -(-programme.practical // HOURS)
    whole_day = practical >= 4  # noqa: PLR2004 - two half-days stay, and two make the whole day
    slots = [
        *((OFFLINE, number, MORNING) for number in range(theory)),
        *_practical_slots(theory, practical - 2 * whole_day),
    ]
    last = max(day for _, day, _ in slots)
    rows = [(part, days[day], minute, HALF_DAY, 0, False) for part, day, minute in slots]
    if whole_day:
        last += 1
        rows.append((PRACTICAL, days[last], MORNING, WHOLE_DAY, LUNCH, False))
    for spare in range(1, _SPARES + 1):
        day = days[last + spare]
        rows.append((OFFLINE, day, MORNING, HALF_DAY, 0, True))
        if practical:
            rows.append((PRACTICAL, day, AFTERNOON, HALF_DAY, 0, True))
    rows.sort(key=lambda row: (row[5], row[1], row[2]))
    return tuple(
        Session(
            f"{cohort}-S{number:02}",
            cohort,
            part,
            moment(day, minute),
            moment(day, minute + length),
            places.classroom if part == OFFLINE else places.workshop,
            places.theory_teacher if part == OFFLINE else places.practical_teacher,
            lunch,
            spare,
        )
        for number, (part, day, minute, length, lunch, spare) in enumerate(rows, 1)
    )


def _practical_slots(theory_days: int, count: int) -> list[tuple[str, int, int]]:
    """Return afternoons from the first day on, and mornings once theory is through."""
    slots: list[tuple[str, int, int]] = []
    day = 0
    while len(slots) < count:
        if day >= theory_days:
            slots.append((PRACTICAL, day, MORNING))
        if len(slots) < count:
            slots.append((PRACTICAL, day, AFTERNOON))
        day += 1
    return slots
