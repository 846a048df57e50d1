"""Writing over the wire: what is accepted, what is refused and how, and in which order."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid4

import grpc
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clients.sdk import CapturedEvent, Circumstances, Identity, Ledger
from clients.sdk.identity import TlsFiles
from ledger.api.v1 import events_pb2
from ledger.api.v1 import recording_service_pb2 as pb
from ledger.log.acknowledgements import acknowledgement_message
from ledger.log.entries import entry_hash, read_entry
from ledger.log.merkle import leaf_hash, verify_inclusion
from ledger.log.tlog_proof import TlogProof
from ledger.storage.spiffe_ids import party_uri
from ledger.storage.tls_files import issue_client
from tests.integration.served_failures import failure
from tests.integration.served_ledger import (
    ACKNOWLEDGER,
    CA,
    DOMAIN,
    NOW,
    Client,
    ServedLedger,
    outcomes,
    serving,
    trust_of,
)
from tests.unit.application.town import ORIGIN, Member, Town, batch

T = TypeVar("T")
PERSON = UUID("3f2504e0-4f89-41d3-9a0c-0305e82c3301")


def run(folder: Path, scene: Callable[[ServedLedger], Awaitable[T]]) -> T:
    async def whole() -> T:
        async with serving(folder) as ledger:
            return await scene(ledger)

    return asyncio.run(whole())


def changed(event: CapturedEvent, change: Callable[[events_pb2.TrainingEvent], None]) -> bytes:
    message = events_pb2.TrainingEvent.FromString(event.data)
    change(message)
    return message.SerializeToString()


def signed_bytes(member: Member, *events: bytes, key: Ed25519PrivateKey | None = None) -> pb.Batch:
    """A batch over any bytes, signed as a batch is."""

    class Bytes:
        def __init__(self, data: bytes) -> None:
            self.data = data

    made = batch(key or member.key, [Bytes(data) for data in events])  # type: ignore[misc]
    made.key_id = member.key_id
    return made


async def answers(client: Client, *batches: pb.Batch, atomic: bool = False) -> list[str]:
    request = pb.AppendEventsRequest(batches=batches, atomic=atomic)
    return outcomes((await client.recording.AppendEvents(request, timeout=60)).results)


def test_an_acknowledgement_verifies_with_the_bytes_that_were_sent(tmp_path: Path) -> None:
    async def scene(ledger: ServedLedger) -> None:
        town, school = ledger.town, await ledger.client(ledger.town.school)
        cohort, plan = town.cohort()
        enrolment, early = town.enrolment(cohort, PERSON), town.sign_in(cohort, uuid4())
        answer = await school.append(town.school, plan, enrolment, early)
        assert outcomes(answer.results) == ["", "", "ENROLMENT_NOT_OPEN"]
        signed = answer.acknowledgement
        assert signed.size == 3
        ACKNOWLEDGER.public_key().verify(
            signed.signature, acknowledgement_message(ORIGIN, signed.root)
        )
        for event, result in zip((plan, enrolment, early), answer.results, strict=True):
            accepted = result.accepted
            assert result.event_id == event.event_id.bytes
            assert read_entry(accepted.entry).payload == leaf_hash(event.data)  # type: ignore[union-attr]
            path = [accepted.path[at : at + 32] for at in range(0, len(accepted.path), 32)]
            leaf = leaf_hash(accepted.index.to_bytes(8, "big") + entry_hash(accepted.entry))
            verify_inclusion(leaf, accepted.position, signed.size, path, signed.root)

    run(tmp_path, scene)


def test_a_retry_gets_the_original_place_and_other_content_is_refused(tmp_path: Path) -> None:
    async def scene(ledger: ServedLedger) -> None:
        town, school = ledger.town, await ledger.client(ledger.town.school)
        _, plan = town.cohort()
        first = (await school.append(town.school, plan)).results[0].accepted
        again = (await school.append(town.school, plan)).results[0].accepted
        assert (again.index, again.entry) == (first.index, first.entry)
        assert (first.repeated, again.repeated) == (False, True)

        def more_seats(event: events_pb2.TrainingEvent) -> None:
            event.cohort_planned.capacity += 1

        other = signed_bytes(town.school, changed(plan, more_seats))
        assert await answers(school, other) == ["EVENT_ID_REUSED"]

    run(tmp_path, scene)


def test_each_bad_event_is_refused_by_itself_and_the_good_one_stands(tmp_path: Path) -> None:
    async def scene(ledger: ServedLedger) -> None:
        town, school = ledger.town, await ledger.client(ledger.town.school)
        _, plan = town.cohort()
        _, spare = town.cohort()

        def field(name: str, value: object) -> Callable[[events_pb2.TrainingEvent], None]:
            return lambda event: setattr(event.header, name, value)

        def name(value: str) -> Callable[[events_pb2.TrainingEvent], None]:
            return lambda event: setattr(event.cohort_planned, "trade_name", value)

        sent = {
            "UNKNOWN_EVENT_TYPE": changed(spare, field("type", "CohortPlannedV9")),
            "WRONG_ORIGIN": changed(spare, field("origin", "log.example/other")),
            "WRONG_STREAM": changed(spare, field("stream", uuid4().bytes)),
            "EVENT_MALFORMED": spare.data + b"\xf8\x07\x01",
            "EVENT_TOO_LARGE": spare.data + bytes(131_072),
        }
        good = plan.data
        bad = [*sent.values(), changed(spare, name("低压\x1b[2J")), changed(spare, name(""))]
        everything = signed_bytes(town.school, good, *bad)
        assert await answers(school, everything) == ["", *sent, "INVALID_FIELD", "INVALID_FIELD"]
        assert await answers(school, signed_bytes(town.school, b"\xff\xff")) == ["EVENT_MALFORMED"]

    run(tmp_path, scene)


def test_who_may_not_write_is_refused(tmp_path: Path) -> None:
    async def scene(ledger: ServedLedger) -> None:
        town = ledger.town
        school, other = await ledger.client(town.school), await ledger.client(town.other)
        cohort, plan = town.cohort()
        assert outcomes((await school.append(town.school, plan)).results) == [""]

        wrong = batch(town.school.key, [town.sign_in(cohort, PERSON)])
        wrong.signature = bytes(64)
        assert await answers(school, wrong) == ["BAD_SIGNATURE"]

        stranger = Ed25519PrivateKey.generate()
        emitter = town.emitter(stranger, town.school.party)
        unknown = emitter.session_started(cohort=cohort, session=uuid4(), present=1)
        assert await answers(school, batch(stranger, [unknown])) == ["UNKNOWN_KEY"]

        # The other school's key, for the first school's cohort.
        theirs = town.other.emitter.session_started(
            cohort=cohort,
            session=uuid4(),
            present=1,
            how=Circumstances(recorded_for=town.school.party),
        )
        assert await answers(other, batch(town.other.key, [theirs])) == ["NOT_YOUR_COHORT"]
        # An institution writes no examination results.
        result = town.school.emitter.theory_exam_result_recorded(
            cohort=cohort, person_ref=PERSON, attempt=1, score_hundredths=9_000
        )
        assert await answers(school, batch(town.school.key, [result])) == ["NOT_YOURS_TO_WRITE"]

    run(tmp_path, scene)


def test_the_courier_is_not_the_author(tmp_path: Path) -> None:
    async def scene(ledger: ServedLedger) -> None:
        _, plan = ledger.town.cohort()
        for courier in (ledger.town.other, None):
            client = await ledger.client(courier)
            assert outcomes((await client.append(ledger.town.school, plan)).results) == [""]

    run(tmp_path, scene)


def test_an_atomic_request_is_recorded_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    async def scene(ledger: ServedLedger) -> None:
        town, school = ledger.town, await ledger.client(ledger.town.school)
        cohort, plan = town.cohort()
        early = town.school.emitter.cohort_closed(cohort=cohort, completed=0)
        request = batch(town.school.key, [plan, early])
        assert await answers(school, request, atomic=True) == ["ATOMIC_ABORTED", "NOT_OPEN"]
        answer = await school.append(town.school, plan)
        assert not answer.results[0].accepted.repeated

    run(tmp_path, scene)


def test_a_response_without_an_accepted_event_has_no_acknowledgement(tmp_path: Path) -> None:
    async def scene(ledger: ServedLedger) -> None:
        town, school = ledger.town, await ledger.client(ledger.town.school)
        request = pb.AppendEventsRequest(batches=[signed_bytes(town.school, b"\xff")])
        answer = await school.recording.AppendEvents(request, timeout=60)
        assert not answer.HasField("acknowledgement")
        assert answer.results[0].event_id == b""

    run(tmp_path, scene)


def test_a_stream_answers_in_order_and_ends_behind_its_last_good_answer(tmp_path: Path) -> None:
    async def scene(ledger: ServedLedger) -> None:
        town, school = ledger.town, await ledger.client(ledger.town.school)
        cohort, plan = town.cohort()
        events = [plan, *(town.sign_in(cohort, uuid4()) for _ in range(40))]

        async def requests(*, bad: bool) -> AsyncIterator[pb.RecordEventsRequest]:
            for event in events:
                yield pb.RecordEventsRequest(batches=[batch(town.school.key, [event])])
            if bad:
                yield pb.RecordEventsRequest()

        ids = [event.event_id.bytes for event in events]
        stream = school.recording.RecordEvents(requests(bad=False))
        first = [response.results[0] async for response in stream]
        assert [result.event_id for result in first] == ids
        indexes = [result.accepted.index for result in first]
        assert indexes == sorted(indexes)

        stream = school.recording.RecordEvents(requests(bad=True))
        again = [(await stream.read()).results[0] for _ in events]
        assert [result.accepted.index for result in again] == indexes
        assert (await failure(stream.read())).code == "INVALID_REQUEST"

    run(tmp_path, scene)


def test_a_receipt_is_awaited_and_an_unknown_event_has_none(tmp_path: Path) -> None:
    async def scene(ledger: ServedLedger) -> None:
        town, school = ledger.town, await ledger.client(ledger.town.school)
        _, plan = town.cohort()
        accepted = (await school.append(town.school, plan)).results[0].accepted
        # Anyone may have it: it says no more than the log.
        other = await ledger.client(town.other)
        request = pb.GetReceiptRequest(event_id=str(plan.event_id), wait=True)
        receipt = await other.recording.GetReceipt(request, timeout=60)
        assert receipt.entry == accepted.entry
        proof = TlogProof.parse(receipt.proof)
        assert proof.index == accepted.index
        proof.verify(entry_hash(receipt.entry), trust_of(town).verifiers())

        unknown = pb.GetReceiptRequest(event_id=str(uuid4()))
        missing = await failure(school.recording.GetReceipt(unknown, timeout=60))
        assert (missing.status, missing.code) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
        no_id = pb.GetReceiptRequest(event_id="1; DROP TABLE log")
        assert (await failure(school.recording.GetReceipt(no_id, timeout=60))).code == (
            "INVALID_REQUEST"
        )

    run(tmp_path, scene)


def test_the_sdk_writes_proves_and_follows(tmp_path: Path) -> None:
    async def scene(ledger: ServedLedger) -> None:
        town = ledger.town
        certificate, key = issue_client(CA, party_uri(DOMAIN, town.school.party), NOW)
        identity = Identity(
            ORIGIN,
            town.school.party,
            ledger.address,
            "localhost",
            town.school.key,
            TlsFiles(CA.certificate_pem(), certificate, key),
            trust_of(town),
        )
        school = await ledger.client(town.school)
        _, plan = town.cohort()
        await school.append(town.school, plan)
        # Before its first checkpoint a log proves nothing, not even its own keys.
        await ledger.publication_of(plan.event_id)
        await asyncio.to_thread(_with_sdk, identity, town)

    run(tmp_path, scene)


def _with_sdk(identity: Identity, town: Town) -> None:
    cohort, plan = town.cohort()
    with Ledger.open(identity, timeout=60) as client:
        (accepted,) = client.accepted([plan])
        receipt = client.get_receipt(accepted, wait=True, timeout=60)
        assert receipt.proven.entry == accepted.entry
        seen = next(iter(client.watch(accepted.index, cohort=cohort)))
        assert (seen.index, seen.event) == (accepted.index, plan.data)
