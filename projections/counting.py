"""Which holds end, as far as the read models are concerned.

Most end by later events (an enrolment, a plan, a stated clock offset, a make-up plan), so the read
models keep such facts ready and derive what counts. Facts of a lost key count for nothing until the
institution attests them. What holds an amendment for itself stays: amendments only look backwards.
"""

from typing import Final

from ledger.domain.holding import (
    CLOCK_AHEAD,
    COHORT_NOT_PLANNED,
    ENROLMENT_NOT_OPEN,
    GUEST_NOT_PLANNED,
    KEY_LOST_OR_RETIRED,
)

WAITING: Final = frozenset({ENROLMENT_NOT_OPEN, COHORT_NOT_PLANNED})
"""Holds that end when the stream opens."""

ENDING: Final = WAITING | {CLOCK_AHEAD, GUEST_NOT_PLANNED}
"""Holds that later events end."""


def lasting_hold(held: str) -> str:
    """Return the hold if the fact is not even kept: that of a key that was lost."""
    return held if held == KEY_LOST_OR_RETIRED else ""
