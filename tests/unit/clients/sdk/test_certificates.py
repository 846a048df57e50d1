"""Certificates: what is issued here is valid to the verifier; what is unsound is not signed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

import grpc
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from clients.sdk import (
    Accepted,
    AcknowledgementError,
    CertificateError,
    CheckpointError,
    Emitter,
    EvidenceError,
    Ledger,
    QuorumMissingError,
    RejectedError,
    StillUnknownError,
    new_author_key,
)
from clients.verifier import Outcome, SubState, Word, verify_certificate
from ledger.api.v1 import certificate_service_pb2 as pb
from ledger.api.v1 import events_pb2
from ledger.api.v1.certificate_service_pb2_grpc import add_CertificateServiceServicer_to_server
from ledger.log.certificate_file import core_bytes, core_digest, parse_file
from ledger.log.data_integrity import verify_proof
from ledger.log.event_reader import read_event
from ledger.log.identifiers import key_id
from tests.unit.clients.sdk.certificate_server import CertificateDesk
from tests.unit.clients.sdk.ledger_server import Recording, Response, Running, Step, start
from tests.unit.clients.verifier.small_log import (
    CERTIFICATE,
    DID,
    ENROLMENT,
    INSTITUTION,
    ISSUER,
    NUMBER,
    OTHER_NUMBER,
    ROOT,
    START,
    WITNESS_POLICY,
    core,
    spki,
    trust_file,
)

NOW = START + timedelta(hours=1)
TRUST = trust_file()


@dataclass
class Office:
    """An institution's office with a ledger that issues certificates."""

    ledger: Ledger
    desk: CertificateDesk
    running: Running


@pytest.fixture
def office() -> Iterator[Office]:
    desks: list[CertificateDesk] = []

    def add(server: grpc.Server, recording: Recording) -> None:
        desks.append(CertificateDesk(recording))
        add_CertificateServiceServicer_to_server(desks[0], server)

    running = start(add)
    with Ledger.open(running.identity(), retries=running.time.retries()) as ledger:
        yield Office(ledger, desks[0], running)
    running.server.stop(grace=None).wait()


def check_rdf(document: dict[str, Any], key: bytes, method: str) -> None:
    verify_proof(document, Ed25519PublicKey.from_public_bytes(key), method)


def test_an_issued_certificate_is_valid_to_the_verifier(office: Office) -> None:
    issued = office.ledger.certificates.issue(ENROLMENT)
    assert (issued.number, issued.certificate) == (NUMBER, CERTIFICATE)
    assert issued.core == core_bytes(core())
    assert office.desk.files == [issued.file]
    verdict = verify_certificate(
        issued.file, TRUST, status=None, now=NOW, max_age=None, rdf_check=check_rdf
    )
    assert verdict.word is Word.VALID
    assert {check.outcome for check in verdict.checks} == {Outcome.PASSED}


def test_the_file_names_key_and_evidence_by_what_they_are(office: Office) -> None:
    document = parse_file(office.ledger.certificates.issue(ENROLMENT).file)
    method = document["proof"]["verificationMethod"]
    assert method == f"{DID}#key-{key_id(spki(ISSUER)).hex()[:16]}"
    genres = ("https://c2sp.org/tlog-proof@v1", "urn:tledger:history-proof:v1")
    assert {item["genre"]: item["id"] for item in document["evidence"]} == {
        genre: f"urn:uuid:{uuid5(CERTIFICATE, genre)}" for genre in genres
    }


def test_completing_again_at_the_same_checkpoint_gives_the_same_file(office: Office) -> None:
    issued = office.ledger.certificates.issue(ENROLMENT)
    office.desk.publishes = False
    assert office.ledger.certificates.complete(NUMBER) == issued
    assert office.desk.files == [issued.file] * 2


def test_a_lost_answer_to_the_issue_is_asked_for_again(office: Office) -> None:
    office.running.recording.steps.append(Step(lose=grpc.StatusCode.UNAVAILABLE))
    office.ledger.certificates.issue(ENROLMENT)
    first, second = office.running.recording.requests
    assert first == second
    assert len(office.running.log.streams[str(CERTIFICATE)]) == 1


def test_the_steps_can_be_taken_one_by_one_with_the_batch_kept(office: Office) -> None:
    certificates = office.ledger.certificates
    prepared = certificates.prepare(ENROLMENT)
    batch = certificates.sign_issue(
        prepared, emitter=Emitter(office.ledger.identity, synthetic=True)
    )
    assert read_event(batch.events[0].data).header.synthetic is True
    office.running.recording.steps.extend([Step(lose=grpc.StatusCode.UNAVAILABLE)] * 100)
    with pytest.raises(StillUnknownError):
        certificates.record(batch)
    office.running.recording.steps.clear()
    again = certificates.record(batch)
    assert again.repeated
    assert certificates.complete(prepared.number).number == NUMBER


def test_a_refused_issue_is_told_and_nothing_is_attached(office: Office) -> None:
    office.running.recording.steps.append(Step(reject={0: "NOT_PREPARED"}))
    with pytest.raises(RejectedError, match="NOT_PREPARED"):
        office.ledger.certificates.issue(ENROLMENT)
    assert office.desk.files == []


def test_a_forged_acknowledgement_of_the_issue_is_an_alarm(office: Office) -> None:
    def forge(response: Response) -> None:
        response.acknowledgement.root = bytes(32)

    office.running.recording.steps.append(Step(forge=forge))
    with pytest.raises(AcknowledgementError):
        office.ledger.certificates.issue(ENROLMENT)
    assert office.desk.files == []


def other_number(answer: pb.PrepareCertificateResponse) -> None:
    answer.issue.number = OTHER_NUMBER


def other_core(answer: pb.PrepareCertificateResponse) -> None:
    answer.core = core_bytes(core(hours=150))


def other_hours(answer: pb.PrepareCertificateResponse) -> None:
    answer.issue.credited[0].hours += 1


def other_issuer(answer: pb.PrepareCertificateResponse) -> None:
    document = core(code="91320599MA0TEXT012")
    answer.core, answer.issue.core_digest = core_bytes(document), core_digest(document)


def no_core(answer: pb.PrepareCertificateResponse) -> None:
    answer.core = b"{}"
    answer.issue.core_digest = sha256(b"{}").digest()


def without_members(answer: pb.PrepareCertificateResponse) -> None:
    document = core()
    del document["issuer"]["otherIdentifier"]  # type: ignore[attr-defined]  # any JSON
    answer.core, answer.issue.core_digest = core_bytes(document), core_digest(document)


UNSOUND: dict[Callable[[pb.PrepareCertificateResponse], None], str] = {
    other_number: "the core is of PXZM",
    other_core: "another digest",
    other_hours: "148 hours, the issue event 149",
    other_issuer: "in the name of",
    no_core: "the core: ",
    without_members: "has not the members",
}


@pytest.mark.parametrize("forge", UNSOUND)
def test_what_is_unsound_is_not_signed(
    office: Office, forge: Callable[[pb.PrepareCertificateResponse], None]
) -> None:
    office.desk.forge_prepared = forge
    with pytest.raises(CertificateError, match=UNSOUND[forge]):
        office.ledger.certificates.issue(ENROLMENT)
    assert office.running.recording.requests == []


def test_a_key_that_cannot_sign_open_badges_is_told_before_anything_is_recorded(
    office: Office,
) -> None:
    identity = replace(office.ledger.identity, key=new_author_key("ecdsa-p256"))
    with (
        Ledger.open(identity, retries=office.running.time.retries()) as ledger,
        pytest.raises(CertificateError, match="signed with Ed25519"),
    ):
        ledger.certificates.issue(ENROLMENT)
    assert office.running.recording.requests == []


def test_a_core_that_was_not_issued_is_not_signed(office: Office) -> None:
    office.ledger.certificates.issue(ENROLMENT)

    def other(answer: pb.GetCertificateResponse) -> None:
        answer.core = core_bytes(core(hours=150))

    def none(answer: pb.GetCertificateResponse) -> None:
        answer.core = b""

    def elsewhere(answer: pb.GetCertificateResponse) -> None:
        answer.certificate.certificate = str(UUID(int=7))

    cases = ((other, CertificateError), (none, CertificateError), (elsewhere, EvidenceError))
    for forge, kind in cases:
        office.desk.forge_core = forge
        with pytest.raises(kind):
            office.ledger.certificates.complete(NUMBER)
    assert len(office.desk.files) == 1


def test_a_history_that_does_not_verify_is_an_alarm(office: Office) -> None:
    office.ledger.certificates.issue(ENROLMENT)

    def cut(answer: pb.GetHistoryResponse) -> None:
        answer.history_proof = answer.history_proof[:-5]

    def wrong(answer: pb.GetHistoryResponse) -> None:
        answer.history_proof = answer.history_proof.replace(b'seq\\":1', b'seq\\":2', 1)

    def misplaced(answer: pb.GetHistoryResponse) -> None:
        log, published = office.running.log, office.running.recording.published
        assert published is not None
        answer.issue_proof = log.inclusion(3, published)

    for forge, kind in ((cut, EvidenceError), (wrong, EvidenceError), (misplaced, CheckpointError)):
        office.desk.forge_history = forge
        with pytest.raises(kind):
            office.ledger.certificates.history(NUMBER)


def test_the_history_of_another_certificate_is_refused(office: Office) -> None:
    office.ledger.certificates.issue(ENROLMENT)
    with pytest.raises(EvidenceError, match="holds no issue of"):
        office.ledger.certificates.status(OTHER_NUMBER)


def test_a_revoked_certificate_is_not_valid_by_its_status_file(office: Office) -> None:
    issued = office.ledger.certificates.issue(ENROLMENT)
    good = office.ledger.certificates.status(NUMBER, wait=True)
    accepted = office.ledger.certificates.revoke(NUMBER, events_pb2.REVOCATION_REASON_ERROR)
    assert isinstance(accepted, Accepted)
    header = read_event(office.running.log.rows[accepted.index].event or b"").header
    assert UUID(bytes=header.institution) == INSTITUTION
    office.running.publish()
    revoked = office.ledger.certificates.status(NUMBER, wait=True)
    words = [
        verify_certificate(issued.file, TRUST, status=status, now=NOW, max_age=None)
        for status in (good, revoked)
    ]
    assert [each.word for each in words] == [Word.VALID, Word.NOT_VALID]
    assert words[1].sub_state is SubState.REVOKED


def test_a_bureau_revokes_in_the_record_of_the_institution(office: Office) -> None:
    office.ledger.certificates.issue(ENROLMENT)
    bureau = replace(office.running.identity(ROOT), party=UUID(int=5))
    with Ledger.open(bureau, retries=office.running.time.retries()) as ledger:
        accepted = ledger.certificates.revoke(NUMBER, events_pb2.REVOCATION_REASON_FRAUD)
    header = read_event(office.running.log.rows[accepted.index].event or b"").header
    assert UUID(bytes=header.institution) == INSTITUTION
    assert header.author_key == key_id(spki(ROOT))


def test_a_refused_revocation_is_told(office: Office) -> None:
    office.running.recording.steps.append(Step(reject={0: "CERTIFICATE_UNKNOWN"}))
    with pytest.raises(RejectedError, match="CERTIFICATE_UNKNOWN"):
        office.ledger.certificates.revoke(NUMBER, events_pb2.REVOCATION_REASON_ERROR)


def test_without_the_witnesses_no_file_is_made(office: Office) -> None:
    identity = replace(office.ledger.identity, trust=trust_file(policy=WITNESS_POLICY))
    with (
        Ledger.open(identity, retries=office.running.time.retries()) as ledger,
        pytest.raises(QuorumMissingError),
    ):
        ledger.certificates.issue(ENROLMENT)
    assert office.desk.files == []
