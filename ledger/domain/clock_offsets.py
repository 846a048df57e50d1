"""How wrong the clocks of devices were, as stated later (DESIGN section 4).

A fact keeps the time that its device claimed. From `ClockOffsetStated` on it counts at the stated
time; claimed, stated and recorded times are all shown. An institution states it of its own clocks:
of facts in its cohort, those of its guests included, but not of a host's facts about its learners,
and not of what exam bodies and platforms write. What another kind of writer may have written is at
least never held by it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ledger.domain.event_types import EVENT_TYPES, Role
from ledger.domain.holding import clock_ahead
from ledger.domain.recorded_event import Message, RecordedEvent

STATED: Final = "ClockOffsetStated"


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """What was stated of one device.

    Attributes:
        device: Serial code of the device.
        boot_id: The boot that it holds for, 16 bytes; empty for all.
        offset_us: What has to be added to a claimed time, microseconds.
        first_us: Claimed times from this one on.
        last_us: Claimed times up to this one, inclusive.
        index: Log index of the statement.
        cohort: The cohort that it is stated in.
    """

    device: str
    boot_id: bytes
    offset_us: int
    first_us: int
    last_us: int
    index: int
    cohort: bytes

    def covers(self, header: Message) -> bool:
        """Tell whether it holds for an event with this header.

        A guest's facts are written where the guest is: the hosts state the clock, not the home.
        """
        if header.device != self.device or not self.first_us <= header.occurred_us <= self.last_us:
            return False
        named = list(header.cohorts)
        if self.cohort not in (named[1:] or named):
            return False
        # The readers of single events give no clock at all where the bytes hold none.
        clock = header.clock
        return not self.boot_id or (clock is not None and clock.boot_id == self.boot_id)


def clock_offset(event: RecordedEvent) -> ClockOffset:
    """Return what a ClockOffsetStated states."""
    body = event.body
    return ClockOffset(
        body.device,
        body.boot_id,
        body.offset_us,
        body.first_us,
        body.last_us,
        event.index,
        event.stream,
    )


def offset_for(offsets: Iterable[ClockOffset], event: RecordedEvent) -> ClockOffset | None:
    """Return the newest statement that holds for an event, None when there is none."""
    known = EVENT_TYPES.get(event.type)
    if known is None or Role.INSTITUTION not in known.writers:
        return None
    header = event.header
    covering = [offset for offset in offsets if offset.covers(header)]
    newest = max(covering, key=lambda offset: offset.index, default=None)
    if newest is not None and len(known.writers) > 1:
        stated_us = header.occurred_us + newest.offset_us
        return None if clock_ahead(stated_us, event.recorded_us) else newest
    return newest
