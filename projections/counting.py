"""What keeps a fact from counting for good, as far as the read models are concerned.

Most holds end by later events (an enrolment, a plan, a stated clock offset, a make-up plan), so the
read models keep such facts ready and derive what counts when they are read. Facts of a lost key
count for nothing until the institution attests them, and amendments only look backwards.
"""

from typing import Final

from ledger.domain.holding import (
    APPROVAL_MISSING,
    CLOCK_AHEAD,
    COHORT_NOT_PLANNED,
    ENROLMENT_NOT_OPEN,
    GUEST_NOT_PLANNED,
    KEY_LOST_OR_RETIRED,
    NOT_CORRECTABLE,
    TARGET_COHORTS_DIFFER,
    TARGET_UNKNOWN,
    clock_ahead,
)
from ledger.domain.recorded_event import RecordedEvent

WAITING: Final = frozenset({ENROLMENT_NOT_OPEN, COHORT_NOT_PLANNED})
"""Holds that end when the stream opens."""

ENDING: Final = WAITING | {CLOCK_AHEAD, GUEST_NOT_PLANNED}
"""Holds that later events end."""

FINAL: Final = frozenset(
    {KEY_LOST_OR_RETIRED, TARGET_UNKNOWN, TARGET_COHORTS_DIFFER, NOT_CORRECTABLE, APPROVAL_MISSING}
)
"""Holds that no later event of the stream ends."""


def lasting_hold(held: str) -> str:
    """Return the hold if the fact is not even kept: that of a key that was lost."""
    return held if held == KEY_LOST_OR_RETIRED else ""


def overlooked(event: RecordedEvent, held: str) -> bool:
    """Tell whether the overviews of a day pass a fact over.

    They go by the time that a device claims: what it dates ahead is not shown there, also when the
    offset is stated later; the cohort file counts it then.
    """
    ahead = clock_ahead(event.header.occurred_us, event.recorded_us)
    return ahead or held in FINAL
