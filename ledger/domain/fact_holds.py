"""Why a fact counts for nothing yet, by the states of its cohorts and stream (DESIGN section 4).

What lies in the key that signed is said by `ledger.domain.authority.held_by_key`.
"""

from collections.abc import Callable, Sequence

from ledger.domain.amendments import AMENDMENTS, amendment_hold
from ledger.domain.clock_offsets import offset_for
from ledger.domain.enrolment_hours import correction_days
from ledger.domain.event_types import EVENT_TYPES
from ledger.domain.holding import ATTENDANCE, guest_hold, held_code
from ledger.domain.policies import Policy
from ledger.domain.recorded_event import RecordedEvent
from ledger.domain.states import CohortState, EnrolmentState
from ledger.domain.unlisted_presence import ATTRIBUTION, attribution_hold


def fact_hold(
    event: RecordedEvent,
    cohorts: Sequence[CohortState | None],
    enrolment: EnrolmentState,
    policy: Policy | None,
    find: Callable[[bytes], RecordedEvent | None],
) -> str:
    """Return the code of what holds a fact, or an empty string when it counts.

    Args:
        event: The fact.
        cohorts: States of the cohorts that its header names, the home cohort first.
        enrolment: State of its stream, where that is an enrolment.
        policy: The home cohort's pinned policy.
        find: Looks up a recorded event by its id.
    """
    kind = EVENT_TYPES[event.type].kind
    home = cohorts[0] if cohorts else None
    opened = enrolment.enrolled if kind == "enrolment" else home is not None and home.planned
    held = held_code(
        kind,
        opened=opened,
        occurred_us=_stated_us(event, cohorts),
        recorded_us=event.recorded_us,
    )
    if held:
        return held
    if event.type in ATTENDANCE:
        return guest_hold(event.header.cohorts, event.body.session, enrolment.make_ups)
    if event.type == ATTRIBUTION:
        return attribution_hold(event.header)
    if event.type in AMENDMENTS:
        target = find(event.body.target)
        own = None if target is None or target.stream != event.stream else target
        return amendment_hold(event, own, None if policy is None else correction_days(policy))
    return ""


def _stated_us(event: RecordedEvent, cohorts: Sequence[CohortState | None]) -> int:
    """Return when an event happened, by what was stated of its device's clock."""
    occurred_us: int = event.header.occurred_us
    stated = [each for cohort in cohorts if cohort is not None for each in cohort.offsets]
    offset = offset_for(stated, event) if stated else None
    return occurred_us if offset is None else occurred_us + offset.offset_us
