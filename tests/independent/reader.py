"""The strict event reader (docs/formats.md section 3): admitted bytes in, plain values out.

It judges the bytes. The value rules of the proto (lengths, patterns, ranges) are the server's.
"""

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from tests.independent.fields import MESSAGES, STREAM_KINDS, Field, Table
from tests.independent.trees import leaf_hash

MAX_EVENT_SIZE: Final = 131_072
_MAX_VARINT_SIZE: Final = 10
_VARINT: Final = 0
_LENGTH_DELIMITED: Final = 2

Message: TypeAlias = dict[str, Any]
"""Every declared field by name; absent scalars have their default, absent messages are None."""

# The first value that no longer fits the field.
_LIMITS: Final = {
    "bool": 2,
    "enum": 1 << 31,
    "uint32": 1 << 32,
    "sint32": 1 << 32,
    "int64": 1 << 64,
    "uint64": 1 << 64,
}


class RefusedError(Exception):
    """The bytes are not admitted.

    Attributes:
        reason: Why, one of the words that tests/vectors/README.md lists.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Event:
    """An admitted event with the bytes that it was read from."""

    data: bytes
    type: str
    header: Message
    body: Message

    @property
    def leaf(self) -> bytes:
        """Leaf of the event, 32 bytes."""
        return leaf_hash(self.data)

    @property
    def kind(self) -> str:
        """Kind of the stream that events of this type stand in."""
        return STREAM_KINDS[self.type]


def read_event(data: bytes) -> Event:
    """Read the bytes of one `TrainingEvent`.

    Raises:
        RefusedError: The bytes break a rule of section 3.
    """
    if len(data) > MAX_EVENT_SIZE:
        raise RefusedError("size", f"{len(data)} bytes")
    values = read_message(data, MESSAGES["TrainingEvent"])
    header = values.pop("header")
    bodies = {name: body for name, body in values.items() if body is not None}
    if len(bodies) != 1:
        raise RefusedError("body", f"{len(bodies)} bodies")
    [(name, body)] = bodies.items()
    if header is None:
        raise RefusedError("header", "absent")
    if header["type"] != name:
        raise RefusedError("type", f"header says {header['type']!r}, body is {name}")
    return Event(data, name, header, body)


def read_message(data: bytes, table: Table) -> Message:
    """Read one message, strictly.

    Raises:
        RefusedError: The bytes break a rule of section 3.
    """
    values: Message = {field.name: _default(field) for field in table.values()}
    seen: set[int] = set()
    position = 0
    while position < len(data):
        tag, position = _read_varint(data, position)
        number, wire_type = tag >> 3, tag & 7
        if wire_type not in (_VARINT, _LENGTH_DELIMITED):
            raise RefusedError("wire-type", f"{wire_type} in field {number}")
        field = table.get(number)
        if field is None:
            raise RefusedError("unknown-field", str(number))
        if number in seen and not field.repeated:
            raise RefusedError("repeated-field", field.name)
        seen.add(number)
        if (wire_type == _VARINT) != (field.kind in _LIMITS):
            raise RefusedError("wire-type", f"{wire_type} in {field.name}")
        raw, position = _read_varint(data, position)
        value: object
        if wire_type == _VARINT:
            value = _number(field, raw)
        else:
            if raw > len(data) - position:
                raise RefusedError("truncated", f"{field.name} has {raw} bytes")
            value = _content(field, data[position : position + raw])
            position += raw
        values[field.name] = (*values[field.name], value) if field.repeated else value
    return values


def _default(field: Field) -> object:
    if field.repeated:
        return ()
    if field.kind == "bool":
        return False
    if field.kind in _LIMITS:
        return 0
    return {"bytes": b"", "string": ""}.get(field.kind)


def _read_varint(data: bytes, position: int) -> tuple[int, int]:
    value = 0
    for count in range(_MAX_VARINT_SIZE):
        if position + count >= len(data):
            raise RefusedError("truncated", "inside a varint")
        byte = data[position + count]
        value |= (byte & 0x7F) << (7 * count)
        if not byte & 0x80:
            if value >> 64:
                raise RefusedError("varint", "more than 64 bits")
            return value, position + count + 1
    raise RefusedError("varint", f"more than {_MAX_VARINT_SIZE} bytes")


def _number(field: Field, raw: int) -> int:
    if raw >= _LIMITS[field.kind]:
        raise RefusedError("range", f"{field.name} is {raw}")
    if field.kind == "bool":
        return bool(raw)
    if field.kind == "sint32":
        return (raw >> 1) ^ -(raw & 1)
    if field.kind == "int64" and raw >> 63:
        return raw - (1 << 64)
    return raw


def _content(field: Field, data: bytes) -> object:
    if field.kind == "bytes":
        return data
    if field.kind != "string":
        return read_message(data, MESSAGES[field.kind])
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise RefusedError("utf-8", field.name) from None
