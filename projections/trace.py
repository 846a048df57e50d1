"""The trace of one person at one institution: enrolments, certificates, sessions and teachers.

Enrolments are found by the institution's reference for the person, certificates by deriving the
stream of each edition; whose reference it is, only the person vault knows (DESIGN section 6).
"""

from collections import defaultdict
from typing import Final
from uuid import UUID

from ledger.domain.unlisted_presence import SIGN_INS
from ledger.log.identifiers import certificate_id
from projections import (
    certificates,
    cohort_briefs,
    cohorts,
    enrolments,
    from_documents,
    institutions,
    session_days,
)
from projections.answers import Certificate
from projections.attendance import attributed_marks, counted_marks, session_of
from projections.documents import Document
from projections.ports import ViewReader
from projections.supervision_records import TracedEnrolment, TracedReference, TracedSession

_MOST_ENROLMENTS: Final = 1_000


def trace_reference(reader: ViewReader, institution: bytes, person_ref: bytes) -> TracedReference:
    """Return what is recorded under an institution's reference for a person."""
    party = reader.get(institutions.VIEW, (institution,)).get(institution, {})
    links = reader.page(enrolments.BY_PERSON, person_ref, b"", _MOST_ENROLMENTS)
    found = [bytes.fromhex(link["enrolment"]) for _, link in links]
    rows = sorted(reader.get(enrolments.VIEW, found).items())
    return TracedReference(
        institution,
        party.get("name", ""),
        person_ref,
        tuple(_enrolment(reader, person_ref, enrolment, learner) for enrolment, learner in rows),
    )


def _enrolment(
    reader: ViewReader, person_ref: bytes, enrolment: bytes, learner: Document
) -> TracedEnrolment:
    cohort = bytes.fromhex(learner["cohort"])
    brief = reader.get(cohort_briefs.VIEW, (cohort,)).get(cohort, {})
    return TracedEnrolment(
        enrolment=enrolment,
        cohort=cohort,
        cohort_number=brief.get("number", ""),
        trade_name=brief.get("trade_name", ""),
        state=learner["state"],
        certificates=certificates_of(reader, person_ref, enrolment),
        sessions=_attended(reader, enrolment, cohort, learner),
    )


def certificates_of(
    reader: ViewReader, person_ref: bytes, enrolment: bytes
) -> tuple[Certificate, ...]:
    """Return every edition; they are issued one after the other."""
    found: list[Certificate] = []
    while True:
        edition = len(found) + 1
        stream = certificate_id(UUID(bytes=person_ref), UUID(bytes=enrolment), edition).bytes
        document = reader.get(certificates.VIEW, (stream,)).get(stream)
        if document is None:
            return tuple(found)
        issuer, home = bytes.fromhex(document["institution"]), bytes.fromhex(document["cohort"])
        found.append(
            from_documents.certificate(
                stream,
                document,
                reader.get(institutions.VIEW, (issuer,)).get(issuer),
                reader.get(cohorts.VIEW, (home,)).get(home),
            )
        )


def _attended(
    reader: ViewReader, enrolment: bytes, home: bytes, learner: Document
) -> tuple[TracedSession, ...]:
    """Return the sessions with a sign-in, also of facts that wait for the enrolment to open."""
    facts = learner["facts"]
    hosts = {bytes.fromhex(host) for row in facts for host in row.get("hosts", ())}
    briefs = reader.get(cohort_briefs.VIEW, {home, *hosts})
    signed_in: defaultdict[bytes, list[tuple[bytes, int]]] = defaultdict(list)
    unlisted = reader.get(cohorts.VIEW, (home,)).get(home, {"facts": []})["facts"]
    for mark in (
        *counted_marks(facts, enrolment, briefs, home, *sorted(hosts)),
        *attributed_marks(unlisted, enrolment, home, briefs),
    ):
        if mark.event.type in SIGN_INS:
            places = ((cohort, mark.at_us) for cohort in mark.event.header.cohorts)
            signed_in[session_of(mark)].extend(places)
    keys = {cohort + session for session, places in signed_in.items() for cohort, _ in places}
    shown = reader.get(session_days.VIEW, keys)
    sessions = [_session(session, places, home, shown) for session, places in signed_in.items()]
    return tuple(
        sorted(
            sessions,
            key=lambda row: (row.shown.get("planned_start_us", 0) or row.signed_in_us, row.session),
        )
    )


def _session(
    session: bytes,
    places: list[tuple[bytes, int]],
    home: bytes,
    shown: dict[bytes, Document],
) -> TracedSession:
    """Return one session: of the cohorts that a sign-in names, the one that has it."""
    holder = next((cohort for cohort, _ in places if cohort + session in shown), home)
    return TracedSession(
        session, holder, shown.get(holder + session, {}), min(at_us for _, at_us in places)
    )
