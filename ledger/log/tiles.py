"""C2SP tlog-tiles: paths, tiles and entry bundles, and proofs computed from few tiles.

A tile is the concatenation of up to 256 consecutive hashes of one tile level: level 0 holds leaf
hashes, each hash of level l + 1 is the Merkle tree hash of a full tile of level l. Everything here
reads stored tiles through a function `read_tile(level, n)`, which returns the current data of one
tile. The stored tile may be *wider* than the tree asked about, when it belongs to a later state;
hashes are taken by position, so the surplus is never looked at.
"""

import struct
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeAlias

from ledger.log.errors import FormatError
from ledger.log.merkle import (
    EMPTY_ROOT,
    HASH_SIZE,
    consistency_ranges,
    inclusion_ranges,
    node_hash,
    root,
)

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
TILE_SIZE = TILE_WIDTH * HASH_SIZE
MAX_LEVEL = 63
MAX_ENTRY_SIZE = 65_535

ReadTile: TypeAlias = Callable[[int, int], bytes]
"""Returns the stored data of tile `n` of a level: 1 to 256 concatenated hashes."""


class TileId(NamedTuple):
    """One tile in one state: level 0..63, index in the level, width 1..256 in hashes."""

    level: int
    n: int
    width: int

    def path(self) -> str:
        """Return the path below the log's prefix."""
        return tile_path(self.level, self.n, self.width)


def _numbered_path(kind: str, n: int, width: int) -> str:
    if n < 0 or not 1 <= width <= TILE_WIDTH:
        raise FormatError(f"tile {n} of width {width} does not exist")
    # "zero-padded 3-digit path elements. All but the last path element MUST begin with an x."
    digits = str(n)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    path = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return f"tile/{kind}/{path}" + ("" if width == TILE_WIDTH else f".p/{width}")


def tile_path(level: int, n: int, width: int) -> str:
    """Return `tile/<L>/<N>[.p/<W>]`; width 256 is the full tile.

    Raises:
        FormatError: when level, index or width is out of range.
    """
    if not 0 <= level <= MAX_LEVEL:
        raise FormatError(f"there is no tile level {level}")
    return _numbered_path(str(level), n, width)


def bundle_path(n: int, width: int) -> str:
    """Return `tile/entries/<N>[.p/<W>]`; width 256 is the full bundle.

    Raises:
        FormatError: when index or width is out of range.
    """
    return _numbered_path("entries", n, width)


def tile_width(level: int, n: int, size: int) -> int:
    """Return the width (0..256) of tile `n` of a level in a tree of `size` leaves."""
    return min(max((size >> TILE_HEIGHT * level) - n * TILE_WIDTH, 0), TILE_WIDTH)


def format_bundle(entries: Iterable[bytes]) -> bytes:
    """Return the entry bundle: each entry behind its length as 2 bytes big endian.

    Raises:
        FormatError: when an entry is longer than 65,535 bytes.
    """
    parts = []
    for entry in entries:
        if len(entry) > MAX_ENTRY_SIZE:
            raise FormatError(f"an entry of {len(entry)} bytes does not fit an entry bundle")
        parts.append(struct.pack(">H", len(entry)) + entry)
    return b"".join(parts)


def parse_bundle(data: bytes) -> tuple[bytes, ...]:
    """Return the entries of a bundle.

    Raises:
        FormatError: when it is cut short or holds more than 256 entries.
    """
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        at += 2
        if at + length > len(data) or len(entries) == TILE_WIDTH:
            raise FormatError("an entry bundle is cut short or too long")
        entries.append(data[at : at + length])
        at += length
    return tuple(entries)


def _read(read_tile: ReadTile, level: int, n: int, start: int, count: int) -> list[bytes]:
    """Return `count` hashes of a stored tile from position `start`."""
    data = read_tile(level, n)
    if len(data) % HASH_SIZE or not (start + count) * HASH_SIZE <= len(data) <= TILE_SIZE:
        raise FormatError(
            f"tile {n} of level {level} has {len(data)} bytes,"
            f" but hashes {start} to {start + count - 1} are asked for"
        )
    return [data[at * HASH_SIZE : (at + 1) * HASH_SIZE] for at in range(start, start + count)]


def new_tiles(
    old_size: int, new_leaf_hashes: Sequence[bytes], read_tile: ReadTile
) -> dict[TileId, bytes]:
    """Return every tile, full or partial, that appending these leaves to the tree changes.

    The partial tiles are those of the new size; sizes in between get none. `read_tile` is asked
    for at most one tile of each level, the one that is partial in the old tree.

    Raises:
        FormatError: when a stored tile is shorter than the old tree needs, or not whole hashes.
    """
    changed: dict[TileId, bytes] = {}
    hashes, level = list(new_leaf_hashes), 0
    while hashes:
        first, filled = divmod(old_size >> TILE_HEIGHT * level, TILE_WIDTH)
        if filled:
            hashes = _read(read_tile, level, first, 0, filled) + hashes
        above = []
        for at in range(0, len(hashes), TILE_WIDTH):
            tile = hashes[at : at + TILE_WIDTH]
            changed[TileId(level, first + at // TILE_WIDTH, len(tile))] = b"".join(tile)
            # A partial tile "MUST NOT be hashed into a tile at the level above".
            if len(tile) == TILE_WIDTH:
                above.append(root(tile))
        hashes, level = above, level + 1
    return changed


def hash_at(height: int, index: int, read_tile: ReadTile) -> bytes:
    """Return the root of the complete subtree number `index` of those with 2^`height` leaves.

    Raises:
        FormatError: when the stored tile does not reach that far.
    """
    level, below = divmod(height, TILE_HEIGHT)
    n, start = divmod(index << below, TILE_WIDTH)
    return root(_read(read_tile, level, n, start, 1 << below))


def leaf_hash_at(index: int, read_tile: ReadTile) -> bytes:
    """Return the leaf hash at `index`.

    Raises:
        FormatError: when the stored tile does not reach that far.
    """
    return hash_at(0, index, read_tile)


def _range_root(start: int, end: int, read_tile: ReadTile) -> bytes:
    """Return the root over leaves [start, end), where 2^k >= end - start divides start."""
    roots = []
    while start < end:
        height = (end - start).bit_length() - 1
        roots.append(hash_at(height, start >> height, read_tile))
        start += 1 << height
    value = roots.pop()
    while roots:
        value = node_hash(roots.pop(), value)
    return value


def _remembering(read_tile: ReadTile) -> ReadTile:
    """Read each tile once for one computation."""
    seen: dict[tuple[int, int], bytes] = {}

    def read(level: int, n: int) -> bytes:
        if (level, n) not in seen:
            seen[level, n] = read_tile(level, n)
        return seen[level, n]

    return read


def root_from_tiles(size: int, read_tile: ReadTile) -> bytes:
    """Return the root of the tree of the first `size` leaves.

    Raises:
        FormatError: when a stored tile does not reach that far.
    """
    return _range_root(0, size, _remembering(read_tile)) if size else EMPTY_ROOT


def inclusion_path_from_tiles(index: int, size: int, read_tile: ReadTile) -> tuple[bytes, ...]:
    """Return the audit path of a leaf in the tree of the first `size` leaves.

    Raises:
        FormatError: when a stored tile does not reach that far.
        ProofError: when `index` is not below `size`.
    """
    read = _remembering(read_tile)
    return tuple(_range_root(start, end, read) for start, end in inclusion_ranges(index, size))


def consistency_path_from_tiles(
    old_size: int, new_size: int, read_tile: ReadTile
) -> tuple[bytes, ...]:
    """Return the consistency proof between two sizes of the tree.

    Raises:
        FormatError: when a stored tile does not reach that far.
        ProofError: when the sizes are not 0 <= old <= new.
    """
    read = _remembering(read_tile)
    ranges = consistency_ranges(old_size, new_size)
    return tuple(_range_root(start, end, read) for start, end in ranges)
