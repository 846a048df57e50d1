"""Admission: from the bytes of a request to events that are well formed, before any decision.

What is checked here needs nothing but the bytes and the log's origin: the admitted subset of
protobuf, the rules in the proto, the batch that the events were signed in, and the ids that follow
from others (docs/formats.md sections 2 to 4). The signature is checked where the key is known.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import protovalidate
from google.protobuf.message import DecodeError

from ledger.api.v1 import events_pb2 as pb
from ledger.api.v1 import recording_service_pb2 as recording
from ledger.application.event_rules import RULES
from ledger.application.events import BODY_FIELDS, body_of
from ledger.application.ports import batch_name
from ledger.domain.event_types import EVENT_TYPES, EventType
from ledger.domain.refusals import Refusal
from ledger.log import dsse
from ledger.log.errors import LogError
from ledger.log.event_reader import EVENT_LIMIT, read_event
from ledger.log.identifiers import (
    enrolment_id,
    key_id,
    key_stream,
    party_id,
    policy_stream,
)
from ledger.log.merkle import root
from ledger.log.signatures import load_public_key

MAX_EVENTS: Final = 1_000
MAX_BYTES: Final = 2 * 1024 * 1024
ALGORITHMS: Final = {1: "ed25519", 2: "ecdsa-p256"}
_REMEMBERED: Final = 100_000
_RANDOM_VERSIONS: Final = frozenset({4, 7})
_UUID_SIZE: Final = 16
_header_obeys: Final = RULES["EventHeader"]
_NO_COHORT: Final = frozenset({"institution", "staff", "key", "policy"})


@dataclass(frozen=True, slots=True)
class SignedBatch:
    """What one key signed together, as it came.

    Attributes:
        key_id: The author's key.
        algorithm: Name of the algorithm that the courier claims.
        signature: The author's signature.
        approver_key: The approver's key that the events name, or empty.
        approver_signature: The approver's signature, or empty.
        leaves: All leaves.
        root: Root over them.
        name: Name under which the batch is kept.
        message: The bytes that were signed.
    """

    key_id: bytes
    algorithm: str
    signature: bytes
    approver_key: bytes
    approver_signature: bytes
    leaves: tuple[bytes, ...]
    root: bytes
    name: bytes
    message: bytes


@dataclass(frozen=True, slots=True)
class AdmittedEvent:
    """An event whose bytes are admitted.

    Attributes:
        data: Its bytes.
        leaf: Its leaf.
        type: Its type.
        header: Fields of EventHeader.
        body: Fields of the body.
        event_id: Its id.
        stream: Its stream.
        cohorts: The cohorts whose record it is part of, the home cohort first.
        batch: The batch that it was signed in.
        position: Number of its leaf there.
    """

    data: bytes
    leaf: bytes
    type: EventType
    header: Any
    body: Any
    event_id: bytes
    stream: bytes
    cohorts: tuple[bytes, ...]
    batch: SignedBatch
    position: int

    @property
    def cohort(self) -> bytes | None:
        """Its home cohort, or None."""
        return self.cohorts[0] if self.cohorts else None


@dataclass(frozen=True, slots=True)
class RefusedEvent:
    """An event that is refused before any decision.

    Attributes:
        event_id: Its id, empty when none could be read.
        refusal: Why.
        decides: The stream that it is a decision on, as far as that could be read; else empty.
    """

    event_id: bytes
    refusal: Refusal
    decides: bytes


Incoming = AdmittedEvent | RefusedEvent


def request_refusal(batches: Sequence[recording.Batch]) -> Refusal | None:
    """Return why a request is too large, or None."""
    count = sum(len(batch.events) for batch in batches)
    size = sum(batch.ByteSize() for batch in batches)
    if count <= MAX_EVENTS and size <= MAX_BYTES:
        return None
    values = {"count": count, "size": size, "limit": MAX_EVENTS, "bytes": MAX_BYTES}
    return Refusal("REQUEST_TOO_LARGE", "batches", values)


def admit(batches: Sequence[recording.Batch], origin: str) -> list[Incoming]:
    """Return the request's events in their order, each admitted or refused.

    Args:
        batches: The batches of one request that is not too large.
        origin: Origin of this log.
    """
    return [event for batch in batches for event in _admit_batch(batch, origin)]


def _admit_batch(batch: recording.Batch, origin: str) -> Iterator[Incoming]:
    leaves = tuple(batch.leaves)
    batch_root = root(leaves)
    approver = _approver_of(batch)
    signed = SignedBatch(
        batch.key_id,
        ALGORITHMS.get(batch.algorithm, ""),
        batch.signature,
        approver,
        batch.approver_signature,
        leaves,
        batch_root,
        batch_name(batch.key_id, batch_root, len(leaves), approver),
        dsse.batch_message(batch_root),
    )
    after = 0
    for data in batch.events:
        leaf = sha256(b"\x00" + data).digest()
        try:
            position = leaves.index(leaf, after)
        except ValueError:
            detail = "the event is not among the batch's leaves, or out of their order"
            yield _refused(data, Refusal("BAD_BATCH", "leaves", {"detail": detail}))
            continue
        after = position + 1
        yield _admit_event(data, leaf, signed, position, origin)


def _approver_of(batch: recording.Batch) -> bytes:
    """Return the approver that the batch's first readable event names; all have to name it."""
    for data in batch.events:
        try:
            return pb.TrainingEvent.FromString(data).header.approver_key
        except DecodeError:
            continue
    return b""


def _refused(data: bytes, refusal: Refusal) -> RefusedEvent:
    """Return a refused event with what can be read of it; these bytes may be anything."""
    try:
        header = pb.TrainingEvent.FromString(data).header
    except DecodeError:
        return RefusedEvent(b"", refusal, b"")
    event_id = header.event_id if len(header.event_id) == _UUID_SIZE else b""
    event_type = EVENT_TYPES.get(header.type)
    decides = header.stream if event_type is not None and event_type.decision else b""
    return RefusedEvent(event_id, refusal, decides)


def _admit_event(
    data: bytes, leaf: bytes, batch: SignedBatch, position: int, origin: str
) -> Incoming:
    read = _read(data)
    if isinstance(read, Refusal):
        return _refused(data, read)
    event, event_type = read
    header: Any = event.header
    body = body_of(event, event_type.name)
    refusal = _header_refusal(header, event_type, batch, origin)
    if refusal is None:
        refusal = _rule_refusal(event, event_type.name) or _stream_refusal(
            header, body, event_type, origin
        )
    if refusal is not None:
        return _refused(data, refusal)
    return AdmittedEvent(
        data,
        leaf,
        event_type,
        header,
        body,
        header.event_id,
        header.stream,
        tuple(header.cohorts),
        batch,
        position,
    )


def _read(data: bytes) -> tuple[pb.TrainingEvent, EventType] | Refusal:
    """Read the bytes with the generated code, and with the strict reader wherever they differ."""
    if len(data) > EVENT_LIMIT:
        return Refusal("EVENT_TOO_LARGE", "", {"size": len(data), "limit": EVENT_LIMIT})
    try:
        event = pb.TrainingEvent.FromString(data)
    except DecodeError:
        return Refusal("EVENT_MALFORMED", "", {"detail": "not a protobuf message"})
    if not event.HasField("header"):
        return Refusal("EVENT_MALFORMED", "", {"detail": "an event has a header"})
    name = event.header.type
    event_type = EVENT_TYPES.get(name)
    if event_type is None:
        return Refusal("UNKNOWN_EVENT_TYPE", "header.type", {"type": name})
    # What the library would write itself holds nothing twice and nothing unknown.
    event.DiscardUnknownFields()
    if event.SerializeToString() != data or event.WhichOneof("body") != BODY_FIELDS[name]:
        try:
            read_event(data)
        except LogError as error:
            return Refusal("EVENT_MALFORMED", "", {"detail": str(error)})
    return event, event_type


def _header_refusal(
    header: Any,  # noqa: ANN401 - a generated header
    event_type: EventType,
    batch: SignedBatch,
    origin: str,
) -> Refusal | None:
    if header.origin != origin:
        values = {"origin": header.origin, "expected": origin}
        return Refusal("WRONG_ORIGIN", "header.origin", values)
    if header.author_key != batch.key_id:
        detail = "the event names another author key than its batch"
        return Refusal("BAD_BATCH", "header.author_key", {"detail": detail})
    if header.approver_key != batch.approver_key:
        detail = "the events of a batch name different approver keys"
        return Refusal("BAD_BATCH", "header.approver_key", {"detail": detail})
    if bool(header.cohorts) == (event_type.kind in _NO_COHORT):
        detail = f"a {event_type.kind} event names {'no' if header.cohorts else 'its home'} cohort"
        return Refusal("INVALID_FIELD", "header.cohorts", {"detail": detail})
    if bool(header.person_ref) != (event_type.kind == "enrolment"):
        detail = "person_ref stands on events of enrolments and on no other"
        return Refusal("INVALID_FIELD", "header.person_ref", {"detail": detail})
    return None


def _rule_refusal(event: pb.TrainingEvent, name: str) -> Refusal | None:
    """Check the rules that are written into the proto; protovalidate words what breaks one."""
    if _header_obeys(event.header) and RULES[name](body_of(event, name)):
        return None
    violations = protovalidate.collect_violations(event)
    if not violations:
        return None
    violation = violations[0].proto
    elements = () if violation.field is None else violation.field.elements
    field = ".".join(element.field_name for element in elements)
    return Refusal("INVALID_FIELD", field, {"detail": violation.message})


def _stream_refusal(
    header: Any,  # noqa: ANN401 - a generated header
    body: Any,  # noqa: ANN401 - a generated body
    event_type: EventType,
    origin: str,
) -> Refusal | None:
    """Derive the stream again (docs/formats.md section 2)."""
    # Derived ids are version 5: a random one can never stand in the way of one of them.
    if header.cohorts and header.cohorts[0][6] >> 4 not in _RANDOM_VERSIONS:
        detail = "a cohort's id is a random UUID (version 4 or 7)"
        return Refusal("INVALID_FIELD", "header.cohorts", {"detail": detail})
    match event_type.kind:
        case "cohort":
            expected = header.cohorts[0]
        case "enrolment":
            expected = _enrolment_stream(header.cohorts[0], header.person_ref)
        case "institution" if event_type.name == "InstitutionRegistered":
            expected = party_id(origin, body.credit_code).bytes
        case "institution":
            expected = header.institution
        case "staff":
            return _staff_refusal(header)
        case "policy":
            expected = policy_stream(origin).bytes
        case "key" if event_type.name == "KeyRegistered":
            return _key_refusal(header, body, origin)
        case _:
            return None
    if header.stream == expected:
        return None
    return Refusal("WRONG_STREAM", "header.stream", {"expected": str(UUID(bytes=expected))})


def _staff_refusal(header: Any) -> Refusal | None:  # noqa: ANN401 - a generated header
    if header.stream[6] >> 4 in _RANDOM_VERSIONS:
        return None
    detail = "a staff file's id is a random UUID (version 4 or 7)"
    return Refusal("INVALID_FIELD", "header.stream", {"detail": detail})


@lru_cache(maxsize=_REMEMBERED)
def _enrolment_stream(cohort: bytes, person_ref: bytes) -> bytes:
    """Return the stream of a learner's events, of which there are some hundred."""
    return enrolment_id(UUID(bytes=cohort), UUID(bytes=person_ref)).bytes


def _key_refusal(header: Any, body: Any, origin: str) -> Refusal | None:  # noqa: ANN401 - see above
    try:
        public_key = load_public_key(body.public_key)
    except LogError as error:
        return Refusal("INVALID_FIELD", "public_key", {"detail": str(error)})
    if ALGORITHMS.get(body.algorithm) != public_key.algorithm:
        detail = f"the key is {public_key.algorithm}"
        return Refusal("INVALID_FIELD", "algorithm", {"detail": detail})
    expected = key_stream(origin, key_id(body.public_key))
    if header.stream == expected.bytes:
        return None
    return Refusal("WRONG_STREAM", "header.stream", {"expected": str(expected)})
