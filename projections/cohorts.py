"""Read model of cohorts 期: owner, plan, state, counts, and the facts of the cohort's own stream.

One document per cohort, read for the list of cohorts and for the cohort file. An event counts in
`events` of every cohort that its header names; all else comes from events whose home cohort it is.
The first of these names the owner (DESIGN section 4). Facts are kept from the start and count once
the cohort is planned; which of them count is said when the file is read.
"""

from typing import Any, Final

from ledger.domain.recorded_event import RecordedEvent
from ledger.domain.states import LEAVING
from projections import certificates
from projections.counting import lasting_hold
from projections.documents import Document
from projections.fold import Documents, Projection, Ref, home_cohort, kind_of
from projections.kept_facts import COHORT_FACTS, keep
from projections.ports import Change

VIEW: Final = "cohorts"

UNPLANNED: Final = "unplanned"
PLANNED: Final = "planned"
OPEN: Final = "open"
CLOSED: Final = "closed"

_BLANK: Final[Document] = {
    "institution": "",
    "state": UNPLANNED,
    "number": "",
    "trade": "",
    "trade_name": "",
    "policy": "",
    "pins": [],
    "platform": "",
    "exam_body": "",
    "filed": "",
    "capacity": 0,
    "first_day": 0,
    "last_day": 0,
    "enrolled": 0,
    "certificates": 0,
    "events": 0,
    "guests": {},
    "seals": [],
    "facts": [],
    "lost": 0,
}
_COUNTED: Final = {
    "LearnerEnrolled": ("enrolled", 1),
    **dict.fromkeys(LEAVING, ("enrolled", -1)),
    "TrainingCertificateIssued": ("certificates", 1),
    "TrainingCertificateRevoked": ("certificates", -1),
    "TrainingCertificateSuperseded": ("certificates", -1),
}
_STATES: Final = {"CohortOpened": OPEN, "CohortClosed": CLOSED}


def _touches(event: RecordedEvent) -> list[Ref]:
    touched = [(VIEW, bytes(cohort)) for cohort in event.header.cohorts]
    if event.type == "TrainingCertificateRevoked":
        touched.append((certificates.VIEW, event.stream))
    return touched


def _apply(documents: Documents, event: RecordedEvent, held: str) -> list[Change]:
    changes = []
    for number, cohort in enumerate(dict.fromkeys(map(bytes, event.header.cohorts))):
        before = documents.get((VIEW, cohort), _BLANK)
        after = {**before, "events": before["events"] + 1}
        if number == 0:
            after["institution"] = before["institution"] or event.header.institution.hex()
            if not _counted_off(documents, event):
                after |= _moved(after, event, held)
        elif kind_of(event) == "enrolment":
            home = home_cohort(event)
            after["guests"] = {**before["guests"], event.stream.hex(): home.hex()}
        owner = bytes.fromhex(after["institution"])
        # A cohort known only as somebody's guest has no owner yet, and stands in no list.
        changes.append(Change(VIEW, cohort, after, owner, cohort if owner else b""))
    return changes


def _counted_off(documents: Documents, event: RecordedEvent) -> bool:
    """Tell whether an event revokes a certificate that counted no more: it was superseded."""
    if event.type != "TrainingCertificateRevoked":
        return False
    return "successor" in documents.get((certificates.VIEW, event.stream), {})


def _moved(document: Document, event: RecordedEvent, held: str) -> Document:
    """Return the members that an event of the cohort's own record changes."""
    if event.type in _COUNTED:
        member, step = _COUNTED[event.type]
        return {member: document[member] + step}
    if event.type in _STATES:
        return {"state": _STATES[event.type]}
    if event.type in COHORT_FACTS:
        if lasting_hold(held):
            return {"lost": document["lost"] + 1}
        return {"facts": [*document["facts"], keep(event)]}
    match event.type:
        case "CohortPlanned":
            return {**_plan(event.body), "pins": [_pin(event)]}
        case "CohortPolicyRepinned":
            return {"policy": event.body.policy.hex(), "pins": [*document["pins"], _pin(event)]}
        case "CohortFiled":
            return {"filed": event.body.bureau.hex()}
        case "CohortArchiveSealed":
            return {"seals": [*document["seals"], _seal(document, event)]}
    return {}


def _plan(body: Any) -> Document:  # noqa: ANN401 - CohortPlanned
    return {
        "state": PLANNED,
        "number": body.number,
        "trade": body.trade,
        "trade_name": body.trade_name,
        "policy": body.policy.hex(),
        "platform": body.platform.hex(),
        "exam_body": body.exam_body.hex(),
        "capacity": body.capacity,
        "first_day": body.first_day,
        "last_day": body.last_day,
    }


def _pin(event: RecordedEvent) -> Document:
    return {"policy": event.body.policy.hex(), "index": event.index, "at": event.recorded_us}


def _seal(document: Document, event: RecordedEvent) -> Document:
    body = event.body
    return {
        "version": body.version,
        "items": body.items,
        "retain_until": body.retain_until,
        "index": event.index,
        "at": event.recorded_us,
        # What came later is the difference to the events that there are now.
        "events": document["events"],
    }


PROJECTION: Final = Projection((VIEW,), _touches, _apply)
