"""Acknowledgements: hand-made roots and the vectors, and every part exchanged for another."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from ledger.log.acknowledgements import (
    acknowledgement_message,
    verify_acknowledgement,
    verify_place,
)
from ledger.log.errors import FormatError, ProofError
from ledger.log.signatures import load_public_key
from tests.independent.vectors import LOG, VECTORS

ORIGIN = LOG["origin"]
FIRST, SECOND, THIRD = (hashlib.sha256(bytes([number])).digest() for number in range(3))


def leaf(index: int, entry_hash: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + index.to_bytes(8, "big") + entry_hash).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True)
class Place:
    index: int
    entry_hash: bytes
    position: int
    size: int
    path: Sequence[bytes]
    root: bytes

    def verify(self) -> None:
        verify_place(self.index, self.entry_hash, self.position, self.size, self.path, self.root)


# Three events that came to stand at 7, 9 and 10.
LEAVES = (leaf(7, FIRST), leaf(9, SECOND), leaf(10, THIRD))
ROOT = node(node(LEAVES[0], LEAVES[1]), LEAVES[2])
PLACES = [
    Place(7, FIRST, 0, 3, (LEAVES[1], LEAVES[2]), ROOT),
    Place(9, SECOND, 1, 3, (LEAVES[0], LEAVES[2]), ROOT),
    Place(10, THIRD, 2, 3, (node(LEAVES[0], LEAVES[1]),), ROOT),
]


def test_the_message_is_the_dsse_encoding_of_canonical_json() -> None:
    body = b'{"origin":"log.example/320599","root":"' + b"ab" * 32 + b'","v":1}'
    assert len(body) == 111
    assert acknowledgement_message("log.example/320599", b"\xab" * 32) == (
        b"DSSEv1 30 application/vnd.tledger.ack.v1 111 " + body
    )


@pytest.mark.parametrize("name", ["first-event", "batch-of-three", "batch-resent"])
def test_an_acknowledgement_of_the_vectors_verifies_for_its_own_root_and_origin(name: str) -> None:
    for exchange in VECTORS[name]["exchanges"]:
        stated = exchange["acknowledgement"]
        key = load_public_key(bytes.fromhex(stated["public_key_hex"]))
        root = bytes.fromhex(stated["root_hex"])
        signature = bytes.fromhex(stated["signature_hex"])
        assert acknowledgement_message(ORIGIN, root).hex() == stated["dsse_hex"]
        verify_acknowledgement(key, ORIGIN, root, signature)
        author = load_public_key(bytes.fromhex(VECTORS[name]["batch"]["public_key_hex"]))
        for wrong in (
            (key, ORIGIN, bytes(32), signature),
            (key, ORIGIN + "0", root, signature),
            (key, ORIGIN, root, signature[::-1]),
            (key, ORIGIN, root, b""),
            (author, ORIGIN, root, signature),
        ):
            with pytest.raises(ProofError):
                verify_acknowledgement(*wrong)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"at {place.index}")
def test_an_entry_is_acknowledged_at_its_index_alone(place: Place) -> None:
    place.verify()
    for wrong in (
        replace(place, index=place.index + 1),
        replace(place, entry_hash=bytes(32)),
        replace(place, position=(place.position + 1) % 3),
        replace(place, position=3),
        replace(place, position=-1),
        replace(place, size=2),
        replace(place, size=0),
        replace(place, path=place.path[:-1]),
        replace(place, path=(*place.path, bytes(32))),
        replace(place, path=(bytes(32), *place.path[1:])),
        replace(place, path=(*place.path[:-1], place.path[-1][:-1])),
        replace(place, root=bytes(32)),
    ):
        with pytest.raises(ProofError):
            wrong.verify()


def test_a_single_event_has_an_empty_path() -> None:
    alone = Place(7, FIRST, 0, 1, (), LEAVES[0])
    alone.verify()
    with pytest.raises(ProofError):
        replace(alone, root=FIRST).verify()


@pytest.mark.parametrize(
    "wrong",
    [
        replace(PLACES[0], index=-1),
        replace(PLACES[0], index=2**64),
        replace(PLACES[0], entry_hash=FIRST[:-1]),
        replace(PLACES[0], entry_hash=b""),
    ],
)
def test_what_is_no_index_and_no_hash_is_refused(wrong: Place) -> None:
    with pytest.raises(FormatError):
        wrong.verify()
