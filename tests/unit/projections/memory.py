"""In-memory implementations of the read side's ports; the store passes the databases' contract."""

import threading
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from projections.documents import Document, decode, encode
from projections.errors import StaleSaveError
from projections.ports import Change, FedEvent, ViewReader
from projections.replay import CohortRecord


@dataclass
class MemoryFeed:
    """Events by rising index; `own` more entries of the log itself stand behind the last."""

    events: list[FedEvent] = field(default_factory=list)
    own: int = 0

    def after(self, position: int, limit: int) -> list[FedEvent]:
        start = bisect_left(self.events, position, key=lambda fed: fed[0].index)
        return self.events[start : start + limit]

    def size(self) -> int:
        return (self.events[-1][0].index + 1 if self.events else 0) + self.own


class MemoryHistory:
    """The log as replays read it; everything that names no cohort is the register."""

    def __init__(self, events: Sequence[FedEvent]) -> None:
        self.events = list(events)
        self.reads = 0

    def size(self) -> int:
        return MemoryFeed(self.events).size()

    def size_at(self, recorded_us: int) -> int:
        later = (event.index for event, _ in self.events if event.recorded_us > recorded_us)
        return next(later, self.size())

    def record(self, cohort: bytes, below: int) -> CohortRecord:
        self.reads += 1
        known = [fed for fed in self.events if fed[0].index < below]
        return CohortRecord(
            [fed for fed in known if cohort in fed[0].header.cohorts],
            [fed for fed in known if not fed[0].header.cohorts],
        )


@dataclass(frozen=True)
class Stored:
    owner: bytes
    place: bytes
    follower: str
    data: bytes


@dataclass
class MemoryReader:
    """One state of the store."""

    positions: dict[str, int] = field(default_factory=dict)
    rows: dict[tuple[str, bytes], Stored] = field(default_factory=dict)

    def position(self, follower: str) -> int:
        return self.positions.get(follower, 0)

    def get(self, view: str, keys: Iterable[bytes]) -> dict[bytes, Document]:
        found = ((key, self.rows.get((view, key))) for key in keys)
        return {key: decode(row.data) for key, row in found if row}

    def page(
        self, view: str, owner: bytes | None, after: bytes, limit: int
    ) -> list[tuple[bytes, Document]]:
        rows = sorted(
            (row.place, row.data)
            for (name, _), row in self.rows.items()
            if name == view and owner in {None, row.owner} and row.place > after
        )
        return [(place, decode(data)) for place, data in rows[:limit]]


class MemoryViews:
    """A ViewStore whose transactions replace the whole state at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.state = MemoryReader()

    @contextmanager
    def snapshot(self) -> Iterator[ViewReader]:
        yield self.state

    def position(self, follower: str) -> int:
        return self.state.position(follower)

    def get(self, view: str, keys: Iterable[bytes]) -> dict[bytes, Document]:
        return self.state.get(view, keys)

    def page(
        self, view: str, owner: bytes | None, after: bytes, limit: int
    ) -> list[tuple[bytes, Document]]:
        return self.state.page(view, owner, after, limit)

    def save(self, follower: str, *, since: int, position: int, changes: Sequence[Change]) -> None:
        with self._lock:
            if self.position(follower) != since or position <= since:
                raise StaleSaveError(follower)
            rows = dict(self.state.rows)
            for change in changes:
                if change.document is None:
                    rows.pop((change.view, change.key), None)
                else:
                    data = encode(change.document)
                    rows[change.view, change.key] = Stored(
                        change.owner, change.place, follower, data
                    )
            self.state = MemoryReader({**self.state.positions, follower: position}, rows)

    def clear(self, follower: str) -> None:
        with self._lock:
            rows = {ref: row for ref, row in self.state.rows.items() if row.follower != follower}
            self.state = MemoryReader({**self.state.positions, follower: 0}, rows)

    def close(self) -> None:
        """Nothing is open."""
