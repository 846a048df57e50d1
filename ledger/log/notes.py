"""C2SP signed-note: notes, signature lines, verifier keys, Ed25519 signatures.

A note is a text that ends in a newline, an empty line, and signature lines::

    — <key name> base64(4-byte key ID ‖ signature)

The signature types 0x04 and 0x06 sign a message derived from a checkpoint, not the note text:
their keys are described here, their signatures in `ledger.log.checkpoints`.
"""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from ledger.log.errors import FormatError, ProofError

MAX_SIGNATURES = 64
MAX_NOTE_SIZE = 512 * 1024
MAX_VKEY_SIZE = 4 * 1024
KEY_ID_SIZE = 4
SEED_SIZE = 32
SIGNATURE_PREFIX = "— "


class SignatureType(IntEnum):
    """The signature types that this log and its cosigners use."""

    ED25519 = 0x01
    ED25519_COSIGNATURE = 0x04
    ML_DSA_44_COSIGNATURE = 0x06


PUBLIC_KEY_SIZES = {
    SignatureType.ED25519: 32,
    SignatureType.ED25519_COSIGNATURE: 32,
    SignatureType.ML_DSA_44_COSIGNATURE: 1312,
}


def encode_base64(data: bytes) -> str:
    """Return the padded base64 of RFC 4648 section 4."""
    return base64.b64encode(data).decode("ascii")


def decode_base64(text: str) -> bytes:
    """Decode padded base64, canonical form only.

    Raises:
        FormatError: when it is not exactly what `encode_base64` would write.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise FormatError("not base64") from error
    if encode_base64(data) != text:
        raise FormatError("base64 is not in its canonical form")
    return data


def utf8(text: str, limit: int) -> bytes:
    """Return the bytes of a note or a part of it.

    Raises:
        FormatError: for more than `limit` bytes, what is not UTF-8, or control characters.
    """
    if len(text) > limit:
        raise FormatError(f"a text of {len(text)} characters is longer than {limit} bytes")
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        raise FormatError("the text is not UTF-8") from error
    if len(data) > limit:
        raise FormatError(f"a text of {len(data)} bytes is longer than {limit}")
    # Notes "MUST NOT contain any ASCII control characters [...] other than newline".
    if any(byte < ord(" ") and byte != ord("\n") for byte in set(data)):
        raise FormatError("the text has a control character")
    return data


def check_name(name: str) -> None:
    """Check a key name: "non-empty and MUST NOT contain any Unicode spaces or plus".

    Raises:
        FormatError: when it is none.
    """
    utf8(name, MAX_VKEY_SIZE)
    if not name or "+" in name or any(character.isspace() for character in name):
        raise FormatError(f"{name!r} is not a key name")


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A trusted public key under a name, for one signature type.

    Raises:
        FormatError: on a bad name or a public key of the wrong length.
    """

    name: str
    type: SignatureType
    public_key: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.public_key) != PUBLIC_KEY_SIZES[self.type]:
            raise FormatError(f"{len(self.public_key)} bytes are not a {self.type.name} key")

    @classmethod
    def from_vkey(cls, vkey: str) -> "VerifierKey":
        """Parse `<key name>+hex(key ID)+base64(type ‖ public key)`, canonical form only.

        Raises:
            FormatError: when it is malformed, of an unknown type, or its key ID does not fit.
        """
        utf8(vkey, MAX_VKEY_SIZE)
        # The base64 part may contain plus signs, name and key ID may not.
        name, _, rest = vkey.partition("+")
        _, _, encoded = rest.partition("+")
        material = decode_base64(encoded)
        if material[:1] not in {bytes((known,)) for known in SignatureType}:
            raise FormatError(f"the vkey of {name!r} has an unknown signature type")
        key = cls(name, SignatureType(material[0]), material[1:])
        if key.vkey() != vkey:
            raise FormatError(f"the vkey of {name!r} has a wrong key ID or form")
        return key

    @property
    def key_id(self) -> bytes:
        """SHA-256(name ‖ 0x0A ‖ type ‖ public key)[:4]."""
        named = self.name.encode() + b"\n" + bytes((self.type,)) + self.public_key
        return sha256(named).digest()[:KEY_ID_SIZE]

    def vkey(self) -> str:
        """Return the text form of this key."""
        material = encode_base64(bytes((self.type,)) + self.public_key)
        return f"{self.name}+{self.key_id.hex()}+{material}"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key under a name, for one signature type, as its 32-byte seed.

    Raises:
        FormatError: on a bad name or a seed of the wrong length.
    """

    name: str
    type: SignatureType
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.seed) != SEED_SIZE:
            raise FormatError(f"a seed of {len(self.seed)} bytes where {SEED_SIZE} are due")

    def verifier_key(self) -> VerifierKey:
        """Return the public half."""
        if self.type is SignatureType.ML_DSA_44_COSIGNATURE:
            public_key = MLDSA44PrivateKey.from_seed_bytes(self.seed).public_key()
            return VerifierKey(self.name, self.type, public_key.public_bytes_raw())
        ed25519_key = Ed25519PrivateKey.from_private_bytes(self.seed).public_key()
        return VerifierKey(self.name, self.type, ed25519_key.public_bytes_raw())


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: key name, 4-byte key ID, signature bytes (at least one)."""

    name: str
    key_id: bytes
    signature: bytes

    @classmethod
    def by(cls, key: VerifierKey, signature: bytes) -> "Signature":
        """Return the line for a signature made with the private half of `key`."""
        return cls(key.name, key.key_id, signature)

    @classmethod
    def parse(cls, line: str) -> "Signature":
        """Parse one line without its newline.

        Raises:
            FormatError: when it is malformed.
        """
        if not line.startswith(SIGNATURE_PREFIX):
            raise FormatError("a signature line does not start with an em dash and a space")
        name, _, encoded = line.removeprefix(SIGNATURE_PREFIX).partition(" ")
        check_name(name)
        data = decode_base64(encoded)
        if len(data) <= KEY_ID_SIZE:
            raise FormatError(f"the signature of {name!r} is too short")
        return cls(name, data[:KEY_ID_SIZE], data[KEY_ID_SIZE:])

    def line(self) -> str:
        """Return the line with its newline."""
        return f"{SIGNATURE_PREFIX}{self.name} {encode_base64(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends in a newline, and its signature lines in order."""

    text: str
    signatures: tuple[Signature, ...]

    def format(self) -> str:
        """Return the whole note.

        Raises:
            FormatError: when it would not parse.
        """
        note = self.text + "\n" + "".join(signature.line() for signature in self.signatures)
        if parse_note(note) != self:
            raise FormatError("the text and signatures do not form a note")
        return note


def parse_note(note: str) -> Note:
    """Parse a note; nothing in it is verified.

    Raises:
        FormatError: when it is malformed, over 512 KiB, or has no or more than 64 signatures.
    """
    utf8(note, MAX_NOTE_SIZE)
    # "the text is separated from the signatures by the last empty line in the note."
    split = note.rfind("\n\n")
    if split < 0 or not note.endswith("\n"):
        raise FormatError("the note has no empty line before signatures, or is cut short")
    text, lines = note[: split + 1], note[split + 2 :].split("\n")[:-1]
    if not 1 <= len(lines) <= MAX_SIGNATURES:
        raise FormatError(f"a note has 1 to {MAX_SIGNATURES} signatures, not {len(lines)}")
    return Note(text, tuple(Signature.parse(line) for line in lines))


def known_signatures(note: Note, keys: Iterable[VerifierKey]) -> list[tuple[VerifierKey, bytes]]:
    """Return the signatures whose key name and key ID are those of a known key, in order.

    "Verifiers MUST ignore signatures from unknown keys, even if they share a name or ID (but not
    both) with a known key."

    Raises:
        FormatError: when two different known keys share name and key ID.
    """
    known: dict[tuple[str, bytes], VerifierKey] = {}
    for key in keys:
        if known.setdefault((key.name, key.key_id), key) != key:
            raise FormatError(f"two keys of the name {key.name!r} share a key ID")
    return [
        (known[line.name, line.key_id], line.signature)
        for line in note.signatures
        if (line.name, line.key_id) in known
    ]


def verify_ed25519(public_key: bytes, signature: bytes, message: bytes) -> None:
    """Check an RFC 8032 signature.

    Raises:
        ProofError: when it does not verify.
    """
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError) as error:
        raise ProofError("an Ed25519 signature does not verify") from error


def sign_note(text: str, signers: Iterable[SigningKey]) -> str:
    """Return the note over `text` with one Ed25519 (type 0x01) line per signer.

    Raises:
        FormatError: when the text cannot be a note's, or a signer is of another type.
    """
    message, lines = utf8(text, MAX_NOTE_SIZE), []
    for signer in signers:
        if signer.type is not SignatureType.ED25519:
            raise FormatError(f"{signer.type.name} does not sign note texts")
        signature = Ed25519PrivateKey.from_private_bytes(signer.seed).sign(message)
        lines.append(Signature.by(signer.verifier_key(), signature))
    return Note(text, tuple(lines)).format()


def open_note(note: str, keys: Iterable[VerifierKey]) -> tuple[str, tuple[VerifierKey, ...]]:
    """Return the text of a note and the Ed25519 (type 0x01) keys that signed it.

    Raises:
        FormatError: when the note is malformed, or a key is of another type.
        ProofError: when a known key's signature fails, or no known key signed.
    """
    parsed = parse_note(note)
    verified = []
    for key, signature in known_signatures(parsed, keys):
        if key.type is not SignatureType.ED25519:
            raise FormatError(f"{key.type.name} does not sign note texts")
        verify_ed25519(key.public_key, signature, parsed.text.encode())
        verified.append(key)
    if not verified:
        raise ProofError("no known key signed the note")
    return parsed.text, tuple(verified)
