"""The person vault (DESIGN section 6): who stands behind a reference, outside the chain.

Each institution has a random reference of its own for a person. A person is found by an HMAC of ID
type and number under a secret pepper; what an institution registered is sealed under that person's
own key, which is wrapped by the key-encryption key. Destroying the rows ends both: what is left in
the chain are references and commitments that nobody can open.
"""

import secrets
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from ledger.application.errors import IntegrityBreachError, NotFoundError, RefusedError
from ledger.domain.check_digits import check_resident_id
from ledger.domain.refusals import Refusal
from ledger.log.identity_commitment import OPENING_SIZE, number_commitment
from ledger.storage.database import Database, Transaction
from ledger.storage.vault_join import joined, lookup_of
from ledger.storage.vault_keys import KEY_SIZE, VaultKeys, seal, unseal
from ledger.storage.vault_persons import (
    MAX_OPENINGS,
    Correction,
    Identity,
    KnownReference,
    OfficialNumber,
    Person,
    Reference,
    SealedCertificate,
)

RESIDENT_ID_CARD: Final = 1
_SCHEMA: Final = Path(__file__).with_name("vault_schema.sql")
_UUID_SIZE: Final = 16

# Both lock the person's row until the end of the transaction, so that registering, sealing and
# erasing the same person never run beside each other; that is why they write what is there already.
_ENTER_PERSON: Final = (
    "INSERT INTO vault_person (lookup, wrapped_key) VALUES (?, ?) ON CONFLICT (lookup)"
    " DO UPDATE SET wrapped_key = vault_person.wrapped_key RETURNING wrapped_key"
)
_LOCK_PERSON: Final = (
    "UPDATE vault_person SET wrapped_key = wrapped_key WHERE lookup ="
    " (SELECT lookup FROM vault_reference WHERE person_ref = ?)"
)
# Held by whoever moves a reference from one person to another, so that no two wait for each other.
_LOCK_CORRECTIONS: Final = "UPDATE vault_keys SET single = single"
_FIND_REFERENCE: Final = (
    "SELECT r.lookup, r.institution, r.sealed, p.wrapped_key FROM vault_reference r"
    " LEFT JOIN vault_person p ON p.lookup = r.lookup WHERE r.person_ref = ?"
)
_END_PERSON: Final = (
    "DELETE FROM vault_person WHERE lookup = ? AND NOT EXISTS"
    " (SELECT 1 FROM vault_reference r WHERE r.lookup = vault_person.lookup)"
)
_FIND_CERTIFICATE: Final = (
    "SELECT c.person_ref, c.sealed, p.lookup, p.wrapped_key FROM vault_certificate c"
    " LEFT JOIN vault_reference r ON r.person_ref = c.person_ref"
    " LEFT JOIN vault_person p ON p.lookup = r.lookup WHERE c.core_digest = ?"
)


class PersonVault:
    """The vault in a database, its own or the ledger's; safe to use from several threads."""

    def __init__(self, database: Database, keys: VaultKeys) -> None:
        """Open the vault, and make its tables when they are missing.

        Raises:
            IntegrityBreachError: when the vault was made with other keys.
        """
        self._database = database
        self._keys = keys
        database.run_script(_SCHEMA.read_text(encoding="utf-8"))
        with database.writing() as transaction:
            transaction.query(
                "INSERT INTO vault_keys (single, fingerprint) VALUES (1, ?) ON CONFLICT DO NOTHING",
                (keys.fingerprint(),),
            )
            rows = transaction.query("SELECT fingerprint FROM vault_keys")
        if rows != [(keys.fingerprint(),)]:
            # Another pepper would find nobody and register everyone a second time.
            message = "the person vault was made with other keys: restore its key files"
            raise IntegrityBreachError(message)

    def register(self, institution: UUID, id_type: int, id_number: str, name: str) -> Reference:
        """Return the institution's reference for a person, the same one each time.

        Whether another institution knows the person shows neither in the answer nor in an error,
        and the same statements run in both cases.

        Args:
            institution: Who asks.
            id_type: Number of the `IdType` in the contract.
            id_number: Exactly as on the document; a resident identity number is checked.
            name: Exactly as on the document.

        Raises:
            RefusedError: `BAD_ID_NUMBER`, or `PERSON_NAME_DIFFERS` when the same institution
                registered the number under another name.
        """
        _check_number(id_type, id_number)
        opening = secrets.token_bytes(OPENING_SIZE)
        person = Person(Identity(id_type, id_number, name, opening), institution)
        lookup = self._keys.lookup(id_type, id_number)
        with self._database.writing() as transaction:
            person_key = self._enter(transaction, lookup)
            known = transaction.query(
                "SELECT person_ref FROM vault_reference WHERE lookup = ? AND institution = ?",
                (lookup, institution.bytes),
            )
            if known:
                return self._known(transaction, UUID(bytes=known[0][0]), name)
            person_ref = uuid4()
            transaction.query(
                "INSERT INTO vault_reference (person_ref, lookup, institution, sealed)"
                " VALUES (?, ?, ?, ?)",
                (
                    person_ref.bytes,
                    lookup,
                    institution.bytes,
                    seal(person_key, person.to_bytes(), person_ref.bytes),
                ),
            )
        return Reference(person_ref, person.identity_commitment())

    def open(self, person_ref: UUID) -> Person:
        """Return who stands behind a reference.

        Raises:
            IntegrityBreachError: when the stored bytes are not what was sealed there.
            NotFoundError: when there is no such reference, or it was erased.
        """
        with self._database.reading() as transaction:
            return self._person(transaction, person_ref)[0]

    def references(self, id_type: int, id_number: str) -> tuple[KnownReference, ...]:
        """Return every institution's reference for a person, by institution; none is an answer.

        Who may see which of them is the caller's to decide. Raises as `open` does.
        """
        with self._database.reading() as transaction:
            return joined(transaction, self._keys.lookup(id_type, id_number), self._person)

    def references_beside(self, person_ref: UUID) -> tuple[KnownReference, ...]:
        """Return every institution's reference for the person behind a reference, this one too."""
        with self._database.reading() as transaction:
            lookup = lookup_of(transaction, person_ref)
            return joined(transaction, lookup, self._person) if lookup else ()

    def correct(self, institution: UUID, person_ref: UUID, correction: Correction) -> Reference:
        """Correct who stands behind a reference; the reference stays, also under another number.

        What stood there before is kept with its opening, for the commitments that it opens. The
        same correction again changes nothing.

        Args:
            institution: Who asks.
            person_ref: Its own reference.
            correction: What is right.

        Raises:
            NotFoundError: when the institution has no such reference, or it was erased.
            RefusedError: `BAD_ID_NUMBER`; `PERSON_REGISTERED` when the institution has another
                reference under the number; `INVALID_REQUEST` when it was corrected too often.
        """
        with self._database.writing() as transaction:
            transaction.query(_LOCK_CORRECTIONS)
            transaction.query(_LOCK_PERSON, (person_ref.bytes,))
            person, old_key = self._person(transaction, person_ref)
            if person.institution != institution:
                raise NotFoundError
            right = person.corrected(correction, secrets.token_bytes(OPENING_SIZE))
            if right is not person:
                _check_number(right.id_type, right.id_number)
                self._move(transaction, person_ref, person, right, old_key)
        self._forget_bytes()
        return Reference(person_ref, right.identity_commitment())

    def commit_official_number(self, person_ref: UUID, number: str) -> bytes:
        """Return a commitment to the number of a person's official certificate, 32 bytes.

        Its opening is kept in the person's row. The same number gives the same again.

        Args:
            person_ref: The person.
            number: The number, exactly as on the certificate.

        Raises:
            NotFoundError: when there is no such reference, or it was erased.
            RefusedError: `INVALID_REQUEST` when there are too many numbers.
        """
        with self._database.writing() as transaction:
            transaction.query(_LOCK_PERSON, (person_ref.bytes,))
            person, person_key = self._person(transaction, person_ref)
            known = next((each for each in person.official if each.number == number), None)
            if known is None:
                known = OfficialNumber(number, secrets.token_bytes(OPENING_SIZE))
                _check_room(len(person.official))
                changed = person.with_official(known)
                transaction.query(
                    "UPDATE vault_reference SET sealed = ? WHERE person_ref = ?",
                    (seal(person_key, changed.to_bytes(), person_ref.bytes), person_ref.bytes),
                )
        return number_commitment(known.opening, known.number)

    def seal_certificate(
        self, person_ref: UUID, core_digest: bytes, content: bytes
    ) -> SealedCertificate:
        """Keep a prepared certificate, sealed under the person's key.

        Args:
            person_ref: Whose it is.
            core_digest: 32 bytes: SHA-256 of the core (docs/formats.md section 8).
            content: The core and its salt.

        Returns:
            What is kept: the content that was handed in first under this digest.

        Raises:
            IntegrityBreachError: when stored bytes are not what was sealed there.
            NotFoundError: when there is no such reference, or it was erased.
            ValueError: when the digest is kept for another reference: its certificate id follows
                from the reference, so it is not this person's core.
        """
        with self._database.writing() as transaction:
            transaction.query(_LOCK_PERSON, (person_ref.bytes,))
            _, person_key = self._person(transaction, person_ref)
            sealed = seal(person_key, person_ref.bytes + content, core_digest)
            transaction.query(
                "INSERT INTO vault_certificate (core_digest, person_ref, sealed) VALUES (?, ?, ?)"
                " ON CONFLICT (core_digest) DO NOTHING",
                (core_digest, person_ref.bytes, sealed),
            )
            kept = self._certificate(transaction, core_digest)
        if kept.person_ref != person_ref:
            message = "the digest is kept for another reference"
            raise ValueError(message)
        return kept

    def open_certificate(self, core_digest: bytes) -> SealedCertificate:
        """Return a prepared certificate by the digest of its core.

        Raises:
            IntegrityBreachError: when the stored bytes are not what was sealed there.
            NotFoundError: when none was prepared with this digest, or the person was erased.
        """
        with self._database.reading() as transaction:
            return self._certificate(transaction, core_digest)

    def erase(self, person_ref: UUID) -> None:
        """Destroy a reference's rows, and with the person's last reference the person's key.

        In SQLite the bytes are overwritten in the file and in its write-ahead log. PostgreSQL
        leaves them in its pages until vacuum and in its WAL archive; backups of either keep them
        until they expire: the wrapped key there opens only with the key-encryption key.

        Raises:
            NotFoundError: when there is no such reference, or it was erased already.
        """
        with self._database.writing() as transaction:
            self._overwrite_bytes(transaction)
            transaction.query(_LOCK_PERSON, (person_ref.bytes,))
            transaction.query(
                "DELETE FROM vault_certificate WHERE person_ref = ?", (person_ref.bytes,)
            )
            erased = transaction.query(
                "DELETE FROM vault_reference WHERE person_ref = ? RETURNING lookup",
                (person_ref.bytes,),
            )
            if not erased:
                raise NotFoundError
            transaction.query(_END_PERSON, erased[0])
        self._forget_bytes()

    def _overwrite_bytes(self, transaction: Transaction) -> None:
        """Have what is deleted overwritten, where the database can."""
        if self._database.dialect == "sqlite":
            transaction.query("PRAGMA secure_delete = ON")

    def _forget_bytes(self) -> None:
        """Empty the write-ahead log, where the database can."""
        if self._database.dialect == "sqlite":
            self._database.run_script("PRAGMA wal_checkpoint(TRUNCATE)")

    def _enter(self, transaction: Transaction, lookup: bytes) -> bytes:
        """Lock a person, who is entered when missing; return the person's key."""
        fresh = self._keys.wrap(secrets.token_bytes(KEY_SIZE), lookup)
        ((wrapped,),) = transaction.query(_ENTER_PERSON, (lookup, fresh))
        return self._keys.unwrap(wrapped, lookup)

    def _move(
        self,
        transaction: Transaction,
        person_ref: UUID,
        person: Person,
        right: Person,
        old_key: bytes,
    ) -> None:
        """Seal a reference anew, under the key of the person whose number it has now."""
        _check_room(len(person.earlier))
        self._overwrite_bytes(transaction)
        old = self._keys.lookup(person.id_type, person.id_number)
        new = self._keys.lookup(right.id_type, right.id_number)
        new_key = old_key
        if new != old:
            new_key = self._enter(transaction, new)
            taken = transaction.query(
                "SELECT 1 FROM vault_reference WHERE lookup = ? AND institution = ?",
                (new, person.institution.bytes),
            )
            if taken:
                raise RefusedError([Refusal("PERSON_REGISTERED", "id_number")])
            self._seal_certificates_anew(transaction, person_ref, old_key, new_key)
        transaction.query(
            "UPDATE vault_reference SET lookup = ?, sealed = ? WHERE person_ref = ?",
            (new, seal(new_key, right.to_bytes(), person_ref.bytes), person_ref.bytes),
        )
        if new != old:
            transaction.query(_END_PERSON, (old,))

    def _seal_certificates_anew(
        self, transaction: Transaction, person_ref: UUID, old_key: bytes, new_key: bytes
    ) -> None:
        kept = transaction.query(
            "SELECT core_digest, sealed FROM vault_certificate WHERE person_ref = ?",
            (person_ref.bytes,),
        )
        for core_digest, sealed in kept:
            again = seal(new_key, unseal(old_key, sealed, core_digest), core_digest)
            transaction.query(
                "UPDATE vault_certificate SET sealed = ? WHERE core_digest = ?",
                (again, core_digest),
            )

    def _known(self, transaction: Transaction, person_ref: UUID, name: str) -> Reference:
        person, _ = self._person(transaction, person_ref)
        if person.name != name:
            raise RefusedError([Refusal("PERSON_NAME_DIFFERS", "name")])
        return Reference(person_ref, person.identity_commitment())

    def _person(self, transaction: Transaction, person_ref: UUID) -> tuple[Person, bytes]:
        """Return a person and the person's key."""
        rows = transaction.query(_FIND_REFERENCE, (person_ref.bytes,))
        if not rows:
            raise NotFoundError
        lookup, institution, sealed, wrapped = rows[0]
        person_key = self._person_key(wrapped, lookup)
        person = Person.from_bytes(unseal(person_key, sealed, person_ref.bytes))
        if person.institution.bytes != institution:
            message = "a reference of the person vault was moved to another institution"
            raise IntegrityBreachError(message)
        return person, person_key

    def _certificate(self, transaction: Transaction, core_digest: bytes) -> SealedCertificate:
        rows = transaction.query(_FIND_CERTIFICATE, (core_digest,))
        if not rows:
            raise NotFoundError
        person_ref, sealed, lookup, wrapped = rows[0]
        plain = unseal(self._person_key(wrapped, lookup), sealed, core_digest)
        if plain[:_UUID_SIZE] != person_ref:
            message = "a certificate of the person vault was moved to another reference"
            raise IntegrityBreachError(message)
        return SealedCertificate(UUID(bytes=person_ref), plain[_UUID_SIZE:])

    def _person_key(self, wrapped: bytes | None, lookup: bytes) -> bytes:
        """Return a person's key; erasing takes it last, so it never misses beside a row."""
        if wrapped is None:
            message = "a person's key is missing from the vault, and no erasure took it"
            raise IntegrityBreachError(message)
        return self._keys.unwrap(wrapped, lookup)


def _check_number(id_type: int, id_number: str) -> None:
    """Check the digit of a resident identity number.

    Raises:
        RefusedError: `BAD_ID_NUMBER`.
    """
    if id_type == RESIDENT_ID_CARD and check_resident_id(id_number):
        raise RefusedError([Refusal("BAD_ID_NUMBER", "id_number")])


def _check_room(openings: int) -> None:
    """Check that one more opening has room in a person's row.

    Raises:
        RefusedError: `INVALID_REQUEST`.
    """
    if openings >= MAX_OPENINGS:
        detail = f"one person has at most {MAX_OPENINGS} of these"
        raise RefusedError([Refusal("INVALID_REQUEST", "", {"detail": detail})])
