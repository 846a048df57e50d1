"""What keeps a fact from counting, and until when (DESIGN section 4, `ledger.domain.holding`).

Two holds end by later events: that the enrolment is not open, and that the cohort is not planned.
The read models keep such facts ready and look at the state of the stream, so nothing is rewritten
when it opens. The other holds lie in the fact itself.
"""

from typing import Final

from ledger.domain.holding import (
    CLOCK_AHEAD,
    COHORT_NOT_PLANNED,
    ENROLMENT_NOT_OPEN,
    clock_ahead,
)
from ledger.domain.recorded_event import RecordedEvent

WAITING: Final = frozenset({ENROLMENT_NOT_OPEN, COHORT_NOT_PLANNED})
"""Holds that end when the stream opens."""


def lasting_hold(event: RecordedEvent, held: str) -> str:
    """Return what holds a fact also in an open stream; empty when nothing does.

    Args:
        event: The fact.
        held: Why it was held when it was recorded; empty when it counted.
    """
    if held and held not in WAITING:
        return held
    return CLOCK_AHEAD if clock_ahead(event.header.occurred_us, event.recorded_us) else ""
