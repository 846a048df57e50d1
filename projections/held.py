"""Read model of held facts: what counts for nothing now, each with its code (DESIGN section 4).

A fact that waits for its stream to open leaves the list when it opens, unless something else holds
it too; then the list names that. What waits is also kept by stream, to be found at that moment.
"""

from typing import Final

from ledger.domain.recorded_event import RecordedEvent
from projections.counting import WAITING, lasting_hold
from projections.documents import Document
from projections.fold import Documents, Projection, Ref, home_cohort, kind_of
from projections.ports import Change

VIEW: Final = "held"
WAITING_VIEW: Final = "held_waiting"

_OPENERS: Final = frozenset({"LearnerEnrolled", "CohortPlanned"})
_OPENED_KINDS: Final = frozenset({"enrolment", "cohort"})


def _touches(event: RecordedEvent) -> list[Ref]:
    return [(WAITING_VIEW, event.stream)] if kind_of(event) in _OPENED_KINDS else []


def _apply(documents: Documents, event: RecordedEvent, held: str) -> list[Change]:
    if not held and event.type not in _OPENERS:
        return []
    waiting = documents.get((WAITING_VIEW, event.stream))
    if not held:
        return _released(waiting, event)
    row = {
        "event_id": event.header.event_id.hex(),
        "type": event.type,
        "stream": event.stream.hex(),
        "cohort": home_cohort(event).hex(),
        "institution": event.header.institution.hex(),
        "code": held,
        "recorded_us": event.recorded_us,
    }
    changes = [_row(event.index, row)]
    if held in WAITING:
        before = waiting["rows"] if waiting else []
        rows = [*before, [event.index, lasting_hold(event, held), row]]
        changes.append(Change(WAITING_VIEW, event.stream, {"rows": rows}))
    return changes


def _released(waiting: Document | None, event: RecordedEvent) -> list[Change]:
    """Return what the opening of a stream does to the facts that waited for it."""
    if waiting is None:
        return []
    changes = [Change(WAITING_VIEW, event.stream, None)]
    for index, lasting, row in waiting["rows"]:
        # A row is replaced whole, so that its owner and place stay what they are.
        changes.append(_row(index, {**row, "code": lasting} if lasting else None))
    return changes


def _row(index: int, row: Document | None) -> Change:
    place = index.to_bytes(8, "big")
    return Change(VIEW, place, row, bytes.fromhex(row["cohort"]) if row else b"", place)


PROJECTION: Final = Projection((VIEW, WAITING_VIEW), _touches, _apply)
