"""What the SDK does about issued certificates: replaces, suspends, reinstates, links, corrects."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import grpc
import pytest

from clients.sdk import (
    CertificateError,
    EvidenceError,
    Ledger,
    RejectedError,
    StillUnknownError,
)
from clients.verifier import SubState, Word, verify_certificate
from ledger.api.v1 import certificate_service_pb2 as pb
from ledger.api.v1 import person_service_pb2 as persons_pb
from ledger.api.v1 import recording_service_pb2 as recording_pb
from ledger.api.v1.certificate_service_pb2_grpc import add_CertificateServiceServicer_to_server
from ledger.log.event_reader import read_event
from tests.unit.clients.sdk.certificate_server import CertificateDesk, prepared
from tests.unit.clients.sdk.ledger_server import Recording, Running, Step, start
from tests.unit.clients.sdk.register_server import add_registers
from tests.unit.clients.verifier.small_log import (
    CERTIFICATE,
    ENROLMENT,
    INSTITUTION,
    NUMBER,
    OTHER_CERTIFICATE,
    OTHER_NUMBER,
    PERSON,
    START,
    trust_file,
)

NOW = START + timedelta(hours=1)
TRUST = trust_file()


@dataclass
class Office:
    """An institution's office with an issued certificate."""

    ledger: Ledger
    desk: CertificateDesk
    running: Running
    first: bytes

    def sent(self) -> list[Any]:
        """Events of the last request, as read."""
        raw = self.running.recording.requests[-1]
        (batch,) = recording_pb.AppendEventsRequest.FromString(raw).batches
        return [read_event(event) for event in batch.events]

    def verdict(self, file: bytes, number: str) -> tuple[Word, SubState | None]:
        self.running.publish()
        status = self.ledger.certificates.status(number, wait=True)
        found = verify_certificate(file, TRUST, status=status, now=NOW, max_age=None)
        return found.word, found.sub_state


@pytest.fixture
def office() -> Iterator[Office]:
    desks: list[CertificateDesk] = []

    def add(server: grpc.Server, recording: Recording) -> None:
        desks.append(CertificateDesk(recording))
        add_CertificateServiceServicer_to_server(desks[0], server)

    running = start(add_registers, add)
    with Ledger.open(running.identity(), retries=running.time.retries()) as ledger:
        first = ledger.certificates.issue(ENROLMENT)
        yield Office(ledger, desks[0], running, first.file)
    running.server.stop(grace=None).wait()


def test_a_replaced_certificate_names_its_successor_and_the_new_one_is_valid(
    office: Office,
) -> None:
    issued = office.ledger.certificates.supersede(NUMBER, ENROLMENT, "NAME-CORRECTED")
    assert (issued.number, issued.certificate) == (OTHER_NUMBER, OTHER_CERTIFICATE)
    superseded, issue = office.sent()
    assert (superseded.type, issue.type) == (
        "TrainingCertificateSuperseded",
        "TrainingCertificateIssued",
    )
    assert superseded.header.stream == CERTIFICATE.bytes
    assert (superseded.body.number, superseded.body.reason) == (OTHER_NUMBER, "NAME-CORRECTED")
    assert issue.header.stream == OTHER_CERTIFICATE.bytes
    assert (issue.body.supersedes, issue.body.edition) == (NUMBER, 2)
    assert office.desk.files == [office.first, issued.file]
    assert office.verdict(issued.file, OTHER_NUMBER) == (Word.VALID, None)
    assert office.verdict(office.first, NUMBER) == (Word.NOT_VALID, SubState.SUPERSEDED)


def replaces_nothing(answer: pb.PrepareCertificateResponse) -> None:
    answer.issue.supersedes = ""


def replaces_another(answer: pb.PrepareCertificateResponse) -> None:
    answer.issue.supersedes = "PXZM-320599-2026-0000-0000-0002-9"


@pytest.mark.parametrize("forge", [replaces_nothing, replaces_another])
def test_only_what_is_meant_is_replaced(
    office: Office, forge: Callable[[pb.PrepareCertificateResponse], None]
) -> None:
    office.desk.forge_prepared = forge
    asked = len(office.running.recording.requests)
    with pytest.raises(CertificateError, match=f"and {NUMBER} is meant"):
        office.ledger.certificates.supersede(NUMBER, ENROLMENT, "NAME-CORRECTED")
    assert len(office.running.recording.requests) == asked


def test_an_ordinary_issue_replaces_nothing(office: Office) -> None:
    def forge(answer: pb.PrepareCertificateResponse) -> None:
        answer.issue.supersedes = NUMBER

    office.desk.forge_prepared = forge
    with pytest.raises(CertificateError, match="and none is meant"):
        office.ledger.certificates.prepare(ENROLMENT)


def test_a_certificate_does_not_replace_itself(office: Office) -> None:
    def forge(answer: pb.PrepareCertificateResponse) -> None:
        answer.CopyFrom(prepared())
        answer.issue.supersedes = NUMBER

    office.desk.forge_prepared = forge
    with pytest.raises(CertificateError, match="that it replaces"):
        office.ledger.certificates.supersede(NUMBER, ENROLMENT, "NAME-CORRECTED")


def test_a_refused_replacement_is_told_with_both_outcomes(office: Office) -> None:
    office.running.recording.steps.append(Step(reject={0: "ATOMIC_ABORTED", 1: "NOT_PREPARED"}))
    with pytest.raises(RejectedError, match="NOT_PREPARED") as refused:
        office.ledger.certificates.supersede(NUMBER, ENROLMENT, "NAME-CORRECTED")
    assert [each.code for each in refused.value.rejected] == ["ATOMIC_ABORTED", "NOT_PREPARED"]
    assert office.desk.files == [office.first]


def test_a_lost_answer_to_a_replacement_is_asked_for_again(office: Office) -> None:
    certificates = office.ledger.certificates
    prepared = certificates.prepare(ENROLMENT, supersedes=NUMBER)
    batch = certificates.sign_superseding(prepared, "NAME-CORRECTED")
    office.running.recording.steps.extend([Step(lose=grpc.StatusCode.UNAVAILABLE)] * 100)
    with pytest.raises(StillUnknownError):
        certificates.record_superseding(batch)
    office.running.recording.steps.clear()
    assert [each.repeated for each in certificates.record_superseding(batch)] == [True, True]
    assert certificates.complete(OTHER_NUMBER).number == OTHER_NUMBER


def test_suspension_and_reinstatement_are_recorded_for_the_institution(office: Office) -> None:
    identity = office.ledger.identity
    certificates = office.ledger.certificates
    accepted = certificates.suspend(NUMBER, "COMPLAINT")
    (event,) = office.sent()
    assert (event.type, event.body.reason) == ("TrainingCertificateSuspended", "COMPLAINT")
    assert event.header.stream == CERTIFICATE.bytes
    assert event.header.institution == INSTITUTION.bytes
    assert event.header.author_key == identity.key_id
    assert len(office.running.log.rows) == accepted.index + 1
    certificates.reinstate(NUMBER, "CLEARED")
    (event,) = office.sent()
    assert (event.type, event.body.reason) == ("TrainingCertificateReinstated", "CLEARED")


def test_a_refused_suspension_is_told(office: Office) -> None:
    office.running.recording.steps.append(Step(reject={0: "NOT_YOURS_TO_WRITE"}))
    with pytest.raises(RejectedError, match="NOT_YOURS_TO_WRITE"):
        office.ledger.certificates.suspend(NUMBER, "COMPLAINT")


def link(office: Office, official_number: str) -> None:
    office.ledger.certificates.link_official(
        NUMBER,
        official_number,
        first_issued=date(2026, 6, 1),
        review_due=date(2029, 5, 31),
        valid_to=date(2032, 5, 31),
    )


def test_a_link_holds_a_commitment_and_never_the_number(office: Office) -> None:
    number = "T320599199001010011"
    link(office, number)
    (event,) = office.sent()
    assert event.type == "OperationCertificateLinked"
    assert event.body.number_commitment == sha256(f"{NUMBER}/{number}".encode()).digest()
    days = (event.body.first_issued, event.body.review_due, event.body.valid_to)
    assert days == (20260601, 20290531, 20320531)
    assert number.encode() not in office.running.recording.requests[-1]


def test_a_commitment_that_is_none_is_not_recorded(office: Office) -> None:
    asked = len(office.running.recording.requests)
    with pytest.raises(EvidenceError, match="not 32 bytes"):
        link(office, "X1")
    assert len(office.running.recording.requests) == asked


def test_a_correction_keeps_the_reference_and_sends_what_is_given(office: Office) -> None:
    registers = office.ledger.registers
    found = registers.correct_person(PERSON, name="王晓明")
    assert found.person_ref == PERSON
    assert found.commitment == sha256("0//王晓明".encode()).digest()
    card = (persons_pb.ID_TYPE_RESIDENT_ID_CARD, "320599199001010011")
    found = registers.correct_person(PERSON, document=card)
    assert found.commitment == sha256(b"1/320599199001010011/").digest()
