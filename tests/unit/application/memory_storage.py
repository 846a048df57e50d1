"""The ports of reading and publishing in memory, with faults on demand and rows to tamper with."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ledger.application.checkpoint_register import RegisteredCheckpoint, RegisterMovedError
from ledger.application.errors import IntegrityBreachError, StorageUnavailableError
from ledger.application.ports import LogHead, LogRow, OwnRow, Publication, StoredBatch
from ledger.log.head_map import Head, Item, map_leaf


@dataclass
class Faults:
    """Raises at named points, once each; every point that was passed is kept."""

    armed: set[str] = field(default_factory=set)
    passed: list[str] = field(default_factory=list)

    def point(self, name: str) -> None:
        self.passed.append(name)
        if name in self.armed:
            self.armed.remove(name)
            raise StorageUnavailableError(name)


@dataclass
class MemoryStorage:
    """LogReader and PublicationStore over plain dictionaries."""

    rows_by_index: dict[int, LogRow | OwnRow] = field(default_factory=dict)
    batches: dict[bytes, StoredBatch] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)
    tiles: dict[tuple[int, int], bytes] = field(default_factory=dict)
    stored_heads: dict[bytes, Head] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    before_heads: Callable[[], None] = lambda: None

    def head(self) -> LogHead:
        self.faults.point("head")
        if not self.rows_by_index:
            return LogHead(0, 0, None)
        last = max(self.rows_by_index)
        slots = [
            row.index
            for row in self.rows_by_index.values()
            if isinstance(row, OwnRow) and row.entry is None
        ]
        closed = any(
            isinstance(row, OwnRow) and row.entry is not None and b'"log-closed"' in row.entry
            for row in self.rows_by_index.values()
        )
        slot = slots[0] if slots else None
        return LogHead(last + 1, self.rows_by_index[last].recorded_us, slot, closed)

    def entries(self, start: int, limit: int) -> list[tuple[int, bytes]]:
        self.faults.point("entries")
        found = [
            (index, row.entry)
            for index, row in sorted(self.rows_by_index.items())
            if index >= start and row.entry is not None
        ]
        return found[:limit]

    def rows(self, start: int, limit: int, cohort: bytes | None = None) -> list[LogRow]:
        found = [
            row
            for index, row in sorted(self.rows_by_index.items())
            if index >= start and isinstance(row, LogRow) and cohort in {None, row.cohort}
        ]
        return found[:limit]

    def cohort_rows(self, cohort: bytes, below: int) -> list[LogRow]:
        return [
            row
            for row in self.rows(0, below)
            if row.index < below and (row.cohort == cohort or cohort in _ids(row.guests))
        ]

    def size_at(self, recorded_us: int) -> int:
        return sum(row.recorded_us <= recorded_us for row in self.rows_by_index.values())

    def stream_rows(self, stream: bytes) -> list[LogRow]:
        every = self.rows(0, len(self.rows_by_index))
        return sorted((row for row in every if row.stream == stream), key=lambda row: row.seq)

    def row(self, index: int) -> LogRow | None:
        row = self.rows_by_index.get(index)
        return row if isinstance(row, LogRow) else None

    def find(self, event_id: bytes) -> LogRow | None:
        every = self.rows(0, len(self.rows_by_index))
        return next((row for row in every if row.event_id == event_id), None)

    def batch(self, name: bytes) -> StoredBatch | None:
        return self.batches.get(name)

    def publish(self, publication: Publication) -> None:
        self.faults.point("before publish")
        slot = self.rows_by_index[publication.commit.index]
        size = max(self.notes, default=0)
        if slot.entry is not None or size >= publication.size:
            if (slot.entry, size) != (publication.commit.entry, publication.size):
                raise IntegrityBreachError("another publication")
            return
        self.rows_by_index[publication.commit.index] = publication.commit
        self.tiles.update(publication.tiles)
        self.stored_heads.update(publication.heads)
        self.notes[publication.size] = publication.note
        self.faults.point("after publish")

    def published(self) -> tuple[int, str] | None:
        size = max(self.notes, default=None)
        return None if size is None else (size, self.notes[size])

    def checkpoints(self, start: int, limit: int) -> list[tuple[int, str]]:
        return [each for each in sorted(self.notes.items()) if each[0] >= start][:limit]

    def tile(self, level: int, n: int) -> bytes:
        self.faults.point("tile")
        return self.tiles.get((level, n), b"")

    def heads(self, keys: Iterable[bytes]) -> dict[bytes, Head]:
        self.before_heads()
        return {key: self.stored_heads[key] for key in keys if key in self.stored_heads}

    def map_items(self) -> list[Item]:
        self.faults.point("map items")
        return sorted((key, map_leaf(key, head.value())) for key, head in self.stored_heads.items())

    def swap_rows(self, one: int, other: int) -> None:
        """Exchange what stands at two indexes, as an UPDATE of the index column would."""
        first, second = self.rows_by_index[one], self.rows_by_index[other]
        self.rows_by_index[one] = _moved(second, one)
        self.rows_by_index[other] = _moved(first, other)

    def insert_before(self, index: int, row: LogRow) -> None:
        """Move everything from `index` on up by one and put a row in its place."""
        for at in sorted(self.rows_by_index, reverse=True):
            if at >= index:
                self.rows_by_index[at + 1] = _moved(self.rows_by_index.pop(at), at + 1)
        self.rows_by_index[index] = _moved(row, index)

    def remove(self, index: int, *, close_gap: bool) -> None:
        """Delete a row; move what is behind it down by one or leave the gap."""
        del self.rows_by_index[index]
        if close_gap:
            for at in sorted(self.rows_by_index):
                if at > index:
                    self.rows_by_index[at - 1] = _moved(self.rows_by_index.pop(at), at - 1)


def _ids(concatenated: bytes) -> list[bytes]:
    return [concatenated[at : at + 16] for at in range(0, len(concatenated), 16)]


def _moved(row: LogRow | OwnRow, index: int) -> LogRow | OwnRow:
    if isinstance(row, OwnRow):
        return OwnRow(index, row.entry, row.recorded_us)
    fields = {name: getattr(row, name) for name in LogRow.__slots__}
    return LogRow(**{**fields, "index": index})


@dataclass
class MemoryRegister:
    """A register in memory, with faults before and after the swap."""

    held: RegisteredCheckpoint | None = None
    faults: Faults = field(default_factory=Faults)
    swaps: int = 0

    def read(self) -> RegisteredCheckpoint | None:
        self.faults.point("register read")
        return self.held

    def swap(self, old: RegisteredCheckpoint | None, new: RegisteredCheckpoint) -> None:
        self.faults.point("before swap")
        if self.held != old:
            raise RegisterMovedError("moved")
        self.held, self.swaps = new, self.swaps + 1
        self.faults.point("after swap")
