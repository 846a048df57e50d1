"""The following loop: keeps the read models behind the log, a batch at a time."""

import asyncio
from typing import Final, Protocol

import structlog

from ledger.application.errors import ApplicationError
from ledger.application.group_commit import GroupCommit

IDLE_SECONDS: Final = 0.5
"""How often the database is asked for what other processes wrote."""

_log = structlog.get_logger()


class Follows(Protocol):
    """What folds the next batch; blocking."""

    def step(self) -> int:
        """Fold the next events; return how far that moved, 0 when there was nothing new."""


class FollowingLoop:
    """Runs a follower beside the sequencer."""

    def __init__(self, commits: GroupCommit, follower: Follows, idle: float = IDLE_SECONDS) -> None:
        """Follow what `commits` appends, and every `idle` seconds what other processes appended."""
        self._idle = idle
        self._commits = commits
        self._follower = follower
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the loop."""
        self._task = asyncio.create_task(self._run(), name="following")

    async def stop(self) -> None:
        """Stop after the batch under way."""
        self._stopping.set()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while not self._stopping.is_set():
            size = self._commits.size
            try:
                moved = await asyncio.to_thread(self._follower.step)
            except ApplicationError as error:
                moved = 0
                _log.warning("read models are not kept up", reason=str(error))
            if not moved:
                await self._wait_for_news(size)

    async def _wait_for_news(self, size: int) -> None:
        news = asyncio.create_task(self._commits.wait_beyond(size))
        stop = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({news, stop}, timeout=self._idle, return_when=asyncio.FIRST_COMPLETED)
        news.cancel()
        stop.cancel()
