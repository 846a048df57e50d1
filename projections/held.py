"""Read model of held facts: what counts for nothing now, each with its code (DESIGN section 4).

A fact that waits for its stream to open, for a stated clock offset or for a make-up plan leaves the
list when that comes, unless something else holds it too; then the list names that. What waits is
also kept by home cohort, to be found at that moment; an amendment with its target. The clock of a
guest's terminal is the host's to state: that ends the hold in the hours, but not in this list.
"""

from typing import Final

from ledger.domain.amendments import AMENDMENTS
from ledger.domain.clock_offsets import clock_offset
from ledger.domain.fact_holds import fact_hold
from ledger.domain.recorded_event import RecordedEvent
from ledger.domain.states import CohortState, EnrolmentState
from projections import cohorts, enrolments
from projections.counting import ENDING
from projections.documents import Document
from projections.fold import Documents, Projection, Ref, home_cohort, kind_of
from projections.kept_facts import COHORT_FACTS, ENROLMENT_FACTS, keep, restored
from projections.ports import Change

VIEW: Final = "held"
WAITING_VIEW: Final = "held_waiting"

_OPENERS: Final = frozenset({"LearnerEnrolled", "CohortPlanned"})
_RELEASING: Final = _OPENERS | {"ClockOffsetStated", "MakeUpScheduled"}
_KINDS: Final = frozenset({"enrolment", "cohort"})
_KEPT: Final = COHORT_FACTS.keys() | ENROLMENT_FACTS.keys()
_BLANK: Final[Document] = {"open": [], "offsets": [], "make_ups": {}, "rows": []}


def _touches(event: RecordedEvent) -> list[Ref]:
    if kind_of(event) not in _KINDS:
        return []
    waiting = (WAITING_VIEW, home_cohort(event))
    return [waiting, record_of(event)] if event.type in AMENDMENTS else [waiting]


def record_of(event: RecordedEvent) -> Ref:
    """Return the document that keeps the facts of the event's stream."""
    if kind_of(event) == "enrolment":
        return enrolments.VIEW, event.stream
    return cohorts.VIEW, home_cohort(event)


def _apply(documents: Documents, event: RecordedEvent, held: str) -> list[Change]:
    if not held and event.type not in _RELEASING:
        return []
    if kind_of(event) not in _KINDS:
        # Outside of cohorts nothing that comes later ends a hold.
        return [_row(event.index, _shown(event, held))]
    cohort = home_cohort(event)
    before = documents.get((WAITING_VIEW, cohort), _BLANK)
    after, changes = before, []
    if held:
        shown = _shown(event, held)
        changes.append(_row(event.index, shown))
        if held in ENDING and event.type in _KEPT:
            target = _target(documents, event) if event.type in AMENDMENTS else None
            waiting = [event.index, event.stream.hex(), keep(event), shown, target]
            after = {**after, "rows": [*after["rows"], waiting]}
    if event.type in _RELEASING:
        after = _moved(after, event)
        after, released = _released(after, cohort)
        changes += released
    if after is not before:
        changes.append(Change(WAITING_VIEW, cohort, after))
    return changes


def _target(documents: Documents, amendment: RecordedEvent) -> Document | None:
    """Return what an amendment names, as the document of its stream keeps it."""
    facts = documents.get(record_of(amendment), {"facts": []})["facts"]
    named = amendment.body.target.hex()
    return next((fact for fact in facts if fact["id"] == named), None)


def _shown(event: RecordedEvent, held: str) -> Document:
    return {
        "event_id": event.header.event_id.hex(),
        "type": event.type,
        "stream": event.stream.hex(),
        "cohort": home_cohort(event).hex(),
        "institution": event.header.institution.hex(),
        "code": held,
        "recorded_us": event.recorded_us,
    }


def _moved(document: Document, event: RecordedEvent) -> Document:
    """Return what waits with the state that a releasing event makes."""
    stream = event.stream.hex()
    if event.type == "ClockOffsetStated":
        return {**document, "offsets": [*document["offsets"], keep(event)]}
    if event.type == "MakeUpScheduled":
        plan = [event.body.session.hex(), event.body.cohort.hex()]
        plans = [*document["make_ups"].get(stream, []), plan]
        return {**document, "make_ups": {**document["make_ups"], stream: plans}}
    # Sorted, so that the order in which streams opened leaves no trace.
    return {**document, "open": sorted({*document["open"], stream})}


def _released(document: Document, cohort: bytes) -> tuple[Document, list[Change]]:
    """Return what still waits, and what that does to the list."""
    opened = set(document["open"])
    state = CohortState(
        b"",
        planned=cohort.hex() in opened,
        offsets=tuple(clock_offset(restored(row, cohort, cohort)) for row in document["offsets"]),
    )
    rows, changes = [], []
    for index, stream, kept, shown, target in document["rows"]:
        event = restored(kept, bytes.fromhex(stream), cohort)
        named = [restored(target, event.stream, cohort)] if target else []
        by_id = {each.header.event_id: each for each in named}
        plans = document["make_ups"].get(stream, [])
        enrolment = EnrolmentState(
            enrolled=stream in opened,
            make_ups=frozenset((bytes.fromhex(a), bytes.fromhex(b)) for a, b in plans),
        )
        code = fact_hold(event, [state], enrolment, None, by_id.get)
        if code == shown["code"]:
            rows.append([index, stream, kept, shown, target])
            continue
        # A row is replaced whole, so that its owner and place stay what they are.
        now = {**shown, "code": code}
        changes.append(_row(index, now, listed=bool(code)))
        if code in ENDING:
            rows.append([index, stream, kept, now, target])
    return {**document, "rows": rows}, changes


def _row(index: int, row: Document, *, listed: bool = True) -> Change:
    place = index.to_bytes(8, "big")
    if not listed:
        return Change(VIEW, place, None, b"", place)
    return Change(VIEW, place, row, bytes.fromhex(row["cohort"]), place)


PROJECTION: Final = Projection((VIEW, WAITING_VIEW), _touches, _apply)
