"""The head map in packed buckets, against the map as pure recursion."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.application.bucketed_map import BucketedMap, bits_for
from ledger.log.errors import FormatError
from ledger.log.head_map import MapProof, map_leaf, verify_absence, verify_presence
from tests.independent import head_map as independent


def pair(number: int) -> tuple[bytes, bytes]:
    """Key and value number `number`."""
    return sha256(b"key %d" % number).digest(), sha256(b"value %d" % number).digest()


def leaves(values: dict[bytes, bytes]) -> dict[bytes, bytes]:
    return {key: map_leaf(key, value) for key, value in values.items()}


def built(values: dict[bytes, bytes]) -> BucketedMap:
    return BucketedMap(sorted(leaves(values).items()))


@given(st.lists(st.dictionaries(st.integers(0, 40), st.integers(0, 9), max_size=12), max_size=6))
def test_updates_in_any_order_give_the_root_of_the_whole(steps: list[dict[int, int]]) -> None:
    tree, values = BucketedMap(), dict[bytes, bytes]()
    for step in steps:
        changed = {pair(key)[0]: pair(value)[1] for key, value in step.items()}
        values |= changed
        expected = (independent.map_root(values), len(values))
        assert tree.preview(leaves(changed)) == expected
        tree.update(leaves(changed))
        assert (tree.root(), tree.keys_total) == expected
    assert tree.items() == sorted(leaves(values).items())
    assert built(values).root() == tree.root()


def test_a_preview_changes_nothing() -> None:
    tree = built(dict(map(pair, range(20))))
    before = (tree.root(), tree.keys_total, tree.items())
    other = tree.preview(leaves(dict(map(pair, range(15, 30)))))
    assert other == (independent.map_root(dict(map(pair, range(30)))), 30)
    assert (tree.root(), tree.keys_total, tree.items()) == before


def test_a_map_that_outgrows_its_buckets_keeps_root_and_proofs() -> None:
    values = dict(map(pair, range(40_000)))
    tree = BucketedMap()
    tree.update(leaves(values))
    # 40,000 keys in the first 256 buckets would be 156 in each: it was cut into more.
    assert bits_for(40_000) == 12
    assert tree.root() == built(values).root()
    assert tree.keys_total == 40_000
    key, value = pair(39_999)
    found = tree.locate(key)
    assert found is not None
    verify_presence(tree.root(), key, value, MapProof(found[1]))
    assert tree.leaf(key) == map_leaf(key, value)


def test_a_key_that_is_not_held_is_proved_absent_by_its_neighbour() -> None:
    values = dict(map(pair, range(9)))
    tree = built(values)
    key, _ = pair(1_000)
    found = tree.locate(key)
    assert found is not None
    verify_absence(tree.root(), key, MapProof(found[1], (found[0], values[found[0]])))
    assert tree.leaf(key) is None
    assert BucketedMap().locate(key) is None


@pytest.mark.parametrize("keys", [0, 255, 4_096])
def test_small_maps_have_256_buckets(keys: int) -> None:
    assert bits_for(keys) <= 9
    assert bits_for(keys) >= 8


def test_ten_million_keys_have_a_million_buckets() -> None:
    assert bits_for(10_000_000) == 20


def test_items_out_of_order_or_of_another_size_are_refused() -> None:
    items = sorted(leaves(dict(map(pair, range(9)))).items())
    with pytest.raises(FormatError):
        BucketedMap(items[::-1])
    with pytest.raises(FormatError):
        BucketedMap([*items, items[-1]])
    with pytest.raises(FormatError):
        BucketedMap([(items[0][0], b"short")])
    with pytest.raises(FormatError):
        BucketedMap().update({b"short": bytes(32)})
