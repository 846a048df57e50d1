"""Read model of enrolments 报名: one learner in one cohort, with the facts that hours rest on.

Facts are kept from the first on, whatever the state; they count once the enrolment was opened. So
when `LearnerEnrolled` comes after them they count from then on, in log order, and nothing is
rewritten. Facts of a lost key are only counted as held. A second view finds the enrolments of a
person in the order of their start: traces and histories ask for all of an institution's reference.
"""

from typing import Final

from ledger.domain.event_types import EVENT_TYPES
from ledger.domain.recorded_event import RecordedEvent
from projections.counting import lasting_hold
from projections.documents import Document
from projections.fold import Documents, Projection, Ref, home_cohort, kind_of
from projections.kept_facts import ENROLMENT_FACTS, keep
from projections.ports import Change

VIEW: Final = "enrolments"
BY_PERSON: Final = "enrolments_by_person"

UNOPENED: Final = "unopened"
ENROLLED: Final = "enrolled"
WITHDRAWN: Final = "withdrawn"
REJECTED: Final = "rejected"
TRANSFERRED: Final = "transferred"

_PLACE_SIZE: Final = 8

STATES: Final = {
    "LearnerEnrolled": ENROLLED,
    "LearnerWithdrew": WITHDRAWN,
    "EnrolmentRejected": REJECTED,
    "LearnerTransferred": TRANSFERRED,
}
"""What an enrolment is after each of these; the first of them opens it."""


def place_of(first_index: int) -> bytes:
    """Return where an enrolment stands among those of its person: in the order of their start."""
    return first_index.to_bytes(_PLACE_SIZE, "big")


def _touches(event: RecordedEvent) -> list[Ref]:
    return [(VIEW, event.stream)] if kind_of(event) == "enrolment" else []


def _apply(documents: Documents, event: RecordedEvent, held: str) -> list[Change]:
    if kind_of(event) != "enrolment":
        return []
    cohort = home_cohort(event)
    known = documents.get((VIEW, event.stream))
    before = known or _blank(cohort, event.header.person_ref)
    after = {**before, **_moved(before, event, held)}
    changes = [Change(VIEW, event.stream, after, cohort, event.stream)]
    if known is None:
        person = bytes(event.header.person_ref)
        link = {"cohort": cohort.hex(), "enrolment": event.stream.hex()}
        changes.append(Change(BY_PERSON, event.stream, link, person, place_of(event.index)))
    return changes


def _blank(cohort: bytes, person_ref: bytes) -> Document:
    return {
        "cohort": cohort.hex(),
        "person_ref": person_ref.hex(),
        "state": UNOPENED,
        "basis": "",
        "transferred_to": "",
        "facts": [],
        "recorded": 0,
        "lost": 0,
    }


def _moved(document: Document, event: RecordedEvent, held: str) -> Document:
    """Return the members that an event changes."""
    moved: Document = {}
    if event.type in STATES:
        to_cohort = event.body.to_cohort.hex() if event.type == "LearnerTransferred" else ""
        basis = event.body.basis if event.type == "LearnerEnrolled" else document["basis"]
        moved = {"state": STATES[event.type], "transferred_to": to_cohort, "basis": basis}
    elif not EVENT_TYPES[event.type].decision:
        moved = {"recorded": document["recorded"] + 1}
    if lasting_hold(held):
        return {**moved, "lost": document["lost"] + 1}
    if event.type in ENROLMENT_FACTS:
        moved["facts"] = [*document["facts"], keep(event)]
    return moved


PROJECTION: Final = Projection((VIEW, BY_PERSON), _touches, _apply)
