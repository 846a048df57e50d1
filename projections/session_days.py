"""Read model of sessions 课次 by day: what is planned for a day, and what became of it.

Facts are those that the cohort's document keeps; which of them count, and what they show, is said
by the domain (`ledger.domain.amendments`, `ledger.domain.taught_sessions`,
`ledger.domain.unlisted_presence`: `unlisted` names for each ticket the enrolment that it is
attributed to, or nobody). A row is made anew when
its session's facts, the clocks or the policy move. Its owner is its day in Asia/Shanghai: that of
the planned start, or of the actual one while there is no timetable. So a session that is
rescheduled, or whose clock is put right, stands under its new day and no longer under the old one.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from ledger.domain.amendments import AMENDMENTS, stream_record
from ledger.domain.clock_offsets import STATED
from ledger.domain.recorded_event import RecordedEvent
from ledger.domain.taught_sessions import SESSION_FACTS, session_records
from ledger.domain.unlisted_presence import UNLISTED_FACTS, approved_record, unlisted_presence
from projections import cohort_briefs, cohorts
from projections.cohort_briefs import RecordRules, record_rules
from projections.documents import Document
from projections.fold import Documents, Projection, Ref, home_cohort, kind_of
from projections.kept_facts import restored_all
from projections.ports import Change
from projections.session_rows import session_row
from projections.shanghai_days import day_of

VIEW: Final = "session_days"

_FACTS: Final = SESSION_FACTS | UNLISTED_FACTS
_OF_ALL: Final = cohort_briefs.PINS | {STATED}


def day_owner(day: int) -> bytes:
    """Return whose rows are those of a day YYYYMMDD."""
    return day.to_bytes(4, "big")


def session_key(cohort: bytes, session: bytes) -> bytes:
    """Return the key of a session: only within its cohort is its id known to be its own."""
    return cohort + session


def _touches(event: RecordedEvent) -> list[Ref]:
    cohort = home_cohort(event)
    return [(cohorts.VIEW, cohort), (cohort_briefs.VIEW, cohort)] if _concerns(event) else []


def _apply(documents: Documents, event: RecordedEvent, _held: str) -> list[Change]:
    if not _concerns(event):
        return []
    cohort = home_cohort(event)
    facts: list[Document] = documents[cohorts.VIEW, cohort]["facts"]
    brief = documents[cohort_briefs.VIEW, cohort]
    rules = record_rules({cohort: brief}, cohort)
    if event.type in _OF_ALL or cohort_briefs.speaks_of_clocks(brief["clocks"], event):
        sessions = _by_session(facts)
    elif event.type in _FACTS:
        sessions = _by_session(facts, event.body.session.hex())
    else:
        name = event.header.event_id.hex()
        reached = _by_session(facts).items()
        sessions = {
            session: rows for session, rows in reached if any(row["id"] == name for row in rows)
        }
    return [
        _row(cohort, bytes.fromhex(session), rows, rules)
        for session, rows in sorted(sessions.items())
    ]


def _concerns(event: RecordedEvent) -> bool:
    if kind_of(event) != "cohort" or not home_cohort(event):
        return False
    return event.type in _FACTS or event.type in AMENDMENTS or event.type in _OF_ALL


def _by_session(facts: Iterable[Document], only: str = "") -> dict[str, list[Document]]:
    """Return the facts of each session in log order, what amends them among them.

    An amendment looks backwards, so its target's session is known when it comes; no correction
    moves a fact of the cohort's stream to another session.
    """
    found: defaultdict[str, list[Document]] = defaultdict(list)
    sessions: dict[str, str] = {}
    for row in facts:
        if row["type"] in _FACTS:
            session = row["body"][0]
        elif row["type"] in AMENDMENTS:
            session = sessions.get(row["body"][0], "")
        else:
            continue
        if session and (not only or session == only):
            sessions[row["id"]] = session
            found[session].append(row)
    return found


def _row(cohort: bytes, session: bytes, rows: Sequence[Document], rules: RecordRules) -> Change:
    events = restored_all(rows, cohort, cohort)
    record = approved_record(stream_record(events, rules.offsets, rules.free_days))
    found = session_records(record.counted).get(session)
    key = session_key(cohort, session)
    if found is None:
        return Change(VIEW, key, None)
    unlisted = unlisted_presence(record.counted).signed_in().get(session, [])
    row = session_row(found) | {"unlisted": [each.hex() for each in unlisted]}
    at_us: int = row["planned_start_us"] or row["started_us"] or row["ended_us"]
    # What has no time, a teacher's sign-in for instance, waits for one outside of all days.
    owner = day_owner(day_of(at_us)) if at_us else b""
    place = at_us.to_bytes(8, "big") + key if at_us else b""
    return Change(VIEW, key, row, owner, place)


PROJECTION: Final = Projection((VIEW,), _touches, _apply)
