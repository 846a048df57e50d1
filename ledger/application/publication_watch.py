"""Waiting for publications that another process makes."""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from ledger.application.errors import StorageError

POLL_SECONDS: Final = 0.1

_log = structlog.get_logger()


class PublicationWatch:
    """Looks at the published size for as long as somebody waits for it."""

    def __init__(
        self, published_size: Callable[[], int], poll_seconds: float = POLL_SECONDS
    ) -> None:
        """Look through `published_size`, which blocks, every `poll_seconds`."""
        self._published_size = published_size
        self._poll_seconds = poll_seconds
        self._size = 0
        self._looking: asyncio.Task[None] | None = None
        self._moved = asyncio.Condition()
        self._waiting = 0

    async def wait_published(self, index: int) -> None:
        """Wait until the entry at `index` is published."""
        self._waiting += 1
        try:
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(self._look(), name="publication watch")
            async with self._moved:
                await self._moved.wait_for(lambda: self._size > index)
        finally:
            self._waiting -= 1

    async def _look(self) -> None:
        while self._waiting:
            try:
                size = await asyncio.to_thread(self._published_size)
            except StorageError as error:
                # Whoever waits goes on waiting, until its own deadline.
                _log.warning("published size is not known", reason=str(error))
            else:
                async with self._moved:
                    self._size = size
                    self._moved.notify_all()
            await asyncio.sleep(self._poll_seconds)
