"""How much may be under way at once, and for how long (reliability-security: C7, C8, 6.2).

gRPC's own limit of concurrent calls is known to miscount (grpc issue 41531); these are plain
counters, used from the event loop alone.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Hashable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Final

from ledger.application.errors import OverloadedError, RefusedError
from ledger.domain.refusals import Refusal

DEFAULT_SECONDS: Final = 30.0
"""How long a call may take that names no deadline."""
MOST_SECONDS: Final = 600.0
"""How long any call may take, streams apart."""


@dataclass(frozen=True, slots=True)
class CallLimits:
    """Limits of one process.

    Attributes:
        calls: Unary calls under way at once.
        streams: Streams open at once.
    """

    calls: int = 400
    streams: int = 2_000


class Places:
    """A number of places, taken for as long as something is under way."""

    def __init__(self, limit: int) -> None:
        """Have `limit` places."""
        self._limit = limit
        self._taken = 0

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Take a place for the length of the block.

        Raises:
            OverloadedError: when all are taken.
        """
        if self._taken >= self._limit:
            raise OverloadedError("too many calls are under way")
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1


class PlacesByOwner:
    """The same number of places for each of many owners."""

    def __init__(self, limit: int) -> None:
        """Have `limit` places for each owner."""
        self._limit = limit
        self._taken: Counter[Hashable] = Counter()

    @contextmanager
    def taken(self, owner: Hashable) -> Iterator[None]:
        """Take one of an owner's places for the length of the block.

        Raises:
            OverloadedError: when all of them are taken.
        """
        if self._taken[owner] >= self._limit:
            raise OverloadedError("too many streams of one identity are open")
        self._taken[owner] += 1
        try:
            yield
        finally:
            self._taken[owner] -= 1
            if not self._taken[owner]:
                del self._taken[owner]


@asynccontextmanager
async def within(seconds: float | None) -> AsyncIterator[None]:
    """Give the block so many seconds; None for any.

    Raises:
        RefusedError: DEADLINE_EXCEEDED.
    """
    timeout = asyncio.timeout(seconds)
    try:
        async with timeout:
            yield
    except TimeoutError:
        if not timeout.expired():
            raise
        raise RefusedError([Refusal("DEADLINE_EXCEEDED")]) from None
