"""The generated comparisons judge as protovalidate does: not more leniently, not more strictly."""

import random
from typing import Any, TypeAlias

import protovalidate
import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from ledger.api.v1 import events_pb2 as pb
from ledger.application.event_rules import RULES

# The library has two classes of descriptors, by implementation.
Field: TypeAlias = Any

# Lengths and numbers at, below and above every bound that the proto names, and texts of all kinds.
BYTES = [bytes(size) for size in (0, 1, 15, 16, 17, 31, 32, 33, 511, 512, 513)]
NUMBERS = [
    *(0, 1, 2, 3, 4, 5, 10, 11, 100, 101, 600, 601, 839, 840, 841, 1_000, 1_001, 1_440, 1_441),
    *(500, 501, 1_999, 2_000, 2_999, 3_000, 86_400, 86_401),
    *(9_999, 10_000, 10_001, 20_000_100, 20_000_101, 29_991_231, 29_991_232),
    *(2**31 - 1, 2**32 - 1, 2**53 - 1, 2**53, -1, -840, -841, 1 - 2**53, -(2**53)),
]
TEXTS = [
    *(
        "",
        "A",
        "E",
        "F",
        "AB",
        "a",
        "A1",
        "A-B",
        "低压电工",
        "1.2",
        "LV-ON-01",
        "04-roster",
        "4-roster",
    ),
    *("video/mp4", "Video/mp4", "log.example/1", "a b", "a+b", "a,b", "é", "x\n", "\x00", "\x7f"),
    *("\x85", "A" * 32, "A" * 33, "a" * 48, "a" * 49, "a" * 60, "a" * 61, "A" * 64, "A" * 65),
    *("1" * 128, "1" * 129, "字" * 100, "字" * 101, "32", "3205", "320599", "320", "3205991"),
    *("91320599000000017X", "91320599000000017I", "PXZM-320599-2026-K7Q2-M4XB-9T3H-T"),
    *("PXZM-320599-2026-K7Q2-M4XI-9T3H-T", "AB\n", "LearnerSignedIn"),
]
LIMITS = {
    FieldDescriptor.TYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.TYPE_UINT64: (0, 2**64 - 1),
    FieldDescriptor.TYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.TYPE_SINT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_ENUM: (0, 2**31 - 1),
}


def values(field: Field) -> list[object]:
    if field.type == FieldDescriptor.TYPE_BYTES:
        return list(BYTES)
    if field.type == FieldDescriptor.TYPE_STRING:
        return list(TEXTS)
    if field.type == FieldDescriptor.TYPE_BOOL:
        return [False, True]
    least, most = LIMITS[field.type]
    return [number for number in NUMBERS if least <= number <= most]


def fill(rng: random.Random, message: Message, *, odd: float) -> None:
    """Set all fields to values that are usually good, and with the chance `odd` to any."""
    for field in message.DESCRIPTOR.fields:
        if field.message_type is not None:
            wanted = rng.randrange(1, 4) if field.is_repeated else 1
            for _ in range(wanted):
                child = getattr(message, field.name)
                fill(rng, child.add() if field.is_repeated else child, odd=odd)
            continue
        good = good_values(message, field)
        if field.is_repeated:
            getattr(message, field.name).extend(
                rng.choice(values(field) if rng.random() < odd else good)
                for _ in range(rng.randrange(10))
            )
        else:
            setattr(message, field.name, rng.choice(values(field) if rng.random() < odd else good))


_GOOD: dict[tuple[str, str], list[object]] = {}


def good_values(message: Message, field: Field) -> list[object]:
    """Return the values of a field to which protovalidate has nothing to say."""
    name = (message.DESCRIPTOR.name, field.name)
    if name not in _GOOD:
        _GOOD[name] = [value for value in values(field) if not blamed(type(message), field, value)]
    return _GOOD[name]


def blamed(kind: type[Message], field: Field, value: object) -> bool:
    message = kind()
    if field.is_repeated:
        getattr(message, field.name).append(value)
    else:
        setattr(message, field.name, value)
    return any(
        violation.proto.field is not None
        and violation.proto.field.elements[0].field_name == field.name
        for violation in protovalidate.collect_violations(message)
    )


MESSAGES: list[type[Message]] = [getattr(pb, name) for name in RULES]


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)
def test_single_fields_are_judged_alike(kind: type[Message]) -> None:
    rng = random.Random(kind.__name__)
    for field in kind.DESCRIPTOR.fields:
        if field.message_type is not None or field.is_repeated:
            continue
        for value in values(field):
            message = kind()
            fill(rng, message, odd=0)
            setattr(message, field.name, value)
            accepted = not protovalidate.collect_violations(message)
            assert RULES[kind.__name__](message) == accepted, (field.name, value)


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)
def test_whole_messages_are_judged_alike(kind: type[Message]) -> None:
    rng = random.Random(kind.__name__)
    verdicts = set()
    for _ in range(300):
        message = kind()
        fill(rng, message, odd=0.05)
        accepted = not protovalidate.collect_violations(message)
        assert RULES[kind.__name__](message) == accepted, message
        verdicts.add(accepted)
    assert True in verdicts


def test_every_body_has_its_rules() -> None:
    bodies = pb.TrainingEvent.DESCRIPTOR.oneofs_by_name["body"].fields
    assert {field.message_type.name for field in bodies if field.message_type} <= RULES.keys()
    assert "EventHeader" in RULES
