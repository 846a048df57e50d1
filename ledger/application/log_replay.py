"""Replaying a log from its stored bytes: chains, batches, tree, head map, map-commits, checkpoints.

Everything is recomputed (DESIGN section 9), what held a fact included, and compared with the stored
tiles, map-commits and signed checkpoints. The first breach ends the replay.
"""

from typing import Final

from ledger.application.batch_check import BatchCheck
from ledger.application.breaches import LogBreachError
from ledger.application.bucketed_map import BucketedMap
from ledger.application.held_check import HeldCheck
from ledger.application.log_pages import StoredEntry, touched_keys
from ledger.application.log_walk import LogWalk, Step, follow_heads
from ledger.application.ports import LogReader, PublicationStore
from ledger.application.stored_checkpoints import StoredCheckpoints
from ledger.application.stored_heads import check_stored_heads, leaves_of
from ledger.application.tile_check import TileCheck
from ledger.log.checkpoints import open_checkpoint
from ledger.log.entries import (
    EventEntry,
    LogKeyEntry,
    MapCommitEntry,
    build_map_commit,
    entry_hash,
)
from ledger.log.errors import LogError
from ledger.log.head_map import Head
from ledger.log.merkle import CompactRange
from ledger.log.notes import SignatureType
from ledger.log.trust_file import TrustFile

_ALGORITHMS: Final = {
    SignatureType.ED25519: "ed25519",
    SignatureType.ML_DSA_44_COSIGNATURE: "ml-dsa-44",
}


class LogReplay:
    """A replay of one log, entry by entry."""

    def __init__(
        self,
        reader: LogReader,
        publications: PublicationStore,
        trust: TrustFile,
        published: int,
    ) -> None:
        """Start before the first entry.

        Args:
            reader: Reads the log.
            publications: The publisher's tables.
            trust: The keys of the log, of its witnesses and of the bureau.
            published: The published size.
        """
        self._trust = trust
        self._verifiers = trust.verifiers()
        self._publications = publications
        self._published = published
        self._notes = StoredCheckpoints(publications, published)
        self.walk = LogWalk(trust.origin)
        self.heads = dict[bytes, Head]()
        self.map = BucketedMap()
        self.batches = BatchCheck(trust.origin, trust.root_key_id, reader)
        self.held = HeldCheck(reader.find)
        self.tiles = TileCheck(publications, published)
        self.tree = CompactRange()
        self.events = self.commits = self.checkpoints = 0
        self._touched: set[bytes] = set()
        self._log_keys: set[tuple[str, bytes]] = set()
        self._opening = True
        # Sizes below which entries are those of a map-commit, and of a signed checkpoint.
        self._covered = self._signed = 0
        # Behind an empty slot there is no tree yet.
        self._whole = True

    def begin(self) -> None:
        """Begin with the stored checkpoints.

        Raises:
            LogBreachError: when one is of no size.
            StorageError: the database failed.
        """
        self._notes.begin()

    def take(self, stored: StoredEntry) -> None:
        """Check the next entry.

        Raises:
            LogBreachError: when it, or one before it, is not what it has to be.
            StorageError: the database failed.
        """
        try:
            step = self.walk.take(stored)
            follow_heads(self.heads, step)
            self._check_opening(step)
            self.batches.check(step)
            if step.row is not None:
                self.held.check(step.row)
        except LogBreachError as error:
            raise self._blame(error) from error
        if isinstance(step.entry, EventEntry):
            self.events += 1
            self._touched.update(touched_keys(step.entry))
        if not self._whole:
            return
        # Before the map-commit is judged: an edited one has another hash than the tile, too.
        self.tiles.append(step.hash)
        if isinstance(step.entry, MapCommitEntry):
            self._check_commit(step.index, step.entry)
        self.tree = self.tree.append(step.hash)
        note = self._notes.take(self.tree.size)
        if note is not None:
            self._check_checkpoint(note, step)
        elif isinstance(step.entry, MapCommitEntry) and self.tree.size <= self._published:
            raise self._blame(_unsigned(step.index, self.tree.size))
        if self.tree.size == self._published:
            check_stored_heads(self._publications, self._published, self.heads, self.map)

    def skip_slot(self) -> bytes:
        """Step over the empty slot and return the root that the tree has once it is filled."""
        self._bring_map_up()
        commit = build_map_commit(
            covers=self.tree.size,
            tree=self.tree.root(),
            head_map=self.map.root(),
            keys_total=self.map.keys_total,
            previous=self.walk.previous_commit,
            recorded=self.walk.recorded_us,
        )
        self.walk.skip_slot()
        self._whole = False
        return self.tree.append(entry_hash(commit)).root()

    def _bring_map_up(self) -> None:
        self.map.update(leaves_of({key: self.heads[key] for key in self._touched}))
        self._touched.clear()

    def _check_opening(self, step: Step) -> None:
        """Check that the first entries name the keys that the trust file pins."""
        if isinstance(step.entry, LogKeyEntry):
            if step.entry.role == "checkpoint":
                self._log_keys.add((step.entry.algorithm, step.entry.key))
            return
        if self._opening:
            self._opening = False
            pinned = {(_ALGORITHMS[key.type], key.public_key) for key in self._trust.log_keys}
            if not pinned <= self._log_keys:
                raise LogBreachError(
                    0,
                    "账本之首列出的检查点密钥不是信任文件所载的密钥",
                    "the log's first entries do not name the checkpoint keys of the trust file",
                )

    def _check_commit(self, index: int, commit: MapCommitEntry) -> None:
        """Check what a map-commit says of everything before it."""
        self.commits += 1
        if commit.tree != self.tree.root():
            raise self._blame_tree(self._covered, index)
        self._clear_entries()
        self._bring_map_up()
        if (commit.head_map, commit.keys_total) != (self.map.root(), self.map.keys_total):
            raise LogBreachError(
                index,
                f"第 {index} 条 map-commit 的头部映射与其前条目不符",
                f"the head map of the map-commit {index} is not that of the entries before it",
            )
        self._covered = index + 1

    def _check_checkpoint(self, note: str, step: Step) -> None:
        """Check the signed checkpoint that ends with this entry."""
        self.checkpoints += 1
        size = self.tree.size
        try:
            signed = open_checkpoint(note, self._verifiers).checkpoint
        except LogError as error:
            raise LogBreachError(
                step.index,
                f"规模 {size} 的检查点未通过核验（{error}）",
                f"the checkpoint of size {size} does not verify: {error}",
            ) from error
        if not isinstance(step.entry, MapCommitEntry) or signed.size != size:
            raise LogBreachError(
                step.index,
                f"规模 {size} 的检查点的最后一条不是 map-commit，或其规模为 {signed.size}",
                f"the checkpoint stored for size {size} has size {signed.size}, "
                "or does not end with a map-commit",
            )
        if signed.root != self.tree.root():
            raise self._blame_tree(self._signed, step.index)
        self._clear_entries()
        self._signed = size

    def check_root(self, size: int, root: bytes) -> None:
        """Check a root that was registered for the present size.

        Raises:
            LogBreachError: when the tree has another one.
        """
        if root != self.tree.root():
            raise LogBreachError(
                size - 1,
                f"登记的规模 {size} 的根哈希与账本不符",
                f"the root registered for size {size} is not that of the log",
            )

    def _clear_entries(self) -> None:
        """Name a wrong tile, now that the entries under it are known to be right."""
        found = self.tiles.leaf or self.tiles.inner
        if found is not None and found.last < self.tree.size:
            raise LogBreachError(
                found.first,
                f"哈希块 {found.path} 与条目 {found.first} 至 {found.last} 不符（条目无误）",
                f"the tile {found.path} is not that of the entries {found.first} to {found.last}, "
                "which are right",
            )

    def _blame(self, error: LogBreachError) -> LogBreachError:
        """Return the breach of an entry in front of `error` that tiles give away, or `error`."""
        leaf = self.tiles.leaf
        if leaf is None or (error.index is not None and error.index <= leaf.first):
            return error
        return LogBreachError(
            leaf.first,
            f"第 {leaf.first} 条不是已发布的条目：其哈希与哈希块 {leaf.path} 不符",
            f"entry {leaf.first} is not the published one: its hash is not in the tile {leaf.path}",
        )

    def _blame_tree(self, first: int, last: int) -> LogBreachError:
        """Return the breach when the tree is another one, though it was right below `first`."""
        inner = self.tiles.inner
        if inner is not None and first <= inner.last and inner.first <= last:
            # A tile of a higher level was forgotten: it gives the place away.
            first, last = max(first, inner.first), min(last, inner.last)
        return self._blame(
            LogBreachError(
                first if self.tiles.leaf is None else None,
                f"第 {first} 至 {last} 条中有条目不是已签名的条目（条目与哈希块一并被改写）",
                f"one of the entries {first} to {last} is not the one that was signed: "
                "entries and tiles were rewritten together",
            )
        )


def _unsigned(index: int, size: int) -> LogBreachError:
    return LogBreachError(
        index,
        f"第 {index} 条 map-commit 所封的检查点（规模 {size}）缺失",
        f"the checkpoint of size {size}, which the map-commit {index} ends, is missing",
    )
