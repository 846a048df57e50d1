"""What the supervision service asks of the read models. Each answer is read from one state.

Who may see what is the server's to decide, and so are page tokens, as with `projections.queries`.
"""

from collections.abc import Iterable
from typing import Final

from projections import (
    cohort_briefs,
    held,
    institutions,
    irregular,
    session_days,
    session_presence,
)
from projections.answers import Answer, Page
from projections.documents import Document
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
        _session(reader, place, document, briefs[key[:_UUID]], parties)
        for key, (place, document) in zip(keys, rows, strict=True)
    )


def _session(
    reader: ViewReader,
    place: bytes,
    document: Document,
    brief: Document,
    parties: dict[bytes, Document],
) -> DaySession:
    key = place[-2 * _UUID :]
    owner = bytes.fromhex(brief["institution"])
    party = parties.get(owner, {})
    there = [row for _, row in reader.page(session_presence.VIEW, key, b"", _MOST_LEARNERS)]
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
        signed_in=sum(row["signed_in_us"] > 0 for row in there),
        checked_present=sum(row["checked_present"] > 0 for row in there),
        checked_absent=sum(row["checked_absent"] > 0 for row in there),
    )


def _irregular(reader: ViewReader, rows: list[Document]) -> tuple[IrregularRecord, ...]:
    still_held = reader.get(
        held.VIEW, [_held_key(row) for row in rows if row["kind"] == IrregularKind.HELD]
    )
    voided = reader.get(irregular.VOIDED, [_voided_key(row) for row in rows])
    parties = _parties(reader, rows)
    return tuple(
        _irregular_record(
            row,
            still_held.get(_held_key(row)) if row["kind"] == IrregularKind.HELD else None,
            voided.get(_voided_key(row)),
            parties.get(bytes.fromhex(row["institution"]), {}),
        )
        for row in rows
    )


def _irregular_record(
    row: Document, still: Document | None, voiding: Document | None, party: Document
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
        voided_by=bytes.fromhex(voiding["by"]) if voiding else b"",
    )


def _held_key(row: Document) -> bytes:
    index: int = row["index"]
    return index.to_bytes(8, "big")


def _voided_key(row: Document) -> bytes:
    return irregular.voided_key(bytes.fromhex(row["stream"]), bytes.fromhex(row["event_id"]))


def _parties(reader: ViewReader, rows: Iterable[Document]) -> dict[bytes, Document]:
    return reader.get(institutions.VIEW, {bytes.fromhex(row["institution"]) for row in rows})
