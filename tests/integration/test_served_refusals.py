"""Calls that are refused as a whole: who gets no answer, and what the others are told."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import grpc
import pytest

from ledger.api.v1 import certificate_service_pb2 as certificate_pb
from ledger.api.v1 import log_service_pb2 as log_pb
from ledger.api.v1 import person_service_pb2 as person_pb
from ledger.api.v1 import recording_service_pb2 as pb
from ledger.storage.spiffe_ids import party_uri
from ledger.storage.tls_files import create_ca, issue_client
from tests.integration.served_failures import failure
from tests.integration.served_ledger import (
    CA,
    DOMAIN,
    NOW,
    Client,
    Options,
    ServedLedger,
    serving,
)
from tests.unit.application.town import batch

T = TypeVar("T")
Raw = grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]
FAR = datetime(2099, 1, 1, tzinfo=UTC)


def run(folder: Path, scene: Callable[[ServedLedger], Awaitable[T]]) -> T:
    async def whole() -> T:
        async with serving(folder) as ledger:
            return await scene(ledger)

    return asyncio.run(whole())


@pytest.mark.parametrize("shown", ["no certificate", "another authority's"])
def test_without_a_clients_certificate_nobody_gets_in(tmp_path: Path, shown: str) -> None:
    async def whole() -> grpc.StatusCode:
        async with serving(tmp_path, Options(founded=False)) as ledger:
            uri = party_uri(DOMAIN, ledger.town.school.party)
            other = issue_client(create_ca(DOMAIN, NOW), uri, NOW)
            pair = None if shown == "no certificate" else other
            certificate, key = pair or (None, None)
            credentials = grpc.ssl_channel_credentials(CA.certificate_pem(), key, certificate)
            async with grpc.aio.secure_channel(ledger.address, credentials) as channel:
                client = Client(channel)
                call = client.log.GetCheckpoint(log_pb.GetCheckpointRequest(), timeout=20)
                return (await failure(call)).status

    assert asyncio.run(whole()) is grpc.StatusCode.UNAVAILABLE


def test_a_connection_is_not_kept_beyond_its_certificate(tmp_path: Path) -> None:
    async def scene() -> None:
        async with serving(tmp_path, Options(clock=lambda: FAR, founded=False)) as ledger:
            client = await ledger.client(ledger.town.school)
            call = client.log.GetCheckpoint(log_pb.GetCheckpointRequest(), timeout=60)
            refused = await failure(call)
            assert (refused.status, refused.code) == (
                grpc.StatusCode.UNAUTHENTICATED,
                "UNAUTHENTICATED",
            )

    asyncio.run(scene())


def test_requests_that_are_refused_as_a_whole(tmp_path: Path) -> None:
    async def scene(ledger: ServedLedger) -> None:
        town, school = ledger.town, await ledger.client(ledger.town.school)
        append = school.recording.AppendEvents

        empty = await failure(append(pb.AppendEventsRequest(), timeout=60))
        assert (empty.status, empty.code) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST")
        assert [each.field for each in empty.violations] == ["batches"]
        assert empty.text_zh.startswith("请求不合规则")

        _, plan = town.cohort()
        many = batch(town.school.key, [plan])
        many.events.extend([plan.data] * 1_000)
        too_many = await failure(append(pb.AppendEventsRequest(batches=[many]), timeout=60))
        assert (too_many.status, too_many.code) == (
            grpc.StatusCode.INVALID_ARGUMENT,
            "REQUEST_TOO_LARGE",
        )
        assert too_many.values["count"] == "1001"
        assert too_many.refused

        heavy = batch(town.school.key, [plan])
        heavy.events.extend([bytes(131_000)] * 17)
        too_heavy = await failure(append(pb.AppendEventsRequest(batches=[heavy]), timeout=60))
        assert too_heavy.code == "REQUEST_TOO_LARGE"

        # Above the transport's own limit nothing of the ledger is asked at all.
        heavy.events.extend([bytes(131_000)] * 10)
        oversized = await failure(append(pb.AppendEventsRequest(batches=[heavy]), timeout=60))
        assert oversized.status is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert oversized.refused

        raw: Raw = school.channel.unary_unary("/ledger.api.v1.RecordingService/AppendEvents")
        malformed = await failure(raw(b"\x0a\xff\xff", timeout=60))
        assert (malformed.status, malformed.code) == (
            grpc.StatusCode.INVALID_ARGUMENT,
            "INVALID_REQUEST",
        )
        no_method: Raw = school.channel.unary_unary("/ledger.api.v1.RecordingService/Erase")
        assert (await failure(no_method(b"", timeout=60))).status is grpc.StatusCode.UNIMPLEMENTED

    run(tmp_path, scene)


def test_persons_are_registered_by_institutions_alone(tmp_path: Path) -> None:
    async def scene(ledger: ServedLedger) -> None:
        town = ledger.town
        school, other = await ledger.client(town.school), await ledger.client(town.other)

        def person(number: str, name: str = "王小明") -> person_pb.RegisterPersonRequest:
            return person_pb.RegisterPersonRequest(
                id_type=person_pb.ID_TYPE_RESIDENT_ID_CARD, id_number=number, name=name
            )

        one = person("32059919900101002X")
        first = await school.persons.RegisterPerson(one, timeout=60)
        again = await school.persons.RegisterPerson(one, timeout=60)
        theirs = await other.persons.RegisterPerson(one, timeout=60)
        assert first.person_ref == again.person_ref != theirs.person_ref
        assert len(first.identity_commitment) == 32

        for caller in (town.bureau, town.platform, town.examiners, None):
            client = await ledger.client(caller)
            denied = await failure(client.persons.RegisterPerson(one, timeout=60))
            assert denied.status is grpc.StatusCode.PERMISSION_DENIED
        bad_digit = await failure(
            school.persons.RegisterPerson(person("320599199001010029"), timeout=60)
        )
        assert bad_digit.code == "BAD_ID_NUMBER"
        other_name = await failure(
            school.persons.RegisterPerson(person("32059919900101002X", "李䶮"), timeout=60)
        )
        assert other_name.code == "PERSON_NAME_DIFFERS"
        control = await failure(
            school.persons.RegisterPerson(person("32059919900101002X", "王\x07明"), timeout=60)
        )
        assert (control.code, control.violations[0].field) == ("INVALID_REQUEST", "name")
        for refused in (bad_digit, other_name, control):
            assert "32059919900101002" not in str(refused)
            assert "王" not in str(refused)

    run(tmp_path, scene)


def test_a_receipt_that_is_not_there_in_time_is_not_published(tmp_path: Path) -> None:
    async def scene() -> None:
        async with serving(tmp_path, Options(publishes=False)) as ledger:
            town, school = ledger.town, await ledger.client(ledger.town.school)
            _, plan = town.cohort()
            await school.append(town.school, plan)
            for wait in (False, True):
                request = pb.GetReceiptRequest(event_id=str(plan.event_id), wait=wait)
                refused = await failure(school.recording.GetReceipt(request, timeout=3))
                assert (refused.status, refused.code) == (
                    grpc.StatusCode.FAILED_PRECONDITION,
                    "NOT_PUBLISHED",
                )

    asyncio.run(scene())


def test_what_nobody_expected_is_internal_and_says_nothing_but_a_request_id(
    tmp_path: Path,
) -> None:
    def broken(_file: bytes) -> certificate_pb.VerifyCertificateResponse:
        raise RuntimeError("relation log_head does not exist")

    async def scene() -> None:
        async with serving(tmp_path, Options(verify=broken, founded=False)) as ledger:
            client = await ledger.client(ledger.town.school)
            request = certificate_pb.VerifyCertificateRequest(credential=b"{}")
            refused = await failure(client.certificates.VerifyCertificate(request, timeout=60))
            assert (refused.status, refused.code) == (grpc.StatusCode.INTERNAL, "INTERNAL")
            assert re.fullmatch(r"[0-9a-f]{8}-[0-9]+", refused.values["request_id"])
            assert "log_head" not in str(refused)
            assert not refused.refused

    asyncio.run(scene())
