"""A certificate's whole life over the wire, by the SDK and by hand."""

import asyncio
from pathlib import Path
from uuid import UUID

import grpc

from ledger.api.v1 import certificate_service_pb2 as certificate_pb
from ledger.api.v1 import events_pb2
from ledger.api.v1 import person_service_pb2 as person_pb
from ledger.api.v1 import recording_service_pb2 as recording_pb
from ledger.log.history_proof import HistoryProof, verify_history
from ledger.log.identifiers import enrolment_id
from ledger.log.tlog_proof import TlogProof
from tests.integration.served_failures import failure
from tests.integration.served_ledger import (
    ServedLedger,
    outcomes,
    serving,
    trust_of,
)
from tests.integration.trained_learners import identity, issue, trained
from tests.unit.application.town import Town, batch

PERSON = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"


def test_prepare_issue_prove_attach_show_revoke(tmp_path: Path) -> None:
    async def whole() -> None:
        async with serving(tmp_path) as ledger:
            cohort, person = await trained(ledger)
            sdk = await asyncio.to_thread(
                issue, identity(ledger, ledger.town.school), enrolment_id(cohort, person)
            )
            number, file = sdk
            await ledger.follow()
            await _shown_to_whom_it_concerns(ledger, number, file)
            await _revoked(ledger, number)

    asyncio.run(whole())


async def _shown_to_whom_it_concerns(ledger: ServedLedger, number: str, file: bytes) -> None:
    town = ledger.town
    request = certificate_pb.GetCertificateRequest(number=number)
    school = await ledger.client(town.school)
    own = await school.certificates.GetCertificate(request, timeout=60)
    assert own.certificate.state == "valid"
    assert own.certificate.institution == str(town.school.party)
    assert own.credential == file
    assert own.core
    bureau = await ledger.client(town.bureau)
    theirs = await bureau.certificates.GetCertificate(request, timeout=60)
    assert theirs.credential == file
    assert theirs.core == b""
    for other in (town.other, town.platform, town.examiners, town.district, None):
        client = await ledger.client(other)
        hidden = await failure(client.certificates.GetCertificate(request, timeout=60))
        assert hidden.code == "NOT_FOUND"


async def _revoked(ledger: ServedLedger, number: str) -> None:
    town, school = ledger.town, await ledger.client(ledger.town.school)
    request = certificate_pb.GetCertificateRequest(number=number)
    found = (await school.certificates.GetCertificate(request, timeout=60)).certificate
    event = town.school.emitter.training_certificate_revoked(
        certificate=UUID(found.certificate),
        cohort=UUID(found.cohort),
        reason=events_pb2.REVOCATION_REASON_ERROR,
    )
    revoke = certificate_pb.RevokeCertificateRequest(batch=batch(town.school.key, [event]))
    answer = await school.certificates.RevokeCertificate(revoke, timeout=60)
    assert outcomes([answer.result]) == [""]
    assert answer.acknowledgement.size == 1

    # Whoever relies on a certificate asks for its history, account or not in its area.
    other = await ledger.client(town.other)
    wait = certificate_pb.GetHistoryRequest(number=number, wait=True)
    history = await other.certificates.GetHistory(wait, timeout=60)
    proof = HistoryProof.from_bytes(history.history_proof)
    verified = verify_history(proof, trust_of(town))
    stream = verified.stream(found.certificate)
    assert stream is not None
    assert len(stream.entries) == 2
    assert TlogProof.parse(history.issue_proof).checkpoint == (
        TlogProof.parse(proof.commit_proof).checkpoint
    )
    await ledger.follow()
    state = (await school.certificates.GetCertificate(request, timeout=60)).certificate
    assert (state.state, state.revocation_reason) == (
        "revoked",
        events_pb2.REVOCATION_REASON_ERROR,
    )


def test_persons_and_official_numbers_are_for_whom_they_concern(tmp_path: Path) -> None:
    async def whole() -> None:
        async with serving(tmp_path) as ledger:
            town = ledger.town
            cohort, person = await trained(ledger)
            number, _ = await asyncio.to_thread(
                issue, identity(ledger, town.school), enrolment_id(cohort, person)
            )
            correct = person_pb.CorrectPersonRequest(person_ref=str(person), name="王晓明")
            commit = person_pb.CommitOfficialNumberRequest(
                number=number, official_number="T32059919900101002X"
            )
            for member, corrects, commits in (
                (town.school, "", "PERMISSION_DENIED"),
                (town.other, "NOT_FOUND", "PERMISSION_DENIED"),
                (town.bureau, "PERMISSION_DENIED", ""),
                (town.district, "PERMISSION_DENIED", "NOT_FOUND"),
                (town.examiners, "PERMISSION_DENIED", "PERMISSION_DENIED"),
                (None, "PERMISSION_DENIED", "PERMISSION_DENIED"),
            ):
                persons = (await ledger.client(member)).persons
                for call, code, shows in (
                    (persons.CorrectPerson(correct, timeout=60), corrects, "identity_commitment"),
                    (
                        persons.CommitOfficialNumber(commit, timeout=60),
                        commits,
                        "number_commitment",
                    ),
                ):
                    if code:
                        assert (await failure(call)).code == code
                    else:
                        assert len(getattr(await call, shows)) == 32

    asyncio.run(whole())


def test_a_correction_states_something_that_can_be_meant(tmp_path: Path) -> None:
    async def whole() -> None:
        async with serving(tmp_path) as ledger:
            school = await ledger.client(ledger.town.school)
            card = person_pb.ID_TYPE_RESIDENT_ID_CARD
            for what, field in (
                ({}, "name"),
                ({"id_number": "32059919900101002X"}, "id_number"),
                ({"name": "王", "id_type": card}, "id_number"),
                ({"name": "王\x07明"}, "name"),
                ({"name": "王", "id_type": card, "id_number": "3205"}, "id_number"),
            ):
                request = person_pb.CorrectPersonRequest(person_ref=PERSON, **what)
                refused = await failure(school.persons.CorrectPerson(request, timeout=60))
                assert (refused.code, refused.violations[0].field) == ("INVALID_REQUEST", field)

    asyncio.run(whole())


def test_a_certificate_is_refused_with_every_reason_at_once(tmp_path: Path) -> None:
    async def whole() -> None:
        async with serving(tmp_path) as ledger:
            town, school = ledger.town, await ledger.client(ledger.town.school)
            cohort, plan = town.cohort()
            person = UUID("3f2504e0-4f89-41d3-9a0c-0305e82c3301")
            await school.append(town.school, plan, town.enrolment(cohort, person))
            request = certificate_pb.PrepareCertificateRequest(
                enrolment=str(enrolment_id(cohort, person))
            )
            refused = await failure(school.certificates.PrepareCertificate(request, timeout=60))
            assert refused.status is grpc.StatusCode.FAILED_PRECONDITION
            codes = [violation.code for violation in refused.violations]
            assert set(codes) == {"NOT_OPEN", "HOURS_SHORT", "TEST_NOT_PASSED"}
            assert len(codes) > 2
            other = await ledger.client(town.other)
            hidden = await failure(other.certificates.PrepareCertificate(request, timeout=60))
            assert hidden.code == "NOT_FOUND"

    asyncio.run(whole())


def test_issue_revocation_and_replacement_take_exactly_their_events(tmp_path: Path) -> None:
    async def whole() -> None:
        async with serving(tmp_path) as ledger:
            town, school = ledger.town, await ledger.client(ledger.town.school)
            plans = [town.cohort()[1] for _ in range(2)]
            for events in (plans[:1], plans):
                made = batch(town.school.key, events)
                supersede = certificate_pb.SupersedeCertificateRequest(batch=made)
                issue = certificate_pb.IssueCertificateRequest(batch=made)
                revoke = certificate_pb.RevokeCertificateRequest(batch=made)
                for call in (
                    school.certificates.IssueCertificate(issue, timeout=60),
                    school.certificates.RevokeCertificate(revoke, timeout=60),
                    school.certificates.SupersedeCertificate(supersede, timeout=60),
                ):
                    refused = await failure(call)
                    assert (refused.code, refused.violations[0].field) == (
                        "INVALID_REQUEST",
                        "batch.events",
                    )
            assert outcomes([await _unprepared(ledger, town)]) == ["NOT_PREPARED"]

    asyncio.run(whole())


async def _unprepared(ledger: ServedLedger, town: Town) -> recording_pb.EventResult:
    """The answer to an issue that nobody prepared."""
    school = await ledger.client(town.school)
    cohort, plan = town.cohort()
    await school.append(town.school, plan)
    event = town.school.emitter.training_certificate_issued(
        certificate=UUID("3f2504e0-4f89-51d3-9a0c-0305e82c3301"),
        cohort=cohort,
        issue=events_pb2.TrainingCertificateIssued(
            number="PXZM-320599-2026-0000-0000-0001-B",
            edition=1,
            core_digest=bytes(32),
            enrolment_digest=bytes(32),
            policy=bytes(32),
            evaluator_version=1,
            credited=[
                events_pb2.CreditedHours(component=events_pb2.HOUR_COMPONENT_PRACTICAL, hours=1)
            ],
        ),
    )
    request = certificate_pb.IssueCertificateRequest(batch=batch(town.school.key, [event]))
    answer = await school.certificates.IssueCertificate(request, timeout=60)
    result: recording_pb.EventResult = answer.result
    return result
