"""The newest publication as the store holds it, checked against itself (docs/formats.md section 7).

The checkpoint's root has to be that of the stored tiles, and its last entry the map-commit that
covers everything before. Signatures are for those who hold the keys to check.
"""

from dataclasses import dataclass

from ledger.application.breaches import LogBreachError
from ledger.application.ports import LogReader, PublicationStore
from ledger.log.checkpoints import Checkpoint, parse_checkpoint_text
from ledger.log.entries import MapCommitEntry, entry_hash, read_entry
from ledger.log.errors import LogError
from ledger.log.notes import parse_note
from ledger.log.tiles import leaf_hash_at, root_from_tiles


@dataclass(frozen=True, slots=True)
class PublishedState:
    """One publication.

    Attributes:
        checkpoint: The tree head.
        note: The signed checkpoint.
        commit: Bytes of the map-commit, which is the last entry.
        head_map: Root of the head map that it names.
        keys_total: Number of keys that it names.
        recorded_us: Its `recorded`.
    """

    checkpoint: Checkpoint
    note: str
    commit: bytes
    head_map: bytes
    keys_total: int
    recorded_us: int

    @property
    def size(self) -> int:
        """The size of the checkpoint; the map-commit stands at `size - 1`."""
        return self.checkpoint.size


def note_checkpoint(note: str) -> Checkpoint:
    """Return the tree head that a note states; nothing is verified.

    Raises:
        FormatError: when the note holds none.
    """
    return parse_checkpoint_text(parse_note(note).text)


def state_of(note: str, commit: bytes) -> PublishedState:
    """Return the publication of a checkpoint with this map-commit as its last entry.

    Raises:
        FormatError: when a part is malformed.
        LogBreachError: when the entry is none, or covers another number of entries.
    """
    checkpoint = note_checkpoint(note)
    entry = read_entry(commit)
    if not isinstance(entry, MapCommitEntry) or entry.covers != checkpoint.size - 1:
        raise LogBreachError(
            checkpoint.size - 1,
            f"检查点（规模 {checkpoint.size}）的最后一条不是覆盖其前全部条目的 map-commit",
            f"the last entry of the checkpoint of size {checkpoint.size} is not a map-commit "
            "that covers everything before it",
        )
    return PublishedState(
        checkpoint, note, commit, entry.head_map, entry.keys_total, entry.recorded
    )


def map_commit_at(reader: LogReader, index: int) -> bytes:
    """Return the bytes of the entry at an index.

    Raises:
        LogBreachError: when the log has none.
    """
    found = reader.entries(index, 1)
    if not found or found[0][0] != index:
        raise LogBreachError(
            index, f"缺少第 {index} 条（已发布的条目）", f"entry {index} is published and missing"
        )
    return found[0][1]


def read_published(reader: LogReader, publications: PublicationStore) -> PublishedState | None:
    """Return the newest publication, None when nothing is published yet.

    Raises:
        LogBreachError: when checkpoint, tiles and map-commit do not belong together.
        StorageError: the database failed.
    """
    published = publications.published()
    if published is None:
        return None
    size, note = published
    try:
        stated = note_checkpoint(note)
        commit = map_commit_at(reader, size - 1)
        sound = (
            stated.size == size
            and root_from_tiles(size, publications.tile) == stated.root
            and leaf_hash_at(size - 1, publications.tile) == entry_hash(commit)
        )
        if sound:
            return state_of(note, commit)
    except LogError as error:
        raise LogBreachError(
            size - 1,
            f"已发布的检查点（规模 {size}）或其哈希块不合格式（{error}）",
            f"the published checkpoint of size {size} or its tiles are malformed: {error}",
        ) from error
    raise LogBreachError(
        size - 1,
        f"已发布的检查点（规模 {size}）与存储的哈希块或最后一条不符",
        f"the published checkpoint of size {size} is not that of the stored tiles "
        "and of the entry that ends it",
    )
