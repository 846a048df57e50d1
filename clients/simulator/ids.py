"""From codes to ids: the same codes under another namespace are another town's.

Cohorts, sessions and staff files have random ids (UUIDv4); here the random part follows from a
namespace, so that a town that was written to files can be written again, byte for byte.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

from clients.sdk import PersonRef
from clients.simulator.programmes import PROGRAMMES, UNREPORTED, policy_document
from clients.simulator.records import Kind, Ref
from ledger.log.identifiers import enrolment_id


@dataclass(slots=True)
class Ids:
    """Resolves codes.

    Attributes:
        namespace: Random bytes; what is derived follows from them.
        parties: Ids of parties by code, the bureau's among them.
        persons: References and commitments by (institution, person).
        events: Ids of events that were made, by label.
    """

    namespace: bytes
    parties: Mapping[str, UUID]
    persons: dict[tuple[str, str], PersonRef] = field(default_factory=dict)
    events: dict[str, UUID] = field(default_factory=dict)
    _policies: dict[str, bytes] = field(default_factory=dict)

    def derived(self, kind: Kind, code: str) -> UUID:
        """Return the id of a cohort, a session or a staff file."""
        digest = sha256(self.namespace + f"{kind}/{code}".encode()).digest()
        return UUID(bytes=digest[:16], version=4)

    def policy(self, programme: str) -> bytes:
        """Return the digest of a programme's policy file."""
        if not self._policies:
            self._policies = {
                each.id: sha256(policy_document(each)).digest()
                for each in (*PROGRAMMES, UNREPORTED)
            }
        return self._policies[programme]

    def enrolment(self, cohort: str, institution: str, person: str) -> UUID:
        """Return the enrolment of a person of an institution in a cohort."""
        reference = self.persons[institution, person].person_ref
        return enrolment_id(self.derived(Kind.COHORT, cohort), reference)

    def resolve(self, value: object, institution: str) -> object:
        """Return an argument with its codes resolved.

        Args:
            value: The argument.
            institution: Whose references persons are known by.
        """
        if isinstance(value, tuple):
            return [self.resolve(each, institution) for each in value]
        if not isinstance(value, Ref):
            return value
        match value.kind:
            case Kind.PERSON:
                return self.persons[institution, value.code].person_ref
            case Kind.COMMITMENT:
                return self.persons[institution, value.code].commitment
            case Kind.PARTY:
                return self.parties[value.code]
            case Kind.EVENT:
                return self.events[value.code]
            case Kind.POLICY:
                return self.policy(value.code)
        return self.derived(value.kind, value.code)
