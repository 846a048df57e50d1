"""The publishing loop: wishes for a slot when there is something new, publishes, tells who waits.

Several processes may run it on one database: what a slot holds is a pure function of what precedes
it, and the register lets only one of them sign.
"""

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

import structlog

from ledger.application.errors import ApplicationError, IntegrityBreachError
from ledger.application.group_commit import GroupCommit

INTERVAL_SECONDS: Final = 0.5
"""How long entries gather before a checkpoint is made of them."""

IDLE_SECONDS: Final = 1.0
"""How often the database is asked for what other processes wrote or published."""

_log = structlog.get_logger()


class PublishesOnce(Protocol):
    """What makes one publication; blocking."""

    def publish_once(self) -> object | None:
        """Publish up to the empty slot; None when there is nothing to publish."""


class PublishingLoop:
    """Runs a publisher beside the sequencer."""

    def __init__(
        self,
        commits: GroupCommit,
        publisher: PublishesOnce,
        published_size: Callable[[], int],
        interval: float = INTERVAL_SECONDS,
        idle: float = IDLE_SECONDS,
    ) -> None:
        """Publish every `interval` seconds while there is something new.

        Args:
            commits: Makes the slots.
            publisher: Fills and signs them.
            published_size: Reads the size of the newest checkpoint; blocking.
            interval: Seconds.
            idle: Seconds between looks at what other processes appended.
        """
        self._idle = idle
        self._commits = commits
        self._publisher = publisher
        self._published_size = published_size
        self._interval = interval
        self._published = asyncio.Condition()
        self._size = 0
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.breach: IntegrityBreachError | None = None

    @property
    def size(self) -> int:
        """Size of the newest checkpoint as far as this process knows."""
        return self._size

    def start(self) -> None:
        """Start the loop."""
        self._task = asyncio.create_task(self._run(), name="publishing")

    async def stop(self) -> None:
        """Stop after the publication under way."""
        self._stopping.set()
        if self._task is not None:
            await self._task

    async def wait_ended(self) -> None:
        """Wait until the loop has ended: it was stopped, or there is a breach."""
        if self._task is not None:
            await asyncio.wait({self._task})

    async def wait_published(self, index: int) -> None:
        """Wait until the entry at `index` is published."""
        async with self._published:
            await self._published.wait_for(lambda: self._size > index)

    async def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._round()
            except IntegrityBreachError as error:
                # Nothing more is signed until a person has looked; appends and reads go on.
                self.breach = error
                _log.critical("publication refused", reason=str(error))
                return
            except (TimeoutError, ApplicationError) as error:
                _log.warning("publication failed", reason=str(error))
            except Exception:  # noqa: BLE001 - it is logged whole, and tried again
                # A full disk under the register, a defect: the loop must not end unseen.
                _log.exception("publication failed")
            await self._pause(self._interval)

    async def _round(self) -> None:
        await asyncio.to_thread(self._publisher.publish_once)
        await self._announce()
        await self._commits.make_slot(self._size)
        await asyncio.to_thread(self._publisher.publish_once)
        await self._announce()
        if await asyncio.to_thread(self._published_size) == self._size:
            await self._wait_for_news()

    async def _announce(self) -> None:
        size = await asyncio.to_thread(self._published_size)
        async with self._published:
            self._size = size
            self._published.notify_all()

    async def _wait_for_news(self) -> None:
        news = asyncio.create_task(self._commits.wait_beyond(self._size))
        stop = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({news, stop}, timeout=self._idle, return_when=asyncio.FIRST_COMPLETED)
        news.cancel()
        stop.cancel()

    async def _pause(self, seconds: float) -> None:
        if not self._stopping.is_set():
            try:
                await asyncio.wait_for(self._stopping.wait(), seconds)
            except TimeoutError:
                return
