"""Strict reader of TrainingEvent bytes (docs/formats.md section 3).

It reads the subset of protobuf that the ledger admits and refuses everything else: unknown fields,
a singular field or the oneof twice, groups, fixed-width wire types, values that do not fit. The
field tables are generated from proto/ (`event_tables.py`). The generated protobuf code is more
lenient and much faster; the server uses it and falls back to this reader for the verdict.
"""

from dataclasses import dataclass
from typing import Any, Final

from ledger.log.errors import FormatError
from ledger.log.event_tables import MESSAGES

EVENT_LIMIT: Final = 131_072
_VARINT_BYTES: Final = 10
_VARINT, _LENGTH_DELIMITED = 0, 2
_DEFAULTS: Final[dict[str, Any]] = {"bytes": b"", "string": "", "bool": False}
_LIMITS: Final = {"bool": 2, "enum": 2**31, "uint32": 2**32, "uint64": 2**64, "sint32": 2**32}


class Record:
    """A message as read: one attribute for each declared field, unset fields at their default."""

    __slots__ = ("__dict__",)

    def __init__(self, values: dict[str, Any]) -> None:
        """Keep the values as attributes."""
        self.__dict__.update(values)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - each field has its own type
        """Tell type checkers that fields are dynamic; only reached for undeclared fields."""
        raise AttributeError(name)


@dataclass(frozen=True, slots=True)
class Event:
    """An event as read from its bytes: header and body with proto field names as attributes."""

    type: str
    header: Record
    body: Record


def read_event(data: bytes) -> Event:
    """Read an event from its bytes.

    Raises:
        FormatError: when the bytes are outside the admitted subset.
    """
    if len(data) > EVENT_LIMIT:
        message = f"{len(data)} bytes, at most {EVENT_LIMIT}"
        raise FormatError(message)
    values, present = _read_message(data, "TrainingEvent")
    bodies = [name for name in present if name != "header"]
    if "header" not in present or len(bodies) != 1:
        message = "an event has a header and exactly one body"
        raise FormatError(message)
    fields = MESSAGES["TrainingEvent"].values()
    body_type = next(message for name, _, _, message in fields if name == bodies[0])
    header = values["header"]
    if header.type != body_type:
        message = f"header.type is {header.type!r} but the body is {body_type}"
        raise FormatError(message)
    return Event(body_type, header, values[bodies[0]])


def _read_message(data: bytes, name: str) -> tuple[dict[str, Any], list[str]]:
    table = MESSAGES[name]
    values: dict[str, Any] = {}
    position, end = 0, len(data)
    while position < end:
        tag, position = _read_varint(data, position)
        field = table.get(tag >> 3)
        if field is None:
            message = f"{name} has no field {tag >> 3}"
            raise FormatError(message)
        field_name, kind, repeated, submessage = field
        if field_name in values and not repeated:
            message = f"{name}.{field_name} stands twice"
            raise FormatError(message)
        value, position = _read_value(data, position, tag & 7, kind, submessage)
        if repeated:
            values.setdefault(field_name, []).append(value)
        else:
            values[field_name] = value
    present = list(values)
    for field_name, kind, repeated, _ in table.values():
        if field_name not in values:
            default = None if kind == "message" else _DEFAULTS.get(kind, 0)
            values[field_name] = [] if repeated else default
    return values, present


def _read_value(
    data: bytes, position: int, wire_type: int, kind: str, submessage: str
) -> tuple[Any, int]:
    expected = _LENGTH_DELIMITED if kind in ("bytes", "string", "message") else _VARINT
    if wire_type != expected:
        message = f"wire type {wire_type}, expected {expected}"
        raise FormatError(message)
    number, position = _read_varint(data, position)
    if wire_type == _VARINT:
        return _integer(number, kind), position
    end = position + number
    if end > len(data):
        message = "a length leaves its message"
        raise FormatError(message)
    content = data[position:end]
    if kind == "message":
        return Record(_read_message(content, submessage)[0]), end
    if kind == "bytes":
        return content, end
    try:
        return content.decode("utf-8"), end
    except UnicodeDecodeError as error:
        message = "a string is not UTF-8"
        raise FormatError(message) from error


def _integer(number: int, kind: str) -> int | bool:
    if kind == "int64":
        return number - 2**64 if number >= 2**63 else number
    if number >= _LIMITS[kind]:
        message = f"{number} does not fit {kind}"
        raise FormatError(message)
    if kind == "bool":
        return number == 1
    return (number >> 1) ^ -(number & 1) if kind == "sint32" else number


def _read_varint(data: bytes, position: int) -> tuple[int, int]:
    number = shift = 0
    for byte in data[position : position + _VARINT_BYTES]:
        position += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the continuation bit
            if number >= 2**64:
                break
            return number, position
        shift += 7
    message = "a varint is cut off or too long"
    raise FormatError(message)
