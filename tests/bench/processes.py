"""The processes of the benchmark: a server at a time, and the load generator."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import grpc

from tests.bench.measures import WARM_UP
from tests.bench.request_files import read_requests
from tests.bench.samples import Sample

_ROOT: Final = Path(__file__).parents[2]
_START_SECONDS: Final = 60
_STOP_SECONDS: Final = 60
_TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")


class BenchError(Exception):
    """A process of the benchmark failed; the message holds what it said."""


def free_address() -> str:
    """Return an address on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"localhost:{probe.getsockname()[1]}"


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers.

    Attributes:
        address: Where.
        identity: Identity folder to connect with.
        pid: Its process; publisher and follower may run in a process that it started.
    """

    address: str
    identity: Path
    pid: int

    def cpu_seconds(self) -> float:
        """Return the processor time that the server has used, all its threads and processes."""
        return sum(map(_cpu_seconds, _with_children(self.pid)))

    def load(self, method: str, requests: Path, callers: int) -> Sample:
        """Send the requests of a file; the first tenth, not timed, warms up.

        Raises:
            BenchError: when a call failed or an event was not accepted.
        """
        count = len(read_requests(requests))
        warm_up = count * WARM_UP // 100
        before = self.cpu_seconds()
        answer = _module(
            "tests.bench.load",
            *("--method", method, "--requests", str(requests), "--callers", str(callers)),
            *("--address", self.address, "--identity", str(self.identity)),
            *("--warm-up", str(warm_up)),
        )
        used = self.cpu_seconds() - before
        sample = Sample(**json.loads(answer))
        # The time of the warm-up is in it, so are its events.
        events = sample.events * count / (count - warm_up)
        return replace(sample, server_cpu_us=used / events * 1_000_000)


def _with_children(pid: int) -> Iterator[int]:
    """Yield a process and all that it started and that run."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text("ascii").split():
            yield from _with_children(int(child))


def _cpu_seconds(pid: int) -> float:
    # proc(5): the fields behind the name in brackets; utime and stime are fields 14 and 15.
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_SECOND


@contextmanager
def serving(command: Sequence[str], address: str, identity: Path, log: Path) -> Iterator[Server]:
    """Run a server for the length of the block.

    Args:
        command: What to run.
        address: Where it will listen.
        identity: Identity folder to connect with.
        log: Where its output goes.

    Raises:
        BenchError: when it does not answer.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(command, cwd=_ROOT, stdout=output, stderr=subprocess.STDOUT)
        try:
            _wait_until_it_answers(process, address, identity, log)
            yield Server(address, identity, process.pid)
        finally:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def python(*arguments: str) -> list[str]:
    """Return the command that runs this interpreter."""
    return [sys.executable, *arguments]


def _module(*arguments: str) -> str:
    done = subprocess.run(
        python("-m", *arguments), cwd=_ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BenchError(done.stderr[-4_000:])
    return done.stdout


def _wait_until_it_answers(
    process: subprocess.Popen[bytes], address: str, identity: Path, log: Path
) -> None:
    credentials = grpc.ssl_channel_credentials(
        *((identity / name).read_bytes() for name in ("ca.pem", "tls-key.pem", "tls.pem"))
    )
    for _ in range(_START_SECONDS):
        if process.poll() is not None:
            break
        with grpc.secure_channel(address, credentials) as channel:
            try:
                grpc.channel_ready_future(channel).result(timeout=1)
            except grpc.FutureTimeoutError:
                continue
            return
    text = log.read_text("utf-8", "replace")
    raise BenchError(f"no server answers at {address}: {text[-4_000:]}")
