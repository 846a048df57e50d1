import json
from base64 import b64encode
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.log.errors import FormatError, ProofError
from ledger.log.head_map import EMPTY_MAP_ROOT, MapProof, bucket_proof, map_leaf, map_root
from ledger.log.head_proof import AbsenceProof, HeadProof, read_head_proof

KEY, OTHER = bytes(32), b"\x80" + bytes(31)
HEAD, ROOT = sha256(b"head").digest(), sha256(b"root").digest()
# SHA-256("head/v1\n" || be64(3) || be64(9) || head || root), written out.
VALUE = sha256(b"head/v1\n" + bytes(7) + b"\x03" + bytes(7) + b"\x09" + HEAD + ROOT).digest()
OTHER_VALUE = sha256(b"other").digest()
OTHER_LEAF = sha256(OTHER + OTHER_VALUE).digest()
# The two keys differ in bit 0: SHA-256(left || right || byte(0)).
MAP_ROOT = sha256(sha256(KEY + VALUE).digest() + OTHER_LEAF + b"\x00").digest()
PRESENT = HeadProof(KEY, 3, 9, HEAD, ROOT, MapProof(((0, OTHER_LEAF),)))


def test_a_head_is_proven_against_the_root_of_its_map() -> None:
    PRESENT.verify(MAP_ROOT)


@pytest.mark.parametrize(
    "wrong",
    [
        HeadProof(KEY, 2, 9, HEAD, ROOT, PRESENT.proof),
        HeadProof(KEY, 3, 8, HEAD, ROOT, PRESENT.proof),
        HeadProof(KEY, 3, 9, ROOT, ROOT, PRESENT.proof),
        HeadProof(OTHER, 3, 9, HEAD, ROOT, PRESENT.proof),
        HeadProof(KEY, 3, 9, HEAD, ROOT, MapProof()),
    ],
)
def test_another_count_index_head_key_or_path_is_refused(wrong: HeadProof) -> None:
    with pytest.raises(ProofError):
        wrong.verify(MAP_ROOT)


def test_a_head_proof_is_written_as_the_formats_say() -> None:
    document = {
        "count": 3,
        "head": HEAD.hex(),
        "key": "00" * 32,
        "last_index": 9,
        "path": b64encode(b"\x00" + OTHER_LEAF).decode(),
        "root": ROOT.hex(),
        "v": 1,
    }
    expected = json.dumps(document, separators=(",", ":")).encode()
    assert PRESENT.to_bytes() == expected
    assert read_head_proof(expected) == PRESENT


def test_absence_is_proven_by_another_key_and_written_with_it() -> None:
    items = [(OTHER, map_leaf(OTHER, OTHER_VALUE))]
    found, steps = bucket_proof(items, KEY)
    proof = AbsenceProof(KEY, MapProof(steps, (found, OTHER_VALUE)))
    proof.verify(map_root(items))
    document = json.loads(proof.to_bytes())
    assert document == {
        "absent": True,
        "key": "00" * 32,
        "other_key": OTHER.hex(),
        "other_value": OTHER_VALUE.hex(),
        "path": "",
        "v": 1,
    }
    assert read_head_proof(proof.to_bytes()) == proof
    with pytest.raises(ProofError):
        AbsenceProof(OTHER, proof.proof).verify(map_root(items))


def test_absence_in_an_empty_map_needs_no_other_key() -> None:
    proof = AbsenceProof(KEY, MapProof())
    proof.verify(EMPTY_MAP_ROOT)
    assert b"other" not in proof.to_bytes()
    assert read_head_proof(proof.to_bytes()) == proof
    with pytest.raises(ProofError):
        proof.verify(MAP_ROOT)


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"v": True},
        {"count": 0},
        {"count": -1},
        {"count": 2**53},
        {"count": True},
        {"count": "3"},
        {"last_index": 1.5},
        {"key": "0" * 62},
        {"key": ("AB" * 32)},
        {"head": 7},
        {"path": "!"},
        {"path": b64encode(b"\x00" * 32).decode()},
        {"path": 5},
        {"absent": True},
        {"more": 1},
    ],
)
def test_members_out_of_form_are_refused(change: dict[str, object]) -> None:
    document = {**json.loads(PRESENT.to_bytes()), **change}
    with pytest.raises(FormatError):
        read_head_proof(json.dumps(document, separators=(",", ":"), sort_keys=True).encode())


def test_white_space_and_oversize_are_refused() -> None:
    with pytest.raises(FormatError):
        read_head_proof(PRESENT.to_bytes() + b"\n")
    with pytest.raises(FormatError):
        read_head_proof(b" " * 20_000)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_proof_or_a_format_error(data: bytes) -> None:
    with pytest.raises(FormatError):
        read_head_proof(data)


@given(st.integers(0, len(PRESENT.to_bytes()) - 1), st.integers(1, 255))
def test_no_edited_byte_leaves_a_proof_of_the_same_head(at: int, mask: int) -> None:
    data = bytearray(PRESENT.to_bytes())
    data[at] ^= mask
    with pytest.raises((FormatError, ProofError)):
        read_head_proof(bytes(data)).verify(MAP_ROOT)
