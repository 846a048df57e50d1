"""Read model of who was in which session: sign-ins and spot checks, by session and enrolment.

A row keeps the facts that a learner's presence in a session may rest on: marks that name it, by
themselves or by a correction, make-up plans for it, and what amends these. Which of them count
moves with clocks that are put right, also by a host, and with the policy; so that is said when rows
are read (`projections.attendance`). Rows appear when the enrolment is opened, as with all that
waits for it. A guest's sign-in names home and host cohort, and stands under both: only the one
whose session it is ever shows it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from ledger.domain.amendments import AMENDMENTS, CORRECTIONS, Corrected
from ledger.domain.recorded_event import RecordedEvent
from projections import enrolments
from projections.documents import Document
from projections.enrolments import UNOPENED
from projections.fold import Documents, Projection, Ref, kind_of
from projections.ports import Change
from projections.session_days import session_key

VIEW: Final = "session_presence"

MARKS: Final = frozenset({"LearnerSignedIn", "PresenceSpotChecked"})
_PLAN: Final = "MakeUpScheduled"
# Where the session stands in the kept bodies, and a correction's field and new id.
_SESSION: Final = {**dict.fromkeys(MARKS, 0), _PLAN: 1}
_FIELD, _ID = 1, 3


def _touches(event: RecordedEvent) -> list[Ref]:
    return [(enrolments.VIEW, event.stream)] if kind_of(event) == "enrolment" else []


def _apply(documents: Documents, event: RecordedEvent, _held: str) -> list[Change]:
    if kind_of(event) != "enrolment":
        return []
    document = documents[enrolments.VIEW, event.stream]
    if document["state"] == UNOPENED:
        return []
    if event.type in enrolments.STATES:
        return _rows(event.stream, document, _by_session(document["facts"]))
    if event.type in _SESSION:
        session = event.body.session.hex()
        return _rows(event.stream, document, {session: _of_session(document["facts"], session)})
    if event.type in AMENDMENTS:
        name = event.header.event_id.hex()
        reached = _by_session(document["facts"]).items()
        moved = {session: rows for session, rows in reached if any(r["id"] == name for r in rows)}
        return _rows(event.stream, document, moved)
    return []


def _of_session(facts: Sequence[Document], session: str) -> list[Document]:
    # Most streams have no amendments: then a mark stands under its own session alone.
    if any(row["type"] in AMENDMENTS for row in facts):
        return _by_session(facts).get(session, [])
    return [
        row
        for row in facts
        if row["type"] in _SESSION and row["body"][_SESSION[row["type"]]] == session
    ]


def _by_session(facts: Iterable[Document]) -> dict[str, list[Document]]:
    """Return the facts that each session's presence may rest on, in log order.

    A mark whose session is corrected stands under both: the correction may be voided.
    """
    rows, reached = [], {}
    sessions: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for row in facts:
        name, body = row["id"], row["body"]
        if row["type"] in _SESSION:
            reached[name] = name
            sessions[name][body[_SESSION[row["type"]]]] = None
        elif row["type"] in AMENDMENTS and body[0] in reached:
            reached[name] = reached[body[0]]
            if row["type"] in CORRECTIONS and body[_FIELD] == Corrected.SESSION and body[_ID]:
                sessions[reached[name]][body[_ID]] = None
        else:
            continue
        rows.append(row)
    found: defaultdict[str, list[Document]] = defaultdict(list)
    for row in rows:
        for session in sessions[reached[row["id"]]]:
            found[session].append(row)
    return found


def _rows(
    enrolment: bytes, document: Document, sessions: dict[str, list[Document]]
) -> list[Change]:
    changes = []
    home: str = document["cohort"]
    for session, facts in sorted(sessions.items()):
        marks = [row for row in facts if row["type"] in MARKS]
        for cohort in sorted({each for row in marks for each in (home, *row.get("hosts", ()))}):
            key = session_key(bytes.fromhex(cohort), bytes.fromhex(session))
            place = key + enrolment
            changes.append(Change(VIEW, place, {"cohort": home, "facts": facts}, key, place))
    return changes


PROJECTION: Final = Projection((VIEW,), _touches, _apply)
