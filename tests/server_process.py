"""A ledger as its operator runs it: a home, and `tledger serve` as a process of its own.

For end-to-end tests and for faults: the process can be killed at any moment and started again on
the same home and the same port. Nothing is replaced; `served_world` gives it something to be about.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import SystemRandom
from typing import Final

from ledger.commands.home import Home
from tests.world import Classroom, World, make_world

ROOT: Final = Path(__file__).parents[1]
SERVER: Final = ("-m", "ledger.main", "serve")
PATIENCE_SECONDS: Final = 60.0
"""How long anything may take before a test gives it up as hung."""

# Below the ports that systems give to outgoing connections: while the server is down, a client's
# attempt to connect must not come by its port.
_PORTS: Final = range(20_000, 32_000)


class ServerProcessError(Exception):
    """The server ended, or did not do what it has to in time; the message has its last words."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A command that ended.

    Attributes:
        code: Its exit code.
        out: Standard output.
        err: Standard error.
    """

    code: int
    out: str
    err: str


def tledger(*arguments: str) -> Finished:
    """Run a `tledger` command to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "ledger.main", *arguments],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=5 * PATIENCE_SECONDS,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


def wait_until(
    condition: Callable[[], bool], what: str, explain: Callable[[], str] = lambda: ""
) -> None:
    """Wait for a condition.

    Args:
        condition: What has to come true.
        what: Its name.
        explain: Tells, when it does not, what there is to know.

    Raises:
        ServerProcessError: when it does not come true.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise ServerProcessError(f"waited in vain: {what} {explain()}")
        time.sleep(0.01)


def fixed_address() -> str:
    """Return an address on loopback that a server can come back to."""
    random = SystemRandom()
    while True:
        port = random.choice(_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return f"localhost:{port}"


@dataclass
class ServerProcess:
    """`tledger serve` on a home.

    Attributes:
        home: The home.
        log: File that the server's output goes to.
        publish_every: Seconds between checkpoints.
        program: What runs instead of `tledger serve`, with the same options.
    """

    home: Home
    log: Path
    publish_every: float = 0.05
    program: Sequence[str] = SERVER
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)

    @property
    def pid(self) -> int:
        """The process that runs."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start the process; it does not answer yet."""
        assert self._process is None, "it runs already"
        command = [sys.executable, *self.program, "--home", str(self.home.folder)]
        command += ["--publish-every", str(self.publish_every)]
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output)

    def wait_ready(self) -> None:
        """Wait until it listens.

        Raises:
            ServerProcessError: when it ends instead.
        """
        host, _, port = self.home.settings().address.rpartition(":")

        def listens() -> bool:
            if self._process is None or self._process.poll() is not None:
                raise ServerProcessError(f"the server ended: {self.last_words()}")
            try:
                socket.create_connection((host, int(port)), timeout=1).close()
            except OSError:
                return False
            return True

        wait_until(listens, "the server listens")

    def kill(self) -> None:
        """SIGKILL: it ends in the middle of whatever it does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None

    def stop(self) -> None:
        """SIGTERM, as a service manager stops it.

        Raises:
            ServerProcessError: when it ends with an error.
        """
        assert self._process is not None
        process, self._process = self._process, None
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise ServerProcessError(f"SIGTERM did not stop it: {self.last_words()}") from None
        if code:
            raise ServerProcessError(f"it ended with {code}: {self.last_words()}")

    def wait_end(self) -> int:
        """Wait until it ends by itself; return its exit code."""
        assert self._process is not None
        process, self._process = self._process, None
        return process.wait(PATIENCE_SECONDS)

    def end(self) -> None:
        """Make sure that nothing runs, whatever happened."""
        if self._process is not None:
            os.kill(self._process.pid, signal.SIGCONT)
            self.kill()

    def last_words(self) -> str:
        """Return the end of its output."""
        return self.log.read_text("utf-8", "replace")[-4_000:] if self.log.exists() else ""


@dataclass(frozen=True, slots=True)
class Served:
    """A server and what stands in its log before anybody writes.

    Attributes:
        world: An institution with its policy and key, planned cohorts with enrolled learners.
        server: The process; it does not run yet.
    """

    world: World
    server: ServerProcess

    @property
    def home(self) -> Home:
        """The log's home."""
        return self.world.home

    @property
    def classrooms(self) -> tuple[Classroom, ...]:
        """The cohorts, each with a terminal whose key signs."""
        return self.world.classrooms


@contextmanager
def served_world(
    folder: Path,
    database: str,
    *,
    cohorts: int = 3,
    learners: int = 5,
    program: Sequence[str] = SERVER,
) -> Iterator[Served]:
    """Make a home with a small world, and a server for it that is not started.

    Args:
        folder: Where the home goes.
        database: URL of an empty database, `sqlite:///…` or `postgresql://…`.
        cohorts: Number of planned cohorts, each with a terminal of its own.
        learners: Number of learners enrolled in each.
        program: What runs instead of `tledger serve`.
    """
    world = asyncio.run(
        make_world(folder, database, fixed_address(), cohorts=cohorts, learners=learners)
    )
    server = ServerProcess(world.home, folder / "server.log", program=program)
    try:
        yield Served(world, server)
    finally:
        server.end()
