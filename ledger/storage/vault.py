"""The person vault (DESIGN section 6): who stands behind a reference, outside the chain.

Each institution has a random reference of its own for a person. A person is found by an HMAC of ID
type and number under a secret pepper; what an institution registered is sealed under that person's
own key, which is wrapped by the key-encryption key. Destroying the rows ends both: what is left in
the chain are references and commitments that nobody can open.
"""

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from ledger.application.errors import IntegrityBreachError, NotFoundError, RefusedError
from ledger.domain.check_digits import check_resident_id
from ledger.domain.refusals import Refusal
from ledger.log import canonical_json
from ledger.log.errors import LogError
from ledger.log.identity_commitment import OPENING_SIZE, identity_commitment
from ledger.storage.database import Database, Transaction
from ledger.storage.vault_keys import KEY_SIZE, VaultKeys, seal, unseal

RESIDENT_ID_CARD: Final = 1
_SCHEMA: Final = Path(__file__).with_name("vault_schema.sql")
_ROW_LIMIT: Final = 64 * 1024
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
_FIND_REFERENCE: Final = (
    "SELECT r.lookup, r.institution, r.sealed, p.wrapped_key FROM vault_reference r"
    " LEFT JOIN vault_person p ON p.lookup = r.lookup WHERE r.person_ref = ?"
)
_FIND_CERTIFICATE: Final = (
    "SELECT c.person_ref, c.sealed, p.lookup, p.wrapped_key FROM vault_certificate c"
    " LEFT JOIN vault_reference r ON r.person_ref = c.person_ref"
    " LEFT JOIN vault_person p ON p.lookup = r.lookup WHERE c.core_digest = ?"
)


@dataclass(frozen=True, slots=True)
class Reference:
    """What an institution is given for a person.

    Attributes:
        person_ref: Random UUIDv4, this institution's own.
        identity_commitment: 32 bytes, for the enrolment (docs/formats.md section 9).
    """

    person_ref: UUID
    identity_commitment: bytes


@dataclass(frozen=True, slots=True)
class Person:
    """What an institution registered; personal data, never printed.

    Attributes:
        id_type: Number of the `IdType` in the contract.
        id_number: Exactly as registered.
        name: Exactly as registered, code points unchanged.
        opening: 32 bytes that open the identity commitment.
        institution: Whose reference it is.
    """

    id_type: int = field(repr=False)
    id_number: str = field(repr=False)
    name: str = field(repr=False)
    opening: bytes = field(repr=False)
    institution: UUID

    def identity_commitment(self) -> bytes:
        """Return the commitment that the opening opens."""
        return identity_commitment(self.opening, self.id_type, self.id_number, self.name)

    def to_bytes(self) -> bytes:
        """Return the canonical JSON that is sealed."""
        return canonical_json.encode(
            {
                "id_number": self.id_number,
                "id_type": self.id_type,
                "institution": str(self.institution),
                "name": self.name,
                "opening": self.opening.hex(),
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> "Person":
        """Read what was sealed.

        Raises:
            IntegrityBreachError: when it is something else.
        """
        try:
            document = canonical_json.decode(data, _ROW_LIMIT)
            return cls(
                document["id_type"],
                document["id_number"],
                document["name"],
                bytes.fromhex(document["opening"]),
                UUID(document["institution"]),
            )
        except (LogError, KeyError, TypeError, ValueError, AttributeError) as error:
            message = "a row of the person vault does not hold a person"
            raise IntegrityBreachError(message) from error


@dataclass(frozen=True, slots=True)
class KnownReference:
    """A reference with the name that its institution registered.

    Attributes:
        person_ref: The reference.
        institution: Whose it is.
        name: Exactly as registered there.
    """

    person_ref: UUID
    institution: UUID
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealedCertificate:
    """A prepared certificate.

    Attributes:
        person_ref: Whose it is.
        content: The core and its salt, as they were handed in.
    """

    person_ref: UUID
    content: bytes = field(repr=False)


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
        if id_type == RESIDENT_ID_CARD and check_resident_id(id_number):
            raise RefusedError([Refusal("BAD_ID_NUMBER", "id_number")])
        person = Person(id_type, id_number, name, secrets.token_bytes(OPENING_SIZE), institution)
        lookup = self._keys.lookup(id_type, id_number)
        with self._database.writing() as transaction:
            fresh = self._keys.wrap(secrets.token_bytes(KEY_SIZE), lookup)
            ((wrapped,),) = transaction.query(_ENTER_PERSON, (lookup, fresh))
            person_key = self._keys.unwrap(wrapped, lookup)
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

        This joins a person across institutions: who may see which of them is the caller's to
        decide.

        Args:
            id_type: Number of the `IdType` in the contract.
            id_number: Exactly as on the document.

        Raises:
            IntegrityBreachError: when stored bytes are not what was sealed there.
        """
        with self._database.reading() as transaction:
            return self._references(transaction, self._keys.lookup(id_type, id_number))

    def references_beside(self, person_ref: UUID) -> tuple[KnownReference, ...]:
        """Return every institution's reference for the person behind a reference, this one too.

        Raises:
            IntegrityBreachError: when stored bytes are not what was sealed there.
        """
        with self._database.reading() as transaction:
            rows = transaction.query(
                "SELECT lookup FROM vault_reference WHERE person_ref = ?", (person_ref.bytes,)
            )
            return self._references(transaction, rows[0][0]) if rows else ()

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
            if self._database.dialect == "sqlite":
                transaction.query("PRAGMA secure_delete = ON")
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
            transaction.query(
                "DELETE FROM vault_person WHERE lookup = ? AND NOT EXISTS"
                " (SELECT 1 FROM vault_reference r WHERE r.lookup = vault_person.lookup)",
                erased[0],
            )
        if self._database.dialect == "sqlite":
            self._database.run_script("PRAGMA wal_checkpoint(TRUNCATE)")

    def _references(self, transaction: Transaction, lookup: bytes) -> tuple[KnownReference, ...]:
        rows = transaction.query(
            "SELECT person_ref FROM vault_reference WHERE lookup = ? ORDER BY institution",
            (lookup,),
        )
        found = []
        for (raw,) in rows:
            person_ref = UUID(bytes=bytes(raw))
            person, _ = self._person(transaction, person_ref)
            found.append(KnownReference(person_ref, person.institution, person.name))
        return tuple(found)

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
