"""Bodies of events as JSON: ProtoJSON, and beside it what people can read and write.

Read and written: a UUID as text, 32 bytes as hex, an enum by its short name (`FACE` for
`PRESENCE_METHOD_FACE`), a time as RFC 3339 with offset, a day as YYYY-MM-DD. Plain ProtoJSON
(base64, full names, microseconds, YYYYMMDD) is read as well; of what is read as what, nothing is
ambiguous: no field of the contract has 27 or 48 bytes, which that base64 would stand for.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.message import Message

from clients.cli.output import SHANGHAI

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_HEX: Final = re.compile(r"[0-9a-fA-F]{64}")
_DAY: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_UUID_SIZE: Final = 16
_DIGEST_SIZE: Final = 32
# Fields of bytes that are neither an id nor a digest, whatever their size.
_PLAIN_BYTES: Final = frozenset({"public_key", "document", "signature"})
DAYS: Final = frozenset(
    {
        "day",
        "due_day",
        "first_day",
        "first_issued",
        "from_day",
        "last_day",
        "listed_since",
        "retain_until",
        "review_due",
        "valid_to",
        "valid_until",
    }
)
"""Fields that are days, YYYYMMDD."""
DURATIONS: Final = frozenset({"offset_us"})
"""Fields of microseconds that are no moments."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class BodyError(Exception):
    """A body that cannot be read; the message names the member."""


def read_body(body: Message, document: Mapping[str, Any]) -> None:
    """Fill an empty body from JSON.

    Raises:
        BodyError: when a member is unknown or has a value that does not fit.
    """
    try:
        ParseDict(_plain(body.DESCRIPTOR.fields, document), body)
    except ParseError as error:
        raise BodyError(str(error)) from error


def to_document(message: Message) -> dict[str, Any]:
    """Return a message as JSON for programs: numbers as numbers, ids as text.

    Every field is there, also at its default; submessages are left out where they are not set.
    """
    # Two classes of descriptors stand behind this name, which no one type names.
    declared: Iterable[Any] = message.DESCRIPTOR.fields
    return {
        field.name: _shown_all(field, getattr(message, field.name))
        for field in declared
        if not field.has_presence or message.HasField(field.name)
    }


def short_name(enum: EnumDescriptor, number: int) -> str:
    """Return the short name of an enum's value; empty for "not stated"."""
    value = enum.values_by_number.get(number)
    if value is None:
        return str(number)
    return value.name.removeprefix(_prefix(enum)) if number else ""


def short_names(enum: EnumDescriptor) -> list[str]:
    """Return the short names of an enum's values, without "not stated"."""
    return [short_name(enum, value.number) for value in enum.values if value.number]


def moment_us(text: str) -> int:
    """Return a time in RFC 3339 as microseconds since 1970 UTC.

    Raises:
        BodyError: when it is none, or has no offset.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BodyError(f"{text!r} is no time such as 2026-03-02T09:00:00+08:00") from error
    if moment.utcoffset() is None:
        raise BodyError(f"{text!r} has no offset such as +08:00")
    return (moment - _EPOCH) // timedelta(microseconds=1)


def rfc3339(microseconds: int) -> str:
    """Return a time in Asia/Shanghai as RFC 3339."""
    return (_EPOCH + timedelta(microseconds=microseconds)).astimezone(SHANGHAI).isoformat()


def _prefix(enum: EnumDescriptor) -> str:
    return enum.values[0].name.removesuffix("UNSPECIFIED")


def _plain(declared: Iterable[Any], document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document with everything readable replaced by its ProtoJSON."""
    fields = {field.name: field for field in declared}
    fields |= {field.json_name: field for field in fields.values()}
    return {
        name: _plain_value(fields[name], value) if name in fields else value
        for name, value in document.items()
    }


def _plain_value(field: FieldDescriptor, value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, list):
        return [_plain_value(field, each) for each in value]
    if isinstance(value, dict) and field.message_type is not None:
        return _plain(field.message_type.fields, value)
    if not isinstance(value, str):
        return value
    if field.type == FieldDescriptor.TYPE_BYTES and field.name not in _PLAIN_BYTES:
        return _base64(value)
    if field.enum_type is not None:
        return _enum_value(field, field.enum_type, value)
    if _may_be_moment(field) and not (value.isascii() and value.isdecimal()):
        return moment_us(value)
    match = _DAY.fullmatch(value)
    if match and field.name in DAYS:
        return int("".join(match.groups()))
    return value


def _enum_value(field: FieldDescriptor, enum: EnumDescriptor, value: str) -> str:
    full = _prefix(enum) + value
    if full in enum.values_by_name or value in enum.values_by_name:
        return full if full in enum.values_by_name else value
    raise BodyError(f"{field.name}: {value!r} is none of {', '.join(short_names(enum))}")


def _may_be_moment(field: FieldDescriptor) -> bool:
    if field.name.endswith("_us"):
        return field.name not in DURATIONS
    # The new value of a correction; of an issue, `number` is a text.
    return field.name == "number" and field.type == FieldDescriptor.TYPE_UINT64


def _base64(text: str) -> str:
    if _UUID.fullmatch(text):
        return b64encode(UUID(text).bytes).decode()
    if _HEX.fullmatch(text):
        return b64encode(bytes.fromhex(text)).decode()
    return text


def _shown_all(field: FieldDescriptor, value: Any) -> Any:  # noqa: ANN401 - any field
    if field.is_repeated:
        return [_shown(field, each) for each in value]
    return _shown(field, value)


def _shown(field: FieldDescriptor, value: Any) -> Any:  # noqa: ANN401 - any field
    if isinstance(value, Message):
        return to_document(value)
    if field.enum_type is not None:
        return short_name(field.enum_type, value)
    if not isinstance(value, bytes):
        return value
    if field.name in _PLAIN_BYTES:
        return b64encode(value).decode()
    return str(UUID(bytes=value)) if len(value) == _UUID_SIZE else value.hex()
