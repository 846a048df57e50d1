"""When a recorded fact counts for nothing yet (HELD), and why.

A fact is never refused for state, order or time (DESIGN section 4). What holds it is derived from
what stands in the log, so later events make it count without rewriting anything.
"""

from typing import Final

ENROLMENT_NOT_OPEN: Final = "ENROLMENT_NOT_OPEN"
COHORT_NOT_PLANNED: Final = "COHORT_NOT_PLANNED"
CLOCK_AHEAD: Final = "CLOCK_AHEAD"
KEY_LOST_OR_RETIRED: Final = "KEY_LOST_OR_RETIRED"
CLOCK_TOLERANCE_US: Final = 10 * 60 * 1_000_000

_NOT_OPEN: Final = {"enrolment": ENROLMENT_NOT_OPEN, "cohort": COHORT_NOT_PLANNED}


def clock_ahead(occurred_us: int, recorded_us: int) -> bool:
    """Tell whether a claimed time lies further ahead of the recorded one than clocks may differ."""
    return occurred_us > recorded_us + CLOCK_TOLERANCE_US


def held_code(kind: str, *, opened: bool, occurred_us: int, recorded_us: int) -> str:
    """Return why a fact is held, or an empty string when it counts.

    Args:
        kind: Kind of the fact's stream.
        opened: The enrolment was opened, or the cohort planned, before.
        occurred_us: Time that the emitter claims.
        recorded_us: Time that the ledger gave.
    """
    if not opened and kind in _NOT_OPEN:
        return _NOT_OPEN[kind]
    return CLOCK_AHEAD if clock_ahead(occurred_us, recorded_us) else ""
