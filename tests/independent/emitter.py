"""A small emitter, as docs/emitter.md tells how to write one: signs, sends, checks, sends again.

The request and the answer are written and read by hand; grpc only carries bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import grpc
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.independent.calls import ResponseError, call, read_answer
from tests.independent.entries import check_entry
from tests.independent.reader import Message, read_event
from tests.independent.signing import (
    BATCH_TYPE,
    Acknowledgement,
    AcknowledgementError,
    Place,
    check_acknowledgement,
    key_id_of,
    pre_authentication_encoding,
)
from tests.independent.trees import leaf_hash, root_of
from tests.independent.writer import delimited, number

METHOD: Final = "/ledger.api.v1.RecordingService/AppendEvents"
_ED25519: Final = 1
_ECDSA_P256: Final = 2

PrivateKey: TypeAlias = Ed25519PrivateKey | EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Batch:
    """What one key signed together; `events` are those still to be sent."""

    key_id: bytes
    algorithm: int
    signature: bytes
    leaves: tuple[bytes, ...]
    events: tuple[bytes, ...]
    approver_signature: bytes = b""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The event is recorded."""

    event_id: bytes
    place: Place
    held: str
    repeated: bool


@dataclass(frozen=True, slots=True)
class Rejected:
    """The event is not recorded; the emitter keeps it."""

    event_id: bytes
    code: str
    field: str
    reason_zh: str
    reason_en: str
    fix_zh: str
    fix_en: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody knows; the emitter sends the event again."""

    event_id: bytes
    code: str


Result: TypeAlias = Accepted | Rejected | Unknown


@dataclass(frozen=True, slots=True)
class Response:
    """The answer to a request, one result for each event sent."""

    results: tuple[Result, ...]
    acknowledgement: Acknowledgement | None


def public_key_of(key: PrivateKey) -> bytes:
    """Return a key's SubjectPublicKeyInfo in DER."""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def algorithm_of(key: PrivateKey) -> int:
    """Return the number of a key's algorithm."""
    return _ED25519 if isinstance(key, Ed25519PrivateKey) else _ECDSA_P256


def sign_batch(
    key: PrivateKey, events: Sequence[bytes], approver: PrivateKey | None = None
) -> Batch:
    """Sign the bytes of 1 to 1,000 events, by their author and, where they name one, approver."""
    leaves = tuple(leaf_hash(event) for event in events)
    message = pre_authentication_encoding(BATCH_TYPE, root_of(leaves))
    return Batch(
        key_id=key_id_of(public_key_of(key)),
        algorithm=algorithm_of(key),
        signature=_sign(key, message),
        leaves=leaves,
        events=tuple(events),
        approver_signature=_sign(approver, message) if approver else b"",
    )


def _sign(key: PrivateKey, message: bytes) -> bytes:
    if isinstance(key, Ed25519PrivateKey):
        return key.sign(message)
    return key.sign(message, ECDSA(SHA256()))


def encode_request(batches: Sequence[Batch], *, atomic: bool = False) -> bytes:
    """Return the bytes of an `AppendEventsRequest`."""
    parts = [delimited(1, _encode_batch(batch)) for batch in batches]
    return b"".join(parts) + (number(2, 1) if atomic else b"")


def _encode_batch(batch: Batch) -> bytes:
    return b"".join(
        (
            delimited(1, batch.key_id),
            number(2, batch.algorithm),
            delimited(3, batch.signature),
            delimited(4, batch.approver_signature) if batch.approver_signature else b"",
            *(delimited(5, leaf) for leaf in batch.leaves),
            *(delimited(6, event) for event in batch.events),
        )
    )


def append_events(channel: grpc.Channel, request: bytes, timeout: float) -> Response:
    """Send a request over a channel and read the answer.

    Raises:
        grpc.RpcError: The call as a whole failed; what became of the events is unknown.
        ResponseError: The answer cannot be read.
    """
    return read_response(call(channel, METHOD, request, timeout))


def read_response(data: bytes) -> Response:
    """Read the bytes of an `AppendEventsResponse`.

    Raises:
        ResponseError: The bytes cannot be read.
    """
    message = read_answer("AppendEventsResponse", data)
    signed = message["acknowledgement"]
    return Response(
        tuple(_read_result(result) for result in message["results"]),
        None if signed is None else Acknowledgement(**signed),
    )


def check_response(
    origin: str, keys: Mapping[bytes, bytes], sent: Sequence[bytes], response: Response
) -> None:
    """Check that an answer speaks of the events that were sent and that the log signed it.

    Args:
        origin: Origin of the log.
        keys: Acknowledgement keys by id (`signing.acknowledgement_keys`).
        sent: Bytes of the events, in the order of the request.
        response: The answer.

    Raises:
        ResponseError: Not one result for each event, in their order.
        entries.EntryError: An entry is not that of the event.
        AcknowledgementError: The signature or a path does not hold.
    """
    if len(response.results) != len(sent):
        raise ResponseError(f"{len(response.results)} results for {len(sent)} events")
    places = []
    for data, result in zip(sent, response.results, strict=True):
        if isinstance(result, Accepted):
            event = read_event(data)
            check_entry(result.place.entry, event)
            if result.event_id != event.header["event_id"]:
                raise ResponseError("a result under another event's id")
            places.append(result.place)
    if not places:
        return
    if response.acknowledgement is None:
        raise AcknowledgementError("accepted, but not signed")
    check_acknowledgement(origin, keys, response.acknowledgement, places)


def unanswered(batch: Batch, results: Sequence[Result]) -> Batch | None:
    """Return what of a batch is to be sent again, under its old signature; None when nothing is.

    Args:
        batch: The batch as it was sent.
        results: The results of its events, in their order.
    """
    pairs = zip(batch.events, results, strict=True)
    again = tuple(event for event, result in pairs if isinstance(result, Unknown))
    return replace(batch, events=again) if again else None


def _read_result(message: Message) -> Result:
    outcomes = [name for name in ("accepted", "rejected", "unknown") if message[name] is not None]
    if len(outcomes) != 1:
        raise ResponseError(f"a result with {len(outcomes)} outcomes")
    event_id, outcome = message["event_id"], message[outcomes[0]]
    if outcomes == ["rejected"]:
        return Rejected(event_id, **outcome)
    if outcomes == ["unknown"]:
        return Unknown(event_id, **outcome)
    held, repeated = outcome.pop("held"), outcome.pop("repeated")
    return Accepted(event_id, Place(**outcome), held, repeated)
