"""The follower: reads new events, folds them, and saves documents and position exactly once.

The position is stored in the transaction of the documents, and only if it is still the one that
they were folded from. So a crash anywhere, a restart, or a second follower beside this one never
folds an event twice or leaves one out (DESIGN section 2).
"""

from collections.abc import Sequence
from typing import Final

from projections.documents import Document
from projections.errors import StaleSaveError
from projections.fold import Projection, Ref, fold_events, wanted
from projections.ports import EventFeed, ViewReader, ViewStore
from projections.registry import PROJECTIONS, READ_MODELS

BATCH: Final = 4_000
"""Events of one transaction, unless told otherwise."""


class Follower:
    """Keeps the documents of some projections up to date with the log."""

    def __init__(
        self,
        feed: EventFeed,
        store: ViewStore,
        projections: Sequence[Projection] = PROJECTIONS,
        name: str = READ_MODELS,
    ) -> None:
        """Follow a feed.

        Args:
            feed: The log.
            store: Where documents and position are kept.
            projections: What is folded.
            name: Name under which the position is kept.
        """
        self._feed = feed
        self._store = store
        self._projections = tuple(projections)
        self._name = name

    def step(self, limit: int = BATCH) -> int:
        """Fold the next events, at most `limit`.

        Returns:
            Log entries that the position moved over; 0 when there was nothing new or another
            follower was faster.
        """
        with self._store.snapshot() as reader:
            position = reader.position(self._name)
            # Read before the events: whatever lies below is in the answer, unless it is full.
            size = self._feed.size()
            events = self._feed.after(position, limit)
            documents = self._load(reader, wanted(self._projections, events))
        behind = events[-1][0].index + 1 if events else position
        if len(events) < limit:
            behind = max(behind, size)
        if behind == position:
            return 0
        changes = fold_events(self._projections, documents, events)
        try:
            self._store.save(self._name, since=position, position=behind, changes=changes)
        except StaleSaveError:
            return 0
        return behind - position

    def catch_up(self, limit: int = BATCH) -> int:
        """Fold batches of `limit` until nothing is left; return the entries passed."""
        passed = 0
        while self.lag() > 0:
            passed += self.step(limit)
        return passed

    def lag(self) -> int:
        """Return how many log entries the position is behind.

        Negative when the log is shorter than what was folded: a database that was put back to an
        earlier state needs `rebuild`.
        """
        return self._feed.size() - self._store.position(self._name)

    def rebuild(self) -> None:
        """Remove the documents and fold the log again from its first entry."""
        self._store.clear(self._name)
        self.catch_up()

    @staticmethod
    def _load(reader: ViewReader, keys: dict[str, set[bytes]]) -> dict[Ref, Document]:
        return {
            (view, key): document
            for view, names in keys.items()
            for key, document in reader.get(view, sorted(names)).items()
        }
