"""Read model of cohorts 期: owner, plan, state, counts, sessions and documents of the file.

One document per cohort, read for the list of cohorts and for the cohort file. An event counts in
`events` of every cohort that its header names; all else comes from events whose home cohort it is.
The first of these names the owner (DESIGN section 4). Sessions and documents are kept from the
start and count once the cohort is planned.
"""

from typing import Any, Final

from ledger.domain.recorded_event import RecordedEvent
from projections.counting import lasting_hold
from projections.documents import Document
from projections.fold import Documents, Projection, Ref
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
    "platform": "",
    "exam_body": "",
    "capacity": 0,
    "first_day": 0,
    "last_day": 0,
    "enrolled": 0,
    "certificates": 0,
    "events": 0,
    "sessions": {},
    "items": [],
}
_COUNTED: Final = {
    "LearnerEnrolled": ("enrolled", 1),
    "LearnerWithdrew": ("enrolled", -1),
    "TrainingCertificateIssued": ("certificates", 1),
    "TrainingCertificateRevoked": ("certificates", -1),
}
_STATES: Final = {"CohortOpened": OPEN, "CohortClosed": CLOSED}


def _touches(event: RecordedEvent) -> list[Ref]:
    return [(VIEW, bytes(cohort)) for cohort in event.header.cohorts]


def _apply(documents: Documents, event: RecordedEvent, held: str) -> list[Change]:
    changes = []
    for number, cohort in enumerate(dict.fromkeys(map(bytes, event.header.cohorts))):
        before = documents.get((VIEW, cohort), _BLANK)
        after = {**before, "events": before["events"] + 1}
        if number == 0:
            after["institution"] = before["institution"] or event.header.institution.hex()
            after |= _moved(after, event, held)
        owner = bytes.fromhex(after["institution"])
        # A cohort known only as somebody's guest has no owner yet, and stands in no list.
        changes.append(Change(VIEW, cohort, after, owner, cohort if owner else b""))
    return changes


def _moved(document: Document, event: RecordedEvent, held: str) -> Document:
    """Return the members that an event of the cohort's own record changes."""
    if event.type in _COUNTED:
        member, step = _COUNTED[event.type]
        return {member: document[member] + step}
    if event.type in _STATES:
        return {"state": _STATES[event.type]}
    if event.type == "CohortPlanned":
        return _plan(event.body)
    if event.type == "ArchiveItemAdded" and not lasting_hold(event, held):
        return {"items": [*document["items"], _item(event)]}
    if event.type in _SESSION_FACTS and not lasting_hold(event, held):
        sessions = document["sessions"]
        session = event.body.session.hex()
        known = sessions.get(session, {"scheduled": None, "started": None, "ends": []})
        return {"sessions": {**sessions, session: _SESSION_FACTS[event.type](known, event)}}
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


def _item(event: RecordedEvent) -> Document:
    body = event.body
    return {
        "item_class": body.item_class,
        "media_type": body.media_type,
        "size": body.size,
        "salted_digest": body.salted_digest.hex(),
        "place": body.place,
        "custodian": body.custodian.hex(),
        "index": event.index,
    }


def _scheduled(session: Document, event: RecordedEvent) -> Document:
    body = event.body
    timetable = {
        "index": event.index,
        "start_us": body.start_us,
        "end_us": body.end_us,
        "component": body.component,
        "room": body.room,
        "teacher": body.teacher.hex(),
    }
    return {**session, "scheduled": timetable}


def _started(session: Document, event: RecordedEvent) -> Document:
    if session["started"] is not None:
        return session
    return {**session, "started": {"index": event.index, "at_us": event.header.occurred_us}}


def _ended(session: Document, event: RecordedEvent) -> Document:
    end = {
        "index": event.index,
        "at_us": event.header.occurred_us,
        "break_minutes": event.body.break_minutes,
        "recording": event.body.recording_digest.hex(),
    }
    return {**session, "ends": [*session["ends"], end]}


# Which of several counts is said by `ledger.domain.enrolment_hours.taught_sessions`: the latest
# timetable, the first start, and an end that only the start can choose. So all ends are kept.
_SESSION_FACTS: Final = {
    "SessionScheduled": _scheduled,
    "SessionStarted": _started,
    "SessionEnded": _ended,
}

PROJECTION: Final = Projection((VIEW,), _touches, _apply)
