"""The proofs that leave the house: checkpoint, inclusion, consistency, heads, histories.

All are made at the newest published checkpoint (docs/formats.md section 7), and checked against it
before they are handed out: a store that went wrong answers with an error, not with a bad proof.
Synchronous, for worker threads; one service may be used by several of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ledger.application.breaches import LogBreachError
from ledger.application.errors import NotFoundError, RefusedError
from ledger.application.histories import HistoryBuilder
from ledger.application.ports import LogReader, PublicationStore
from ledger.application.published_map import Located, PublishedMap
from ledger.application.published_state import PublishedState, map_commit_at, note_checkpoint
from ledger.application.stored_heads import head_leaf, wrong_head
from ledger.application.stream_rows import StreamRows
from ledger.domain.refusals import Refusal
from ledger.log.checkpoints import Checkpoint
from ledger.log.entries import entry_hash
from ledger.log.errors import LogError
from ledger.log.head_map import Head, MapProof
from ledger.log.head_proof import AbsenceProof, HeadProof
from ledger.log.history_proof import HistoryProof
from ledger.log.merkle import HASH_SIZE, verify_inclusion
from ledger.log.tiles import consistency_path_from_tiles, inclusion_path_from_tiles
from ledger.log.tlog_proof import TlogProof

_TRIES: Final = 8


@dataclass(frozen=True, slots=True)
class Inclusion:
    """An entry and its tlog-proof."""

    entry: bytes
    proof: str


@dataclass(frozen=True, slots=True)
class Consistency:
    """The hashes of a consistency proof, and the newest checkpoint."""

    path: tuple[bytes, ...]
    note: str


@dataclass(frozen=True, slots=True)
class ProvedHead:
    """What the map holds under a key.

    Attributes:
        proof: The head, or that the key is absent.
        commit: Bytes of the map-commit whose map root the proof leads to.
        commit_proof: Its tlog-proof.
    """

    proof: HeadProof | AbsenceProof
    commit: bytes
    commit_proof: str


class ProofService:
    """Makes the proofs of one log."""

    def __init__(
        self,
        origin: str,
        reader: LogReader,
        publications: PublicationStore,
        published_map: PublishedMap | None = None,
    ) -> None:
        """Make proofs from these.

        Args:
            origin: Origin of the log.
            reader: Reads the log.
            publications: The publisher's tables.
            published_map: The publisher's map where it runs in the same process; by default one
                of its own, which follows the store.
        """
        self._reader = reader
        self._publications = publications
        self._map = published_map or PublishedMap(reader, publications)
        self._histories = HistoryBuilder(origin, reader, self._map)

    def checkpoint(self) -> tuple[int, str]:
        """Return size and note of the newest checkpoint.

        Raises:
            RefusedError: NOT_PUBLISHED before the first.
            StorageError: the database failed.
        """
        published = self._publications.published()
        if published is None:
            raise _not_published("", 0)
        return published

    def inclusion(self, index: int) -> Inclusion:
        """Return an entry with the proof that it is in the newest checkpoint.

        Raises:
            LogBreachError: when the stored entry is not the published one.
            NotFoundError: when the index is negative.
            RefusedError: NOT_PUBLISHED when no checkpoint holds the index yet.
            StorageError: the database failed.
        """
        size, note = self.checkpoint()
        if index < 0:
            raise NotFoundError(f"entry {index}")
        if index >= size:
            raise _not_published("index", size)
        entry = map_commit_at(self._reader, index)
        return Inclusion(entry, self._prove_entry(index, entry, note, _stated(note)))

    def consistency(self, old: int, new: int | None = None) -> Consistency:
        """Return the proof that the tree of size `new` extends that of size `old`.

        Args:
            old: The smaller size.
            new: The larger size; None for the newest checkpoint's.

        Raises:
            RefusedError: INVALID_REQUEST when the sizes are not 0 <= old <= new, NOT_PUBLISHED
                when the newest checkpoint is smaller than `new`.
            StorageError: the database failed.
        """
        size, note = self.checkpoint()
        until = size if new is None else new
        if not 0 <= old <= until:
            raise RefusedError([Refusal("INVALID_REQUEST", "old_size")])
        if until > size:
            raise _not_published("new_size", size)
        try:
            path = consistency_path_from_tiles(old, until, self._publications.tile)
        except LogError as error:
            raise _bad_tiles(size, error) from error
        return Consistency(path, note)

    def head_proof(self, key: bytes) -> ProvedHead:
        """Return what the newest published map holds under a map key, or that it is absent.

        Raises:
            LogBreachError: when the stored head is not the published one.
            RefusedError: INVALID_REQUEST when the key is not 32 bytes, NOT_PUBLISHED before the
                first checkpoint.
            StorageError: the database failed.
        """
        if len(key) != HASH_SIZE:
            raise RefusedError([Refusal("INVALID_REQUEST", "map_key")])
        for _ in range(_TRIES):
            self._map.refresh()
            view = self._map.prove([key])
            if view is None:
                raise _not_published("", 0)
            proof = self._prove_head(key, view.located[key])
            # None when the store has moved on since: look again.
            if proof is not None:
                return ProvedHead(proof, view.state.commit, self._prove_commit(view.state))
        raise wrong_head(key)

    def history(
        self, streams: Sequence[bytes], *, opened: bool = True, with_keys: bool = False
    ) -> HistoryProof:
        """Return the proof of whole streams at the newest checkpoint.

        Args:
            streams: The streams, in the order of the proof.
            opened: Open all events; those of keys and parties are always opened.
            with_keys: Add the streams of all keys that signed, up to the root key, without which
                no opened event verifies.

        Raises:
            LogBreachError: when stored rows do not lead to the published heads.
            NotFoundError: when a stream has no published entry.
            RefusedError: NOT_PUBLISHED before the first checkpoint.
            StorageError: the database failed.
        """
        wanted = tuple(dict.fromkeys(streams))

        def choose(rows: StreamRows) -> tuple[bytes, ...]:
            return (*wanted, *(rows.signing_streams(wanted) if with_keys else ()))

        return self._histories.build(choose, self._prove_commit, opened=opened)

    def certificate_history(self, certificate: bytes) -> HistoryProof:
        """Return the history proof of a certificate file (docs/formats.md section 8).

        The certificate's stream, the institution's, and those of the keys that signed, up to the
        root key; behind them the registrations of bureaus below the root, if any is involved.

        Raises:
            LogBreachError: when stored rows do not lead to the published heads.
            NotFoundError: when the certificate or its institution has no published entry.
            RefusedError: NOT_PUBLISHED before the first checkpoint.
            StorageError: the database failed.
        """

        def choose(rows: StreamRows) -> tuple[bytes, ...]:
            institution = rows.institution_of(certificate)
            first = (certificate, institution)
            return (*first, *rows.signing_streams(first))

        return self._histories.build(choose, self._prove_commit, opened=True)

    def _prove_commit(self, state: PublishedState) -> str:
        return self._prove_entry(state.size - 1, state.commit, state.note, state.checkpoint)

    def _prove_entry(self, index: int, entry: bytes, note: str, tree: Checkpoint) -> str:
        """Return the tlog-proof of an entry, which leads to the checkpoint's root."""
        try:
            path = inclusion_path_from_tiles(index, tree.size, self._publications.tile)
            verify_inclusion(entry_hash(entry), index, tree.size, path, tree.root)
            return TlogProof(index, path, note).format()
        except LogError as error:
            raise LogBreachError(
                index,
                f"第 {index} 条不是规模 {tree.size} 的检查点所含的条目（{error}）",
                f"entry {index} is not the one in the checkpoint of size {tree.size}: {error}",
            ) from error

    def _prove_head(self, key: bytes, located: Located | None) -> HeadProof | AbsenceProof | None:
        if located is None:
            return AbsenceProof(key, MapProof())
        head: Head | None = self._publications.heads([located.key]).get(located.key)
        if head is None or head_leaf(located.key, head) != located.leaf:
            return None
        if located.key != key:
            return AbsenceProof(key, MapProof(located.steps, (located.key, head.value())))
        proof = MapProof(located.steps)
        return HeadProof(key, head.count, head.last_index, head.head_hash, head.root, proof)


def _stated(note: str) -> Checkpoint:
    try:
        return note_checkpoint(note)
    except LogError as error:
        raise LogBreachError(
            None, f"检查点不合格式（{error}）", f"the stored checkpoint is malformed: {error}"
        ) from error


def _bad_tiles(size: int, error: LogError) -> LogBreachError:
    return LogBreachError(
        None,
        f"规模 {size} 的哈希块不完整（{error}）",
        f"the stored tiles of size {size} are incomplete: {error}",
    )


def _not_published(field: str, size: int) -> RefusedError:
    return RefusedError([Refusal("NOT_PUBLISHED", field, {"size": size})])
