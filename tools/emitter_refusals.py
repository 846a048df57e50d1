"""Bytes that are not admitted (docs/formats.md section 3), one fault each, made from good ones.

Used by `tools.make_emitter_vectors`.
"""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from ledger.api.v1 import events_pb2 as pb
from tools.emitter_story import COHORT, SESSION, Emitter


class Refused(NamedTuple):
    """One file of refused bytes."""

    name: str
    reason: str
    description: str
    data: bytes


# Numbers of fields: SessionEnded in TrainingEvent, salt and clock in EventHeader.
ENDED: Final = 24
SALT: Final = 1
CLOCK: Final = 12

# Name, reason, description, message (0: the event, 1: the header, ENDED: the body), and the bytes
# that replace its field of that number.
REPLACEMENTS: Final = (
    ("unknown-field", "unknown-field", "Field 99 is added to the event.", 0, "980601"),
    ("unknown-in-header", "unknown-field", "Field 22 is added to the header.", 1, "b00101"),
    ("unknown-in-body", "unknown-field", "Field 4 is added to the body.", ENDED, "2001"),
    ("trailing-byte", "unknown-field", "A zero byte is left at the end.", 0, "00"),
    ("group", "wire-type", "break_minutes is an empty group.", ENDED, "1314"),
    ("fixed32", "wire-type", "break_minutes is a fixed32.", ENDED, "1505000000"),
    ("fixed64", "wire-type", "break_minutes is a fixed64.", ENDED, "110500000000000000"),
    ("number-as-bytes", "wire-type", "break_minutes is length-delimited.", ENDED, "120105"),
    ("bytes-as-number", "wire-type", "recording_digest is a varint.", ENDED, "1805"),
    ("utf8-cut", "utf-8", "device ends inside a character.", 1, "6a02e4b8"),
    ("utf8-surrogate", "utf-8", "device holds a surrogate.", 1, "6a03eda080"),
    ("utf8-overlong", "utf-8", "device holds NUL in two bytes.", 1, "6a02c080"),
    ("varint-cut", "truncated", "break_minutes ends inside its varint.", ENDED, "1085"),
    ("varint-11-bytes", "varint", "break_minutes has 11 bytes.", ENDED, "10" + "80" * 10 + "00"),
    ("varint-65-bits", "varint", "break_minutes has 65 bits.", ENDED, "10" + "80" * 9 + "02"),
    ("bool-2", "range", "synthetic is 2.", 1, "a00102"),
    ("enum-too-big", "range", "record_origin is 2^31.", 1, "80018080808008"),
    ("enum-negative", "range", "record_origin is -1.", 1, "8001" + "ff" * 9 + "01"),
    ("uint32-too-big", "range", "break_minutes is 2^32.", ENDED, "108080808010"),
    ("sint32-too-big", "range", "utc_offset_minutes is 2^31.", 1, "588080808010"),
)


def refused_cases(make: Emitter) -> Iterator[Refused]:
    """Yield every case."""
    event = make.captured(pb.SessionEnded(session=SESSION), COHORT)
    plain = event.SerializeToString()
    for name, reason, description, number, added in REPLACEMENTS:
        yield Refused(name, reason, description, _replaced(plain, number, bytes.fromhex(added)))
    twice, cut = "repeated-field", "truncated"
    header, body = fields_of(plain)
    started = make.event(pb.SessionStarted(session=SESSION), COHORT)
    other_body = fields_of(started.SerializeToString())[1]
    salt, clock = (_field(event.header.SerializeToString(), number) for number in (SALT, CLOCK))
    yield Refused("salt-twice", twice, "salt stands twice.", with_more(plain, salt, 1))
    yield Refused("clock-twice", twice, "clock stands twice.", with_more(plain, clock, 1))
    yield Refused("header-twice", twice, "header stands twice.", header + plain)
    yield Refused("body-twice", twice, "The same body stands twice.", plain + body)
    yield Refused("two-bodies", "body", "Two bodies stand there.", plain + other_body)
    yield Refused("no-body", "body", "There is no body.", header)
    yield Refused("no-header", "header", "There is no header.", body)
    yield Refused("wrong-type", "type", "header.type names another body.", header + other_body)
    yield Refused("truncated", cut, "The last byte is missing.", plain[:-1])
    overrun = changed(plain, ENDED, lambda content: bytes((10, 17)) + content[2:])
    yield Refused("length-overrun", cut, "session reaches beyond its message.", overrun)


def varint(value: int) -> bytes:
    """Return the shortest varint of a value."""
    size = max(1, -(-value.bit_length() // 7))
    septets = [value >> 7 * i & 0x7F for i in range(size)]
    return bytes([*(septet | 0x80 for septet in septets[:-1]), septets[-1]])


def read_varint(data: bytes, position: int) -> tuple[int, int]:
    """Return a varint of well-formed bytes and the position behind it."""
    value, shift = 0, 0
    while data[position] & 0x80:
        value |= (data[position] & 0x7F) << shift
        position, shift = position + 1, shift + 7
    return value | data[position] << shift, position + 1


def fields_of(data: bytes) -> list[bytes]:
    """Return the fields of a well-formed message, each with its tag."""
    fields, position = [], 0
    while position < len(data):
        start = position
        tag, position = read_varint(data, position)
        value, position = read_varint(data, position)
        position += value if tag & 7 else 0
        fields.append(data[start:position])
    return fields


def changed(data: bytes, number: int, change: Callable[[bytes], bytes]) -> bytes:
    """Return a message with the content of one length-delimited field changed."""
    tag = varint(number << 3 | 2)
    out = b""
    for one in fields_of(data):
        if one.startswith(tag):
            _, start = read_varint(one, len(tag))
            content = change(one[start:])
            out += tag + varint(len(content)) + content
        else:
            out += one
    return out


def with_more(data: bytes, added: bytes, number: int) -> bytes:
    """Return an event with bytes added at the end of its header (1) or body."""
    return changed(data, number, lambda content: content + added)


def _replaced(data: bytes, number: int, added: bytes) -> bytes:
    if number == 0:
        return data + added
    replaced = read_varint(added, 0)[0] >> 3

    def replace(content: bytes) -> bytes:
        kept = (one for one in fields_of(content) if read_varint(one, 0)[0] >> 3 != replaced)
        return b"".join(kept) + added

    return changed(data, number, replace)


def _field(data: bytes, number: int) -> bytes:
    return next(one for one in fields_of(data) if read_varint(one, 0)[0] >> 3 == number)


def backwards(data: bytes) -> bytes:
    """Return a message with its fields in reverse order."""
    return b"".join(reversed(fields_of(data)))
