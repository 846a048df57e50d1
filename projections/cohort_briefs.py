"""Read model of what other views need of a cohort: owner, number, trade, clocks, free days.

The first event whose home cohort it is names the owner (DESIGN section 4). What was stated of
devices' clocks, and in how many days corrections are free, move facts of its enrolments too; so
they stand here, where it is cheap to read them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from ledger.domain.amendments import VOIDINGS
from ledger.domain.clock_offsets import STATED, ClockOffset
from ledger.domain.enrolment_hours import correction_days, stated_offsets
from ledger.domain.policies import parse_policy
from ledger.domain.recorded_event import RecordedEvent
from projections import from_documents, policies
from projections.counting import lasting_hold
from projections.documents import Document
from projections.fold import Documents, Projection, Ref, home_cohort
from projections.kept_facts import keep, restored_all
from projections.ports import Change

VIEW: Final = "cohort_briefs"

PINS: Final = frozenset({"CohortPlanned", "CohortPolicyRepinned"})
"""What names the policy that a cohort goes by."""

_PLAN: Final = "CohortPlanned"


@dataclass(frozen=True, slots=True)
class RecordRules:
    """What decides, beside a stream's own facts, which of them count.

    Attributes:
        offsets: What was stated of devices' clocks.
        free_days: Days in which corrections are free; None for no limit.
    """

    offsets: tuple[ClockOffset, ...] = ()
    free_days: int | None = None


def record_rules(briefs: Mapping[bytes, Document], home: bytes, *hosts: bytes) -> RecordRules:
    """Return what the records of a cohort, or of one of its enrolments, go by.

    Args:
        briefs: Documents of this view, by cohort.
        home: The home cohort.
        hosts: Cohorts whose guest the learner was: their devices took the attendance.
    """
    known = [(each, briefs[each]) for each in dict.fromkeys((home, *hosts)) if each in briefs]
    offsets = (offset for each, brief in known for offset in _offsets(each, brief))
    return RecordRules(tuple(offsets), _free_days(briefs.get(home)))


def _offsets(cohort: bytes, brief: Document) -> tuple[ClockOffset, ...]:
    if not brief["clocks"]:
        return ()
    return stated_offsets(restored_all(brief["clocks"], cohort, cohort), _free_days(brief))


def _free_days(brief: Document | None) -> int | None:
    days: list[int] = brief["free_days"] if brief else []
    return days[0] if days else None


def _touches(event: RecordedEvent) -> list[Ref]:
    cohort = home_cohort(event)
    if not cohort:
        return []
    pinned = [(policies.VIEW, event.body.policy)] if event.type in PINS else []
    return [(VIEW, cohort), *pinned]


def _apply(documents: Documents, event: RecordedEvent, held: str) -> list[Change]:
    cohort = home_cohort(event)
    if not cohort:
        return []
    known = documents.get((VIEW, cohort))
    before = known or _blank(event)
    after = {**before, **_moved(documents, before, event, held)}
    return [] if after == known else [Change(VIEW, cohort, after)]


def _blank(event: RecordedEvent) -> Document:
    return {
        "institution": event.header.institution.hex(),
        "number": "",
        "trade_name": "",
        "free_days": [],
        "clocks": [],
    }


def _moved(documents: Documents, brief: Document, event: RecordedEvent, held: str) -> Document:
    """Return the members that an event changes."""
    moved: Document = {}
    if event.type in PINS:
        moved["free_days"] = _pinned_days(documents.get((policies.VIEW, event.body.policy)))
    if event.type == _PLAN:
        moved |= {"number": event.body.number, "trade_name": event.body.trade_name}
    if speaks_of_clocks(brief["clocks"], event) and not lasting_hold(held):
        moved["clocks"] = [*brief["clocks"], keep(event)]
    return moved


def speaks_of_clocks(clocks: Iterable[Document], event: RecordedEvent) -> bool:
    """Tell whether an event states an offset, or voids one of these statements and voidings."""
    if event.type not in VOIDINGS:
        return event.type == STATED
    target = event.body.target.hex()
    return any(row["id"] == target for row in clocks)


def _pinned_days(policy: Document | None) -> list[int]:
    """Return the days of free corrections as a list of one; of none where there is no limit."""
    days = None if policy is None else correction_days(parse_policy(from_documents.policy(policy)))
    return [] if days is None else [days]


def owner_of(documents: Documents, event: RecordedEvent) -> bytes:
    """Return who owns the event's home cohort; whoever the event is recorded for at its start."""
    brief = documents.get((VIEW, home_cohort(event)))
    return bytes.fromhex(brief["institution"]) if brief else bytes(event.header.institution)


PROJECTION: Final = Projection((VIEW,), _touches, _apply)
