"""Read model of sessions 课次 by day: what is planned for a day, and what became of it.

Facts are kept by cohort, as the record has them after corrections and voidings; each session's row
follows from its facts (`projections.session_rows`). A row's owner is its day in Asia/Shanghai: that
of the planned start, or of the actual one while there is no timetable. So a session that is
rescheduled stands under its new day and no longer under the old one.
"""

from collections.abc import Iterable
from typing import Final

from ledger.domain.recorded_event import RecordedEvent
from projections.counting import overlooked
from projections.documents import Document
from projections.fold import Documents, Projection, Ref, home_cohort, kind_of
from projections.ports import Change
from projections.repairs import REPAIRS, repair_of, repaired
from projections.session_rows import SESSION_FACTS, session_fact, session_row
from projections.shanghai_days import day_of

VIEW: Final = "session_days"
FACTS: Final = "session_facts"

_BLANK: Final[Document] = {"sessions": {}, "repairs": {}}


def day_owner(day: int) -> bytes:
    """Return whose rows are those of a day YYYYMMDD."""
    return day.to_bytes(4, "big")


def session_key(cohort: bytes, session: bytes) -> bytes:
    """Return the key of a session: only within its cohort is its id known to be its own."""
    return cohort + session


def _touches(event: RecordedEvent) -> list[Ref]:
    return [(FACTS, home_cohort(event))] if _concerns(event) else []


def _apply(documents: Documents, event: RecordedEvent, held: str) -> list[Change]:
    if not _concerns(event) or overlooked(event, held):
        return []
    cohort = home_cohort(event)
    before = documents.get((FACTS, cohort), _BLANK)
    after, moved = (_told if event.type in SESSION_FACTS else _repaired)(before, event)
    if after == before:
        return []
    return [Change(FACTS, cohort, after), *_rows(cohort, after, moved)]


def _concerns(event: RecordedEvent) -> bool:
    if kind_of(event) != "cohort" or not home_cohort(event):
        return False
    return event.type in SESSION_FACTS or event.type in REPAIRS


def _told(document: Document, event: RecordedEvent) -> tuple[Document, set[str]]:
    """Return the document with one more fact, and the session that it belongs to."""
    name = event.header.event_id.hex()
    fact: Document | None = session_fact(event)
    for repair in document["repairs"].get(name, ()):
        fact = repaired(fact, repair)
    return _put(document, name, fact)


def _repaired(document: Document, event: RecordedEvent) -> tuple[Document, set[str]]:
    """Return the document with one of its facts repaired, and the sessions that this changes."""
    repair = repair_of(event)
    if repair is None:
        return document, set()
    name = event.body.target.hex()
    waiting = [*document["repairs"].get(name, ()), repair]
    document = {**document, "repairs": {**document["repairs"], name: waiting}}
    for session, facts in document["sessions"].items():
        if name in facts:
            rest = {other: fact for other, fact in facts.items() if other != name}
            without = {**document, "sessions": {**document["sessions"], session: rest}}
            after, moved = _put(without, name, repaired(facts[name], repair))
            return after, {session, *moved}
    return document, set()


def _put(document: Document, name: str, fact: Document | None) -> tuple[Document, set[str]]:
    if fact is None:
        return document, set()
    session = fact["session"]
    facts = {**document["sessions"].get(session, {}), name: fact}
    return {**document, "sessions": {**document["sessions"], session: facts}}, {session}


def _rows(cohort: bytes, document: Document, sessions: Iterable[str]) -> list[Change]:
    changes = []
    for session in sorted(sessions):
        key = session_key(cohort, bytes.fromhex(session))
        facts = document["sessions"][session]
        if not facts:
            changes.append(Change(VIEW, key, None))
            continue
        row = session_row(facts.values())
        at_us: int = row["planned_start_us"] or row["started_us"] or row["ended_us"]
        # What has no time, a teacher's sign-in for instance, waits for one outside of all days.
        owner = day_owner(day_of(at_us)) if at_us else b""
        place = at_us.to_bytes(8, "big") + key if at_us else b""
        changes.append(Change(VIEW, key, row, owner, place))
    return changes


PROJECTION: Final = Projection((FACTS, VIEW), _touches, _apply)
