"""The clock of an emitter: what it says, and how far to believe it (docs/emitter.md section 3).

A device states the clock's condition with every event, right or wrong: when it was last set, which
boot this is, and how long that boot has lasted. An office system states the time alone.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias
from uuid import UUID

from ledger.api.v1 import events_pb2 as pb

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class ClockReading:
    """One look at the clock.

    Attributes:
        now_us: Microseconds since 1970 UTC, as the clock says.
        state: Condition of the clock; None where the emitter is no device.
    """

    now_us: int
    state: pb.ClockState | None = None


Clock: TypeAlias = Callable[[], ClockReading]


def office_clock() -> ClockReading:
    """Return the system's time."""
    return ClockReading(time.time_ns() // 1000)


def device_clock(*, last_sync_us: int = 0, boot_id: UUID | None = None) -> Clock:
    """Return the clock of a device.

    Args:
        last_sync_us: When the clock was last set from a trusted source, microseconds since 1970
            UTC; 0 when that is not known.
        boot_id: Random id of the current boot; None for the system's own.
    """
    boot = boot_id or _system_boot_id()

    def read() -> ClockReading:
        state = pb.ClockState(
            last_sync_us=last_sync_us,
            boot_id=boot.bytes,
            monotonic_us=time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000,
        )
        return ClockReading(time.time_ns() // 1000, state)

    return read


def _system_boot_id() -> UUID:
    try:
        return UUID(_BOOT_ID.read_text("ascii").strip())
    except (OSError, ValueError):
        # Not Linux, or /proc is not there: unknown boots must not look like one and the same.
        return UUID(bytes=secrets.token_bytes(16), version=4)
