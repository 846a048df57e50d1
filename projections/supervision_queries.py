"""What the supervision service asks of the read models. Each answer is read from one state.

Who may see what is the server's to decide, and so are page tokens, as with `projections.queries`.
"""

from collections.abc import Iterable
from typing import Final

from projections import (
    cohort_briefs,
    enrolments,
    held,
    institutions,
    irregular,
    session_days,
    session_presence,
    voidings,
)
from projections.answers import Answer, Page
from projections.attendance import Presence, presence
from projections.documents import Document
from projections.enrolments import UNOPENED
from projections.irregular import IrregularKind
from projections.ports import ViewReader, ViewStore
from projections.registry import READ_MODELS
from projections.supervision_records import DaySession, IrregularRecord, TracedReference
from projections.trace import trace_reference

_UUID: Final = 16
_MOST_LEARNERS: Final = 2_000
"""Rows of one session: a cohort has at most a thousand learners, and guests."""


class SupervisionQueries:
    """Typed reads across cohorts."""

    def __init__(self, store: ViewStore, follower: str = READ_MODELS) -> None:
        """Read what `follower` keeps in `store`."""
        self._store = store
        self._follower = follower

    def cohort_owner(self, cohort: bytes) -> bytes:
        """Return the institution that owns a cohort; empty when the log names no such cohort."""
        found = self._store.get(cohort_briefs.VIEW, (cohort,)).get(cohort)
        return bytes.fromhex(found["institution"]) if found else b""

    def sessions(self, day: int, after: bytes, limit: int) -> Page[DaySession]:
        """Return the sessions of a day YYYYMMDD in Asia/Shanghai, by planned start."""
        with self._store.snapshot() as reader:
            owner = session_days.day_owner(day)
            rows = reader.page(session_days.VIEW, owner, after, limit + 1)
            return Page(
                _sessions(reader, rows[:limit]),
                rows[limit - 1][0] if len(rows) > limit else b"",
                reader.position(self._follower),
            )

    def irregular(
        self, institution: bytes | None, until_us: int, after: bytes, limit: int
    ) -> Page[IrregularRecord]:
        """Return irregular records by log index.

        Args:
            institution: Only in cohorts of this institution, None for all.
            until_us: Only recorded before this moment; 0 for no bound.
            after: Place to begin behind (`projections.irregular.place_of`), or a prefix of places.
            limit: Most rows.
        """
        with self._store.snapshot() as reader:
            rows = reader.page(irregular.VIEW, institution, after, limit + 1)
            wanted = [row for row in rows if not until_us or row[1]["recorded_us"] < until_us]
            shown = wanted[:limit]
            return Page(
                _irregular(reader, [document for _, document in shown]),
                shown[-1][0] if len(wanted) > limit else b"",
                reader.position(self._follower),
            )

    def trace(
        self, references: Iterable[tuple[bytes, bytes]]
    ) -> Answer[tuple[TracedReference, ...]]:
        """Return all that is recorded of one person.

        Args:
            references: (institution, its reference for the person).
        """
        with self._store.snapshot() as reader:
            found = tuple(
                trace_reference(reader, institution, person_ref)
                for institution, person_ref in references
            )
            return Answer(found, reader.position(self._follower))


def _sessions(reader: ViewReader, rows: list[tuple[bytes, Document]]) -> tuple[DaySession, ...]:
    keys = [place[-2 * _UUID :] for place, _ in rows]
    briefs = reader.get(cohort_briefs.VIEW, {key[:_UUID] for key in keys})
    parties = _parties(reader, briefs.values())
    return tuple(
        _session(reader, place, document, briefs, parties)
        for key, (place, document) in zip(keys, rows, strict=True)
    )


def _session(
    reader: ViewReader,
    place: bytes,
    document: Document,
    briefs: dict[bytes, Document],
    parties: dict[bytes, Document],
) -> DaySession:
    key = place[-2 * _UUID :]
    brief = briefs[key[:_UUID]]
    owner = bytes.fromhex(brief["institution"])
    party = parties.get(owner, {})
    there = _there(reader, key, briefs)
    unlisted = [bytes.fromhex(each) for each in document["unlisted"]]
    attributed = _opened(reader, key[:_UUID], unlisted)
    signed_in = {enrolment for enrolment, each in there.items() if each.signed_in}
    return DaySession(
        session=key[_UUID:],
        cohort=key[:_UUID],
        cohort_number=brief["number"],
        trade_name=brief["trade_name"],
        institution=owner,
        institution_name=party.get("name", ""),
        area=party.get("area", ""),
        place=place,
        shown=document,
        unlisted=sum(each not in attributed for each in unlisted),
        signed_in=len(signed_in | attributed),
        checked_present=sum(each.checked_present for each in there.values()),
        checked_absent=sum(each.checked_absent for each in there.values()),
    )


def _opened(reader: ViewReader, cohort: bytes, named: Iterable[bytes]) -> set[bytes]:
    """Return which of the enrolments named are opened ones of the cohort."""
    found = reader.get(enrolments.VIEW, {each for each in named if each})
    return {
        enrolment
        for enrolment, document in found.items()
        if document["state"] != UNOPENED and document["cohort"] == cohort.hex()
    }


def _there(reader: ViewReader, key: bytes, briefs: dict[bytes, Document]) -> dict[bytes, Presence]:
    """Return what each learner's own marks show of a session, by enrolment."""
    cohort, session = key[:_UUID], key[_UUID:]
    rows = reader.page(session_presence.VIEW, key, b"", _MOST_LEARNERS)
    # Of guests, the clocks and the policy of their own cohorts hold too.
    homes = {bytes.fromhex(row["cohort"]) for _, row in rows}
    known = briefs | reader.get(cohort_briefs.VIEW, homes - briefs.keys())
    return {
        place[-_UUID:]: presence(row, place[-_UUID:], cohort, session, known) for place, row in rows
    }


def _irregular(reader: ViewReader, rows: list[Document]) -> tuple[IrregularRecord, ...]:
    still_held = reader.get(
        held.VIEW, [_held_key(row) for row in rows if row["kind"] == IrregularKind.HELD]
    )
    void = _void(reader, rows)
    parties = _parties(reader, rows)
    return tuple(
        _irregular_record(
            row,
            still_held.get(_held_key(row)) if row["kind"] == IrregularKind.HELD else None,
            void.get((row["stream"], row["event_id"]), b""),
            parties.get(bytes.fromhex(row["institution"]), {}),
        )
        for row in rows
    )


def _irregular_record(
    row: Document, still: Document | None, voided_by: bytes, party: Document
) -> IrregularRecord:
    return IrregularRecord(
        kind=IrregularKind(row["kind"]),
        # What holds a record may change: first its stream is not open, then its clock is wrong.
        details={"code": still["code"]} if still else row["details"],
        index=row["index"],
        event_id=bytes.fromhex(row["event_id"]),
        type=row["type"],
        cohort=bytes.fromhex(row["cohort"]),
        enrolment=bytes.fromhex(row["enrolment"]),
        institution=bytes.fromhex(row["institution"]),
        area=party.get("area", ""),
        occurred_us=row["occurred_us"],
        recorded_us=row["recorded_us"],
        voided_by=voided_by,
    )


def _held_key(row: Document) -> bytes:
    index: int = row["index"]
    return index.to_bytes(8, "big")


def _void(reader: ViewReader, rows: list[Document]) -> dict[tuple[str, str], bytes]:
    """Return the voidings that count in the rows' streams, by stream and voided event."""
    homes = {bytes.fromhex(row["stream"]): bytes.fromhex(row["cohort"]) for row in rows}
    found = reader.get(voidings.VIEW, homes)
    briefs = reader.get(cohort_briefs.VIEW, {homes[stream] for stream in found})
    return {
        (stream.hex(), event.hex()): by
        for stream, document in found.items()
        for event, by in voidings.voided_by(document, stream, homes[stream], briefs).items()
    }


def _parties(reader: ViewReader, rows: Iterable[Document]) -> dict[bytes, Document]:
    return reader.get(institutions.VIEW, {bytes.fromhex(row["institution"]) for row in rows})
