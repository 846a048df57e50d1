"""The head map: the printed reference, hand-computed values, proofs and their mutations."""

from bisect import bisect_left
from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.log import head_map
from ledger.log.errors import FormatError, ProofError
from ledger.log.head_map import Head, Item, MapProof, TopTree
from ledger.log.merkle import CompactRange
from tests.unit.log import rfc6962_reference as rfc

Values = dict[bytes, bytes]
Buckets = dict[int, list[Item]]


def bit_of(key: bytes, d: int) -> int:
    return key[d >> 3] >> (7 - (d & 7)) & 1


def reference_root(items: Sequence[Item]) -> bytes:
    """Hash a sorted map top down, by the definition."""
    if not items:
        return sha256(b"").digest()
    if len(items) == 1:
        return items[0][1]
    first, last = items[0][0], items[-1][0]
    d = next(d for d in range(256) if bit_of(first, d) != bit_of(last, d))
    cut = bisect_left([bit_of(key, d) for key, _ in items], 1)
    sides = reference_root(items[:cut]) + reference_root(items[cut:])
    return sha256(sides + bytes([d])).digest()


def items_of(values: Values) -> list[Item]:
    return sorted((key, sha256(key + value).digest()) for key, value in values.items())


def bucketed(values: Values, bits: int) -> tuple[TopTree, Buckets]:
    buckets: Buckets = {}
    for item in items_of(values):
        buckets.setdefault(head_map.bucket_of(item[0], bits), []).append(item)
    top = TopTree(bits)
    top.update({number: head_map.bucket_hash(items) for number, items in buckets.items()})
    return top, buckets


def prove(values: Values, key: bytes, bits: int = 4) -> MapProof:
    top, buckets = bucketed(values, bits)
    located = head_map.locate(top, buckets.__getitem__, key)
    if located is None:
        return MapProof()
    found, steps = located
    return MapProof(steps, None if found == key else (found, values[found]))


# Keys that share long prefixes reach deep bits and crowd buckets; random ones do not.
keys = st.one_of(
    st.binary(min_size=32, max_size=32),
    st.integers(0, 300).map(lambda number: number.to_bytes(32, "big")),
    st.integers(0, 300).map(lambda number: b"\xab" + number.to_bytes(2, "big") + bytes(29)),
)
maps = st.dictionaries(keys, st.binary(min_size=32, max_size=32), max_size=40)

# k1 = 00…, k2 = 40…, k3 = c0…: k1 and k2 part at bit 1, both part from k3 at bit 0.
K1, K2, K3 = bytes(32), b"\x40" + bytes(31), b"\xc0" + bytes(31)
V1, V2, V3 = b"\1" * 32, b"\2" * 32, b"\3" * 32
THREE = {K1: V1, K2: V2, K3: V3}
L1, L2, L3 = (sha256(key + value).digest() for key, value in THREE.items())
N12 = sha256(L1 + L2 + b"\1").digest()
ROOT = sha256(N12 + L3 + b"\0").digest()


def test_a_map_key_is_the_hash_of_namespace_nul_and_identifier() -> None:
    assert head_map.map_key("stream", b"id") == sha256(b"stream\0id").digest()
    assert head_map.map_key("cohort", b"id") != head_map.map_key("stream", b"id")


@pytest.mark.parametrize("namespace", ["", "str\0eam", "培训"])
def test_a_namespace_that_could_be_ambiguous_is_refused(namespace: str) -> None:
    with pytest.raises(FormatError):
        head_map.map_key(namespace, b"id")


def test_a_head_value_is_the_hash_of_its_fields_in_order() -> None:
    fields = b"head/v1\n" + b"\0\0\0\0\0\0\0\5" + b"\0\0\0\0\0\0\1\0" + b"h" * 32 + b"r" * 32
    assert head_map.head_value(5, 256, b"h" * 32, b"r" * 32) == sha256(fields).digest()


@pytest.mark.parametrize(
    ("count", "index", "head", "root"),
    [
        (-1, 0, bytes(32), bytes(32)),
        (1, 1 << 64, bytes(32), bytes(32)),
        (1, 1, bytes(31), bytes(33)),
        (1, 1, bytes(33), bytes(31)),
    ],
)
def test_a_head_value_of_impossible_fields_is_refused(
    count: int, index: int, head: bytes, root: bytes
) -> None:
    with pytest.raises(FormatError):
        head_map.head_value(count, index, head, root)


def test_a_located_leaf_is_the_leaf_hash_of_index_and_entry_hash() -> None:
    expected = sha256(b"\0" + b"\0\0\0\0\0\0\0\7" + b"e" * 32).digest()
    assert head_map.located_leaf(7, b"e" * 32) == expected
    for index, entry_hash in ((-1, bytes(32)), (1 << 64, bytes(32)), (0, bytes(31))):
        with pytest.raises(FormatError):
            head_map.located_leaf(index, entry_hash)


def test_a_head_advances_with_its_own_tree() -> None:
    entries = [(3, b"a" * 32), (4, b"b" * 32), (900, b"c" * 32)]
    head = Head.first(*entries[0])
    for index, entry_hash in entries[1:]:
        head = head.advance(index, entry_hash)
    leaves = [sha256(b"\0" + i.to_bytes(8, "big") + h).digest() for i, h in entries]
    assert (head.count, head.last_index, head.head_hash) == (3, 900, b"c" * 32)
    assert head.root == rfc.mth(leaves)
    assert head.value() == head_map.head_value(3, 900, b"c" * 32, rfc.mth(leaves))
    assert head.range == CompactRange().extend(leaves)


@pytest.mark.parametrize("index", [0, 3])
def test_a_head_refuses_an_entry_that_does_not_follow(index: int) -> None:
    with pytest.raises(FormatError):
        Head.first(3, bytes(32)).advance(index, bytes(32))


def test_small_maps_have_the_hand_computed_roots() -> None:
    assert head_map.map_root([]) == sha256(b"").digest()
    assert head_map.map_root(items_of({K1: V1})) == L1
    assert head_map.map_root(items_of({K1: V1, K2: V2})) == N12
    assert head_map.map_root(items_of(THREE)) == ROOT


def test_small_maps_have_the_hand_computed_proofs() -> None:
    assert prove(THREE, K1).to_bytes() == b"\1" + L2 + b"\0" + L3
    assert prove(THREE, K3).to_bytes() == b"\0" + N12
    # A walk towards 60… goes left at bit 0, right at bit 1, and ends at K2.
    absent = prove(THREE, b"\x60" + bytes(31)).to_bytes()
    assert absent == K2 + V2 + b"\1" + L1 + b"\0" + L3


@given(maps, st.sampled_from((0, 1, 3, 8, 12)))
def test_the_root_is_that_of_the_definition_whatever_the_buckets(values: Values, bits: int) -> None:
    expected = reference_root(items_of(values))
    assert head_map.map_root(items_of(values)) == expected
    assert bucketed(values, bits)[0].root() == expected


@settings(max_examples=50)
@given(st.lists(maps, max_size=4), st.sampled_from((0, 2, 12)))
def test_updates_in_any_portions_lead_to_the_same_root(portions: list[Values], bits: int) -> None:
    top, merged = TopTree(bits), Values()
    for portion in portions:
        merged |= portion
        touched = {head_map.bucket_of(key, bits) for key in portion}
        _, buckets = bucketed(merged, bits)
        top.update({number: head_map.bucket_hash(buckets[number]) for number in touched})
        assert top.root() == reference_root(items_of(merged))


def test_a_bucket_that_is_emptied_leaves_no_trace() -> None:
    top, _ = bucketed(THREE, 2)
    top.update({head_map.bucket_of(K3, 2): None})
    assert top.root() == N12
    top.update({head_map.bucket_of(K1, 2): None, head_map.bucket_of(K2, 2): None})
    assert top.root() == head_map.EMPTY_MAP_ROOT
    assert top.nearest(0) is None


@given(maps, keys, st.sampled_from((0, 3, 12)))
def test_every_key_is_proved_present_or_absent(values: Values, key: bytes, bits: int) -> None:
    root = reference_root(items_of(values))
    for present, value in values.items():
        proof = prove(values, present, bits)
        head_map.verify_presence(root, present, value, proof)
        assert MapProof.from_bytes(proof.to_bytes()) == proof
        assert proof == prove(values, present, 1)
        with pytest.raises(ProofError):
            head_map.verify_absence(root, present, proof)
    if key not in values:
        proof = prove(values, key, bits)
        head_map.verify_absence(root, key, proof)
        assert MapProof.from_bytes(proof.to_bytes()) == proof
        with pytest.raises(ProofError):
            head_map.verify_presence(root, key, bytes(32), proof)


@settings(max_examples=30)
@given(st.dictionaries(keys, st.binary(min_size=32, max_size=32), min_size=2, max_size=12))
def test_no_leaf_of_the_map_proves_a_present_key_absent(values: Values) -> None:
    root = reference_root(items_of(values))
    proofs = {key: prove(values, key).steps for key in values}
    for key in values:
        for other, steps in proofs.items():
            with pytest.raises(ProofError):
                head_map.verify_absence(root, key, MapProof(steps, (other, values[other])))


def test_every_changed_byte_of_a_presence_proof_is_refused() -> None:
    proof = prove(THREE, K1).to_bytes()
    head_map.verify_presence(ROOT, K1, V1, MapProof.from_bytes(proof))
    for at in range(len(proof)):
        changed = proof[:at] + bytes((proof[at] ^ 0x10,)) + proof[at + 1 :]
        with pytest.raises((ProofError, FormatError)):
            head_map.verify_presence(ROOT, K1, V1, MapProof.from_bytes(changed))


def test_every_changed_byte_of_an_absence_proof_is_refused() -> None:
    target = b"\x60" + bytes(31)
    proof = prove(THREE, target).to_bytes()
    head_map.verify_absence(ROOT, target, MapProof.from_bytes(proof))
    for at in range(len(proof)):
        changed = proof[:at] + bytes((proof[at] ^ 0x10,)) + proof[at + 1 :]
        with pytest.raises((ProofError, FormatError)):
            head_map.verify_absence(ROOT, target, MapProof.from_bytes(changed))


def test_a_presence_proof_of_something_else_is_refused() -> None:
    proof = prove(THREE, K1)
    refused = [
        (ROOT, K1, V2, proof),
        (ROOT, K2, V1, proof),
        (ROOT, K2, V2, proof),
        (N12, K1, V1, proof),
        (ROOT, K1, V1, MapProof(proof.steps[:1])),
        (ROOT, K1, V1, MapProof(proof.steps[::-1])),
        (ROOT, K1, V1, MapProof(proof.steps, (K2, V2))),
        (ROOT, K1[:31], V1, proof),
        (ROOT, K1, V1 + b"\0", proof),
        (ROOT, K1, V1, MapProof(((1, L2 + b"\0"), *proof.steps[1:]))),
        (ROOT, K1, V1, MapProof(((256, L2), *proof.steps[1:]))),
    ]
    for arguments in refused:
        with pytest.raises(ProofError):
            head_map.verify_presence(*arguments)


def test_an_inner_node_cannot_stand_in_for_a_leaf() -> None:
    # Its 65 bytes hashed as a leaf's 64 would need a key and a value of other lengths.
    with pytest.raises(ProofError):
        head_map.verify_presence(N12, L1, L2 + b"\1", MapProof())


def test_a_root_over_misordered_bits_or_longer_siblings_proves_nothing() -> None:
    rising = sha256(sha256(L1 + L2 + b"\0").digest() + L3 + b"\1").digest()
    repeated = sha256(sha256(L1 + L2 + b"\0").digest() + L3 + b"\0").digest()
    longer = sha256(L1 + L2 + b"\0" + b"\0").digest()
    for root, steps in (
        (rising, ((0, L2), (1, L3))),
        (repeated, ((0, L2), (0, L3))),
        (longer, ((0, L2 + b"\0"),)),
    ):
        with pytest.raises(ProofError):
            head_map.verify_presence(root, K1, V1, MapProof(steps))


def test_absence_needs_the_leaf_where_the_walk_ends() -> None:
    target = b"\x60" + bytes(31)
    for other in (K1, K3):
        stolen = MapProof(prove(THREE, other).steps, (other, THREE[other]))
        with pytest.raises(ProofError):
            head_map.verify_absence(ROOT, target, stolen)


def test_in_the_empty_map_absence_needs_no_proof_and_elsewhere_it_does() -> None:
    head_map.verify_absence(head_map.EMPTY_MAP_ROOT, K1, MapProof.from_bytes(b""))
    for root in (ROOT, L1):
        with pytest.raises(ProofError):
            head_map.verify_absence(root, K1, MapProof())
    with pytest.raises(ProofError):
        head_map.verify_absence(head_map.EMPTY_MAP_ROOT, K1, MapProof(((0, L1),)))


@pytest.mark.parametrize(
    "data",
    [
        bytes(1),
        bytes(32),
        bytes(31),
        bytes(63),
        bytes(65),
        b"\0" + bytes(32) + b"\1" + bytes(32),
        b"\1" + bytes(32) + b"\1" + bytes(32),
        bytes(33 * 257),
    ],
)
def test_a_proof_that_is_not_canonical_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        MapProof.from_bytes(data)


@pytest.mark.parametrize("items", [[(K2, L2), (K1, L1)], [(K1, L1), (K1, L1)]])
def test_unsorted_items_are_refused(items: list[Item]) -> None:
    with pytest.raises(FormatError):
        head_map.bucket_hash(items)
    with pytest.raises(FormatError):
        head_map.bucket_proof(items, K1)


def test_an_empty_bucket_has_no_hash_and_no_proof() -> None:
    assert head_map.bucket_hash([]) is None
    with pytest.raises(FormatError):
        head_map.bucket_proof([], K1)


def test_a_bucket_is_the_top_bits_of_the_key() -> None:
    assert head_map.bucket_of(b"\xab\xcd" + bytes(30)) == 0xABC
    assert head_map.bucket_of(b"\xab\xcd" + bytes(30), 8) == 0xAB
    assert head_map.bucket_of(b"\xff" * 32, 0) == 0


@pytest.mark.parametrize("bits", [-1, 25])
def test_a_number_of_buckets_out_of_range_is_refused(bits: int) -> None:
    with pytest.raises(FormatError):
        TopTree(bits)


@pytest.mark.parametrize("bucket", [-1, 4])
def test_an_update_of_an_impossible_bucket_changes_nothing(bucket: int) -> None:
    top, _ = bucketed(THREE, 2)
    with pytest.raises(FormatError):
        top.update({0: None, bucket: L1})
    assert top.root() == ROOT
