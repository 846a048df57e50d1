"""The stored checkpoints, in order of their sizes, for a reader that walks the log beside them."""

from collections.abc import Iterator
from typing import Final

from ledger.application.breaches import LogBreachError
from ledger.application.ports import PublicationStore

_PAGE: Final = 500


class StoredCheckpoints:
    """The signed notes up to the published size, read a page at a time."""

    def __init__(self, publications: PublicationStore, published: int) -> None:
        """Start before the first; what is published meanwhile is left out."""
        self._notes = _notes(publications, published)
        self._next: tuple[int, str] | None = None

    def begin(self) -> None:
        """Read the first.

        Raises:
            LogBreachError: when it is of no size.
            StorageError: the database failed.
        """
        self._next = next(self._notes, None)
        if self._next is not None and self._next[0] < 1:
            raise LogBreachError(None, "存有规模为 0 的检查点", "a checkpoint of size 0 is stored")

    def take(self, size: int) -> str | None:
        """Return the note of a size, None when there is none; sizes are asked for in order.

        Raises:
            StorageError: the database failed.
        """
        if self._next is None or self._next[0] != size:
            return None
        note = self._next[1]
        self._next = next(self._notes, None)
        return note


def _notes(publications: PublicationStore, published: int) -> Iterator[tuple[int, str]]:
    start = -1
    while page := publications.checkpoints(start, _PAGE):
        for size, note in page:
            if size > published:
                return
            yield size, note
        start = page[-1][0] + 1
