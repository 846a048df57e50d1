"""Building history proofs from stored rows (docs/formats.md sections 7 and 8).

Rows are read while the log goes on; before anything is handed out, the rows of each stream are
hashed up to its head and compared with the published map. What was read too early is read again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from ledger.application.breaches import LogBreachError
from ledger.application.errors import NotFoundError, RefusedError
from ledger.application.ports import LogReader, LogRow
from ledger.application.published_map import MapView, PublishedMap
from ledger.application.published_state import PublishedState
from ledger.application.stream_rows import StreamRows
from ledger.domain.refusals import Refusal
from ledger.log.entries import EventEntry, entry_hash, read_entry
from ledger.log.errors import FormatError
from ledger.log.head_map import Head, MapProof, map_key, map_leaf
from ledger.log.history_proof import HistoryProof, OpenedEvent, ProvedEntry, ProvedStream
from ledger.log.identifiers import uuid_text
from ledger.log.merkle import HASH_SIZE, all_inclusion_paths, leaf_hash, root

_TRIES: Final = 8
# An unopened entry in these could hide the end of a key, so verifiers refuse it.
_ALWAYS_OPENED: Final = frozenset({"key", "institution"})

Choose = Callable[[StreamRows], Sequence[bytes]]
"""Chooses the streams of a proof, in order, from the rows below a size."""


class HistoryBuilder:
    """Builds history proofs of one log."""

    def __init__(self, origin: str, reader: LogReader, published_map: PublishedMap) -> None:
        """Read rows from `reader`, heads from `published_map`."""
        self._origin = origin
        self._reader = reader
        self._map = published_map

    def build(
        self, choose: Choose, prove_commit: Callable[[PublishedState], str], *, opened: bool
    ) -> HistoryProof:
        """Build the proof of the streams that `choose` returns, at the newest checkpoint.

        Args:
            choose: Called again when the log has moved on meanwhile.
            prove_commit: Returns the tlog-proof of a publication's map-commit.
            opened: Open every event; those of keys and parties are always opened.

        Raises:
            LogBreachError: when stored rows do not lead to the published heads.
            NotFoundError: when a stream has no published entry.
            RefusedError: when nothing is published yet.
            StorageError: the database failed.
        """
        rows = StreamRows(self._origin, self._reader)
        stale: list[bytes] = []
        for _ in range(_TRIES):
            self._map.refresh()
            view = self._prove(())
            rows.size = view.state.size
            streams = tuple(choose(rows))
            view = self._prove(streams)
            if view.state.size != rows.size:
                continue
            stale = [each for each in streams if not _complete(rows.of(each), view, each)]
            if not stale:
                batches = _Batches(self._reader)
                proved = tuple(
                    _proved(each, rows.of(each), view, batches, opened=opened) for each in streams
                )
                return HistoryProof(view.state.commit, prove_commit(view.state), proved)
            rows.forget(stale)
        raise LogBreachError(
            None,
            f"流 {', '.join(map(uuid_text, stale))} 的条目得不出已发布的头部",
            f"the entries of {', '.join(map(uuid_text, stale))} do not lead to the published heads",
        )

    def _prove(self, streams: Sequence[bytes]) -> MapView:
        view = self._map.prove(_key(stream) for stream in streams)
        if view is None:
            raise RefusedError([Refusal("NOT_PUBLISHED", values={"size": 0})])
        return view


def _key(stream: bytes) -> bytes:
    return map_key("stream", uuid_text(stream).encode())


def _complete(rows: Sequence[LogRow], view: MapView, stream: bytes) -> bool:
    """Tell whether rows are all those of a stream that the published map counts.

    Raises:
        NotFoundError: when the map does not hold the stream.
    """
    key = _key(stream)
    located = view.located[key]
    if located is None or located.key != key:
        raise NotFoundError(uuid_text(stream))
    head: Head | None = None
    try:
        for row in rows:
            place = (row.index, entry_hash(row.entry))
            head = Head.first(*place) if head is None else head.advance(*place)
    except FormatError:
        return False
    return head is not None and map_leaf(key, head.value()) == located.leaf


class _Batches:
    """Opens events with what their batches hold; each batch is read once."""

    def __init__(self, reader: LogReader) -> None:
        self._reader = reader
        self._read: dict[bytes, _Batch] = {}

    def open(self, row: LogRow) -> OpenedEvent:
        """Return an event with its author's signature and its path in the batch."""
        name = row.batch_name
        if name not in self._read:
            self._read[name] = _read_batch(self._reader, row)
        batch, position = self._read[name], row.position
        if position >= len(batch.leaves) or batch.leaves[position] != leaf_hash(row.event):
            raise LogBreachError(
                row.index,
                f"第 {row.index} 条的事件不在其批次的第 {position} 位",
                f"the event of entry {row.index} is not number {position} of its batch",
            )
        return OpenedEvent(
            row.event,
            row.batch_key,
            batch.algorithm,
            position,
            len(batch.leaves),
            batch.paths[position],
            batch.signature,
        )


@dataclass(frozen=True, slots=True)
class _Batch:
    """A batch with the audit path of each of its leaves."""

    algorithm: str
    signature: bytes
    leaves: list[bytes]
    paths: list[tuple[bytes, ...]]


def _read_batch(reader: LogReader, row: LogRow) -> _Batch:
    """Return the batch of an event, which has the name that its row gives."""
    stored = reader.batch(row.batch_name)
    whole = b"" if stored is None else stored.leaves
    leaves = [whole[at : at + HASH_SIZE] for at in range(0, len(whole), HASH_SIZE)]
    if stored is None or stored.name != row.batch_name or root(leaves) != stored.root:
        raise LogBreachError(
            row.index,
            f"第 {row.index} 条的批次缺失，或其叶值得不出批次根",
            f"the batch of entry {row.index} is missing, or its leaves do not lead to its root",
        )
    return _Batch(stored.algorithm, stored.signature, leaves, all_inclusion_paths(leaves))


def _proved(
    stream: bytes, rows: Sequence[LogRow], view: MapView, batches: _Batches, *, opened: bool
) -> ProvedStream:
    # The rows lead to the published head, so they are the entries that were read before signing.
    first = read_entry(rows[0].entry)
    kind = first.kind if isinstance(first, EventEntry) else ""
    opens = opened or kind in _ALWAYS_OPENED
    located = view.located[_key(stream)]
    path = MapProof(() if located is None else located.steps).to_bytes()
    entries = (
        ProvedEntry(row.index, row.entry, batches.open(row) if opens else None) for row in rows
    )
    return ProvedStream(uuid_text(stream), kind, path, tuple(entries))
