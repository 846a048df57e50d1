"""Days of requests, YYYYMMDD in Asia/Shanghai, as moments: microseconds since 1970 UTC."""

from ledger.application.errors import RefusedError
from ledger.domain.refusals import Refusal
from projections.shanghai_days import DAY_US, day_start_us


def day_start(field: str, day: int) -> int:
    """Return the first moment of a day; 0 for no day.

    Raises:
        RefusedError: INVALID_REQUEST when the calendar has no such day.
    """
    try:
        return day_start_us(day) if day else 0
    except ValueError:
        detail = {"detail": "no day of the calendar, YYYYMMDD"}
        raise RefusedError([Refusal("INVALID_REQUEST", field, detail)]) from None


def day_end(field: str, day: int) -> int:
    """Return the first moment behind a day; 0 for no day. Raises as `day_start` does."""
    start = day_start(field, day)
    return start + DAY_US if start else 0
