"""When a recorded fact counts for nothing yet (HELD), and why.

A fact is never refused for state, order or time (DESIGN section 4). What holds it is derived from
what stands in the log, so later events make it count without rewriting anything.
"""

from collections.abc import Container, Sequence
from typing import Final

from ledger.domain.recorded_event import Message

ENROLMENT_NOT_OPEN: Final = "ENROLMENT_NOT_OPEN"
COHORT_NOT_PLANNED: Final = "COHORT_NOT_PLANNED"
CLOCK_AHEAD: Final = "CLOCK_AHEAD"
KEY_LOST_OR_RETIRED: Final = "KEY_LOST_OR_RETIRED"
GUEST_NOT_PLANNED: Final = "GUEST_NOT_PLANNED"
TARGET_UNKNOWN: Final = "TARGET_UNKNOWN"
TARGET_COHORTS_DIFFER: Final = "TARGET_COHORTS_DIFFER"
NOT_CORRECTABLE: Final = "NOT_CORRECTABLE"
APPROVAL_MISSING: Final = "APPROVAL_MISSING"
ATTENDANCE: Final = frozenset({"LearnerSignedIn", "LearnerSignedOut", "PresenceSpotChecked"})
"""Types that say where a learner was; also written of guests."""

CLOCK_TOLERANCE_US: Final = 10 * 60 * 1_000_000

_NOT_OPEN: Final = {"enrolment": ENROLMENT_NOT_OPEN, "cohort": COHORT_NOT_PLANNED}


def clock_ahead(occurred_us: int, recorded_us: int) -> bool:
    """Tell whether a claimed time lies further ahead of the recorded one than clocks may differ."""
    return occurred_us > recorded_us + CLOCK_TOLERANCE_US


def by_two_persons(header: Message) -> bool:
    """Tell whether one person entered an event and another one approved it."""
    entered_by, approved_by = header.entered_by, header.approved_by
    return bool(entered_by and approved_by) and entered_by != approved_by


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


def guest_hold(
    cohorts: Sequence[bytes], session: bytes, make_ups: Container[tuple[bytes, bytes]]
) -> str:
    """Return why a guest's attendance counts for nothing; an empty string when it counts.

    Args:
        cohorts: The header's cohorts, the home cohort first.
        session: The session attended.
        make_ups: Sessions that the home side's make-up plans name, with the cohorts that hold them.
    """
    planned = any((session, host) in make_ups for host in cohorts[1:])
    return GUEST_NOT_PLANNED if len(cohorts) > 1 and not planned else ""
