"""Read model of what other views say of a cohort: owner, number, trade. Small, so that it is cheap.

The first event whose home cohort it is names the owner (DESIGN section 4).
"""

from typing import Final

from ledger.domain.recorded_event import RecordedEvent
from projections.fold import Documents, Projection, Ref, home_cohort
from projections.ports import Change

VIEW: Final = "cohort_briefs"

_PLAN: Final = "CohortPlanned"


def _touches(event: RecordedEvent) -> list[Ref]:
    cohort = home_cohort(event)
    return [(VIEW, cohort)] if cohort else []


def _apply(documents: Documents, event: RecordedEvent, _held: str) -> list[Change]:
    cohort = home_cohort(event)
    known = documents.get((VIEW, cohort))
    if not cohort or (known is not None and event.type != _PLAN):
        return []
    brief = known or {
        "institution": event.header.institution.hex(),
        "number": "",
        "trade_name": "",
    }
    if event.type == _PLAN:
        brief = {**brief, "number": event.body.number, "trade_name": event.body.trade_name}
    return [Change(VIEW, cohort, brief)]


def owner_of(documents: Documents, event: RecordedEvent) -> bytes:
    """Return who owns the event's home cohort; whoever the event is recorded for at its start."""
    brief = documents.get((VIEW, home_cohort(event)))
    return bytes.fromhex(brief["institution"]) if brief else bytes(event.header.institution)


PROJECTION: Final = Projection((VIEW,), _touches, _apply)
