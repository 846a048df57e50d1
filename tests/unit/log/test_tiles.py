"""tlog-tiles: the specification's examples, and proofs from tiles against proofs from leaves."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.log import merkle, tiles
from ledger.log.errors import FormatError, ProofError
from ledger.log.tiles import TileId
from tests.unit.log.rfc6962_reference import numbered_hashes

HASHES = numbered_hashes(70_000)
EDGES = (1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 70_000)


class Store:
    """Tiles as a directory would hold them: the widest state of each, and a count of reads."""

    def __init__(self) -> None:
        self.data: dict[tuple[int, int], bytes] = {}
        self.reads = 0

    def read(self, level: int, n: int) -> bytes:
        self.reads += 1
        return self.data[level, n]

    def write(self, changed: dict[TileId, bytes]) -> None:
        for tile, data in changed.items():
            assert len(data) == tile.width * 32
            self.data[tile.level, tile.n] = data


@pytest.fixture(scope="module")
def full() -> Store:
    store = Store()
    store.write(tiles.new_tiles(0, HASHES, store.read))
    return store


@pytest.mark.parametrize(
    ("level", "n", "width", "path"),
    [
        (0, 1_234_067, 256, "tile/0/x001/x234/067"),
        (0, 0, 256, "tile/0/000"),
        (1, 0, 1, "tile/1/000.p/1"),
        (63, 999, 255, "tile/63/999.p/255"),
        (2, 1000, 17, "tile/2/x001/000.p/17"),
    ],
)
def test_a_tile_path_is_that_of_the_specification(
    level: int, n: int, width: int, path: str
) -> None:
    assert tiles.tile_path(level, n, width) == path
    assert TileId(level, n, width).path() == path


def test_a_bundle_path_has_the_same_form() -> None:
    assert tiles.bundle_path(273, 112) == "tile/entries/273.p/112"
    assert tiles.bundle_path(1_234_067, 256) == "tile/entries/x001/x234/067"


@pytest.mark.parametrize(("level", "n", "width"), [(64, 0, 1), (-1, 0, 1), (0, -1, 1), (0, 0, 0)])
def test_a_path_of_no_tile_is_refused(level: int, n: int, width: int) -> None:
    with pytest.raises(FormatError):
        tiles.tile_path(level, n, width)
    with pytest.raises(FormatError):
        tiles.bundle_path(0, 257)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (70_000, {0: (273, 112), 1: (1, 17), 2: (0, 1)}),
        (256, {0: (1, 0), 1: (0, 1)}),
        (65_536, {0: (256, 0), 1: (1, 0), 2: (0, 1)}),
    ],
)
def test_a_tree_has_the_tiles_that_the_specification_counts(
    size: int, expected: dict[int, tuple[int, int]]
) -> None:
    made = tiles.new_tiles(0, HASHES[:size], no_tile)
    counted = {
        level: (
            sum(tile.level == level and tile.width == 256 for tile in made),
            sum(tile.width for tile in made if tile.level == level and tile.width < 256),
        )
        for level in {tile.level for tile in made}
    }
    assert counted == expected
    for tile in made:
        assert tiles.tile_width(tile.level, tile.n, size) == tile.width


def no_tile(level: int, n: int) -> bytes:
    pytest.fail(f"tile {n} of level {level} was read")


def test_a_tile_holds_the_roots_of_its_parts() -> None:
    made = tiles.new_tiles(0, HASHES[:70_000], no_tile)
    assert made[TileId(0, 273, 112)] == b"".join(HASHES[273 * 256 :])
    assert made[TileId(1, 1, 17)][:32] == merkle.root(HASHES[65_536 : 65_536 + 256])
    assert made[TileId(2, 0, 1)] == merkle.root(HASHES[:65_536])


@settings(max_examples=25)
@given(st.lists(st.sampled_from((0, 1, 2, 100, 255, 256, 257, 700)), max_size=6))
def test_appending_in_portions_gives_the_tiles_of_the_whole(portions: list[int]) -> None:
    store, size = Store(), 0
    for portion in portions:
        changed = tiles.new_tiles(size, HASHES[size : size + portion], store.read)
        size += portion
        assert all(tiles.tile_width(t.level, t.n, size) == t.width for t in changed)
        store.write(changed)
    whole = tiles.new_tiles(0, HASHES[:size], no_tile)
    assert store.data == {(tile.level, tile.n): data for tile, data in whole.items()}


def test_a_tile_that_a_failed_publication_left_wider_is_cut_to_the_old_size() -> None:
    store = Store()
    store.write(tiles.new_tiles(0, HASHES[:300], store.read))
    again = tiles.new_tiles(257, HASHES[257:290], store.read)
    assert again == {TileId(0, 1, 34): b"".join(HASHES[256:290])}


@pytest.mark.parametrize("size", EDGES)
def test_the_root_comes_from_the_tiles_of_a_larger_tree(full: Store, size: int) -> None:
    assert tiles.root_from_tiles(size, full.read) == merkle.root(HASHES[:size])


def test_the_root_of_no_leaves_needs_no_tile() -> None:
    assert tiles.root_from_tiles(0, no_tile) == merkle.EMPTY_ROOT


@settings(max_examples=40)
@given(st.one_of(st.sampled_from(EDGES), st.integers(1, 70_000)), st.data())
def test_inclusion_proofs_from_tiles_verify_and_read_few_of_them(
    size: int, data: st.DataObject
) -> None:
    store, root = shared_store(), tiles.root_from_tiles(size, shared_store().read)
    index = data.draw(st.integers(0, size - 1))
    store.reads = 0
    path = tiles.inclusion_path_from_tiles(index, size, store.read)
    assert store.reads <= 6
    merkle.verify_inclusion(HASHES[index], index, size, path, root)
    assert tiles.leaf_hash_at(index, store.read) == HASHES[index]


@settings(max_examples=40)
@given(st.one_of(st.sampled_from(EDGES), st.integers(1, 70_000)), st.data())
def test_consistency_proofs_from_tiles_verify_and_read_few_of_them(
    new: int, data: st.DataObject
) -> None:
    store = shared_store()
    old = data.draw(st.integers(0, new))
    old_root = tiles.root_from_tiles(old, store.read)
    new_root = tiles.root_from_tiles(new, store.read)
    store.reads = 0
    path = tiles.consistency_path_from_tiles(old, new, store.read)
    assert store.reads <= 6
    merkle.verify_consistency(old, old_root, new, new_root, path)


_SHARED = Store()


def shared_store() -> Store:
    if not _SHARED.data:
        _SHARED.write(tiles.new_tiles(0, HASHES, _SHARED.read))
    return _SHARED


@pytest.mark.parametrize("size", [1, 5, 255, 256, 257, 600])
def test_proofs_from_tiles_are_those_from_leaves(full: Store, size: int) -> None:
    hashes = HASHES[:size]
    for index in {0, size // 2, size - 1}:
        path = tiles.inclusion_path_from_tiles(index, size, full.read)
        assert path == merkle.inclusion_path(hashes, index)
    for old in {0, 1, size // 2, size - 1, size}:
        proof = tiles.consistency_path_from_tiles(old, size, full.read)
        assert proof == merkle.consistency_path(hashes, old)


def test_hash_at_is_the_root_of_a_complete_subtree(full: Store) -> None:
    assert tiles.hash_at(3, 5, full.read) == merkle.root(HASHES[40:48])
    assert tiles.hash_at(8, 2, full.read) == merkle.root(HASHES[512:768])
    assert tiles.hash_at(9, 1, full.read) == merkle.root(HASHES[512:1024])


def test_what_is_outside_the_tree_has_no_proof(full: Store) -> None:
    with pytest.raises(ProofError):
        tiles.inclusion_path_from_tiles(10, 10, full.read)
    with pytest.raises(ProofError):
        tiles.consistency_path_from_tiles(11, 10, full.read)


@pytest.mark.parametrize(
    "damage",
    [lambda data: data + b"\0", lambda data: data[:-32], lambda data: data + bytes(8192)],
    ids=["not whole hashes", "one hash short", "over 256 hashes"],
)
def test_a_damaged_tile_is_named_not_used(damage: Callable[[bytes], bytes]) -> None:
    data = damage(b"".join(HASHES[:10]))
    with pytest.raises(FormatError, match="tile 0 of level 0"):
        tiles.root_from_tiles(10, lambda _level, _n: data)
    with pytest.raises(FormatError, match="tile 0 of level 0"):
        tiles.new_tiles(10, HASHES[10:11], lambda _level, _n: data)


def test_a_changed_hash_in_a_tile_changes_the_root(full: Store) -> None:
    def read(level: int, n: int) -> bytes:
        data = full.read(level, n)
        return bytes((data[0] ^ 1,)) + data[1:] if (level, n) == (1, 1) else data

    assert tiles.root_from_tiles(70_000, read) != merkle.root(HASHES)


def test_an_entry_bundle_is_entries_behind_their_lengths() -> None:
    assert tiles.format_bundle([b"ab", b"", b"c"]) == b"\0\2ab\0\0\0\1c"
    assert tiles.parse_bundle(b"\0\2ab\0\0\0\1c") == (b"ab", b"", b"c")
    assert tiles.parse_bundle(b"") == ()


@given(st.lists(st.binary(max_size=300), max_size=256))
def test_a_bundle_gives_its_entries_back(entries: list[bytes]) -> None:
    assert tiles.parse_bundle(tiles.format_bundle(entries)) == tuple(entries)


@pytest.mark.parametrize("data", [b"\0", b"\0\2a", b"\0\0" * 257, b"\0\1a\0"])
def test_a_bundle_that_is_cut_or_too_long_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        tiles.parse_bundle(data)


def test_an_entry_over_the_limit_does_not_fit_a_bundle() -> None:
    assert len(tiles.format_bundle([bytes(65_535)])) == 65_537
    with pytest.raises(FormatError):
        tiles.format_bundle([bytes(65_536)])
