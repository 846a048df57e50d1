"""What the person vault keeps of a person under one institution's reference (DESIGN section 6).

Personal data, never printed. What was corrected is kept with its opening: the commitments in the
log stay openable for a court.
"""

from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from ledger.application.errors import IntegrityBreachError
from ledger.log import canonical_json
from ledger.log.errors import LogError
from ledger.log.identity_commitment import identity_commitment

MAX_OPENINGS: Final = 32
"""How often a person is corrected, and how many official numbers there are: rows stay readable."""

_ROW_LIMIT: Final = 64 * 1024


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
class Correction:
    """What is right about a person; None for what stays.

    Attributes:
        document: Number of the `IdType` in the contract, and ID number.
        name: Name.
    """

    document: tuple[int, str] | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a person is, as committed to.

    Attributes:
        id_type: Number of the `IdType` in the contract.
        id_number: Exactly as registered.
        name: Exactly as registered, code points unchanged.
        opening: 32 bytes that open the identity commitment.
    """

    id_type: int = field(repr=False)
    id_number: str = field(repr=False)
    name: str = field(repr=False)
    opening: bytes = field(repr=False)

    def commitment(self) -> bytes:
        """Return the commitment that the opening opens."""
        return identity_commitment(self.opening, self.id_type, self.id_number, self.name)

    def to_document(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return {
            "id_number": self.id_number,
            "id_type": self.id_type,
            "name": self.name,
            "opening": self.opening.hex(),
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> "Identity":
        """Read it; raises what a wrong shape raises."""
        opening = bytes.fromhex(document["opening"])
        return cls(document["id_type"], document["id_number"], document["name"], opening)


@dataclass(frozen=True, slots=True)
class OfficialNumber:
    """The number of an official certificate 操作证, and what opens the commitment to it."""

    number: str = field(repr=False)
    opening: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Person:
    """What an institution registered.

    Attributes:
        identity: Who it is, as corrected.
        institution: Whose reference it is.
        earlier: What was corrected, the oldest first.
        official: Numbers of official certificates.
    """

    identity: Identity
    institution: UUID
    earlier: tuple[Identity, ...] = ()
    official: tuple[OfficialNumber, ...] = ()

    @property
    def id_type(self) -> int:
        """Number of the `IdType` in the contract."""
        return self.identity.id_type

    @property
    def id_number(self) -> str:
        """Exactly as registered."""
        return self.identity.id_number

    @property
    def name(self) -> str:
        """Exactly as registered, code points unchanged."""
        return self.identity.name

    @property
    def opening(self) -> bytes:
        """32 bytes that open the identity commitment."""
        return self.identity.opening

    def identity_commitment(self) -> bytes:
        """Return the commitment that the opening opens."""
        return self.identity.commitment()

    def corrected(self, correction: Correction, opening: bytes) -> "Person":
        """Return the person as corrected, the same object when nothing differs.

        Args:
            correction: What is right.
            opening: 32 random bytes for the new commitment.
        """
        now = self.identity
        id_type, id_number = correction.document or (now.id_type, now.id_number)
        name = now.name if correction.name is None else correction.name
        if (id_type, id_number, name) == (now.id_type, now.id_number, now.name):
            return self
        right = Identity(id_type, id_number, name, opening)
        return replace(self, identity=right, earlier=(*self.earlier, now))

    def with_official(self, number: OfficialNumber) -> "Person":
        """Return the person with one more official number."""
        return replace(self, official=(*self.official, number))

    def to_bytes(self) -> bytes:
        """Return the canonical JSON that is sealed."""
        return canonical_json.encode(
            {
                **self.identity.to_document(),
                "earlier": [each.to_document() for each in self.earlier],
                "institution": str(self.institution),
                "official": [
                    {"number": each.number, "opening": each.opening.hex()} for each in self.official
                ],
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
                Identity.from_document(document),
                UUID(document["institution"]),
                tuple(map(Identity.from_document, document["earlier"])),
                tuple(
                    OfficialNumber(each["number"], bytes.fromhex(each["opening"]))
                    for each in document["official"]
                ),
            )
        except (LogError, KeyError, TypeError, ValueError, AttributeError) as error:
            message = "a row of the person vault does not hold a person"
            raise IntegrityBreachError(message) from error


@dataclass(frozen=True, slots=True)
class SealedCertificate:
    """A prepared certificate.

    Attributes:
        person_ref: Whose it is.
        content: The core and its salt, as they were handed in.
    """

    person_ref: UUID
    content: bytes = field(repr=False)


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
