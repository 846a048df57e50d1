"""An institution's office with two learners, and the use cases of certificates, on a database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid5

import pytest

from clients.sdk import CapturedEvent, Circumstances
from ledger.api.v1 import events_pb2 as pb
from ledger.application.certificates import CertificatePreparation, PrepareResult
from ledger.application.errors import RefusedError
from ledger.application.group_commit import GroupCommit
from ledger.log.notes import SignatureType, SigningKey
from ledger.log.signatures import public_bytes
from ledger.log.trust_file import TrustFile
from ledger.storage.open_storage import Storage
from ledger.storage.vault import PersonVault
from ledger.storage.vault_keys import VaultKeys
from tests.contract.town_log import by, founded
from tests.unit.application.town import ORIGIN, START, Member, Town, codes, recorded

KEYS = VaultKeys(bytes(range(64, 96)), bytes(range(96, 128)))
LOG_KEYS = (
    SigningKey(ORIGIN, SignatureType.ED25519, bytes(range(32))),
    SigningKey(ORIGIN, SignatureType.ML_DSA_44_COSIGNATURE, bytes(range(1, 33))),
)
# Region 320599 is not assigned; the check digits are right.
ID_NUMBERS = ("32059919900101002X", "320599199001010011")


@dataclass
class Office:
    """A cohort with two learners, and the use cases of certificates."""

    town: Town
    storage: Storage
    commits: GroupCommit
    vault: PersonVault
    certificates: CertificatePreparation
    cohort: UUID
    persons: list[UUID]

    @property
    def enrolment(self) -> UUID:
        return uuid5(self.cohort, str(self.persons[0]))

    async def record(self, *events: CapturedEvent, of: Member | None = None) -> list[str]:
        answers = await self.commits.append(by(of or self.town.school, *events))
        return codes(answers)

    def prepare(
        self, institution: Member | None = None, *, supersede: bool = False
    ) -> PrepareResult:
        party = (institution or self.town.school).party
        enrolment = self.enrolment.bytes
        return self.certificates.prepare(party.bytes, enrolment, supersede=supersede)

    def reasons(self, *, supersede: bool = False) -> list[str]:
        """Why nothing can be prepared."""
        with pytest.raises(RefusedError) as refused:
            self.prepare(supersede=supersede)
        return sorted(refusal.code for refusal in refused.value.refusals)

    def issue(
        self,
        prepared: PrepareResult,
        *,
        of: Member | None = None,
        how: Circumstances | None = None,
        certificate: UUID | None = None,
        cohort: UUID | None = None,
        **changes: object,
    ) -> CapturedEvent:
        body = pb.TrainingCertificateIssued()
        body.CopyFrom(prepared.body)
        for name, value in changes.items():
            body.ClearField(name)  # type: ignore[arg-type]
            if isinstance(value, list):
                getattr(body, name).extend(value)
            else:
                setattr(body, name, value)
        return (of or self.town.school).emitter.training_certificate_issued(
            certificate=certificate or UUID(bytes=prepared.certificate),
            cohort=cohort or self.cohort,
            issue=body,
            how=how or Circumstances(),
        )

    def revoke(
        self,
        prepared: PrepareResult,
        reason: pb.RevocationReason.ValueType = pb.REVOCATION_REASON_ERROR,
        of: Member | None = None,
    ) -> CapturedEvent:
        return (of or self.town.school).emitter.training_certificate_revoked(
            certificate=UUID(bytes=prepared.certificate),
            cohort=self.cohort,
            reason=reason,
            how=Circumstances(recorded_for=self.town.school.party),
        )

    def superseded(
        self, old: PrepareResult, number: str, of: Member | None = None
    ) -> CapturedEvent:
        return (of or self.town.school).emitter.training_certificate_superseded(
            certificate=UUID(bytes=old.certificate),
            cohort=self.cohort,
            number=number,
            reason="NAME-CORRECTED",
            how=Circumstances(recorded_for=self.town.school.party),
        )

    def suspended(self, prepared: PrepareResult, of: Member | None = None) -> CapturedEvent:
        return (of or self.town.bureau).emitter.training_certificate_suspended(
            certificate=UUID(bytes=prepared.certificate),
            cohort=self.cohort,
            reason="COMPLAINT",
            how=Circumstances(recorded_for=self.town.school.party),
        )

    def reinstated(self, prepared: PrepareResult, of: Member | None = None) -> CapturedEvent:
        return (of or self.town.bureau).emitter.training_certificate_reinstated(
            certificate=UUID(bytes=prepared.certificate),
            cohort=self.cohort,
            reason="CLEARED",
            how=Circumstances(recorded_for=self.town.school.party),
        )

    def withdraw(self) -> CapturedEvent:
        return self.town.school.emitter.learner_withdrew(
            cohort=self.cohort, person_ref=self.persons[0], reason="MOVED"
        )

    def practical_becomes_theory(self) -> CapturedEvent:
        """A later timetable says that the practical session was theory."""
        rows = self.storage.reader.stream_rows(self.cohort.bytes)
        timetable = [
            pb.TrainingEvent.FromString(row.event).session_scheduled
            for row in rows
            if row.type == "SessionScheduled"
        ]
        session = next(each for each in timetable if each.component == pb.HOUR_COMPONENT_PRACTICAL)
        return self.town.school.emitter.session_scheduled(
            cohort=self.cohort,
            session=UUID(bytes=session.session),
            start=START - timedelta(days=2),
            end=START - timedelta(days=2) + timedelta(minutes=45),
            component=pb.HOUR_COMPONENT_THEORY_OFFLINE,
            room="A-101",
            teacher=UUID(int=7, version=4),
        )


def certificate_use_cases(
    town: Town, storage: Storage, vault: PersonVault
) -> CertificatePreparation:
    trust = TrustFile(
        ORIGIN,
        tuple(key.verifier_key() for key in LOG_KEYS),
        "quorum none\n",
        public_bytes(town.bureau.key.public_key()),
        24,
    )
    return CertificatePreparation(
        trust=trust,
        host="cert.example",
        reader=storage.reader,
        store=storage.certificates,
        vault=vault,
        clock=town.time.wall,
    )


@asynccontextmanager
async def office(
    storage: Storage, town: Town, *, taught: bool = True, opened: bool = True
) -> AsyncIterator[Office]:
    vault = PersonVault(storage.database, KEYS)
    known = [vault.register(town.school.party, 1, number, "测试学员") for number in ID_NUMBERS]
    persons = [each.person_ref for each in known]
    async with founded(storage, town) as commits:
        cohort, plan = town.cohort()
        events = [
            plan,
            *(
                town.enrolment(cohort, each.person_ref, commitment=each.identity_commitment)
                for each in known
            ),
        ]
        if opened:
            events.append(town.school.emitter.cohort_opened(cohort=cohort, enrolled=len(known)))
        if taught:
            events += town.whole_course(cohort, persons)
        recorded(await commits.append(by(town.school, *events)))
        use_cases = certificate_use_cases(town, storage, vault)
        yield Office(town, storage, commits, vault, use_cases, cohort, persons)
