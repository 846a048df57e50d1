"""Whose a certificate is: for what has to be kept in that person's row of the vault.

The log does not say it; the certificate's preparation and the enrolment's stream do.
"""

from dataclasses import dataclass
from uuid import UUID

from ledger.application.errors import NotFoundError
from ledger.application.events import recorded_event
from ledger.application.ports import CertificateStore, LogReader


@dataclass(frozen=True, slots=True)
class CertificateHolder:
    """Whom a certificate was issued to.

    Attributes:
        institution: The issuing institution.
        person_ref: That institution's reference for the person.
    """

    institution: bytes
    person_ref: UUID


class CertificateHolders:
    """Finds the holders of issued certificates. Blocking; safe to call from any thread."""

    def __init__(self, *, reader: LogReader, store: CertificateStore) -> None:
        """Find through `reader` and `store`."""
        self._reader = reader
        self._store = store

    def find(self, number: str) -> CertificateHolder:
        """Return the holder of the certificate with a number.

        Raises:
            NotFoundError: when none was issued with it.
        """
        prepared = self._store.by_number(number)
        if prepared is None:
            raise NotFoundError("certificate")
        issue = next(iter(self._reader.stream_rows(prepared.certificate)), None)
        if issue is None or recorded_event(issue).body.number != number:
            raise NotFoundError("certificate")
        first = recorded_event(self._reader.stream_rows(prepared.enrolment)[0])
        return CertificateHolder(prepared.institution, UUID(bytes=first.header.person_ref))
