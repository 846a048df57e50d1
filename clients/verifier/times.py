"""Times as people read them: Asia/Shanghai, to the minute."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from clients.verifier.verdict import Text

# China has had no daylight-saving time since 1991: no time-zone database is needed offline.
_SHANGHAI: Final = timezone(timedelta(hours=8))
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def moment(microseconds: int) -> datetime:
    """Return a time of the log (microseconds since 1970 UTC, below 2^53) as a datetime."""
    return _EPOCH + timedelta(microseconds=microseconds)


def local_time(microseconds: int) -> Text:
    """Return a time of the log in words."""
    text = moment(microseconds).astimezone(_SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return Text(f"北京时间 {text}", f"{text} China time")


def local_day(when: datetime) -> str:
    """Return the day of a moment."""
    return when.astimezone(_SHANGHAI).strftime("%Y-%m-%d")


def duration(span: timedelta) -> Text:
    """Return a length of time in words, in full hours and minutes."""
    minutes = abs(span) // timedelta(minutes=1)
    hours, rest = divmod(minutes, 60)
    return Text(f"{hours} 小时 {rest} 分钟", f"{hours} h {rest} min")
