"""Two independent readers agree on 100,000 generated events, whole and damaged.

Events of all types are made by the generated protobuf classes from a seed. Two in three are then
damaged in ways that the format has rules about. Both readers accept with the same fields, which are
also those that the generated class reads, or both refuse; of what they accept both build the same
entry. Shards of 1,000; the first five run by default, all others as slow.
"""

import functools
import hashlib
import random
from collections import Counter
from collections.abc import Callable
from uuid import UUID

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from ledger.api.v1 import events_pb2
from ledger.domain.event_types import EVENT_TYPES
from ledger.log import entries, event_reader, identifiers, merkle
from ledger.log.errors import FormatError
from tests.independent import entries as own_entries
from tests.independent import reader
from tests.independent.comparison import same_fields
from tests.independent.fields import BODIES, MESSAGES
from tests.independent.writer import delimited, number, varint

EVENTS = 100_000
SHARD = 1_000
BY_DEFAULT = 5
SHARDS = [
    pytest.param(shard, marks=() if shard < BY_DEFAULT else pytest.mark.slow)
    for shard in range(EVENTS // SHARD)
]
BODY_FIELDS = {
    field.message_type.name: field
    for field in events_pb2.TrainingEvent.DESCRIPTOR.oneofs_by_name["body"].fields
    if field.message_type is not None
}
ORIGINS = ("log.example/320599", "log.example/test")
NUMBERS = [f"PXZM-320599-2026-{i:04}-0000-0000-0" for i in range(4)]
TEXTS = ("", "TERM-0001", "低压电工作业", "é", "\x00", "𠮷", "a" * 200)
UUID_FIELDS = {"event_id", "institution", "stream", "session", "holder", "teacher", "boot_id"}


BOUNDS: dict[int, tuple[object, ...]] = {
    FieldDescriptor.TYPE_STRING: TEXTS,
    FieldDescriptor.TYPE_BOOL: (False, True),
    FieldDescriptor.TYPE_ENUM: (0, 1, 2, 3, 127, 128, 2**31 - 1),
    FieldDescriptor.TYPE_UINT32: (0, 1, 45, 127, 128, 20260302, 2**32 - 1),
    FieldDescriptor.TYPE_SINT32: (0, -1, 480, -840, 2**31 - 1, -(2**31)),
    FieldDescriptor.TYPE_INT64: (0, 1, 1_772_413_200_000_000, 2**63 - 1, -1, -(2**63)),
    FieldDescriptor.TYPE_UINT64: (0, 1, 127, 2**53, 2**64 - 1),
}


def random_value(rng: random.Random, name: str, kind: int) -> object:
    if kind == FieldDescriptor.TYPE_BYTES:
        return rng.randbytes(16 if name in UUID_FIELDS else rng.choice((0, 16, 32, 32)))
    return rng.choice(BOUNDS[kind])


def fill(rng: random.Random, message: Message) -> None:
    for field in message.DESCRIPTOR.fields:
        if field.is_repeated:
            items = getattr(message, field.name)
            for _ in range(rng.randrange(4)):
                if field.message_type is None and field.type == FieldDescriptor.TYPE_BYTES:
                    items.append(rng.randbytes(16))
                elif field.message_type is None:
                    items.append(random_value(rng, field.name, field.type))
                else:
                    fill(rng, items.add())
        elif field.message_type is not None:
            if rng.random() < 0.7:
                child = getattr(message, field.name)
                child.SetInParent()
                fill(rng, child)
        elif field.name in UUID_FIELDS or rng.random() < 0.8:
            setattr(message, field.name, random_value(rng, field.name, field.type))


def random_event(rng: random.Random) -> bytes:
    name = rng.choice(BODIES)
    event = events_pb2.TrainingEvent()
    fill(rng, event.header)
    event.header.type = name
    event.header.origin = rng.choice(ORIGINS)
    body = getattr(event, BODY_FIELDS[name].name)
    body.SetInParent()
    fill(rng, body)
    if name == "TrainingCertificateIssued":
        event.training_certificate_issued.number = rng.choice(NUMBERS)
    return event.SerializeToString()


# --- Damage --------------------------------------------------------------------------------------


def flip(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]


def truncate(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data))]


def insert(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + rng.randbytes(rng.randrange(1, 4)) + data[at:]


def append(rng: random.Random, data: bytes) -> bytes:
    field = rng.choice((0, 2, 15, 16, 30, 36, 37, 87, 88, 99, 2**29 - 1))
    extra = (number(field, 1), delimited(field, b""), varint(field << 3 | rng.randrange(8)))
    return data + rng.choice(extra)


def fields_of(data: bytes) -> list[bytes]:
    parts, position = [], 0
    while position < len(data):
        start = position
        tag, position = read_varint(data, position)
        value, position = read_varint(data, position)
        position += value if tag & 7 == 2 else 0
        parts.append(data[start:position])
    return parts


def read_varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while data[position] & 0x80:
        value |= (data[position] & 0x7F) << shift
        position, shift = position + 1, shift + 7
    return value | data[position] << shift, position + 1


def within(rng: random.Random, data: bytes, change: Callable[[list[bytes]], list[bytes]]) -> bytes:
    """Change the fields of the event, or of one of the messages in it."""
    parts = fields_of(data)
    if rng.random() < 0.2:
        return b"".join(change(parts))
    at = rng.randrange(len(parts))
    tag, position = read_varint(parts[at], 0)
    _, position = read_varint(parts[at], position)
    inner = change(fields_of(parts[at][position:]))
    parts[at] = delimited(tag >> 3, b"".join(inner))
    return b"".join(parts)


def double(rng: random.Random, data: bytes) -> bytes:
    return within(rng, data, lambda parts: [*parts, rng.choice(parts)] if parts else parts)


def shuffle(rng: random.Random, data: bytes) -> bytes:
    return within(rng, data, lambda parts: rng.sample(parts, len(parts)))


NUMBERS_AT_THE_EDGE = (0, 0, 1, 2, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**63, 2**64 - 1)


def add(rng: random.Random, data: bytes) -> bytes:
    """Add a field with its default, or with a number that fits or just does not."""
    field = rng.randrange(1, 23)
    extra = (number(field, rng.choice(NUMBERS_AT_THE_EDGE)), delimited(field, b""))
    return within(rng, data, lambda parts: [*parts, rng.choice(extra)])


def renumber(rng: random.Random, data: bytes) -> bytes:
    """Give the numbers of one message other values."""

    def renumbered(part: bytes) -> bytes:
        tag, _ = read_varint(part, 0)
        return part if tag & 7 else number(tag >> 3, rng.choice(NUMBERS_AT_THE_EDGE))

    return within(rng, data, lambda parts: list(map(renumbered, parts)))


def lengthen(rng: random.Random, data: bytes) -> bytes:
    """Write the number of one field in more bytes than it needs."""

    def longer(parts: list[bytes]) -> list[bytes]:
        at = rng.randrange(len(parts)) if parts else 0
        if parts and not parts[at][0] & 7:
            last = parts[at][-1]
            zeros = rng.randrange(13)
            parts[at] = parts[at][:-1] + bytes([last | 0x80]) + b"\x80" * zeros + b"\x00"
        return parts

    return within(rng, data, longer)


DAMAGE: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    flip, truncate, insert, append, double, shuffle, add, renumber, lengthen,
)  # fmt: skip


def generated(rng: random.Random) -> bytes:
    data = random_event(rng)
    return rng.choice(DAMAGE)(rng, data) if rng.random() < 2 / 3 else data


# --- Agreement -----------------------------------------------------------------------------------


def entry_by_the_ledger(event: event_reader.Event, data: bytes, seq: int) -> bytes:
    header, kind = event.header, EVENT_TYPES[event.type].kind
    issued = event.type == "TrainingCertificateIssued"
    return entries.build_event_entry(
        event=identifiers.uuid_text(header.event_id),
        keys=entries.event_keys(
            kind,
            seq,
            [identifiers.uuid_text(cohort) for cohort in header.cohorts],
            identifiers.uuid_text(header.institution),
            identifiers.number_map_id(event.body.number, header.origin) if issued else None,
        ),
        kind=kind,
        payload=merkle.leaf_hash(data),
        prev=None if seq == 1 else bytes(32),
        recorded=seq,
        seq=seq,
        stream=identifiers.uuid_text(header.stream),
    )


def judge(data: bytes) -> str:
    """Check that all readers agree and return what they said."""
    try:
        own = reader.read_event(data)
    except reader.RefusedError as refusal:
        with pytest.raises(FormatError):
            event_reader.read_event(data)
        return refusal.reason
    theirs = event_reader.read_event(data)
    generated_class = events_pb2.TrainingEvent.FromString(data)
    body = getattr(generated_class, BODY_FIELDS[own.type].name)
    assert own.type == theirs.type
    assert same_fields(own.header, theirs.header)
    assert same_fields(own.body, theirs.body)
    assert same_fields(own.header, generated_class.header)
    assert same_fields(own.body, body)
    ids = (own.header["event_id"], own.header["stream"], own.header["institution"])
    if any(len(one) != 16 for one in (*ids, *own.header["cohorts"])):
        return "admitted, no entry"
    seq = 1 + data[-1] % 2
    entry = own_entries.build_entry(own, seq, None if seq == 1 else bytes(32), seq)
    assert entry == entry_by_the_ledger(theirs, data, seq)
    assert own_entries.check_entry(entry, own)["event"] == str(UUID(bytes=ids[0]))
    read = entries.read_entry(entry)
    assert isinstance(read, entries.EventEntry)
    assert read.payload == own.leaf
    return "admitted"


@pytest.mark.parametrize("shard", SHARDS)
def test_two_independent_readers_agree_on_100_000_generated_events(
    shard: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The few numbers are stretched once each, not once for every event.
    stretched = functools.cache(hashlib.pbkdf2_hmac)
    monkeypatch.setattr(hashlib, "pbkdf2_hmac", stretched)
    monkeypatch.setattr(identifiers, "pbkdf2_hmac", stretched)
    rng = random.Random(shard)
    verdicts = Counter(judge(generated(rng)) for _ in range(SHARD))
    assert verdicts["admitted"] > SHARD // 4
    assert set(verdicts) >= {
        "unknown-field", "repeated-field", "wire-type", "truncated", "varint", "range",
    }  # fmt: skip


def test_every_type_and_every_field_is_generated() -> None:
    rng = random.Random(0)
    seen: set[tuple[str, str]] = set()
    for _ in range(2_000):
        event = reader.read_event(random_event(rng))
        seen |= {("EventHeader", name) for name, value in event.header.items() if value}
        seen |= {(event.type, name) for name, value in event.body.items() if value}
    wanted = {(name, field.name) for name in BODIES for field in MESSAGES[name].values()}
    assert wanted <= seen
    assert {("EventHeader", field.name) for field in MESSAGES["EventHeader"].values()} <= seen
