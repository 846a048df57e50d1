"""Following the log for one caller: what is recorded, what it may see, as it comes.

New entries of this process are told by the group commit; those of other processes are found by
asking the database now and then. A follower resumes with the last index that it received plus one.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from ledger.application.events import recorded_event
from ledger.application.group_commit import GroupCommit
from ledger.application.ports import LogReader, LogRow
from ledger.domain.event_types import EVENT_TYPES
from ledger.server.access import Access, View
from ledger.server.call_limits import PlacesByOwner
from ledger.server.request_context import Caller

WATCHERS_PER_CALLER: Final = 16
POLL_SECONDS: Final = 1.0
_ROWS: Final = 100


@dataclass(frozen=True, slots=True)
class _Step:
    """What one look at the log found.

    Attributes:
        rows: What the caller may see.
        position: First index that was not looked at.
    """

    rows: tuple[LogRow, ...]
    position: int


class LogWatch:
    """Lets callers follow the log."""

    def __init__(
        self,
        *,
        reader: LogReader,
        commits: GroupCommit,
        access: Access,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        """Follow through `reader`, woken by `commits` or every `poll_seconds`."""
        self._reader = reader
        self._commits = commits
        self._access = access
        self._poll_seconds = poll_seconds
        self._watchers = PlacesByOwner(WATCHERS_PER_CALLER)
        self._closing = asyncio.Event()

    def close(self) -> None:
        """Let every follower end, so that the server can stop."""
        self._closing.set()

    async def follow(
        self, caller: Caller, start: int, cohort: bytes | None
    ) -> AsyncIterator[LogRow]:
        """Yield events from an index on, until the server stops.

        Args:
            caller: Who follows.
            start: First index wanted.
            cohort: Only of this home cohort; None for all that the caller may see.

        Raises:
            NotFoundError: when the caller may not see the cohort, or there is none.
            OverloadedError: when the caller follows too often already.
        """
        with self._watchers.taken(caller):
            if cohort is not None:
                view = self._access.of(caller)
                await asyncio.to_thread(view.require_cohort, cohort)
            position = start
            while not self._closing.is_set():
                # Read before the rows are: what comes in between ends the wait at once.
                size = self._commits.size
                step = await asyncio.to_thread(self._look, caller, position, cohort)
                for row in step.rows:
                    yield row
                if step.position == position:
                    await self._wait_for_news(size)
                position = step.position

    def _look(self, caller: Caller, position: int, cohort: bytes | None) -> _Step:
        rows = self._reader.rows(position, _ROWS, cohort)
        if not rows:
            return _Step((), position)
        view = self._access.of(caller)
        seen = tuple(row for row in rows if _visible(row, view))
        return _Step(seen, rows[-1].index + 1)

    async def _wait_for_news(self, size: int) -> None:
        news = asyncio.create_task(self._commits.wait_beyond(size))
        closing = asyncio.create_task(self._closing.wait())
        try:
            await asyncio.wait(
                {news, closing}, timeout=self._poll_seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            news.cancel()
            closing.cancel()


def _visible(row: LogRow, view: View) -> bool:
    """Tell whether a caller may see an event: parties, keys and policies are for everyone."""
    if row.cohort is not None:
        return view.cohort(row.cohort)
    if EVENT_TYPES[row.type].kind != "staff":
        return True
    return view.institution(recorded_event(row).header.institution)
