"""RFC 6962 trees: published vectors, agreement with the RFC's text, refused mutations."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.log import merkle
from ledger.log.errors import FormatError, ProofError
from ledger.log.merkle import CompactRange
from tests.unit.log import rfc6962_reference as rfc
from tests.unit.log.rfc6962_reference import LEAF_HASHES, LEAVES, numbered_hashes

PUBLISHED_ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
PUBLISHED_INCLUSION = {
    (0, 1): (),
    (0, 2): ("96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",),
    (2, 3): ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",),
    (1, 5): (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
    (0, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (5, 8): (
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
}
PUBLISHED_CONSISTENCY = {
    (1, 1): (),
    (1, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (2, 5): (
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
    (6, 8): (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
}
EDGE_SIZES = (0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33)

sizes = st.integers(0, 70)


def flipped(value: bytes, at: int = 0) -> bytes:
    return value[:at] + bytes((value[at] ^ 1,)) + value[at + 1 :]


def test_leaf_hashes_are_the_published_ones() -> None:
    assert tuple(merkle.leaf_hash(leaf) for leaf in LEAVES) == LEAF_HASHES
    assert merkle.leaf_hash(b"").hex() == PUBLISHED_ROOTS[1]


def test_a_node_hash_is_prefixed_and_ordered() -> None:
    left, right = LEAF_HASHES[:2]
    assert merkle.node_hash(left, right).hex() == PUBLISHED_ROOTS[2]
    assert merkle.node_hash(right, left).hex() != PUBLISHED_ROOTS[2]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_published_ones(size: int) -> None:
    expected = bytes.fromhex(PUBLISHED_ROOTS[size])
    assert merkle.root(LEAF_HASHES[:size]) == expected
    assert CompactRange().extend(LEAF_HASHES[:size]).root() == expected


@pytest.mark.parametrize(("index", "size"), PUBLISHED_INCLUSION)
def test_audit_paths_are_the_published_ones(index: int, size: int) -> None:
    expected = tuple(map(bytes.fromhex, PUBLISHED_INCLUSION[index, size]))
    assert merkle.inclusion_path(LEAF_HASHES[:size], index) == expected
    assert merkle.all_inclusion_paths(LEAF_HASHES[:size])[index] == expected


@pytest.mark.parametrize(("old", "new"), PUBLISHED_CONSISTENCY)
def test_consistency_proofs_are_the_published_ones(old: int, new: int) -> None:
    expected = tuple(map(bytes.fromhex, PUBLISHED_CONSISTENCY[old, new]))
    assert merkle.consistency_path(LEAF_HASHES[:new], old) == expected
    roots = [bytes.fromhex(root) for root in PUBLISHED_ROOTS]
    merkle.verify_consistency(old, roots[old], new, roots[new], expected)


@given(sizes)
def test_roots_and_paths_are_those_of_the_definition(size: int) -> None:
    hashes = numbered_hashes(size)
    assert merkle.root(hashes) == rfc.mth(hashes)
    paths = merkle.all_inclusion_paths(hashes)
    assert paths == [tuple(rfc.path(index, hashes)) for index in range(size)]
    for index, leaf in enumerate(hashes):
        assert merkle.inclusion_path(hashes, index) == paths[index]
        merkle.verify_inclusion(leaf, index, size, paths[index], merkle.root(hashes))


@given(sizes, st.data())
def test_consistency_proofs_are_those_of_the_definition(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(0, new))
    hashes = numbered_hashes(new)
    path = merkle.consistency_path(hashes, old)
    assert path == (tuple(rfc.proof(old, hashes)) if old else ())
    merkle.verify_consistency(old, rfc.mth(hashes[:old]), new, rfc.mth(hashes), path)


@pytest.mark.parametrize("size", EDGE_SIZES)
def test_an_inclusion_proof_with_any_one_thing_changed_is_refused(size: int) -> None:
    hashes = numbered_hashes(size)
    root = merkle.root(hashes)
    for index, path in enumerate(merkle.all_inclusion_paths(hashes)):
        leaf = hashes[index]
        refused = [
            (flipped(leaf), index, size, path, root),
            (leaf, index, size, path, flipped(root)),
            (leaf, index, size, (*path, root), root),
            (leaf, size, size, path, root),
            (leaf, -1, size, path, root),
            (leaf[:31], index, size, path, root),
        ]
        refused += [(leaf, other, size, path, root) for other in range(size) if other != index]
        for at, step in enumerate(path):
            rest = path[at + 1 :]
            refused.append((leaf, index, size, (*path[:at], flipped(step, 31), *rest), root))
            refused.append((leaf, index, size, (*path[:at], *rest), root))
            refused.append((leaf, index, size, (*path[:at], step + b"\0", *rest), root))
        for arguments in refused:
            with pytest.raises(ProofError):
                merkle.verify_inclusion(*arguments)


def test_a_path_of_another_length_leads_to_no_root() -> None:
    path = merkle.inclusion_path(LEAF_HASHES, 3)
    with pytest.raises(ProofError, match="too long"):
        merkle.root_from_inclusion(LEAF_HASHES[3], 3, 8, (*path, bytes(32)))
    with pytest.raises(ProofError, match="too short"):
        merkle.root_from_inclusion(LEAF_HASHES[3], 3, 8, path[:-1])


def test_moving_bytes_between_a_leaf_and_its_sibling_is_refused() -> None:
    # The bytes under the parent's hash are the same, only cut elsewhere.
    leaf, sibling = LEAF_HASHES[:2]
    moved = (leaf[:31], 0, 2, (leaf[31:] + sibling,), merkle.root(LEAF_HASHES[:2]))
    with pytest.raises(ProofError, match="not 32 bytes"):
        merkle.verify_inclusion(*moved)


@pytest.mark.parametrize("new", EDGE_SIZES)
def test_a_consistency_proof_with_any_one_thing_changed_is_refused(new: int) -> None:
    hashes = numbered_hashes(new)
    new_root = merkle.root(hashes)
    for old in range(new + 1):
        old_root = merkle.root(hashes[:old])
        path = merkle.consistency_path(hashes, old)
        refused = [
            (old, flipped(old_root), new, new_root, path),
            (old, old_root, new, new_root, (*path, old_root)),
            (new + 1, old_root, new, new_root, path),
            (-1, old_root, new, new_root, path),
        ]
        if old:
            refused.append((old, old_root, new, flipped(new_root), path))
        for at, step in enumerate(path):
            rest = path[at + 1 :]
            refused.append((old, old_root, new, new_root, (*path[:at], flipped(step), *rest)))
            refused.append((old, old_root, new, new_root, (*path[:at], *rest)))
            refused.append((old, old_root, new, new_root, (*path[:at], step[:31], *rest)))
        for arguments in refused:
            with pytest.raises(ProofError):
                merkle.verify_consistency(*arguments)


def test_a_tree_that_changed_an_old_leaf_is_not_consistent() -> None:
    hashes = numbered_hashes(11)
    forged = [flipped(hashes[0]), *hashes[1:]]
    path = merkle.consistency_path(forged, 6)
    with pytest.raises(ProofError):
        merkle.verify_consistency(6, merkle.root(hashes[:6]), 11, merkle.root(forged), path)


def test_the_empty_tree_is_a_prefix_of_every_tree_but_has_one_root() -> None:
    root = merkle.root(LEAF_HASHES)
    merkle.verify_consistency(0, merkle.EMPTY_ROOT, 8, root, ())
    merkle.verify_consistency(0, merkle.EMPTY_ROOT, 0, merkle.EMPTY_ROOT, ())
    with pytest.raises(ProofError):
        merkle.verify_consistency(0, merkle.EMPTY_ROOT, 0, root, ())
    with pytest.raises(ProofError):
        merkle.verify_consistency(0, root, 8, root, ())


def test_there_is_no_proof_for_what_is_outside_the_tree() -> None:
    assert merkle.all_inclusion_paths([]) == []
    for index in (-1, 8):
        with pytest.raises(ProofError):
            merkle.inclusion_path(LEAF_HASHES, index)
    with pytest.raises(ProofError):
        merkle.consistency_path(LEAF_HASHES, 9)


@given(st.lists(st.integers(0, 20), max_size=6), st.integers(0, 70))
def test_a_compact_range_grown_in_any_portions_is_the_same(portions: list[int], last: int) -> None:
    hashes = numbered_hashes(sum(portions) + last)
    by_portion, at = CompactRange(), 0
    for portion in (*portions, last):
        by_portion = by_portion.extend(hashes[at : at + portion])
        at += portion
    one_by_one = CompactRange()
    for leaf in hashes:
        one_by_one = one_by_one.append(leaf)
    assert by_portion == one_by_one
    assert by_portion.size == len(hashes)
    assert by_portion.root() == rfc.mth(hashes)
    assert CompactRange.from_hashes(by_portion.size, list(by_portion.hashes)) == by_portion


def test_the_hashes_of_a_compact_range_are_its_complete_subtrees_left_to_right() -> None:
    grown = CompactRange().extend(LEAF_HASHES[:7])
    assert grown.hashes == (
        rfc.mth(list(LEAF_HASHES[:4])),
        rfc.mth(list(LEAF_HASHES[4:6])),
        LEAF_HASHES[6],
    )


def test_growing_a_compact_range_leaves_the_old_one_as_it_was() -> None:
    before = CompactRange().extend(LEAF_HASHES[:3])
    kept = before.hashes
    before.append(LEAF_HASHES[3])
    before.extend(LEAF_HASHES[3:])
    assert (before.size, before.hashes) == (3, kept)


@pytest.mark.parametrize(
    ("size", "hashes"),
    [(0, [LEAF_HASHES[0]]), (1, []), (3, [LEAF_HASHES[0]]), (-1, []), (1, [b"short"])],
)
def test_a_compact_range_of_another_shape_is_refused(size: int, hashes: list[bytes]) -> None:
    with pytest.raises(FormatError):
        CompactRange.from_hashes(size, hashes)


def test_the_empty_root_is_the_hash_of_nothing() -> None:
    assert sha256(b"").digest() == merkle.EMPTY_ROOT == merkle.root([]) == CompactRange().root()
