"""Prepared certificates and the files that institutions attached (DESIGN section 3)."""
# ruff: noqa: S608 - statements are put together from this package's own column names

from collections.abc import Sequence
from typing import Any, Final

from ledger.application.ports import PreparedCertificate
from ledger.storage.database import Database

PREPARED_COLUMNS: Final = (
    "core_digest, certificate, enrolment, cohort, institution, edition, number,"
    " enrolment_digest, count, body"
)
_PREPARED: Final = f"SELECT {PREPARED_COLUMNS} FROM prepared_certificate"


def prepared_certificate(record: Sequence[Any]) -> PreparedCertificate:
    """Return what was prepared from the values of `PREPARED_COLUMNS`."""
    return PreparedCertificate(*record)


def _record(prepared: PreparedCertificate) -> tuple[Any, ...]:
    return (
        prepared.core_digest,
        prepared.certificate,
        prepared.enrolment,
        prepared.cohort,
        prepared.institution,
        prepared.edition,
        prepared.number,
        prepared.enrolment_digest,
        prepared.count,
        prepared.body,
    )


class StoredCertificates:
    """The certificate store of the application, in either database."""

    def __init__(self, database: Database) -> None:
        """Keep them in this database, whose schema is there."""
        self._database = database

    def save_prepared(self, prepared: PreparedCertificate) -> None:
        """Keep a prepared certificate. The same again changes nothing.

        Raises:
            ValueError: when another one is kept under this digest.
        """
        with self._database.writing() as transaction:
            transaction.query(
                f"INSERT INTO prepared_certificate ({PREPARED_COLUMNS})"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (core_digest) DO NOTHING",
                _record(prepared),
            )
            kept = transaction.query(f"{_PREPARED} WHERE core_digest = ?", (prepared.core_digest,))
        if prepared_certificate(kept[0]) != prepared:
            raise ValueError("another certificate is kept under this digest")

    def prepared_for(self, certificate: bytes) -> list[PreparedCertificate]:
        """Return what was prepared for a certificate stream, the newest last."""
        return self._find("WHERE certificate = ? ORDER BY ordinal", certificate)

    def by_number(self, number: str) -> PreparedCertificate | None:
        """Return what was prepared under a number, the newest if there are several."""
        found = self._find("WHERE number = ? ORDER BY ordinal DESC LIMIT 1", number)
        return found[0] if found else None

    def attach(self, number: str, file: bytes) -> None:
        """Keep a certificate file, in place of an earlier one."""
        with self._database.writing() as transaction:
            transaction.query(
                "INSERT INTO attached_credential (number, file) VALUES (?, ?)"
                " ON CONFLICT (number) DO UPDATE SET file = excluded.file",
                (number, file),
            )

    def attached(self, number: str) -> bytes | None:
        """Return the attached file."""
        with self._database.reading() as transaction:
            found = transaction.query(
                "SELECT file FROM attached_credential WHERE number = ?", (number,)
            )
        return found[0][0] if found else None

    def _find(self, condition: str, value: bytes | str) -> list[PreparedCertificate]:
        with self._database.reading() as transaction:
            found = transaction.query(f"{_PREPARED} {condition}", (value,))
        return [prepared_certificate(record) for record in found]
