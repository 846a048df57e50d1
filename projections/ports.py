"""Ports of the read side: where events come from and where read models are kept.

Calls are synchronous and safe from any thread. Keys are raw bytes, positions indexes of the log:
the position of a follower is the index of the next event that it wants, so it is also the size of
the log that its read models rest on.
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from ledger.domain.recorded_event import RecordedEvent
from projections.documents import Document

FedEvent = tuple[RecordedEvent, str]
"""An event and why it counted for nothing when it was recorded; empty when it counted."""


@dataclass(frozen=True, slots=True)
class Change:
    """A new state of one document.

    Attributes:
        view: Name of the view, unique over all followers.
        key: Key of the document in the view.
        document: The document; None removes it.
        owner: Whose document it is, for pages of one owner.
        place: Where it stands in pages, unique in the view; empty keeps it out of them.
    """

    view: str
    key: bytes
    document: Document | None
    owner: bytes = b""
    place: bytes = b""


class EventFeed(Protocol):
    """The log as followers read it."""

    def after(self, position: int, limit: int) -> list[FedEvent]:
        """Return the next events in log order, from index `position` on, at most `limit`."""

    def size(self) -> int:
        """Return the size of the log, its own entries and the empty slot included."""


class ViewReader(Protocol):
    """Reads documents."""

    def position(self, follower: str) -> int:
        """Return a follower's position, 0 before its first save."""

    def get(self, view: str, keys: Iterable[bytes]) -> dict[bytes, Document]:
        """Return those documents that there are, by key."""

    def page(
        self, view: str, owner: bytes | None, after: bytes, limit: int
    ) -> list[tuple[bytes, Document]]:
        """Return (place, document) in the order of places.

        Args:
            view: The view.
            owner: Only documents of this owner, None for those of all.
            after: Place to begin behind; empty for the beginning.
            limit: Most rows.
        """


class ViewStore(ViewReader, Protocol):
    """Keeps documents and the positions of the followers that fold them.

    Raises:
        StorageUnavailableError: the database does not answer.
        StorageFullError: nothing was written.
    """

    def snapshot(self) -> AbstractContextManager[ViewReader]:
        """Return a reader that sees one committed state, for as long as the block lasts."""

    def save(self, follower: str, *, since: int, position: int, changes: Sequence[Change]) -> None:
        """Store changes and the new position in one transaction, exactly once.

        Args:
            follower: Who folded them.
            since: The position that the changes were folded from.
            position: The position behind them.
            changes: New states, one per document.

        Raises:
            StaleSaveError: the stored position is no longer `since`, or `position` is not larger;
                nothing was changed.
        """

    def clear(self, follower: str) -> None:
        """Remove a follower's documents and set its position to 0, in one transaction."""

    def close(self) -> None:
        """Close all connections."""
