"""Read model of who was in which session: sign-ins and spot checks, by learner and by session.

By learner everything is kept from the first fact on, as the record has it after corrections and
voidings; rows by session appear when the enrolment is opened, as with all that waits for it. A
guest's sign-in names home and host cohort, and stands under both: only the one whose session it is
ever shows it.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from ledger.domain.recorded_event import RecordedEvent
from projections.counting import overlooked
from projections.documents import Document
from projections.enrolments import ENROLLED, UNOPENED, WITHDRAWN
from projections.fold import Documents, Projection, Ref, home_cohort, kind_of
from projections.ports import Change
from projections.repairs import REPAIRS, repair_of, repaired
from projections.session_days import session_key

LEARNERS: Final = "session_learners"
VIEW: Final = "session_presence"

REJECTED: Final = "rejected"
TRANSFERRED: Final = "transferred"

_STATES: Final = {
    "LearnerEnrolled": ENROLLED,
    "LearnerWithdrew": WITHDRAWN,
    "EnrolmentRejected": REJECTED,
    "LearnerTransferred": TRANSFERRED,
}
_FACTS: Final = frozenset({"LearnerSignedIn", "PresenceSpotChecked"})


def _touches(event: RecordedEvent) -> list[Ref]:
    return [(LEARNERS, event.stream)] if kind_of(event) == "enrolment" else []


def _apply(documents: Documents, event: RecordedEvent, held: str) -> list[Change]:
    if kind_of(event) != "enrolment":
        return []
    known = documents.get((LEARNERS, event.stream))
    before = known or _blank(event)
    after, moved = _moved(before, event, held)
    if after == known:
        return []
    # Found by whose it is: a trace asks for all enrolments of a reference.
    owner = bytes(event.header.person_ref)
    changes = [Change(LEARNERS, event.stream, after, owner, event.stream)]
    if after["state"] != UNOPENED:
        if before["state"] == UNOPENED:
            moved = {fact["session"] for fact in after["facts"].values()}
        changes += _rows(event.stream, before, after, moved)
    return changes


def _blank(event: RecordedEvent) -> Document:
    return {
        "cohort": home_cohort(event).hex(),
        "state": UNOPENED,
        "facts": {},
        "repairs": {},
    }


def _moved(document: Document, event: RecordedEvent, held: str) -> tuple[Document, set[str]]:
    """Return the document after an event, and the sessions whose rows it may change."""
    if event.type in _STATES:
        return {**document, "state": _STATES[event.type]}, set()
    if overlooked(event, held):
        return document, set()
    if event.type in _FACTS:
        return _told(document, event)
    return _repaired(document, event) if event.type in REPAIRS else (document, set())


def _told(document: Document, event: RecordedEvent) -> tuple[Document, set[str]]:
    name = event.header.event_id.hex()
    fact: Document | None = {
        "session": event.body.session.hex(),
        "cohorts": [bytes(cohort).hex() for cohort in event.header.cohorts],
        "at_us": event.header.occurred_us,
        "present": event.type == "LearnerSignedIn" or event.body.present,
        "checked": event.type == "PresenceSpotChecked",
    }
    for repair in document["repairs"].get(name, ()):
        fact = repaired(fact, repair)
    if fact is None:
        return document, set()
    return {**document, "facts": {**document["facts"], name: fact}}, {fact["session"]}


def _repaired(document: Document, event: RecordedEvent) -> tuple[Document, set[str]]:
    repair = repair_of(event)
    if repair is None:
        return document, set()
    name = event.body.target.hex()
    waiting = [*document["repairs"].get(name, ()), repair]
    document = {**document, "repairs": {**document["repairs"], name: waiting}}
    fact = document["facts"].get(name)
    if fact is None:
        return document, set()
    after = repaired(fact, repair)
    facts = {other: each for other, each in document["facts"].items() if other != name}
    if after is None:
        return {**document, "facts": facts}, {fact["session"]}
    return {**document, "facts": {**facts, name: after}}, {fact["session"], after["session"]}


def _rows(
    enrolment: bytes, before: Document, after: Document, sessions: Iterable[str]
) -> list[Change]:
    wanted = frozenset(sessions)
    rows = presence(after["facts"].values(), wanted)
    gone = presence(before["facts"].values(), wanted).keys() - rows.keys()
    changes = []
    for key in sorted(rows.keys() | gone):
        place = key + enrolment
        changes.append(Change(VIEW, place, rows.get(key), key, place))
    return changes


def presence(facts: Iterable[Document], sessions: frozenset[str]) -> dict[bytes, Document]:
    """Return what one learner's facts show of some sessions, by session key.

    Returns:
        `signed_in_us`, the first sign-in or 0, and how often spot checks found the learner present
        and absent.
    """
    rows: defaultdict[bytes, Document] = defaultdict(
        lambda: {"signed_in_us": 0, "checked_present": 0, "checked_absent": 0}
    )
    for fact in facts:
        if fact["session"] not in sessions:
            continue
        for cohort in dict.fromkeys(fact["cohorts"]):
            row = rows[session_key(bytes.fromhex(cohort), bytes.fromhex(fact["session"]))]
            if fact["checked"]:
                row["checked_present" if fact["present"] else "checked_absent"] += 1
            else:
                row["signed_in_us"] = min(row["signed_in_us"] or fact["at_us"], fact["at_us"])
    return dict(rows)


PROJECTION: Final = Projection((LEARNERS, VIEW), _touches, _apply)
