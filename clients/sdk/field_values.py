"""Python values as the fields of an event, with the obvious mistakes caught before signing.

The rules of the proto (patterns, ranges) are the ledger's to check; a mistake here would only be
found out after the event was signed.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID

from clients.sdk.errors import DraftError

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DIGEST_SIZE: Final = 32

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


def text(name: str, value: str) -> str:
    """Return a text that is not empty.

    Raises:
        DraftError: for an empty one.
    """
    if not value:
        raise DraftError(f"{name} is empty")
    return value


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
