"""Admission: the vectors, agreement with the strict reader, limits, batches, derived ids."""

import random
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from clients.sdk import CapturedEvent
from ledger.api.v1 import events_pb2 as pb
from ledger.api.v1 import recording_service_pb2 as recording
from ledger.application.admission import (
    AdmittedEvent,
    Incoming,
    RefusedEvent,
    admit,
    request_refusal,
)
from ledger.log.errors import FormatError
from ledger.log.event_reader import read_event
from ledger.log.merkle import leaf_hash, root
from ledger.log.signatures import public_bytes
from tests.independent.vectors import ADMITTED, REFUSED, VECTORS
from tests.unit.application.town import ORIGIN, Town, batch

EVENTS = [
    bytes.fromhex(event["event_hex"]) for name in ADMITTED for event in VECTORS[name]["events"]
]
TOWN = Town()
COHORT, PERSON = UUID(int=0xC0, version=4), UUID(int=0xF0, version=4)
NUMBER = "PXZM-320599-2026-K7Q2-M4XB-9T3H-T"


def _alone(data: bytes, **changes: Any) -> Incoming:  # noqa: ANN401 - fields of a batch
    """Admit one event in a batch whose head names whatever its header names."""
    try:
        author = read_event(data).header.author_key
    except FormatError:
        author = bytes(32)
    fields = {"key_id": author, "algorithm": 1, "signature": b"s", "leaves": [leaf_hash(data)]}
    (incoming,) = admit([recording.Batch(**{**fields, "events": [data], **changes})], ORIGIN)
    return incoming


def _verdict(incoming: Incoming) -> tuple[str, str]:
    if isinstance(incoming, AdmittedEvent):
        return "", ""
    # Every refusal can be said in both languages.
    assert incoming.refusal.reason("zh")
    assert incoming.refusal.reason("en")
    return incoming.refusal.code, incoming.refusal.field


# --- The vectors ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ADMITTED)
def test_the_published_requests_are_admitted(name: str) -> None:
    vector = VECTORS[name]
    leaves = {bytes.fromhex(event["event_hex"]): event["leaf_hex"] for event in vector["events"]}
    for exchange in vector["exchanges"]:
        data = bytes.fromhex(exchange["request_hex"])
        request = recording.AppendEventsRequest.FromString(data)
        assert request_refusal(request.batches) is None
        admitted = admit(request.batches, vector["origin"])
        sent = [event for each in request.batches for event in each.events]
        assert len(admitted) == len(sent) > 0
        for incoming, event in zip(admitted, sent, strict=True):
            assert isinstance(incoming, AdmittedEvent)
            assert incoming.data == event
            assert incoming.leaf.hex() == leaves[event]
            assert incoming.batch.root.hex() == vector["batch"]["root_hex"]
            assert incoming.batch.message.hex() == vector["batch"]["dsse_hex"]
            all_leaves = vector["batch"]["leaves_hex"]
            assert all_leaves[incoming.position] == leaves[event]


@pytest.mark.parametrize("name", REFUSED)
def test_a_published_fault_is_refused_as_malformed(name: str) -> None:
    data = bytes.fromhex(VECTORS[name]["event_hex"])
    incoming = _alone(data)
    assert _verdict(incoming) == ("EVENT_MALFORMED", "")


def test_an_event_beyond_the_limit_is_too_large_and_one_at_the_limit_is_read() -> None:
    limit = 131_072
    at_limit, beyond = b"\x0a" * limit, b"\x0a" * (limit + 1)
    assert _verdict(_alone(at_limit)) == ("EVENT_MALFORMED", "")
    assert _verdict(_alone(beyond)) == ("EVENT_TOO_LARGE", "")


# --- Agreement with the strict reader ------------------------------------------------------------


def _varint(number: int, size: int = 1) -> bytes:
    size = max(size, 1, (number.bit_length() + 6) // 7)
    groups = [(number >> 7 * place) & 0x7F for place in range(size)]
    return bytes([*(group | 0x80 for group in groups[:-1]), groups[-1]])


def _read_varint(data: bytes, position: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[position]
        position += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return number, position


def _fields(data: bytes) -> list[tuple[int, int | bytes]]:
    position, fields = 0, list[tuple[int, int | bytes]]()
    while position < len(data):
        tag, position = _read_varint(data, position)
        value, position = _read_varint(data, position)
        if tag & 7 == 2:
            fields.append((tag, data[position : position + value]))
            position += value
        else:
            fields.append((tag, value))
    return fields


def _written(fields: list[tuple[int, int | bytes]], sizes: Callable[[int], int]) -> bytes:
    """Write fields again; `sizes` gives the bytes of a varint, at most so many."""
    data = b""
    for tag, value in fields:
        data += _varint(tag, sizes(5))
        if isinstance(value, bytes):
            data += _varint(len(value), sizes(5)) + value
        else:
            data += _varint(value, sizes(10))
    return data


def _rewritten(data: bytes, seed: int) -> bytes:
    """The same fields in another order and in longer varints, one of them perhaps doubled."""
    rng = random.Random(seed)
    outer = _fields(data)
    inner = [
        (tag, _written(_shuffled(_fields(value), rng), lambda most: _long(rng, most)))
        if isinstance(value, bytes)
        else (tag, value)
        for tag, value in outer
    ]
    return _written(_shuffled(inner, rng), lambda most: _long(rng, most))


def _long(rng: random.Random, most: int) -> int:
    return rng.randint(1, most) if rng.random() < 0.1 else 1


def _shuffled(
    fields: Sequence[tuple[int, int | bytes]], rng: random.Random
) -> list[tuple[int, int | bytes]]:
    fields = [*fields]
    if rng.random() < 0.5:
        rng.shuffle(fields)
    if rng.random() < 0.1:
        fields.append(rng.choice(fields))
    return fields


def _damaged(data: bytes, edits: list[tuple[str, int, int]]) -> bytes:
    changed = bytearray(data)
    for edit, place, value in edits:
        position = place % (len(changed) + 1)
        match edit:
            case "set":
                changed[position : position + 1] = bytes([value])
            case "insert":
                changed[position:position] = bytes([value])
            case "cut":
                del changed[position:]
            case _:
                del changed[position : position + 1]
    return bytes(changed)


def _same_verdict(data: bytes) -> bool:
    """Compare the form alone: other rules come behind it, and only for what was read."""
    try:
        strict = read_event(data)
    except FormatError:
        strict = None
    incoming = _alone(data)
    if strict is None:
        return _verdict(incoming)[0] in {"EVENT_MALFORMED", "UNKNOWN_EVENT_TYPE"}
    if isinstance(incoming, AdmittedEvent):
        return (incoming.type.name, incoming.event_id) == (strict.type, strict.header.event_id)
    return incoming.refusal.code not in {"EVENT_MALFORMED", "UNKNOWN_EVENT_TYPE"}


@given(st.sampled_from(EVENTS), st.integers(0, 2**32))
def test_both_readers_agree_on_other_ways_to_write_the_same_event(data: bytes, seed: int) -> None:
    assert _same_verdict(_rewritten(data, seed))


@given(
    st.sampled_from(EVENTS),
    st.lists(
        st.tuples(
            st.sampled_from(["set", "insert", "delete", "cut"]),
            st.integers(0, 500),
            st.sampled_from([0, 1, 2, 8, 0x7F, 0x80, 0xC0, 0xFF]),
        ),
        min_size=1,
        max_size=3,
    ),
)
def test_both_readers_agree_on_damaged_bytes(
    data: bytes, edits: list[tuple[str, int, int]]
) -> None:
    damaged = _damaged(data, edits)
    if damaged:
        assert _same_verdict(damaged)


# --- Limits of a request -------------------------------------------------------------------------


def test_a_request_has_at_most_a_thousand_events_and_two_mebibytes() -> None:
    full = recording.Batch(events=[b"e"] * 1_000)
    assert request_refusal([full]) is None
    over = request_refusal([full, recording.Batch(events=[b"e"])])
    assert over is not None
    assert (over.code, over.field) == ("REQUEST_TOO_LARGE", "batches")
    # An event of one byte takes three: tag, length, content.
    assert over.values == {"count": 1_001, "size": 3_003, "limit": 1_000, "bytes": 2_097_152}
    # Tag and length of this one take four bytes.
    exact = recording.Batch(events=[bytes(2_097_152 - 4)])
    assert exact.ByteSize() == 2_097_152
    assert request_refusal([exact]) is None
    heavy = request_refusal([recording.Batch(events=[bytes(2_097_152 - 3)])])
    assert heavy is not None
    assert heavy.code == "REQUEST_TOO_LARGE"


# --- Batches -------------------------------------------------------------------------------------


def _sign_ins(count: int) -> list[CapturedEvent]:
    return [TOWN.sign_in(COHORT, UUID(int=number, version=4)) for number in range(count)]


def _batch(events: list[CapturedEvent], sent: list[int]) -> list[Incoming]:
    whole = batch(TOWN.school.key, events)
    del whole.events[:]
    whole.events.extend(events[number].data for number in sent)
    return admit([whole], ORIGIN)


def test_a_part_of_a_batch_is_sent_again_with_all_its_leaves() -> None:
    events = _sign_ins(5)
    admitted = _batch(events, [1, 4])
    assert [each.position for each in admitted if isinstance(each, AdmittedEvent)] == [1, 4]
    expected = root([leaf_hash(event.data) for event in events])
    assert {each.batch.root for each in admitted if isinstance(each, AdmittedEvent)} == {expected}


def test_events_out_of_the_order_of_their_leaves_are_refused() -> None:
    events = _sign_ins(3)
    assert [_verdict(each) for each in _batch(events, [0, 2, 1])] == [
        ("", ""),
        ("", ""),
        ("BAD_BATCH", "leaves"),
    ]


def test_an_event_that_is_not_among_the_leaves_is_refused_and_the_others_are_not() -> None:
    events = _sign_ins(3)
    whole = batch(TOWN.school.key, events[:2])
    whole.events.insert(1, events[2].data)
    incoming = admit([whole], ORIGIN)
    assert [_verdict(each)[0] for each in incoming] == ["", "BAD_BATCH", ""]
    assert isinstance(incoming[1], RefusedEvent)
    assert incoming[1].event_id == events[2].event_id.bytes


def test_an_event_twice_in_a_batch_has_two_leaves() -> None:
    event = _sign_ins(1)[0]
    admitted = _batch([event, event], [0, 1])
    assert [each.position for each in admitted if isinstance(each, AdmittedEvent)] == [0, 1]


def test_a_batch_of_another_key_is_not_the_events_batch() -> None:
    event = _sign_ins(1)[0]
    assert _verdict(_alone(event.data, key_id=bytes(32))) == ("BAD_BATCH", "header.author_key")


def _approved(number: int, approver: bytes) -> bytes:
    event = pb.TrainingEvent.FromString(_sign_ins(number + 1)[number].data)
    event.header.approver_key = approver
    return event.SerializeToString()


def test_the_events_of_a_batch_name_one_approver_or_none() -> None:
    datas = [_approved(0, b"a" * 32), _approved(1, b"a" * 32), _approved(2, b"b" * 32)]
    datas.append(_approved(3, b""))
    together = recording.Batch(
        key_id=TOWN.school.key_id,
        algorithm=pb.ALGORITHM_ED25519,
        leaves=[leaf_hash(data) for data in datas],
        events=datas,
    )
    assert [_verdict(each) for each in admit([together], ORIGIN)] == [
        ("", ""),
        ("", ""),
        ("BAD_BATCH", "header.approver_key"),
        ("BAD_BATCH", "header.approver_key"),
    ]


def test_an_unknown_algorithm_has_no_name_and_fits_no_key() -> None:
    incoming = _alone(_sign_ins(1)[0].data, algorithm=9)
    assert isinstance(incoming, AdmittedEvent)
    assert incoming.batch.algorithm == ""


# --- Header and rules of the proto ---------------------------------------------------------------

SIGN_IN = TOWN.sign_in(COHORT, PERSON)
PLAN = TOWN.cohort()[1]
REGISTRATION, KEY = TOWN.registration(TOWN.school)
ADOPTION = TOWN.bureau.emitter.policy_adopted(document=b"x")
ISSUE = TOWN.school.emitter.training_certificate_issued(
    certificate=UUID(int=9, version=5),
    cohort=COHORT,
    issue=pb.TrainingCertificateIssued(
        number=NUMBER,
        edition=1,
        core_digest=bytes(32),
        enrolment_digest=bytes(32),
        policy=bytes(32),
        evaluator_version=1,
        credited=[pb.CreditedHours(component=pb.HOUR_COMPONENT_PRACTICAL, hours=1)],
    ),
)


def _changed(event: CapturedEvent, change: Callable[[Any], object]) -> Incoming:
    message = pb.TrainingEvent.FromString(event.data)
    change(message)
    return _alone(message.SerializeToString(), key_id=message.header.author_key)


def _set(name: str, value: object) -> Callable[[Any], object]:
    def change(event: Any) -> None:  # noqa: ANN401 - a generated event
        event.header.ClearField(name)
        if isinstance(value, list):
            getattr(event.header, name).extend(value)
        else:
            setattr(event.header, name, value)

    return change


OTHER = UUID(int=0xC1, version=4)
DERIVED = uuid5(COHORT, "derived")


@pytest.mark.parametrize(
    ("event", "change", "code", "field"),
    [
        (SIGN_IN, _set("origin", "log.example/other"), "WRONG_ORIGIN", "header.origin"),
        (SIGN_IN, _set("type", "LearnerSignedUp"), "UNKNOWN_EVENT_TYPE", "header.type"),
        (SIGN_IN, _set("type", ""), "UNKNOWN_EVENT_TYPE", "header.type"),
        (SIGN_IN, _set("cohorts", []), "INVALID_FIELD", "header.cohorts"),
        (SIGN_IN, _set("person_ref", b""), "INVALID_FIELD", "header.person_ref"),
        (SIGN_IN, _set("person_ref", OTHER.bytes), "WRONG_STREAM", "header.stream"),
        (SIGN_IN, _set("cohorts", [OTHER.bytes]), "WRONG_STREAM", "header.stream"),
        (SIGN_IN, _set("cohorts", [DERIVED.bytes]), "INVALID_FIELD", "header.cohorts"),
        (SIGN_IN, _set("stream", COHORT.bytes), "WRONG_STREAM", "header.stream"),
        (SIGN_IN, _set("salt", b"s" * 31), "INVALID_FIELD", "header.salt"),
        (SIGN_IN, _set("event_id", b"e" * 15), "INVALID_FIELD", "header.event_id"),
        (SIGN_IN, _set("record_origin", 0), "INVALID_FIELD", "header.record_origin"),
        (SIGN_IN, _set("record_origin", 5), "INVALID_FIELD", "header.record_origin"),
        (SIGN_IN, _set("occurred_us", 2**53), "INVALID_FIELD", "header.occurred_us"),
        (SIGN_IN, _set("occurred_us", -1), "INVALID_FIELD", "header.occurred_us"),
        (SIGN_IN, _set("cohorts", [b"c" * 15]), "INVALID_FIELD", "header.cohorts"),
        (
            SIGN_IN,
            lambda event: event.learner_signed_in.ClearField("method"),
            "INVALID_FIELD",
            "learner_signed_in.method",
        ),
        (PLAN, _set("person_ref", PERSON.bytes), "INVALID_FIELD", "header.person_ref"),
        (PLAN, _set("stream", OTHER.bytes), "WRONG_STREAM", "header.stream"),
        (PLAN, _set("cohorts", [OTHER.bytes]), "WRONG_STREAM", "header.stream"),
        (REGISTRATION, _set("cohorts", [COHORT.bytes]), "INVALID_FIELD", "header.cohorts"),
        (REGISTRATION, _set("stream", OTHER.bytes), "WRONG_STREAM", "header.stream"),
        (ADOPTION, _set("stream", OTHER.bytes), "WRONG_STREAM", "header.stream"),
        (KEY, _set("stream", OTHER.bytes), "WRONG_STREAM", "header.stream"),
        (
            KEY,
            lambda event: setattr(event.key_registered, "algorithm", pb.ALGORITHM_ECDSA_P256),
            "INVALID_FIELD",
            "algorithm",
        ),
        (
            KEY,
            lambda event: setattr(event.key_registered, "public_key", bytes(44)),
            "INVALID_FIELD",
            "public_key",
        ),
        (ISSUE, _set("person_ref", PERSON.bytes), "INVALID_FIELD", "header.person_ref"),
        (ISSUE, _set("cohorts", []), "INVALID_FIELD", "header.cohorts"),
    ],
)
def test_a_header_or_body_that_breaks_a_rule_is_refused_by_name(
    event: CapturedEvent, change: Callable[[Any], object], code: str, field: str
) -> None:
    assert _verdict(_changed(event, lambda _: None)) == ("", "")
    assert _verdict(_changed(event, change)) == (code, field)


def test_a_key_on_another_curve_is_refused() -> None:
    other = public_bytes(ec.generate_private_key(ec.SECP384R1()).public_key())
    change = lambda event: setattr(event.key_registered, "public_key", other)  # noqa: E731
    assert _verdict(_changed(KEY, change)) == ("INVALID_FIELD", "public_key")


# --- What a refused event says about itself ------------------------------------------------------


@pytest.mark.parametrize("size", [0, 15, 17, 70_000])
def test_an_id_of_another_size_is_not_repeated_in_the_answer(size: int) -> None:
    incoming = _changed(SIGN_IN, _set("event_id", b"i" * size))
    assert isinstance(incoming, RefusedEvent)
    assert incoming.event_id == b""


def test_a_refused_decision_still_names_its_stream_and_a_refused_fact_none() -> None:
    plan = _changed(PLAN, _set("person_ref", PERSON.bytes))
    fact = _changed(SIGN_IN, _set("person_ref", OTHER.bytes))
    assert isinstance(plan, RefusedEvent)
    assert isinstance(fact, RefusedEvent)
    assert plan.decides == PLAN.stream.bytes
    assert fact.decides == b""


def test_bytes_that_cannot_be_read_have_neither_id_nor_stream() -> None:
    incoming = _alone(b"\xff\xff")
    assert isinstance(incoming, RefusedEvent)
    assert (incoming.event_id, incoming.decides) == (b"", b"")


def test_the_leaf_is_the_hash_of_nought_and_the_bytes() -> None:
    incoming = _alone(SIGN_IN.data)
    assert isinstance(incoming, AdmittedEvent)
    assert incoming.leaf == sha256(b"\x00" + SIGN_IN.data).digest()
