"""Certificates: prepare the core that an issue has to name, and take the file that was made of it.

PrepareCertificate reads the learner's record from the log, refuses with every reason at once, and
keeps the core sealed under the person's own key. The gate of the sequencer takes only what was
prepared here (`domain.certificate_rules`). The server never holds an institution's key.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from ledger.api.v1 import events_pb2 as pb
from ledger.application.certificate_core import CertifiedRecord, certificate_core
from ledger.application.credential_checks import check_credential
from ledger.application.errors import NotFoundError, RefusedError
from ledger.application.events import recorded_event
from ledger.application.issue_cases import counted_rows, number_id
from ledger.application.ports import (
    CertificateStore,
    CertificateVault,
    KnownPerson,
    LogReader,
    LogRow,
    PreparedCertificate,
)
from ledger.application.recorded_clock import wall_clock_us
from ledger.domain.enrolment_hours import host_cohorts
from ledger.domain.hours import EVALUATOR_VERSION
from ledger.domain.party_states import PartyState, fold_party
from ledger.domain.policies import HourComponent, Policy, parse_policy
from ledger.domain.recorded_event import RecordedEvent
from ledger.domain.refusals import Refusal
from ledger.domain.requirement import Requirement, committed_identity, evaluate_requirement
from ledger.domain.states import (
    PINNING,
    CertificateState,
    KeyState,
    fold_certificate,
    fold_key,
)
from ledger.log.certificate_file import core_bytes
from ledger.log.entries import entry_hash
from ledger.log.identifiers import certificate_id, key_stream, policy_stream
from ledger.log.trust_file import TrustFile

_STATE_DOMAIN: Final = b"enrolment-state/v1\n"
_SALT_SIZE: Final = 32
_COMPONENTS: Final = {
    HourComponent.THEORY_OFFLINE: pb.HOUR_COMPONENT_THEORY_OFFLINE,
    HourComponent.THEORY_ONLINE: pb.HOUR_COMPONENT_THEORY_ONLINE,
    HourComponent.PRACTICAL: pb.HOUR_COMPONENT_PRACTICAL,
}


@dataclass(frozen=True, slots=True)
class PrepareResult:
    """What the issue event has to hold.

    Attributes:
        certificate: Certificate stream.
        cohort: Home cohort.
        body: Body of the issue event, complete.
        core: The core's canonical bytes.
    """

    certificate: bytes
    cohort: bytes
    body: pb.TrainingCertificateIssued
    core: bytes


@dataclass(frozen=True, slots=True)
class _Enrolment:
    """An enrolment as it stands in the log."""

    stream: bytes
    cohort: bytes
    person_ref: UUID
    rows: list[LogRow]
    events: list[RecordedEvent]


class CertificatePreparation:
    """The use cases around a certificate's file. Blocking; safe to call from any thread."""

    def __init__(
        self,
        *,
        trust: TrustFile,
        host: str,
        reader: LogReader,
        store: CertificateStore,
        vault: CertificateVault,
        clock: Callable[[], int] = wall_clock_us,
    ) -> None:
        """Prepare for the log of the trust file; `host` stands in certificates' addresses."""
        self._trust = trust
        self._host = host
        self._reader = reader
        self._store = store
        self._vault = vault
        self._clock = clock

    def prepare(
        self, institution: bytes, enrolment: bytes, *, supersede: bool = False
    ) -> PrepareResult:
        """Prepare a certificate; the same record gives the same answer again.

        Args:
            institution: Who asks.
            enrolment: For whom.
            supersede: The live certificate is to be replaced by this one.

        Raises:
            NotFoundError: the institution has no such enrolment, or did not register the person.
            RefusedError: the rules do not allow a certificate; every reason.
        """
        record = self._enrolment(institution, enrolment)
        policy, opened = self._course(record.cohort)
        sessions = [
            recorded_event(row)
            for cohort in (record.cohort, *sorted(host_cohorts(record.events)))
            for row in self._counted(self._reader.stream_rows(cohort))
        ]
        requirement = evaluate_requirement(sessions, record.events, policy)
        edition, before = self._next_edition(record)
        live = before.number if before.live else ""
        refusals = [*([] if opened else [Refusal("NOT_OPEN", "enrolment")]), *requirement.refusals]
        if live and not supersede:
            refusals.append(Refusal("CERTIFICATE_LIVE", "enrolment", {"number": live}))
        elif live and before.suspended:
            refusals.append(Refusal("CERTIFICATE_SUSPENDED", "enrolment", {"number": live}))
        if refusals:
            raise RefusedError(refusals)
        person = self._person(institution, record, requirement)
        certificate = certificate_id(record.person_ref, UUID(bytes=enrolment), edition).bytes
        again = self._prepared_before(certificate, record, requirement, live)
        if again is not None:
            return again
        certified = CertifiedRecord(
            self._party(institution), policy, requirement.records, requirement.hours.total, person
        )
        return self._prepare_anew(certificate, (edition, live), record, certified, requirement)

    def attach(self, institution: bytes, number: str, file: bytes) -> bytes:
        """Check and keep the signed certificate file; return its SHA-256.

        Raises:
            NotFoundError: the institution issued no certificate with this number.
            RefusedError: the file does not hold together, or is another certificate's.
        """
        prepared = self._store.by_number(number)
        if prepared is None or prepared.institution != institution:
            raise NotFoundError
        issue = next(iter(self._reader.stream_rows(prepared.certificate)), None)
        if issue is None or recorded_event(issue).body.number != number:
            raise NotFoundError
        check_credential(file, prepared, issue, self._trust)
        self._store.attach(number, file)
        return sha256(file).digest()

    def core(self, institution: bytes, number: str) -> bytes:
        """Return the core of a certificate to the institution that prepared it; else nothing."""
        prepared = self._store.by_number(number)
        if prepared is None or prepared.institution != institution:
            return b""
        return self._vault.open_certificate(prepared.core_digest).content[_SALT_SIZE:]

    def _counted(self, rows: Sequence[LogRow]) -> list[LogRow]:
        return counted_rows(rows, self._key)

    def _key(self, key: bytes) -> KeyState | None:
        state: KeyState | None = None
        for row in self._reader.stream_rows(key_stream(self._trust.origin, key).bytes):
            state = fold_key(state, recorded_event(row))
        return state

    def _events(self, stream: bytes) -> list[RecordedEvent]:
        return [recorded_event(row) for row in self._reader.stream_rows(stream)]

    def _enrolment(self, institution: bytes, enrolment: bytes) -> _Enrolment:
        rows = self._reader.stream_rows(enrolment)
        events = [recorded_event(row) for row in self._counted(rows)]
        if not events or events[0].header.institution != institution:
            raise NotFoundError
        header = events[0].header
        if not header.person_ref:
            raise NotFoundError
        person_ref = UUID(bytes=header.person_ref)
        return _Enrolment(enrolment, header.cohorts[0], person_ref, rows, events)

    def _course(self, cohort: bytes) -> tuple[Policy, bool]:
        """Return the pinned policy of a cohort, and whether it was opened."""
        events = self._events(cohort)
        pinned = [event for event in events if event.type in PINNING]
        if not pinned:
            raise RefusedError([Refusal("NOT_PLANNED")])
        digest = pinned[-1].body.policy
        stream = policy_stream(self._trust.origin).bytes
        for event in self._events(stream):
            if event.body.digest == digest:
                opened = any(each.type == "CohortOpened" for each in events)
                return parse_policy(event.body.document), opened
        raise RefusedError([Refusal("POLICY_NOT_ADOPTED", "policy", {"policy": digest.hex()})])

    def _person(
        self, institution: bytes, record: _Enrolment, requirement: Requirement
    ) -> KnownPerson:
        """Return whom the certificate is for: whom the enrolment commits to, as corrected."""
        person = self._vault.open(record.person_ref)
        if person.institution.bytes != institution:
            # A reference that leaked opens nobody to another institution, not even masked.
            raise NotFoundError
        if person.identity_commitment() != committed_identity(requirement.records):
            raise RefusedError([Refusal("IDENTITY_DIFFERS", "enrolment")])
        return person

    def _next_edition(self, record: _Enrolment) -> tuple[int, CertificateState]:
        """Return the next edition, and the state of the one before."""
        edition, before = 1, CertificateState()
        while True:
            stream = certificate_id(record.person_ref, UUID(bytes=record.stream), edition).bytes
            events = self._events(stream)
            if not events:
                return edition, before
            before = CertificateState()
            for event in events:
                before = fold_certificate(before, event)
            edition += 1

    def _prepared_before(
        self, certificate: bytes, record: _Enrolment, requirement: Requirement, supersedes: str
    ) -> PrepareResult | None:
        """Return what was prepared for the same record; hours also move with the sessions."""
        totals = _totals(requirement), EVALUATOR_VERSION, supersedes
        for prepared in reversed(self._store.prepared_for(certificate)):
            body = pb.TrainingCertificateIssued.FromString(prepared.body)
            stated = list(body.credited), body.evaluator_version, body.supersedes
            if prepared.count == len(record.rows) and stated == totals:
                sealed = self._vault.open_certificate(prepared.core_digest)
                core = sealed.content[_SALT_SIZE:]
                return PrepareResult(certificate, record.cohort, body, core)
        return None

    def _prepare_anew(
        self,
        certificate: bytes,
        place: tuple[int, str],
        record: _Enrolment,
        certified: CertifiedRecord,
        requirement: Requirement,
    ) -> PrepareResult:
        edition, supersedes = place
        core = certificate_core(certified, self._host, self._clock())
        data = core_bytes(core)
        subject: Any = core["credentialSubject"]
        salt, head = secrets.token_bytes(_SALT_SIZE), entry_hash(record.rows[-1].entry)
        count = len(record.rows)
        body = pb.TrainingCertificateIssued(
            number=subject["licenseNumber"],
            edition=edition,
            core_digest=sha256(data).digest(),
            enrolment_digest=enrolment_digest(salt, count, head),
            policy=certified.policy.digest,
            evaluator_version=EVALUATOR_VERSION,
            credited=_totals(requirement),
            supersedes=supersedes,
        )
        number_id(body.number, self._trust.origin)  # The issue finds it remembered.
        self._vault.seal_certificate(record.person_ref, body.core_digest, salt + data)
        self._store.save_prepared(
            PreparedCertificate(
                core_digest=body.core_digest,
                certificate=certificate,
                enrolment=record.stream,
                cohort=record.cohort,
                institution=certified.person.institution.bytes,
                edition=edition,
                number=body.number,
                enrolment_digest=body.enrolment_digest,
                count=count,
                body=body.SerializeToString(),
            )
        )
        return PrepareResult(certificate, record.cohort, body, data)

    def _party(self, institution: bytes) -> PartyState:
        state: PartyState | None = None
        for event in self._events(institution):
            state = fold_party(state, event)
        if state is None:
            raise NotFoundError
        return state


def _totals(requirement: Requirement) -> list[pb.CreditedHours]:
    return [
        pb.CreditedHours(component=_COMPONENTS[part.component], hours=part.hours)
        for part in requirement.hours.components
        if part.hours
    ]


def enrolment_digest(salt: bytes, count: int, head: bytes) -> bytes:
    """Return the salted digest of an enrolment's state (docs/formats.md section 8)."""
    return sha256(_STATE_DOMAIN + salt + count.to_bytes(8, "big") + head).digest()
