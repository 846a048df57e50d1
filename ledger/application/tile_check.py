"""Comparing a log's hashes, as they are recomputed, with the stored tiles (C2SP tlog-tiles).

Streaming: at each level only the hashes of the tile under way are kept. A difference alone does
not tell whether the entry or the tile is wrong; the next map-commit or checkpoint does.
"""

from dataclasses import dataclass

from ledger.application.ports import PublicationStore
from ledger.log.merkle import HASH_SIZE, root
from ledger.log.tiles import TILE_HEIGHT, TILE_WIDTH, tile_path, tile_width


@dataclass(frozen=True, slots=True)
class Difference:
    """A hash that is not the one in the stored tile.

    Attributes:
        level: Level of the tile; 0 holds the entries' own hashes.
        n: Number of the tile.
        first: Index of the first entry under the hash.
        last: Index of the last one.
    """

    level: int
    n: int
    first: int
    last: int

    @property
    def path(self) -> str:
        """The path of the full tile below the log's prefix."""
        return tile_path(self.level, self.n, TILE_WIDTH)


class TileCheck:
    """Compares leaf hashes in order with the tiles of a published size."""

    def __init__(self, publications: PublicationStore, size: int) -> None:
        """Compare what lies below `size`, the published one."""
        self._publications = publications
        self._size = size
        self._levels: list[list[bytes]] = [[]]
        self._numbers: list[int] = [0]
        self._stored: list[bytes] = [b""]
        self.leaf: Difference | None = None
        self.inner: Difference | None = None

    def append(self, leaf: bytes) -> None:
        """Take the next leaf hash and note the first difference of each kind.

        Raises:
            StorageError: the database failed.
        """
        hash_, level = leaf, 0
        while True:
            self._compare(level, hash_)
            tile = self._levels[level]
            tile.append(hash_)
            if len(tile) < TILE_WIDTH:
                return
            hash_ = root(tile)
            self._levels[level] = []
            self._numbers[level] += 1
            level += 1
            if level == len(self._levels):
                self._levels.append([])
                self._numbers.append(0)
                self._stored.append(b"")

    def surplus(self) -> Difference | None:
        """Return a tile at the right edge that holds more hashes than its tree has, if any.

        Raises:
            StorageError: the database failed.
        """
        for level in range(len(self._levels)):
            n = (self._size >> TILE_HEIGHT * level) // TILE_WIDTH
            width = tile_width(level, n, self._size)
            if len(self._publications.tile(level, n)) > width * HASH_SIZE:
                return Difference(level, n, self._size, self._size)
        return None

    def _compare(self, level: int, hash_: bytes) -> None:
        n, at = self._numbers[level], len(self._levels[level])
        number = n * TILE_WIDTH + at
        span = 1 << TILE_HEIGHT * level
        if (number + 1) * span > self._size:
            return
        if at == 0:
            self._stored[level] = self._publications.tile(level, n)
        if self._stored[level][at * HASH_SIZE : (at + 1) * HASH_SIZE] == hash_:
            return
        found = Difference(level, n, number * span, (number + 1) * span - 1)
        if level == 0:
            self.leaf = self.leaf or found
        else:
            self.inner = self.inner or found
