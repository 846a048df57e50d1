"""Health by part (grpc.health.v1): what serves, and what does not.

`""` is the whole: database and sequencer serve. A publisher or a follower that is behind makes the
ledger late, not wrong: it is shown under its own name and takes no process out of service.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

import structlog
from grpc_health.v1 import health_pb2
from grpc_health.v1.health import OVERALL_HEALTH, aio

DATABASE: Final = "ledger.database"
SEQUENCER: Final = "ledger.sequencer"
PUBLISHER: Final = "ledger.publisher"
FOLLOWERS: Final = "ledger.followers"
ESSENTIAL: Final = frozenset({DATABASE, SEQUENCER})

INTERVAL_SECONDS: Final = 2.0
CHECK_SECONDS: Final = 5.0

_log = structlog.get_logger()
_Status = health_pb2.HealthCheckResponse


class HealthMonitor:
    """Looks at the parts again and again and keeps the health service up to date."""

    def __init__(
        self,
        checks: Mapping[str, Callable[[], bool]],
        *,
        interval: float = INTERVAL_SECONDS,
        patience: float = CHECK_SECONDS,
    ) -> None:
        """Look at these parts.

        Args:
            checks: By the part's name, what tells whether it serves; blocking, in a worker thread.
            interval: Seconds between two looks.
            patience: Seconds after which a check that does not return counts as failed.
        """
        self._checks = checks
        self._interval = interval
        self._patience = patience
        self._running: dict[str, asyncio.Task[bool]] = {}
        self._serving: dict[str, bool] = {}
        self._task: asyncio.Task[None] | None = None
        self.servicer = aio.HealthServicer()

    async def start(self) -> None:
        """Look once, then go on looking."""
        await self.look()
        self._task = asyncio.create_task(self._run(), name="health")

    async def stop(self) -> None:
        """Say NOT_SERVING for good, and stop looking."""
        await self.servicer.enter_graceful_shutdown()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def look(self) -> None:
        """Look at every part once."""
        found = await asyncio.gather(*(self._serves(part) for part in self._checks))
        serving = dict(zip(self._checks, found, strict=True))
        for part, good in serving.items():
            if self._serving.get(part) is not good:
                _log.info("health", part=part, serving=good)
            await self.servicer.set(part, _status(good))
        whole = all(good for part, good in serving.items() if part in ESSENTIAL)
        await self.servicer.set(OVERALL_HEALTH, _status(whole))
        self._serving = serving

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._interval)
            await self.look()

    async def _serves(self, part: str) -> bool:
        task = self._running.get(part)
        if task is None:
            # One check of a part at a time: one that hangs must not use up the threads.
            task = asyncio.create_task(asyncio.to_thread(self._checks[part]))
            self._running[part] = task
        done, _ = await asyncio.wait([task], timeout=self._patience)
        if not done:
            return False
        del self._running[part]
        error = task.exception()
        if error is not None:
            _log.warning("health check failed", part=part, reason=str(error))
            return False
        return task.result()


def _status(serving: bool) -> int:  # noqa: FBT001 - one word, one value
    return _Status.SERVING if serving else _Status.NOT_SERVING
