"""A protobuf writer as small as docs/emitter.md describes it: two kinds of field."""

from collections.abc import Iterable, Mapping

from tests.independent.fields import BODIES, MESSAGES, Field

_FIRST_BODY = 16


def varint(value: int) -> bytes:
    """Return the shortest varint of a value from 0 to 2^64 - 1."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field: int, value: int) -> bytes:
    """Return a varint field."""
    return varint(field << 3) + varint(value)


def delimited(field: int, value: bytes) -> bytes:
    """Return a length-delimited field."""
    return varint(field << 3 | 2) + varint(len(value)) + value


def encode_event(header: Mapping[str, object], body: Mapping[str, object]) -> bytes:
    """Return the bytes of a `TrainingEvent`; `header["type"]` says which body it has."""
    place = _FIRST_BODY + BODIES.index(str(header["type"]))
    return delimited(1, encode("EventHeader", header)) + delimited(
        place, encode(str(header["type"]), body)
    )


def encode(message: str, values: Mapping[str, object]) -> bytes:
    """Return a message's bytes: fields by number, defaults left out."""
    return b"".join(
        _field(field, item)
        for field in MESSAGES[message].values()
        for item in _items(field, values.get(field.name))
    )


def _items(field: Field, value: object) -> Iterable[object]:
    if field.repeated:
        return value if isinstance(value, (list, tuple)) else ()
    return () if value in (None, 0, b"", "") else (value,)


def _field(field: Field, value: object) -> bytes:
    match value:
        case int():
            if field.kind == "sint32":
                return number(field.number, value << 1 if value >= 0 else (-value << 1) - 1)
            return number(field.number, value % (1 << 64))
        case str():
            return delimited(field.number, value.encode())
        case bytes():
            return delimited(field.number, value)
        case Mapping():
            return delimited(field.number, encode(field.kind, value))
        case _:
            raise TypeError(f"{field.name}: {value!r}")
