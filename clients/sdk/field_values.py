"""Python values as the fields of an event, with the obvious mistakes caught before signing.

The rules of the proto (patterns, ranges) are the ledger's to check; a mistake here would only be
found out after the event was signed.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID

from clients.sdk.errors import DraftError
from ledger.api.v1 import events_pb2 as pb

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DIGEST_SIZE: Final = 32
_INTEGER_LIMIT: Final = 2**53
_FULL_MARKS: Final = 10_000

EnumValue = TypeVar("EnumValue", bound=int)


def micros(name: str, moment: datetime) -> int:
    """Return microseconds since 1970 UTC.

    Raises:
        DraftError: for a moment without a UTC offset, or before 1970.
    """
    if moment.utcoffset() is None:
        raise DraftError(f"{name}: {moment.isoformat()} has no UTC offset")
    value = (moment - _EPOCH) // timedelta(microseconds=1)
    if value < 0:
        raise DraftError(f"{name}: {moment.isoformat()} is before 1970")
    return value


def duration(name: str, value: timedelta) -> int:
    """Return a duration in microseconds, negative ones too.

    Raises:
        DraftError: for one that no record can be off by, 2^53 microseconds or more.
    """
    microseconds = value // timedelta(microseconds=1)
    if abs(microseconds) >= _INTEGER_LIMIT:
        raise DraftError(f"{name}: {value} is out of range")
    return microseconds


def day(name: str, value: date) -> int:
    """Return a day as YYYYMMDD.

    Raises:
        DraftError: for a moment: which day in Asia/Shanghai it is on is the caller's to say.
    """
    if isinstance(value, datetime):
        raise DraftError(f"{name}: {value.isoformat()} is a moment, not a day")
    return value.year * 10_000 + value.month * 100 + value.day


def count(name: str, value: int, limit: int = 2**32) -> int:
    """Return a number from 0 to below `limit`.

    Raises:
        DraftError: for any other.
    """
    if not 0 <= value < limit:
        raise DraftError(f"{name}: {value} is not from 0 to {limit - 1}")
    return value


def ordinal(name: str, value: int, first: int = 1) -> int:
    """Return a number that is counted from `first`: an attempt, a version, an edition.

    Raises:
        DraftError: for any before it, or beyond 32 bits.
    """
    if value < first:
        raise DraftError(f"{name}: {value} is below {first}")
    return count(name, value)


def score(name: str, hundredths: int) -> int:
    """Return a score in hundredths of a point, at most 100 points.

    Raises:
        DraftError: when it is not from 0 to 10,000.
    """
    return count(name, hundredths, _FULL_MARKS + 1)


def text(name: str, value: str) -> str:
    """Return a text that is not empty.

    Raises:
        DraftError: for an empty one.
    """
    if not value:
        raise DraftError(f"{name} is empty")
    return value


def texts(name: str, values: Sequence[str]) -> tuple[str, ...]:
    """Return a list of texts that has some, none of them empty.

    Raises:
        DraftError: for an empty list, an empty text, or one text where a list is due.
    """
    if isinstance(values, str):
        raise DraftError(f"{name}: one text where a list is due")
    if not values:
        raise DraftError(f"{name} is empty")
    return tuple(text(name, value) for value in values)


def credited_hours(values: Mapping[pb.HourComponent.ValueType, int]) -> list[pb.CreditedHours]:
    """Return hours by component.

    Raises:
        DraftError: for none, for a component that is not stated, or hours out of range.
    """
    if not values:
        raise DraftError("credited is empty")
    return [
        pb.CreditedHours(component=chosen("component", component), hours=count("hours", hours))
        for component, hours in values.items()
    ]


def span(first: str, start: datetime, last: str, end: datetime) -> tuple[int, int]:
    """Return two moments, the second after the first, in microseconds since 1970 UTC.

    Raises:
        DraftError: when it is not, or one of them is no moment of the ledger's (`micros`).
    """
    start_us, end_us = micros(first, start), micros(last, end)
    if end_us <= start_us:
        raise DraftError(f"{last}: {end.isoformat()} is not after the {first} {start.isoformat()}")
    return start_us, end_us


def digest(name: str, value: bytes) -> bytes:
    """Return 32 bytes.

    Raises:
        DraftError: for another number of bytes.
    """
    if len(value) != _DIGEST_SIZE:
        raise DraftError(f"{name}: {len(value)} bytes where {_DIGEST_SIZE} are due")
    return value


def optional_digest(name: str, value: bytes) -> bytes:
    """Return 32 bytes, or none at all.

    Raises:
        DraftError: for another number of bytes.
    """
    return digest(name, value) if value else b""


def optional_id(value: UUID | None) -> bytes:
    """Return the bytes of a UUID, none for None."""
    return b"" if value is None else value.bytes


def chosen(name: str, value: EnumValue) -> EnumValue:
    """Return an enum value that states something.

    Raises:
        DraftError: for the value 0, "not stated".
    """
    if not value:
        raise DraftError(f"{name} is not stated")
    return value
