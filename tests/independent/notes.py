"""Signed notes, checkpoints and tlog-proofs as C2SP defines them (docs/formats.md section 7).

signed-note, tlog-checkpoint, tlog-cosignature and tlog-proof; keys of type 0x01 (Ed25519 over the
text) and 0x06 (ML-DSA-44 over the tree).
"""

import hashlib
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from tests.independent.trees import leaf_hash, root_from_path

_PROOF_HEADER: Final = "c2sp.org/tlog-proof@v1"
_ED25519: Final = 0x01
_ML_DSA_44: Final = 0x06


class NoteError(Exception):
    """A note or proof that does not show what it claims."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree head that the log signed."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class _VerifierKey:
    name: str
    kind: int
    raw: bytes

    @property
    def hint(self) -> bytes:
        """What a signature line begins with."""
        named = self.name.encode() + b"\n" + bytes([self.kind]) + self.raw
        return hashlib.sha256(named).digest()[:4]


def open_checkpoint(note: str, origin: str, vkeys: Sequence[str]) -> Checkpoint:
    """Verify a checkpoint: every one of the log's keys has signed it.

    Args:
        note: The signed note.
        origin: Origin of the log, known beforehand.
        vkeys: The keys of the trust file.

    Raises:
        NoteError: The note is malformed, another log's, or not signed by all keys.
    """
    text, separator, signatures = note.partition("\n\n")
    lines = text.split("\n")
    if not separator or not signatures.endswith("\n") or len(lines) != 3 or lines[0] != origin:
        raise NoteError("not a checkpoint of this log")
    if not lines[1].isdecimal() or str(int(lines[1])) != lines[1] or not vkeys:
        raise NoteError("no size, or no keys")
    tree = Checkpoint(origin, int(lines[1]), _base64(lines[2]))
    signed = [_signature_line(line) for line in signatures.removesuffix("\n").split("\n")]
    for vkey in vkeys:
        key = _read_vkey(vkey)
        found = [raw[4:] for name, raw in signed if (name, raw[:4]) == (key.name, key.hint)]
        if len(found) != 1 or key.name != origin:
            raise NoteError(f"{len(found)} signatures by {vkey[:80]}")
        _verify(key, tree, f"{text}\n".encode(), found[0])
    return tree


def check_proof(
    proof: str, entry: bytes, origin: str, vkeys: Sequence[str]
) -> tuple[int, Checkpoint]:
    """Check a tlog-proof of an entry; return the entry's index and the checkpoint that holds it.

    Raises:
        NoteError: The proof is malformed or another entry's, or its checkpoint does not verify.
    """
    head, _, note = proof.partition("\n\n")
    header, index, *steps = head.split("\n")
    number = index.removeprefix("index ")
    if header != _PROOF_HEADER or not number.isdecimal() or index != f"index {int(number)}":
        raise NoteError("not a tlog-proof")
    tree = open_checkpoint(note, origin, vkeys)
    path = [_base64(step) for step in steps]
    if root_from_path(leaf_hash(entry), int(number), tree.size, path) != tree.root:
        raise NoteError(f"the entry is not number {number} of the tree")
    return int(number), tree


def _signature_line(line: str) -> tuple[str, bytes]:
    dash, _, rest = line.partition(" ")
    name, _, signature = rest.partition(" ")
    if dash != "—":
        raise NoteError("not a signature line")
    return name, _base64(signature)


def _read_vkey(vkey: str) -> _VerifierKey:
    name, hint, encoded = vkey.split("+", 2)
    material = _base64(encoded)
    key = _VerifierKey(name, material[0], material[1:])
    if key.hint.hex() != hint:
        raise NoteError("a vkey whose id does not fit")
    return key


def _verify(key: _VerifierKey, tree: Checkpoint, text: bytes, signature: bytes) -> None:
    try:
        if key.kind == _ED25519:
            Ed25519PublicKey.from_public_bytes(key.raw).verify(signature, text)
        elif key.kind == _ML_DSA_44:
            message = _cosigned(key.name, signature[:8], tree)
            MLDSA44PublicKey.from_public_bytes(key.raw).verify(signature[8:], message)
        else:
            raise NoteError(f"a key of type {key.kind}")
    except (InvalidSignature, ValueError):
        raise NoteError(f"the signature of type {key.kind} does not hold") from None


def _cosigned(name: str, timestamp: bytes, tree: Checkpoint) -> bytes:
    """Return what a cosignature of type 0x06 signs: name, time, origin, subtree [0, size), root."""
    cosigner, origin = name.encode(), tree.origin.encode()
    return b"".join(
        (
            b"subtree/v1\n\x00",
            bytes([len(cosigner)]) + cosigner,
            timestamp,
            bytes([len(origin)]) + origin,
            bytes(8) + tree.size.to_bytes(8),
            tree.root,
        )
    )


def _base64(text: str) -> bytes:
    try:
        data = b64decode(text, validate=True)
    except (Base64Error, ValueError):
        raise NoteError("not base64") from None
    if b64encode(data).decode() != text:
        raise NoteError("base64 in another form")
    return data
