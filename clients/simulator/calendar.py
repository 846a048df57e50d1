"""The working calendar of 2026 and of other years as far as it is fixed, Asia/Shanghai.

Off are weekends, Spring Festival (2026: 15 to 23 February around New Year's Day on the 17th),
Qingming (4 to 6 April), the days around 1 May and around 1 October. Shifted working weekends are
not taught on.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from typing import Final

SHANGHAI: Final = timezone(timedelta(hours=8))
"""UTC+8 all year: no daylight saving time since 1991."""

_HOLIDAYS: Final = (
    ((1, 1), (1, 3)),
    ((2, 15), (2, 23)),
    ((4, 4), (4, 6)),
    ((5, 1), (5, 5)),
    ((10, 1), (10, 7)),
)
_FRIDAY: Final = 5


def is_working_day(day: date) -> bool:
    """Tell whether classes are held on a day."""
    off = any(first <= (day.month, day.day) <= last for first, last in _HOLIDAYS)
    return day.isoweekday() <= _FRIDAY and not off


def working_days(first: date) -> Iterator[date]:
    """Yield the working days from a day on, without end."""
    day = first
    while True:
        if is_working_day(day):
            yield day
        day += timedelta(days=1)


def moment(day: date, minute: int) -> datetime:
    """Return a minute of a day in Shanghai; it may lie beyond the day's end."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
    return midnight + timedelta(minutes=minute)
