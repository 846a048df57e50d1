"""The register of certificates in pages: of an institution, of a cohort, of all; by issue.

Certificates stand in the order of their issue, and the time of recording never goes back: so the
days of issue are one stretch of places, whose beginning is found by halving.
"""

from bisect import bisect_left
from dataclasses import dataclass

from projections import certificates, cohort_briefs, from_documents, institutions
from projections.answers import Certificate
from projections.documents import Document
from projections.ports import ViewReader


@dataclass(frozen=True, slots=True)
class CertificateChoice:
    """Which certificates.

    Attributes:
        institution: Whose; None for those of all. Where a cohort is named it says nothing.
        cohort: Of which cohort; None for those of all.
        from_us: Issued at this time or later, microseconds since 1970 UTC; 0 for no bound.
        until_us: Issued before this time; 0 for no bound.
    """

    institution: bytes | None = None
    cohort: bytes | None = None
    from_us: int = 0
    until_us: int = 0


def read_certificates(
    reader: ViewReader, choice: CertificateChoice, after: bytes, limit: int, size: int
) -> tuple[tuple[Certificate, ...], bytes]:
    """Return a page of certificates by issue, and the place of its last where a next one begins.

    Args:
        reader: The documents of one state.
        choice: Which certificates.
        after: Place to begin behind; empty for the beginning.
        limit: Most rows.
        size: Size of the log that the state rests on.
    """
    if not after and choice.from_us:
        after = _first_place(reader, choice, size)
    rows = _behind(reader, choice, after, limit + 1)
    if choice.until_us:
        rows = [row for row in rows if row["issued_us"] < choice.until_us]
    shown = rows[:limit]
    more = len(rows) > limit
    return _rendered(reader, shown), _place(shown[-1]) if more else b""


def _behind(
    reader: ViewReader, choice: CertificateChoice, after: bytes, limit: int
) -> list[Document]:
    if choice.cohort is None:
        rows = reader.page(certificates.VIEW, choice.institution, after, limit)
        return [document for _, document in rows]
    links = reader.page(certificates.NUMBERS, choice.cohort, after, limit)
    streams = [bytes.fromhex(link["certificate"]) for _, link in links]
    found = reader.get(certificates.VIEW, streams)
    return [found[stream] for stream in streams]


def _first_place(reader: ViewReader, choice: CertificateChoice, size: int) -> bytes:
    """Return the place behind which all that was issued at `from_us` or later stands."""

    def begins(index: int) -> bool:
        rows = _behind(reader, choice, certificates.place_of(index), 1)
        return not rows or rows[0]["issued_us"] >= choice.from_us

    # No issue has index 0: the log's own keys do.
    return certificates.place_of(bisect_left(range(size), True, key=begins))


def _place(document: Document) -> bytes:
    return certificates.place_of(document["issued_index"])


def _rendered(reader: ViewReader, rows: list[Document]) -> tuple[Certificate, ...]:
    issuers = reader.get(institutions.VIEW, {bytes.fromhex(row["institution"]) for row in rows})
    homes = reader.get(cohort_briefs.VIEW, {bytes.fromhex(row["cohort"]) for row in rows})
    return tuple(
        from_documents.certificate(
            bytes.fromhex(row["certificate"]),
            row,
            issuers.get(bytes.fromhex(row["institution"])),
            homes.get(bytes.fromhex(row["cohort"])),
        )
        for row in rows
    )
