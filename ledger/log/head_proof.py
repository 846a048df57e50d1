"""Head proofs (docs/formats.md section 7): what the head map says of one key, or that it is absent.

A proof is checked against a map root, which a map-commit entry names.
"""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from typing import Any, Final

from ledger.log import canonical_json
from ledger.log.errors import FormatError
from ledger.log.head_map import MapProof, head_value, verify_absence, verify_presence

HEAD_PROOF_LIMIT: Final = 16_384
_HASH_SIZE: Final = 32
_NUMBER_LIMIT: Final = 2**53
_PRESENT: Final = frozenset({"count", "head", "key", "last_index", "path", "root", "v"})
_ABSENT: Final = frozenset({"absent", "key", "path", "v"})
_OTHER: Final = frozenset({"other_key", "other_value"})


@dataclass(frozen=True, slots=True)
class HeadProof:
    """Proof that the map holds a key with exactly this head.

    Attributes:
        key: Map key, 32 bytes.
        count: Number of entries that touched the key, at least 1.
        last_index: Log index of the last of them.
        head: Its entry hash, 32 bytes.
        root: Root of the key's own tree, 32 bytes.
        proof: The path to the map root.
    """

    key: bytes
    count: int
    last_index: int
    head: bytes
    root: bytes
    proof: MapProof

    def to_bytes(self) -> bytes:
        """Return the canonical JSON."""
        return canonical_json.encode(
            {
                "v": 1,
                "key": self.key.hex(),
                "count": self.count,
                "last_index": self.last_index,
                "head": self.head.hex(),
                "root": self.root.hex(),
                "path": b64encode(self.proof.to_bytes()).decode(),
            }
        )

    def verify(self, map_root: bytes) -> None:
        """Check the proof against the root of the map.

        Raises:
            ProofError: when it does not show this head under this key.
        """
        value = head_value(self.count, self.last_index, self.head, self.root)
        verify_presence(map_root, self.key, value, self.proof)


@dataclass(frozen=True, slots=True)
class AbsenceProof:
    """Proof that the map does not hold a key.

    Attributes:
        key: Map key, 32 bytes.
        proof: The path, with the other leaf unless the map is empty.
    """

    key: bytes
    proof: MapProof

    def to_bytes(self) -> bytes:
        """Return the canonical JSON."""
        document: dict[str, Any] = {
            "v": 1,
            "absent": True,
            "key": self.key.hex(),
            "path": b64encode(MapProof(self.proof.steps).to_bytes()).decode(),
        }
        if self.proof.other is not None:
            document["other_key"] = self.proof.other[0].hex()
            document["other_value"] = self.proof.other[1].hex()
        return canonical_json.encode(document)

    def verify(self, map_root: bytes) -> None:
        """Check the proof against the root of the map.

        Raises:
            ProofError: when it does not show that the key is absent.
        """
        verify_absence(map_root, self.key, self.proof)


def read_head_proof(data: bytes) -> HeadProof | AbsenceProof:
    """Read a head proof of either kind from its bytes.

    Raises:
        FormatError: when the bytes are not exactly one head proof in canonical form.
    """
    document = canonical_json.decode(data, HEAD_PROOF_LIMIT)
    try:
        proof = _read_absent(document) if "absent" in document else _read_present(document)
    except (KeyError, TypeError, ValueError, Base64Error) as error:
        raise FormatError(f"not a head proof: {error!r}") from error
    if proof.to_bytes() != data:
        raise FormatError("not a head proof in canonical form")
    return proof


def _read_present(document: dict[str, Any]) -> HeadProof:
    if document.keys() != _PRESENT:
        raise ValueError(f"members {sorted(document)}")
    return HeadProof(
        _hash(document["key"]),
        _number(document["count"], 1),
        _number(document["last_index"], 0),
        _hash(document["head"]),
        _hash(document["root"]),
        _path(document["path"]),
    )


def _read_absent(document: dict[str, Any]) -> AbsenceProof:
    other = None
    if document.keys() == _ABSENT | _OTHER:
        other = (_hash(document["other_key"]), _hash(document["other_value"]))
    elif document.keys() != _ABSENT:
        raise ValueError(f"members {sorted(document)}")
    steps = _path(document["path"]).steps
    if other is None and steps:
        raise ValueError("a path in an empty map")
    return AbsenceProof(_hash(document["key"]), MapProof(steps, other))


def _number(value: object, least: int) -> int:
    if type(value) is not int or not least <= value < _NUMBER_LIMIT:
        raise ValueError(f"not an integer from {least} to 2^53: {value!r}")
    return value


def _hash(value: str) -> bytes:
    data = bytes.fromhex(value)
    if len(data) != _HASH_SIZE:
        raise ValueError(f"not a hash of {_HASH_SIZE} bytes: {value!r}")
    return data


def _path(value: str) -> MapProof:
    proof = MapProof.from_bytes(b64decode(value, validate=True))
    if proof.other is not None:
        raise ValueError("a path holds steps alone")
    return proof
