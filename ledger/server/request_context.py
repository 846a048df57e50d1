"""What is known of the call under way: who calls, its id, how long it may take.

Kept in a context variable, which follows the call into its tasks and worker threads.
"""

import asyncio
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is at the other end, by the client certificate: only the courier of what it sends.

    Attributes:
        party: The party's id; None for the operator.
    """

    party: bytes | None

    @property
    def name(self) -> str:
        """How logs name it; names no person."""
        return "operator" if self.party is None else f"party/{UUID(bytes=self.party)}"


@dataclass(frozen=True, slots=True)
class Call:
    """A call under way.

    Attributes:
        method: Full name of the method.
        request_id: Leads from an answer to the log.
        caller: Who calls.
        ends: When it ends at the latest, by the event loop's clock; None for streams.
    """

    method: str
    request_id: str
    caller: Caller
    ends: float | None

    def seconds_left(self) -> float:
        """Return how many seconds are left, as far as the call has an end."""
        if self.ends is None:
            return float("inf")
        return max(0.0, self.ends - asyncio.get_running_loop().time())


_CURRENT: Final[ContextVar[Call]] = ContextVar("current_call")


def enter_call(call: Call) -> None:
    """Make this the call of the current task and of what it starts."""
    _CURRENT.set(call)


def current_call() -> Call:
    """Return the call under way.

    Raises:
        LookupError: outside of a call.
    """
    return _CURRENT.get()


def current_caller() -> Caller:
    """Return who calls."""
    return _CURRENT.get().caller
