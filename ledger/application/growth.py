"""What a publication adds, computed from the entries as they are read back (DESIGN section 3).

Pure in its result: the map-commit, the tiles and the heads are a function of what precedes the
slot, so that a second publisher, or the same one after a crash, comes to the same bytes. Only reads
the store; nothing is changed here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ledger.application.breaches import LogBreachError
from ledger.application.log_pages import StoredEntry, read_pages, touched_keys
from ledger.application.log_walk import LogWalk, Step, follow_heads
from ledger.application.ports import LogReader, PublicationStore
from ledger.application.published_map import PublishedMap
from ledger.application.published_state import PublishedState
from ledger.application.stored_heads import leaves_of
from ledger.application.usual_entries import UsualEntry, usual_entry
from ledger.log.checkpoints import Checkpoint
from ledger.log.entries import (
    EventEntry,
    LogKeyEntry,
    MapCommitEntry,
    build_map_commit,
    entry_hash,
    read_entry,
)
from ledger.log.errors import FormatError, LogError
from ledger.log.head_map import Head
from ledger.log.merkle import EMPTY_ROOT, CompactRange, verify_consistency
from ledger.log.tiles import (
    ReadTile,
    consistency_path_from_tiles,
    hash_at,
    new_tiles,
    root_from_tiles,
)


@dataclass(frozen=True, slots=True)
class Growth:
    """A publication before it is signed.

    Attributes:
        commit: The map-commit entry.
        recorded_us: Its `recorded`.
        tiles: The tiles that change, by level and number.
        heads: The heads that change, by map key.
        leaves: Their map leaf hashes.
        checkpoint: The tree head with the map-commit as its last entry.
        log_keys: The log's keys that the new entries name.
    """

    commit: bytes
    recorded_us: int
    tiles: Mapping[tuple[int, int], bytes]
    heads: Mapping[bytes, Head]
    leaves: Mapping[bytes, bytes]
    checkpoint: Checkpoint
    log_keys: tuple[LogKeyEntry, ...]


def right_edge(size: int, read_tile: ReadTile) -> CompactRange:
    """Return the right edge of the tree of the first `size` leaves.

    Raises:
        FormatError: when a stored tile does not reach that far.
    """
    hashes, start = [], 0
    for height in reversed(range(size.bit_length())):
        if size >> height & 1:
            hashes.append(hash_at(height, start >> height, read_tile))
            start += 1 << height
    return CompactRange.from_hashes(size, hashes)


class GrowthReader:
    """Computes growths of one log."""

    def __init__(
        self,
        origin: str,
        reader: LogReader,
        publications: PublicationStore,
        published_map: PublishedMap,
    ) -> None:
        """Read from these."""
        self._origin = origin
        self._reader = reader
        self._publications = publications
        self._map = published_map

    def grow(self, state: PublishedState | None, slot: int) -> Growth:
        """Compute the publication that fills the slot at index `slot`.

        Args:
            state: The newest publication, which is that of the map; None before the first.
            slot: Index of the empty slot.

        Raises:
            LogBreachError: when stored bytes are not in order; nothing may be signed.
            MapMovedError: when somebody else published meanwhile.
            StorageError: the database failed.
        """
        old_size = 0 if state is None else state.size
        if slot < max(old_size, 1):
            raise LogBreachError(
                slot,
                f"空位 {slot} 位于已发布的规模 {old_size} 之内",
                f"the slot {slot} lies within the published size {old_size}",
            )
        walk = _start(self._origin, state)
        hashes: list[bytes] = []
        heads: dict[bytes, Head] = {}
        log_keys: list[LogKeyEntry] = []
        for page in read_pages(self._reader, old_size, slot):
            usual = {each.index: usual_entry(each, self._origin) for each in page}
            self._load_heads(page, usual, heads, old_size)
            for stored in page:
                known = usual[stored.index]
                step = _quick_step(walk, stored, known, heads) or walk.take(stored)
                if isinstance(step.entry, MapCommitEntry):
                    raise LogBreachError(
                        step.index,
                        f"第 {step.index} 条 map-commit 未曾发布",
                        f"the map-commit {step.index} was never published",
                    )
                if isinstance(step.entry, LogKeyEntry):
                    log_keys.append(step.entry)
                follow_heads(heads, step, None if known is None else known.touched)
                hashes.append(step.hash)
        if walk.next_index != slot:
            raise LogBreachError(
                walk.next_index,
                f"第 {walk.next_index} 条缺失",
                f"entry {walk.next_index} is missing",
            )
        try:
            return self._finish(state, walk, hashes, heads, tuple(log_keys))
        except LogError as error:
            raise LogBreachError(
                None,
                f"已存储的哈希块不成立（规模 {old_size}，{error}）",
                f"the stored tiles of size {old_size} do not hold: {error}",
            ) from error

    def _load_heads(
        self,
        page: list[StoredEntry],
        usual: Mapping[int, UsualEntry | None],
        heads: dict[bytes, Head],
        old_size: int,
    ) -> None:
        """Add the published heads of all keys that a page touches for the first time."""
        wanted: set[bytes] = set()
        for stored in page:
            known = usual[stored.index]
            if known is not None:
                wanted.update(known.touched)
                continue
            try:
                entry = read_entry(stored.entry)
            except FormatError:
                # The walk names the entry when it comes to it.
                continue
            if isinstance(entry, EventEntry):
                wanted.update(touched_keys(entry))
        wanted -= heads.keys()
        stored_heads = self._publications.heads(wanted)
        self._map.check_heads(wanted, stored_heads, old_size)
        heads.update(stored_heads)

    def _finish(
        self,
        state: PublishedState | None,
        walk: LogWalk,
        hashes: list[bytes],
        heads: Mapping[bytes, Head],
        log_keys: tuple[LogKeyEntry, ...],
    ) -> Growth:
        old_size, old_root = (0, EMPTY_ROOT) if state is None else _tree(state)
        stored: dict[tuple[int, int], bytes] = {}
        read_old = _remembering(stored, self._publications)
        before = right_edge(old_size, read_old)
        covered = before.extend(hashes)
        leaves = leaves_of(heads)
        map_root, keys_total = self._map.preview(leaves, old_size)
        commit = build_map_commit(
            covers=walk.next_index,
            tree=covered.root(),
            head_map=map_root,
            keys_total=keys_total,
            previous=walk.previous_commit,
            recorded=walk.recorded_us,
        )
        hashes = [*hashes, entry_hash(commit)]
        whole = covered.append(hashes[-1])
        changed = new_tiles(old_size, hashes, read_old)
        tiles = {(tile.level, tile.n): data for tile, data in changed.items()}
        checkpoint = Checkpoint(self._origin, whole.size, whole.root())
        read_new = _over(tiles, read_old)
        _check_extension(old_size, old_root, checkpoint, read_new)
        return Growth(commit, walk.recorded_us, tiles, heads, leaves, checkpoint, log_keys)


def _tree(state: PublishedState) -> tuple[int, bytes]:
    return state.size, state.checkpoint.root


def _quick_step(
    walk: LogWalk, stored: StoredEntry, known: UsualEntry | None, heads: Mapping[bytes, Head]
) -> Step | None:
    """Step over an entry that is exactly what it should be; None where it has to be read."""
    if known is None:
        return None
    entry = known.entry(stored.entry, heads.get(known.touched[0]))
    return None if entry is None else walk.take_known(stored, entry)


def _start(origin: str, state: PublishedState | None) -> LogWalk:
    """Return the walk behind the newest publication, whose last entry is its map-commit."""
    if state is None:
        return LogWalk(origin)
    return LogWalk(
        origin, state.size, state.recorded_us, previous_commit=state.size - 1, opening=False
    )


def _check_extension(old_size: int, old_root: bytes, new: Checkpoint, read_tile: ReadTile) -> None:
    """Check that the new tree, as its tiles have it, is the new checkpoint's and extends the old.

    Raises:
        FormatError: when tiles are too short.
        ProofError: when the trees are not consistent.
    """
    path = consistency_path_from_tiles(old_size, new.size, read_tile)
    verify_consistency(old_size, old_root, new.size, root_from_tiles(new.size, read_tile), path)
    if root_from_tiles(new.size, read_tile) != new.root:
        raise FormatError("the new tiles are not those of the new root")


def _remembering(seen: dict[tuple[int, int], bytes], publications: PublicationStore) -> ReadTile:
    def read(level: int, n: int) -> bytes:
        if (level, n) not in seen:
            seen[level, n] = publications.tile(level, n)
        return seen[level, n]

    return read


def _over(tiles: Mapping[tuple[int, int], bytes], read_tile: ReadTile) -> ReadTile:
    def read(level: int, n: int) -> bytes:
        found = tiles.get((level, n))
        return read_tile(level, n) if found is None else found

    return read
