"""What the writers of both databases share: one group at a time, and how a group ends.

A statement once begun runs to its end, a COMMIT above all: when the caller is cancelled, the
cancellation is raised afterwards. What is left of a group that failed is rolled back; after an
error of the database its connection is dropped, and the next group opens a new one.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Any, Generic, TypeVar

from ledger.application.ports import LogHead, LogRow, OwnRow, Place, StoredBatch
from ledger.storage.log_rows import check_appended

T = TypeVar("T")
G = TypeVar("G", bound="StagedGroup")


async def settled(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end whoever cancels; then raise the cancellation, if there was one."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError:
                continue
        if not task.cancelled():
            task.exception()
        raise


class StagedGroup:
    """A group whose rows are written when it ends, together with the COMMIT.

    What is read after `insert` in the same group does not show the rows.
    """

    def __init__(self, head: LogHead, known: Mapping[bytes, Place]) -> None:
        """Begin behind `head`, with the places of known events, and with nothing to write."""
        self.head = head
        self.known = known
        self.rows: list[LogRow | OwnRow] = []
        self.batches: list[StoredBatch] = []
        self.behind: LogHead | None = None

    async def insert(
        self, rows: Sequence[LogRow | OwnRow], batches: Sequence[StoredBatch], head: LogHead
    ) -> None:
        """Append rows and store batches that are not stored yet; `head` is the head behind them.

        Raises:
            ValueError: when the rows do not follow the log's head, or something is staged already.
        """
        if self.behind is not None:
            raise ValueError("a group is inserted once")
        check_appended(self.head, rows, head)
        self.rows, self.batches, self.behind = list(rows), list(batches), head


class GroupWriter(ABC, Generic[G]):
    """Writes groups through one connection of its own. Belongs to one event loop."""

    def __init__(self) -> None:
        """Connect when the first group begins."""
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def group(self, event_ids: Sequence[bytes]) -> AsyncIterator[G]:
        """Lock the head and look up events; leaving commits, an exception rolls back.

        Raises:
            IntegrityBreachError: a number, an event id or a place in a stream is taken: somebody
                wrote without the head's lock. Nothing was written.
            StorageFullError: nothing was written.
            StorageUnavailableError: whether the group was committed is not known.
        """
        async with self._lock:
            with self._errors():
                try:
                    group = await settled(self._begin(event_ids))
                    yield group
                    await settled(self._commit(group))
                except BaseException as error:
                    await settled(self._roll_back(error))
                    raise

    async def flush(self) -> None:
        """Complete one synchronous commit, so that what is read afterwards is durable."""
        async with self.group(()) as group:
            await group.insert((), (), group.head)

    async def close(self) -> None:
        """Close the connection; a group under way ends first."""
        async with self._lock:
            await settled(self._close())

    @abstractmethod
    def _errors(self) -> AbstractContextManager[None]:
        """Turn the driver's errors into the ledger's own."""

    @abstractmethod
    async def _begin(self, event_ids: Sequence[bytes]) -> G:
        """Begin a transaction, lock and read the head, look events up."""

    @abstractmethod
    async def _commit(self, group: G) -> None:
        """Write what is staged and commit."""

    @abstractmethod
    async def _roll_back(self, error: BaseException) -> None:
        """End what is not committed; raises nothing.

        After an error of the database the connection is closed: nobody knows its state, and a
        server that was demoted would go on to refuse every write.
        """

    @abstractmethod
    async def _close(self) -> None:
        """Close the connection."""
