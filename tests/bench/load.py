"""The load generator, a process of its own: raw bytes out of a file, over grpc.aio and mutual TLS.

    python -m tests.bench.load --requests FILE --method /package.Service/Method ...

It prints one JSON object. Answers are read after the time has stopped: an event that was not
accepted and counted, or an answer without an acknowledgement, is an error.
"""

import argparse
import asyncio
import gc
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import grpc
import uvloop

from ledger.api.v1 import recording_service_pb2 as recording
from tests.bench.request_files import read_requests
from tests.bench.samples import sample_of

APPEND: Final = "/ledger.api.v1.RecordingService/AppendEvents"
_CONNECTIONS: Final = 4
_DEADLINE_SECONDS: Final = 60.0
_MAX_ANSWER: Final = 16 * 1024 * 1024

Call = grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]


@dataclass(slots=True)
class _Outcome:
    """What came back, and when."""

    latencies: list[float] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    seconds: float = 0.0


async def _run(calls: Sequence[Call], requests: Sequence[bytes], callers: int) -> _Outcome:
    """Send all requests, each by the next caller that is free."""
    outcome = _Outcome()
    waiting = iter(requests)
    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(callers):
            group.create_task(_caller(calls[number % len(calls)], waiting, outcome))
    outcome.seconds = time.perf_counter() - started
    return outcome


async def _caller(call: Call, waiting: Iterator[bytes], outcome: _Outcome) -> None:
    for request in waiting:
        started = time.perf_counter()
        answer = await call(request, timeout=_DEADLINE_SECONDS)
        outcome.latencies.append(time.perf_counter() - started)
        outcome.answers.append(answer)


async def _main(options: argparse.Namespace) -> dict[str, object]:
    requests = read_requests(options.requests)
    tls: Path = options.identity
    credentials = grpc.ssl_channel_credentials(
        *((tls / name).read_bytes() for name in ("ca.pem", "tls-key.pem", "tls.pem"))
    )
    channels = [
        grpc.aio.secure_channel(
            options.address,
            credentials,
            # Channels of one process would share a connection.
            options=(
                ("grpc.use_local_subchannel_pool", 1),
                ("grpc.max_receive_message_length", _MAX_ANSWER),
            ),
        )
        for _ in range(min(options.callers, _CONNECTIONS))
    ]
    calls: list[Call] = [channel.unary_unary(options.method) for channel in channels]
    try:
        await _run(calls, requests[: options.warm_up], options.callers)
        gc.collect()
        gc.freeze()
        outcome = await _run(calls, requests[options.warm_up :], options.callers)
    finally:
        for channel in channels:
            await channel.close()
    events = len(outcome.answers)
    if options.method == APPEND:
        events = sum(map(_accepted, outcome.answers))
    return asdict(sample_of(events, outcome.seconds, outcome.latencies))


def _accepted(answer: bytes) -> int:
    """Return how many events were accepted.

    Raises:
        SystemExit: when one was not, or the acknowledgement is missing.
    """
    response = recording.AppendEventsResponse.FromString(answer)
    for result in response.results:
        if result.WhichOneof("outcome") != "accepted" or result.accepted.held:
            raise SystemExit(f"an event was not accepted and counted: {result}")
    if response.acknowledgement.size != len(response.results):
        raise SystemExit("an answer is not acknowledged")
    return len(response.results)


def main() -> None:
    """Run the load that the arguments describe."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=Path, required=True)
    parser.add_argument("--method", required=True)
    parser.add_argument("--address", required=True)
    parser.add_argument("--identity", type=Path, required=True)
    parser.add_argument("--callers", type=int, required=True)
    parser.add_argument("--warm-up", type=int, required=True)
    options = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(_main(options))))


if __name__ == "__main__":
    main()
