"""The types of the SDK as its callers see them; read by mypy, run by nobody.

`assert_type` fixes what a call returns. A call that must not be allowed carries a `type: ignore`:
with --strict an unused one is an error, so a signature that becomes looser is noticed.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import assert_never, assert_type
from uuid import UUID

from clients.sdk import (
    Accepted,
    Acknowledgement,
    CapturedEvent,
    Circumstances,
    Correction,
    DeviceChain,
    Emitter,
    Identity,
    IssuedCertificate,
    Ledger,
    Outcome,
    PersonRef,
    PreparedCertificate,
    Receipt,
    Rejected,
    SignedBatch,
    StillUnknownError,
    VerifiedCheckpoint,
    WatchedEvent,
    all_accepted,
    sign_batch,
)
from clients.verifier import Check, Text, Verdict, Word, verify_certificate
from ledger.api.v1 import events_pb2 as pb
from ledger.api.v1 import person_service_pb2 as persons_pb
from ledger.log.trust_file import TrustFile


def opens(folder: Path) -> None:
    with Ledger.open(folder) as ledger:
        assert_type(ledger, Ledger)
        assert_type(ledger.identity, Identity)
    Ledger.open(Identity.load(folder), timeout=3, known_checkpoint="")
    Ledger.open("folder")  # type: ignore[arg-type]  # a path is a Path
    Ledger.open(folder, 3)  # type: ignore[call-arg]  # options have names


def captures(identity: Identity, cohort: UUID, session: UUID, learner: PersonRef) -> None:
    emitter = Emitter(identity, device="TERM-0031", synthetic=True)
    event = emitter.learner_signed_in(
        cohort=cohort,
        person_ref=learner.person_ref,
        session=session,
        method=pb.PRESENCE_METHOD_ID_CARD,
        how=Circumstances(occurred=datetime.now(UTC)),
    )
    assert_type(event, CapturedEvent)
    assert_type(event.data, bytes)
    assert_type(event.event_id, UUID)
    assert_type(emitter.chain, DeviceChain)
    assert_type(sign_batch(identity, [event]), SignedBatch)
    emitter.session_started(cohort=cohort, session=str(session), present=29)  # type: ignore[arg-type]  # an id is a UUID
    emitter.session_started(cohort, session, 29)  # type: ignore[call-arg]  # ids do not change places unseen
    emitter.learner_signed_out(cohort=cohort, session=session, method=pb.PRESENCE_METHOD_FACE)  # type: ignore[call-arg]  # of whom
    emitter.learner_signed_in(
        cohort=cohort,
        person_ref=learner.person_ref,
        session=session,
        method=pb.KEY_USE_DEVICE,  # type: ignore[arg-type]  # another enum
    )
    emitter.make_up_scheduled(
        cohort=cohort,
        person_ref=learner.person_ref,
        missed=session,
        session=session,
        host_cohort=cohort,
        due_day=20260316,  # type: ignore[arg-type]  # a day is a date
    )
    event.data = b""  # type: ignore[misc]  # bytes that may be signed never change


def corrects(emitter: Emitter, cohort: UUID, event: CapturedEvent, when: datetime) -> None:
    assert_type(Correction.signed_out(when), Correction)
    corrected = emitter.cohort_record_corrected(
        cohort=cohort,
        target=event.event_id,
        correction=Correction.teacher(event.event_id),
        reason="TYPED-WRONG",
        evidence_digest=event.leaf,
    )
    assert_type(corrected, CapturedEvent)
    Correction.session(when)  # type: ignore[arg-type]  # a session is no moment
    Correction.occurred(5)  # type: ignore[arg-type]  # a moment is no number
    emitter.staff_exited(staff=event.event_id, cohort=cohort, reason="RESIGNED")  # type: ignore[call-arg]  # of no cohort


def writes(ledger: Ledger, batch: SignedBatch, event: CapturedEvent) -> None:
    assert_type(ledger.append([event]), tuple[Outcome, ...])
    assert_type(ledger.append(batch, atomic=True), tuple[Outcome, ...])
    assert_type(ledger.append([batch, batch]), tuple[Outcome, ...])
    assert_type(ledger.accepted([event]), tuple[Accepted, ...])
    assert_type(ledger.record(iter([batch])), Iterator[tuple[Outcome, ...]])
    assert_type(all_accepted(ledger.append(batch)), tuple[Accepted, ...])
    ledger.append(event)  # type: ignore[arg-type]  # events come as a batch
    ledger.append([event.data])  # type: ignore[arg-type]  # unsigned bytes


def judges(outcome: Outcome) -> str:
    match outcome:
        case Accepted():
            assert_type(outcome.acknowledgement, Acknowledgement)
            assert_type(outcome.index, int)
            return outcome.held
        case Rejected():
            return f"{outcome.code}: {outcome.reason_zh} / {outcome.reason_en}"
        case _:
            # A third outcome would have to be dealt with here.
            assert_never(outcome)


def keeps(error: StillUnknownError) -> None:
    assert_type(error.outcomes, tuple[Outcome | None, ...])


def reads(ledger: Ledger, accepted: Accepted) -> None:
    assert_type(ledger.get_receipt(accepted, wait=True), Receipt)
    assert_type(ledger.watch(0), Iterator[WatchedEvent])
    assert_type(ledger.log.checkpoint(), VerifiedCheckpoint)
    person = ledger.registers.register_person(
        id_type=persons_pb.ID_TYPE_RESIDENT_ID_CARD, id_number="", name="王晓明"
    )
    assert_type(person, PersonRef)
    ledger.get_receipt("019cac18-4e40-7ebe-84ab-be425175f8c0")  # type: ignore[arg-type]  # a UUID


def certifies(ledger: Ledger, enrolment: UUID) -> None:
    prepared = ledger.certificates.prepare(enrolment)
    assert_type(prepared, PreparedCertificate)
    assert_type(ledger.certificates.record(ledger.certificates.sign_issue(prepared)), Accepted)
    assert_type(ledger.certificates.complete(prepared.number), IssuedCertificate)
    ledger.certificates.revoke(prepared.number, "ERROR")  # type: ignore[arg-type]  # a stated class


def verifies(file: bytes, trust: TrustFile, now: datetime) -> None:
    verdict = verify_certificate(file, trust, status=None, now=now, max_age=timedelta(hours=24))
    assert_type(verdict, Verdict)
    assert_type(verdict.word, Word)
    assert_type(verdict.checks, tuple[Check, ...])
    assert_type(verdict.checks[0].text, Text)
    verify_certificate(file, trust, status=None, now=now)  # type: ignore[call-arg]  # no age is assumed
