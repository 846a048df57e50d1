"""Days of Asia/Shanghai, which is UTC+8 all year (DESIGN section 5), as numbers YYYYMMDD."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

DAY_US: Final = 24 * 60 * 60 * 1_000_000

_SHANGHAI: Final = timezone(timedelta(hours=8))
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def day_of(at_us: int) -> int:
    """Return the day of a moment, microseconds since 1970 UTC, as YYYYMMDD."""
    moment = (_EPOCH + timedelta(microseconds=at_us)).astimezone(_SHANGHAI)
    return moment.year * 10_000 + moment.month * 100 + moment.day


def day_start_us(day: int) -> int:
    """Return the first moment of a day YYYYMMDD, microseconds since 1970 UTC.

    Raises:
        ValueError: when the calendar has no such day.
    """
    found = date(day // 10_000, day // 100 % 100, day % 100)
    start = datetime(found.year, found.month, found.day, tzinfo=_SHANGHAI)
    return (start - _EPOCH) // timedelta(microseconds=1)
