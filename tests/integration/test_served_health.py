"""Health and reflection over the wire."""

import asyncio
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from ledger.server.health import DATABASE, FOLLOWERS
from tests.integration.served_failures import failure
from tests.integration.served_ledger import Options, ServedLedger, serving

Check = grpc.aio.UnaryUnaryMultiCallable[
    health_pb2.HealthCheckRequest, health_pb2.HealthCheckResponse
]
Ask = grpc.aio.StreamStreamMultiCallable[
    reflection_pb2.ServerReflectionRequest, reflection_pb2.ServerReflectionResponse
]


async def _health(ledger: ServedLedger, part: str) -> str:
    check: Check = (await ledger.client(None)).channel.unary_unary(
        "/grpc.health.v1.Health/Check",
        request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
        response_deserializer=health_pb2.HealthCheckResponse.FromString,
    )
    answer = await check(health_pb2.HealthCheckRequest(service=part), timeout=60)
    return health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)


async def _services(ledger: ServedLedger) -> set[str]:
    ask: Ask = (await ledger.client(None)).channel.stream_stream(
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
    )
    request = reflection_pb2.ServerReflectionRequest(list_services="")
    answer = await ask(iter([request]), timeout=60).read()
    assert isinstance(answer, reflection_pb2.ServerReflectionResponse)
    return {service.name for service in answer.list_services_response.service}


def test_health_tells_the_parts(tmp_path: Path) -> None:
    async def whole() -> None:
        checks = {DATABASE: lambda: True, FOLLOWERS: lambda: False}
        options = Options(health_checks=checks, founded=False)
        async with serving(tmp_path, options) as ledger:
            assert await _health(ledger, "") == "SERVING"
            assert await _health(ledger, DATABASE) == "SERVING"
            assert await _health(ledger, FOLLOWERS) == "NOT_SERVING"
            unknown = await failure(_health(ledger, "ledger.unknown"))
            assert unknown.status is grpc.StatusCode.NOT_FOUND

    asyncio.run(whole())


def test_reflection_is_served_where_it_is_switched_on_alone(tmp_path: Path) -> None:
    async def whole() -> None:
        for switched_on in (True, False):
            folder = tmp_path / str(switched_on)
            folder.mkdir()
            options = Options(reflection=switched_on, founded=False)
            async with serving(folder, options) as ledger:
                if switched_on:
                    names = await _services(ledger)
                    assert "ledger.api.v1.RecordingService" in names
                    assert "grpc.health.v1.Health" in names
                else:
                    refused = await failure(_services(ledger))
                    assert refused.status is grpc.StatusCode.UNIMPLEMENTED

    asyncio.run(whole())
