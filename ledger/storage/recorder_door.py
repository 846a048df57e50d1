"""The eventsourcing library's way into the log (DESIGN section 7): its events through our writer.

The library's recorders are synchronous and called from any thread. What they insert is submitted to
the event loop of a group writer, numbered under the head's lock like every other entry, and
committed through the same door.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any, Protocol, TypeVar
from uuid import UUID

from eventsourcing.persistence import (
    IntegrityError,
    OperationalError,
    ProgrammingError,
    StoredEvent,
)

from ledger.application.errors import StorageError
from ledger.application.ports import (
    GroupTransaction,
    LogRow,
    LogWriter,
    StoredBatch,
    StreamTail,
)
from ledger.application.recorded_clock import RecordedClock
from ledger.log.entries import entry_hash

T = TypeVar("T")


class RowBuilder(Protocol):
    """Makes log rows of the library's events."""

    def event_id(self, event: StoredEvent) -> bytes:
        """Return the id of the event, 16 bytes."""

    def row(self, event: StoredEvent, index: int, prev: bytes | None, recorded_us: int) -> LogRow:
        """Return the row, entry included.

        Args:
            event: The event; `originator_version` is its number in the stream, from 1.
            index: Its index in the log.
            prev: Entry hash of the stream's previous entry, None when it is the first.
            recorded_us: Its `recorded`.
        """


class RecorderDoor:
    """Inserts the library's events through a group writer."""

    def __init__(
        self,
        writer: LogWriter,
        builder: RowBuilder,
        loop: asyncio.AbstractEventLoop | None = None,
        recorded: Callable[[int], int] | None = None,
    ) -> None:
        """Insert through `writer`.

        Args:
            writer: The writer.
            builder: Makes the rows.
            loop: The running event loop that the writer belongs to. Without one the writer is this
                door's alone: it gets a thread with a loop of its own, and is closed with the door.
            recorded: Returns `recorded` for an entry that follows one of the time given.
        """
        self._writer = writer
        self._builder = builder
        self._recorded = recorded or RecordedClock().now
        self._thread: threading.Thread | None = None
        if loop is None:
            loop = asyncio.new_event_loop()
            self._thread = threading.Thread(
                target=loop.run_forever, name="recorder-door", daemon=True
            )
            self._thread.start()
        self._loop = loop

    def insert(
        self, events: Sequence[StoredEvent], batches: Sequence[StoredBatch] = ()
    ) -> list[int]:
        """Insert events, all or none; return their notification ids once they are durable.

        Raises:
            IntegrityError: a version does not follow its stream's last one, or an event is known.
            OperationalError: the database failed; whether the events were stored is not known.
            ProgrammingError: called on the writer's own event loop, which would wait for itself.
        """
        if not events:
            return []
        return self._wait_for(self._insert(events, batches))

    def close(self) -> None:
        """End the thread and close the writer, if they are this door's own."""
        if self._thread is None:
            return
        self._wait_for(self._writer.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._thread = None

    def _wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        if _running_loop() is self._loop:
            work.close()
            raise ProgrammingError("a recorder is called from another thread than its writer's")
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result()
        except StorageError as error:
            raise OperationalError(str(error)) from error

    async def _insert(
        self, events: Sequence[StoredEvent], batches: Sequence[StoredBatch]
    ) -> list[int]:
        ids = [self._builder.event_id(event) for event in events]
        if len(set(ids)) != len(ids):
            raise IntegrityError("an event is inserted twice")
        async with self._writer.group(ids) as group:
            if group.known:
                raise IntegrityError("an event is in the log already")
            if group.head.closed:
                raise IntegrityError("the log is closed")
            rows = await self._rows(events, group)
            behind = replace(
                group.head, size=group.head.size + len(rows), recorded_us=rows[-1].recorded_us
            )
            await group.insert(rows, batches, behind)
        return [row.index + 1 for row in rows]

    async def _rows(self, events: Sequence[StoredEvent], group: GroupTransaction) -> list[LogRow]:
        streams = {_stream(event) for event in events}
        tails = dict((await group.load(tuple(streams), (), (), ())).tails)
        recorded_us = self._recorded(group.head.recorded_us)
        rows: list[LogRow] = []
        for index, event in enumerate(events, group.head.size):
            stream = _stream(event)
            tail = tails.get(stream)
            due = 1 if tail is None else tail.seq + 1
            if event.originator_version != due:
                raise IntegrityError(
                    f"version {event.originator_version} of {event.originator_id}: {due} is due"
                )
            prev = None if tail is None else entry_hash(tail.entry)
            row = self._builder.row(event, index, prev, recorded_us)
            tails[stream] = StreamTail(row.seq, row.entry)
            rows.append(row)
        return rows


def _stream(event: StoredEvent) -> bytes:
    if not isinstance(event.originator_id, UUID):
        raise ProgrammingError("a stream's id is a UUID")
    return event.originator_id.bytes


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
