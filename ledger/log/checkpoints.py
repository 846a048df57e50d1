"""C2SP tlog-checkpoint and tlog-cosignature: tree heads, signed by the log and cosigned by others.

A checkpoint is a note whose text is origin, size and root, one line each::

    ledger.example/city
    70000
    <base64 of the 32-byte root>

The log signs it twice under the name of its origin: an Ed25519 note signature (type 0x01) over the
text, and an ML-DSA-44 cosignature (type 0x06) over the tree. Extension lines are neither written
nor accepted: ML-DSA-44 cosignatures do not cover them.
"""

import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from ledger.log.errors import FormatError, ProofError
from ledger.log.merkle import EMPTY_ROOT, HASH_SIZE
from ledger.log.notes import (
    Note,
    Signature,
    SignatureType,
    SigningKey,
    VerifierKey,
    decode_base64,
    encode_base64,
    known_signatures,
    parse_note,
    verify_ed25519,
)

MAX_CHECKPOINT_SIZE = (1 << 63) - 1
MAX_TIMESTAMP = (1 << 63) - 1
COSIGNED_LABEL = b"subtree/v1\n\0"
TIMESTAMP_SIZE = 8
CHECKPOINT_LINES = 3
LOG_KEY_TYPES = frozenset({SignatureType.ED25519, SignatureType.ML_DSA_44_COSIGNATURE})

# Printable ASCII without space and plus; 255 bytes fit the cosigned message.
_ORIGIN = re.compile(r"[!-*,-~]{1,255}")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


def check_origin(origin: str) -> None:
    """Check that `origin` is a scheme-less URL without spaces or plus, such as `host/path`.

    Raises:
        FormatError: when it is none.
    """
    slashed = origin.startswith("/") or origin.endswith("/")
    if not _ORIGIN.fullmatch(origin) or "://" in origin or slashed:
        raise FormatError(f"{origin!r} is not a scheme-less URL without spaces or plus")


def parse_decimal(text: str) -> int:
    """Parse ASCII decimal without leading zeroes, at most 2^63 - 1.

    Raises:
        FormatError: when it is anything else.
    """
    if not _DECIMAL.fullmatch(text) or int(text) > MAX_CHECKPOINT_SIZE:
        raise FormatError("a number is not canonical decimal below 2^63")
    return int(text)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree head: origin of the log, number of leaves, RFC 6962 root.

    Raises:
        FormatError: on a bad origin or size, a root that is not 32 bytes, or a wrong empty root.
    """

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        check_origin(self.origin)
        if not 0 <= self.size <= MAX_CHECKPOINT_SIZE or len(self.root) != HASH_SIZE:
            raise FormatError("the size or root of a checkpoint is out of range")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise FormatError("a checkpoint of size 0 has another root than the empty one")

    def text(self) -> str:
        """Return the note text."""
        return f"{self.origin}\n{self.size}\n{encode_base64(self.root)}\n"


def parse_checkpoint_text(text: str) -> Checkpoint:
    """Parse a note text of exactly origin, size and root, canonical form only.

    Raises:
        FormatError: when it is anything else; extension lines are refused.
    """
    lines = text.split("\n")
    if len(lines) != CHECKPOINT_LINES + 1 or lines[-1]:
        raise FormatError("a checkpoint has the lines origin, size and root, and no others")
    return Checkpoint(lines[0], parse_decimal(lines[1]), decode_base64(lines[2]))


def cosigned_message(name: str, timestamp: int, checkpoint: Checkpoint) -> bytes:
    """Return the message of an ML-DSA-44 cosignature (type 0x06) on a checkpoint.

    Args:
        name: key name of the cosigner, at most 255 bytes.
        timestamp: POSIX seconds.
        checkpoint: the tree head; its subtree is [0, size).

    Raises:
        FormatError: when the name does not fit.
    """
    named, origin = name.encode(), checkpoint.origin.encode()
    if len(named) > 0xFF:  # noqa: PLR2004 - opaque cosigner_name<1..2^8-1>
        raise FormatError("a cosigner's name is longer than 255 bytes")
    return b"".join(
        (
            COSIGNED_LABEL,
            bytes((len(named),)) + named,
            struct.pack(">Q", timestamp),
            bytes((len(origin),)) + origin,
            struct.pack(">QQ", 0, checkpoint.size),
            checkpoint.root,
        )
    )


def _ed25519_message(timestamp: int, checkpoint: Checkpoint) -> bytes:
    """Return the message of an Ed25519 cosignature (type 0x04)."""
    return f"cosignature/v1\ntime {timestamp}\n{checkpoint.text()}".encode()


def sign_line(checkpoint: Checkpoint, signer: SigningKey, timestamp: int) -> Signature:
    """Return one signer's line, of the signer's type.

    Args:
        checkpoint: the tree head.
        signer: a key of the log, or of a cosigner.
        timestamp: POSIX seconds, at least 1; type 0x01 does not carry it.

    Raises:
        FormatError: when the timestamp is out of range.
    """
    if not 1 <= timestamp <= MAX_TIMESTAMP:
        raise FormatError(f"{timestamp} is not the time of a cosignature")
    stamp = struct.pack(">Q", timestamp)
    if signer.type is SignatureType.ML_DSA_44_COSIGNATURE:
        message = cosigned_message(signer.name, timestamp, checkpoint)
        signature = stamp + MLDSA44PrivateKey.from_seed_bytes(signer.seed).sign(message)
    elif signer.type is SignatureType.ED25519_COSIGNATURE:
        message = _ed25519_message(timestamp, checkpoint)
        signature = stamp + Ed25519PrivateKey.from_private_bytes(signer.seed).sign(message)
    else:
        message = checkpoint.text().encode()
        signature = Ed25519PrivateKey.from_private_bytes(signer.seed).sign(message)
    return Signature.by(signer.verifier_key(), signature)


def sign_checkpoint(checkpoint: Checkpoint, signers: Iterable[SigningKey], timestamp: int) -> str:
    """Return the checkpoint as a note signed with the log's keys, one line each.

    Args:
        checkpoint: the tree head.
        signers: the log's keys: Ed25519 and ML-DSA-44, named like the origin.
        timestamp: POSIX seconds.

    Raises:
        FormatError: when one of the two types is missing, a key has another name or is a plain
            cosigner's, or the time is out of range.
    """
    signers, lines = tuple(signers), []
    if not LOG_KEY_TYPES.issubset(signer.type for signer in signers):
        raise FormatError("a checkpoint is signed with an Ed25519 and an ML-DSA-44 key")
    for signer in signers:
        check_log_key(signer, checkpoint.origin)
        lines.append(sign_line(checkpoint, signer, timestamp))
    return Note(checkpoint.text(), tuple(lines)).format()


def check_log_key(key: SigningKey | VerifierKey, origin: str) -> None:
    """Check that a key can be the log's own: named like the origin, type 0x01 or 0x06.

    Raises:
        FormatError: when it cannot.
    """
    if key.name != origin or key.type not in LOG_KEY_TYPES:
        raise FormatError(f"the {key.type.name} key {key.name!r} is not one of the log {origin!r}")


@dataclass(frozen=True, slots=True)
class TrustedKeys:
    """The keys that a verifier has pinned for one log.

    Attributes:
        log: the log's own keys, named like its origin. Every one of them must have signed.
        cosigners: keys of witnesses and of the auditor. Which of them must have signed is a
            question for the policy; one that signed badly spoils the checkpoint.
    """

    log: tuple[VerifierKey, ...]
    cosigners: tuple[VerifierKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A cosignature that verified: by which key, at which POSIX second."""

    key: VerifierKey
    timestamp: int


@dataclass(frozen=True, slots=True)
class OpenedCheckpoint:
    """A checkpoint whose signatures verified.

    Attributes:
        checkpoint: the tree head.
        timestamp: POSIX seconds at which the log signed, by its own ML-DSA-44 line; None when
            only an Ed25519 key, whose line carries no time, is pinned for the log.
        log_keys: the log's keys that verified, which are all pinned ones.
        cosignatures: the verified lines of known cosigners, in the order of the note.
    """

    checkpoint: Checkpoint
    timestamp: int | None
    log_keys: tuple[VerifierKey, ...]
    cosignatures: tuple[Cosignature, ...]


def verify_line(checkpoint: Checkpoint, key: VerifierKey, signature: bytes) -> int | None:
    """Check one signature on a checkpoint and return its timestamp (None for type 0x01).

    Raises:
        ProofError: when it does not verify.
    """
    if key.type is SignatureType.ED25519:
        verify_ed25519(key.public_key, signature, checkpoint.text().encode())
        return None
    stamp, signature = signature[:TIMESTAMP_SIZE], signature[TIMESTAMP_SIZE:]
    timestamp = int.from_bytes(stamp, "big")
    if len(stamp) != TIMESTAMP_SIZE or timestamp > MAX_TIMESTAMP:
        raise ProofError(f"a cosignature of {key.name!r} has no timestamp below 2^63")
    if key.type is SignatureType.ED25519_COSIGNATURE:
        verify_ed25519(key.public_key, signature, _ed25519_message(timestamp, checkpoint))
        return timestamp
    message = cosigned_message(key.name, timestamp, checkpoint)
    try:
        MLDSA44PublicKey.from_public_bytes(key.public_key).verify(signature, message)
    except (InvalidSignature, ValueError) as error:
        raise ProofError(f"an ML-DSA-44 signature of {key.name!r} does not verify") from error
    return timestamp


def open_checkpoint(note: str, trusted: TrustedKeys) -> OpenedCheckpoint:
    """Verify a signed checkpoint of the log whose keys are pinned.

    Raises:
        FormatError: when note or checkpoint is malformed.
        ProofError: when it is another log's, a pinned log key has not signed, or any known key's
            signature fails ("clients SHOULD reject the whole note").
    """
    parsed = parse_note(note)
    checkpoint = parse_checkpoint_text(parsed.text)
    if not trusted.log or any(key.name != checkpoint.origin for key in trusted.log):
        raise ProofError(f"no key is pinned for the log {checkpoint.origin!r}")
    cosignatures: list[Cosignature] = []
    signed: set[VerifierKey] = set()
    times: list[int] = []
    for key, signature in known_signatures(parsed, (*trusted.log, *trusted.cosigners)):
        timestamp = verify_line(checkpoint, key, signature)
        if timestamp == 0:
            # Valid, but no statement that this was the largest tree then: it counts for nothing.
            continue
        if key in trusted.log:
            signed.add(key)
            times.extend(() if timestamp is None else (timestamp,))
        elif timestamp is not None:
            cosignatures.append(Cosignature(key, timestamp))
    missing = [key for key in trusted.log if key not in signed]
    if missing:
        raise ProofError(f"the log's {missing[0].type.name} key has not signed the checkpoint")
    return OpenedCheckpoint(checkpoint, min(times, default=None), trusted.log, tuple(cosignatures))
