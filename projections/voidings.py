"""Read model of voidings 作废: each stream's amendments with what they name, once it is open.

Which records are void follows from them when they are read, as the domain says
(`ledger.domain.amendments`): a voiding may be void itself, and the policy may move.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from ledger.domain.amendments import AMENDMENTS, VOIDINGS, stream_record
from ledger.domain.recorded_event import RecordedEvent
from projections import enrolments
from projections.cohort_briefs import record_rules
from projections.cohorts import UNPLANNED
from projections.documents import Document
from projections.enrolments import UNOPENED
from projections.fold import Documents, Projection, Ref
from projections.held import record_of
from projections.kept_facts import restored_all
from projections.ports import Change

VIEW: Final = "voidings"

_OPENERS: Final = enrolments.STATES.keys() | {"CohortPlanned"}
_CONCERNS: Final = AMENDMENTS | _OPENERS
_CLOSED: Final = frozenset({UNOPENED, UNPLANNED})


def _touches(event: RecordedEvent) -> list[Ref]:
    return [record_of(event)] if event.type in _CONCERNS else []


def _apply(documents: Documents, event: RecordedEvent, _held: str) -> list[Change]:
    document = documents.get(record_of(event)) if event.type in _CONCERNS else None
    if document is None or document["state"] in _CLOSED:
        return []
    facts = _with_targets(document["facts"])
    return [Change(VIEW, event.stream, {"facts": facts})] if facts else []


def _with_targets(facts: Iterable[Document]) -> list[Document]:
    targets = {row["body"][0] for row in facts if row["type"] in AMENDMENTS}
    return [row for row in facts if row["type"] in AMENDMENTS or row["id"] in targets]


def voided_by(
    document: Document, stream: bytes, home: bytes, briefs: Mapping[bytes, Document]
) -> dict[bytes, bytes]:
    """Return what is void in a stream: by event id, the id of the voiding that counts.

    Args:
        document: The stream's document of this view.
        stream: The stream.
        home: Its home cohort.
        briefs: Documents of the view `cohort_briefs`, that of the home cohort among them.
    """
    events = restored_all(document["facts"], stream, home)
    amended = stream_record(events, free_days=record_rules(briefs, home).free_days).amended
    void: dict[bytes, bytes] = {}
    for event in events:
        if event.index in amended and event.type in VOIDINGS:
            void.setdefault(event.body.target, event.header.event_id)
    return void


PROJECTION: Final = Projection((VIEW,), _touches, _apply)
