"""DSSE bytes, key ids, signatures and acknowledgements (docs/formats.md section 4)."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from tests.independent.trees import HASH_SIZE, leaf_hash, root_from_path

BATCH_TYPE: Final = "application/vnd.tledger.batch.v1"
ACKNOWLEDGEMENT_TYPE: Final = "application/vnd.tledger.ack.v1"


class AcknowledgementError(Exception):
    """The acknowledgement does not show what it claims."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Fields of the message `Acknowledgement`."""

    key_id: bytes
    signature: bytes
    root: bytes
    size: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where an accepted event stands: fields of the message `Accepted`."""

    entry: bytes
    index: int
    position: int
    path: bytes


def pre_authentication_encoding(payload_type: str, body: bytes) -> bytes:
    """Return the bytes that DSSE signs."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)


def key_id_of(public_key: bytes) -> bytes:
    """Return the id of a key from its SubjectPublicKeyInfo in DER."""
    digest = Hash(SHA256())
    digest.update(public_key)
    return digest.finalize()


def public_key_info(raw_ed25519: bytes) -> bytes:
    """Return the SubjectPublicKeyInfo of a raw Ed25519 public key."""
    return Ed25519PublicKey.from_public_bytes(raw_ed25519).public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )


def verifies(algorithm: str, public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether a signature holds; the algorithm is `ed25519` or `ecdsa-p256`."""
    try:
        key = load_der_public_key(public_key)
        if algorithm == "ed25519" and isinstance(key, Ed25519PublicKey):
            key.verify(signature, message)
            return True
        if (
            algorithm == "ecdsa-p256"
            and isinstance(key, EllipticCurvePublicKey)
            and isinstance(key.curve, SECP256R1)
        ):
            key.verify(signature, message, ECDSA(SHA256()))
            return True
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return False


def acknowledgement_body(origin: str, root: bytes) -> bytes:
    """Return the signed body of an acknowledgement."""
    value = {"origin": origin, "root": root.hex(), "v": 1}
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def acknowledgement_leaf(index: int, entry: bytes) -> bytes:
    """Return the leaf of one accepted event below the acknowledgement's root."""
    return leaf_hash(index.to_bytes(8) + leaf_hash(entry))


def acknowledgement_keys(log_entries: Iterable[Mapping[str, object]]) -> dict[bytes, bytes]:
    """Return the acknowledgement keys that a log's entries name: SubjectPublicKeyInfo by key id."""
    keys = {}
    for entry in log_entries:
        named = (entry.get("kind"), entry.get("role"), entry.get("algorithm"))
        if named == ("log-key", "acknowledgement", "ed25519"):
            public_key = public_key_info(bytes.fromhex(str(entry["key"])))
            keys[key_id_of(public_key)] = public_key
    return keys


def check_acknowledgement(
    origin: str,
    keys: Mapping[bytes, bytes],
    acknowledgement: Acknowledgement,
    places: Iterable[Place],
) -> None:
    """Check a signature of the log over the places of events.

    Args:
        origin: Origin of the log, known beforehand.
        keys: What `acknowledgement_keys` found in the log.
        acknowledgement: The answer's acknowledgement.
        places: Those of its accepted events that are to be shown.

    Raises:
        AcknowledgementError: The key is not the log's, a path does not lead to the root, or the
            signature does not hold.
    """
    public_key = keys.get(acknowledgement.key_id)
    if public_key is None:
        raise AcknowledgementError("no log-key entry names the key")
    body = acknowledgement_body(origin, acknowledgement.root)
    message = pre_authentication_encoding(ACKNOWLEDGEMENT_TYPE, body)
    if not verifies("ed25519", public_key, acknowledgement.signature, message):
        raise AcknowledgementError("the signature does not hold")
    positions = set()
    for place in places:
        steps = [
            place.path[start : start + HASH_SIZE] for start in range(0, len(place.path), HASH_SIZE)
        ]
        leaf = acknowledgement_leaf(place.index, place.entry)
        root = root_from_path(leaf, place.position, acknowledgement.size, steps)
        if root != acknowledgement.root:
            raise AcknowledgementError(f"entry {place.index} is not below the signed root")
        if place.position in positions:
            raise AcknowledgementError(f"position {place.position} stands twice")
        positions.add(place.position)
