"""The sessions of a cohort file: which were held, and what the timetable and the class show.

Which facts make a held session is said once, by `taught_sessions` of
`ledger.domain.enrolment_hours`; the documents keep what it reads.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from ledger.domain.enrolment_hours import taught_sessions
from ledger.domain.hours import TaughtSession
from ledger.domain.recorded_event import RecordedEvent
from projections.cohort_file_records import CohortFileSession
from projections.documents import Document
from projections.enrolments import UNOPENED


def taught_of(sessions: Mapping[str, Document]) -> tuple[TaughtSession, ...]:
    """Return the sessions that were held, of those in a cohort's document."""
    return taught_sessions(_events(sessions))


def session_rows(
    sessions: Mapping[str, Document],
    taught: Iterable[TaughtSession],
    learners: Iterable[Document],
) -> tuple[CohortFileSession, ...]:
    """Return the file's rows by planned start; those not scheduled stand by when they were held.

    Args:
        sessions: Facts by session, as in a cohort's document.
        taught: Those that were held.
        learners: Documents of the cohort's enrolments.
    """
    held = {session.session.hex(): session for session in taught}
    present = _signed_in(learners)
    rows = [
        _row(session, facts, held.get(session), present[session])
        for session, facts in sessions.items()
    ]
    return tuple(
        sorted(rows, key=lambda row: (row.planned_start_us or row.started_us, row.session))
    )


def _row(
    session: str, facts: Document, taught: TaughtSession | None, signed_in: int
) -> CohortFileSession:
    planned = facts["scheduled"] or {}
    ends: Sequence[Document] = facts["ends"]
    if taught:
        ends = [end for end in ends if end["index"] in taught.events]
    end = ends[0] if ends else {}
    return CohortFileSession(
        session=bytes.fromhex(session),
        component=planned.get("component", 0),
        room=planned.get("room", ""),
        teacher=bytes.fromhex(planned.get("teacher", "")),
        planned_start_us=planned.get("start_us", 0),
        planned_end_us=planned.get("end_us", 0),
        started_us=facts["started"]["at_us"] if facts["started"] else 0,
        ended_us=end.get("at_us", 0),
        break_minutes=end.get("break_minutes", 0),
        signed_in=signed_in,
        recorded=any(end["recording"] for end in facts["ends"]),
    )


def _signed_in(learners: Iterable[Document]) -> Mapping[str, int]:
    counts: defaultdict[str, int] = defaultdict(int)
    for learner in learners:
        if learner["state"] != UNOPENED:
            for session in {mark[0] for mark in learner["marks"] if mark[2]}:
                counts[session] += 1
    return counts


def _events(sessions: Mapping[str, Document]) -> Iterator[RecordedEvent]:
    for session, facts in sessions.items():
        scheduled, started = facts["scheduled"], facts["started"]
        if scheduled:
            yield _event("SessionScheduled", session, scheduled, component=scheduled["component"])
        if started:
            yield _event("SessionStarted", session, started)
        for end in facts["ends"]:
            yield _event("SessionEnded", session, end, break_minutes=end["break_minutes"])


def _event(name: str, session: str, fact: Document, **body: Any) -> RecordedEvent:  # noqa: ANN401 - fields of a body
    # A fact with a clock ahead never enters the document, so no recorded time has to be kept.
    at_us = fact.get("at_us", 0)
    header: Any = SimpleNamespace(occurred_us=at_us)
    fields: Any = SimpleNamespace(session=bytes.fromhex(session), **body)
    return RecordedEvent(
        index=fact["index"],
        seq=0,
        type=name,
        stream=b"",
        recorded_us=at_us,
        header=header,
        body=fields,
    )
