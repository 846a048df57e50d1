"""Joins a person across institutions in the vault, at query time (DESIGN section 6)."""

from collections.abc import Callable
from uuid import UUID

from ledger.storage.database import Transaction
from ledger.storage.vault_persons import KnownReference, Person

ReadPerson = Callable[[Transaction, UUID], tuple[Person, bytes]]
"""Opens the row of a reference: the person and the person's key."""


def lookup_of(transaction: Transaction, person_ref: UUID) -> bytes | None:
    """Return under what the person behind a reference is found, None when there is none."""
    rows = transaction.query(
        "SELECT lookup FROM vault_reference WHERE person_ref = ?", (person_ref.bytes,)
    )
    return bytes(rows[0][0]) if rows else None


def joined(
    transaction: Transaction, lookup: bytes, read_person: ReadPerson
) -> tuple[KnownReference, ...]:
    """Return every institution's reference for a person, by institution.

    Raises:
        IntegrityBreachError: when stored bytes are not what was sealed there.
    """
    rows = transaction.query(
        "SELECT person_ref FROM vault_reference WHERE lookup = ? ORDER BY institution", (lookup,)
    )
    found = []
    for (raw,) in rows:
        person_ref = UUID(bytes=bytes(raw))
        person, _ = read_person(transaction, person_ref)
        found.append(KnownReference(person_ref, person.institution, person.name))
    return tuple(found)
