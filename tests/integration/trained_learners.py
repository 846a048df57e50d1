"""Learners with all hours in a running ledger, and their certificates."""

from uuid import UUID

from clients.sdk import Identity, Ledger
from clients.sdk.identity import TlsFiles
from ledger.api.v1 import person_service_pb2 as person_pb
from ledger.storage.spiffe_ids import party_uri
from ledger.storage.tls_files import issue_client
from tests.integration.served_ledger import CA, DOMAIN, NOW, ServedLedger, outcomes, trust_of
from tests.unit.application.town import ORIGIN, Member


def identity(ledger: ServedLedger, member: Member) -> Identity:
    """What a member calls the ledger with through the SDK."""
    certificate, key = issue_client(CA, party_uri(DOMAIN, member.party), NOW)
    tls = TlsFiles(CA.certificate_pem(), certificate, key)
    trust = trust_of(ledger.town)
    return Identity(ORIGIN, member.party, ledger.address, "localhost", member.key, tls, trust)


async def trained(ledger: ServedLedger) -> tuple[UUID, UUID]:
    """A learner of the school's with all hours: cohort and person reference."""
    town, school = ledger.town, await ledger.client(ledger.town.school)
    known = await school.persons.RegisterPerson(
        person_pb.RegisterPersonRequest(
            id_type=person_pb.ID_TYPE_RESIDENT_ID_CARD,
            id_number="32059919900101002X",
            name="王小明",
        ),
        timeout=60,
    )
    person = UUID(known.person_ref)
    cohort, plan = town.cohort()
    enrolled = town.enrolment(cohort, person, commitment=known.identity_commitment)
    opened = town.school.emitter.cohort_opened(cohort=cohort, enrolled=1)
    events = [plan, enrolled, opened, *town.whole_course(cohort, [person])]
    assert set(outcomes((await school.append(town.school, *events)).results)) == {""}
    await ledger.publication_of(plan.event_id)
    return cohort, person


def issue(identity: Identity, enrolment: UUID) -> tuple[str, bytes]:
    """Issue a certificate; return its number and file."""
    with Ledger.open(identity, timeout=60) as client:
        issued = client.certificates.issue(enrolment)
    return issued.number, issued.file
