"""Waiting until an entry is published, as long as the call may take (GetReceipt, GetHistory)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from ledger.server.request_context import current_call

WaitPublished = Callable[[int], Awaitable[None]]
"""Returns once the entry at an index is published."""

_MARGIN: Final = 0.1
_MOST_MARGIN_SECONDS: Final = 0.5


async def wait_until_published(wait: WaitPublished, index: int) -> None:
    """Wait for an entry, or until the call's end is near: then what there is decides.

    The answer has to leave before the deadline, so a part of the time is kept for it.
    """
    left = current_call().seconds_left()
    seconds = left - min(left * _MARGIN, _MOST_MARGIN_SECONDS)
    try:
        await asyncio.wait_for(wait(index), seconds)
    except TimeoutError:
        return
