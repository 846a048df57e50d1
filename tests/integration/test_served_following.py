"""Following the log over the wire: complete, resumable, for the caller's eyes, and bounded."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import grpc
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.api.v1 import events_pb2
from ledger.api.v1 import log_service_pb2 as log_pb
from ledger.api.v1 import recording_service_pb2 as pb
from ledger.log.entries import EventEntry, read_entry
from ledger.log.merkle import leaf_hash
from ledger.log.signatures import public_bytes
from ledger.server.call_limits import CallLimits
from ledger.server.watching import WATCHERS_PER_CALLER
from ledger.storage.open_storage import open_storage
from tests.integration.served_failures import failure
from tests.integration.served_ledger import Client, Options, ServedLedger, serving
from tests.unit.application.town import batch, committing, recorded, request

T = TypeVar("T")
PERSON = UUID("3f2504e0-4f89-41d3-9a0c-0305e82c3301")
REGISTER = 15
"""Genesis, five parties with their keys, the policy, two imports: events of the public register."""


def run(
    folder: Path,
    scene: Callable[[ServedLedger], Awaitable[T]],
    limits: CallLimits | None = None,
) -> T:
    async def whole() -> T:
        async with serving(folder, Options(limits=limits or CallLimits())) as ledger:
            return await scene(ledger)

    return asyncio.run(whole())


async def first(client: Client, number: int, start: int = 0, cohort: str = "") -> list[Any]:
    """The first responses of a new stream."""
    stream = client.recording.Watch(pb.WatchRequest(start_index=start, cohort=cohort))
    try:
        return [await stream.read() for _ in range(number)]
    finally:
        stream.cancel()


def test_every_event_comes_once_with_its_own_bytes_and_a_stream_can_be_resumed(
    tmp_path: Path,
) -> None:
    async def scene(ledger: ServedLedger) -> None:
        town, school = ledger.town, await ledger.client(ledger.town.school)
        cohort, plan = town.cohort()
        stream = school.recording.Watch(pb.WatchRequest())
        seen = [await stream.read() for _ in range(REGISTER)]
        events = [plan, *(town.sign_in(cohort, uuid4()) for _ in range(150))]
        await school.append(town.school, *events)
        seen += [await stream.read() for _ in events]
        stream.cancel()
        assert [each.event for each in seen[REGISTER:]] == [event.data for event in events]
        indexes = [each.index for each in seen]
        assert indexes == sorted(set(indexes))
        for each in seen:
            entry = read_entry(each.entry)
            assert isinstance(entry, EventEntry)
            assert entry.payload == leaf_hash(each.event)
        again = await first(school, 10, seen[-10].index)
        assert [each.index for each in again] == indexes[-10:]
        of_cohort = await first(school, 2, cohort=str(cohort))
        assert [each.event for each in of_cohort] == [plan.data, events[1].data]

    run(tmp_path, scene)


def test_what_another_process_writes_is_seen_too(tmp_path: Path) -> None:
    async def scene(ledger: ServedLedger) -> None:
        town, school = ledger.town, await ledger.client(ledger.town.school)
        stream = school.recording.Watch(pb.WatchRequest())
        for _ in range(REGISTER):
            await stream.read()
        reading = asyncio.create_task(stream.read())
        _, plan = town.cohort()
        other = open_storage(f"sqlite:///{tmp_path / 'ledger.db'}")
        async with AsyncExitStack() as stack:
            stack.push_async_callback(other.close)
            commits = await stack.enter_async_context(committing(other.writer, town))
            (place,) = recorded(await commits.append(request(batch(town.school.key, [plan]))))
            response = await asyncio.wait_for(reading, 60)
        assert (response.index, response.event) == (place.index, plan.data)
        stream.cancel()

    run(tmp_path, scene)


def test_others_events_are_skipped_and_the_operator_sees_the_register_alone(
    tmp_path: Path,
) -> None:
    async def scene(ledger: ServedLedger) -> None:
        town = ledger.town
        school, other = await ledger.client(town.school), await ledger.client(town.other)
        platform, operator = await ledger.client(town.platform), await ledger.client(None)
        _, theirs = town.cohort(of=town.other)
        _, ours = town.cohort()
        await other.append(town.other, theirs)
        await school.append(town.school, ours)
        # What everyone sees last.
        key = town.platform.emitter.key_registered(
            public_key=public_bytes(Ed25519PrivateKey.generate().public_key()),
            holder=town.platform.party,
            use=events_pb2.KEY_USE_SYSTEM,
        )
        await platform.append(town.platform, key)
        wanted = (
            (school, [ours.data, key.data]),
            (other, [theirs.data, key.data]),
            (platform, [theirs.data, ours.data, key.data]),
            (operator, [key.data]),
        )
        for client, events in wanted:
            seen = await first(client, REGISTER + len(events))
            assert [each.event for each in seen[REGISTER:]] == events

    run(tmp_path, scene)


def test_one_identity_follows_so_often_and_no_more(tmp_path: Path) -> None:
    async def scene(ledger: ServedLedger) -> None:
        school = await ledger.client(ledger.town.school)
        streams = [school.recording.Watch(pb.WatchRequest()) for _ in range(WATCHERS_PER_CALLER)]
        for stream in streams:
            await stream.read()
        one_more = school.recording.Watch(pb.WatchRequest())
        refused = await failure(one_more.read())
        assert (refused.status, refused.code) == (
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            "OVERLOADED",
        )
        assert refused.passing
        assert refused.retry_after == 1
        # Somebody else is not touched by it.
        assert await first(await ledger.client(ledger.town.other), 1)
        # A place is free again when a stream ends.
        streams[0].cancel()
        while True:
            trial = school.recording.Watch(pb.WatchRequest())
            try:
                assert await trial.read()
            except grpc.aio.AioRpcError:
                await asyncio.sleep(0.01)
                continue
            break
        for stream in [*streams, trial]:
            stream.cancel()

    run(tmp_path, scene)


def test_open_streams_take_no_place_from_calls_and_too_many_of_either_are_refused(
    tmp_path: Path,
) -> None:
    async def scene(ledger: ServedLedger) -> None:
        school = await ledger.client(ledger.town.school)
        watching = school.recording.Watch(pb.WatchRequest())
        await watching.read()
        refused = await failure(school.recording.Watch(pb.WatchRequest()).read())
        assert refused.code == "OVERLOADED"

        _, plan = ledger.town.cohort()
        accepted = await school.append(ledger.town.school, plan)
        assert accepted.HasField("acknowledgement")
        request = log_pb.GetCheckpointRequest()
        calls = [school.log.GetCheckpoint(request, timeout=60) for _ in range(50)]
        answers = await asyncio.gather(*calls, return_exceptions=True)
        refusals = [each for each in answers if isinstance(each, grpc.aio.AioRpcError)]
        assert len(refusals) < len(answers)
        assert {each.code() for each in refusals} == {grpc.StatusCode.RESOURCE_EXHAUSTED}
        watching.cancel()

    run(tmp_path, scene, CallLimits(calls=1, streams=1))


def test_open_streams_end_when_the_server_is_to_stop(tmp_path: Path) -> None:
    async def scene(ledger: ServedLedger) -> None:
        town, school = ledger.town, await ledger.client(ledger.town.school)
        watching = school.recording.Watch(pb.WatchRequest(start_index=10_000))
        recording = school.recording.RecordEvents()
        _, plan = town.cohort()
        await recording.write(pb.RecordEventsRequest(batches=[batch(town.school.key, [plan])]))
        answer = await recording.read()
        assert answer.results[0].event_id == plan.event_id.bytes
        ledger.services.recording.close()
        assert await watching.read() is grpc.aio.EOF
        assert await recording.read() is grpc.aio.EOF
        assert await recording.code() is grpc.StatusCode.OK

    run(tmp_path, scene)
