"""`tledger serve`: runs until SIGTERM or Ctrl-C, then stops after the work under way."""

import asyncio
import logging
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final

import structlog
import uvloop

from ledger.commands.collector import settle_collector
from ledger.commands.home import Home
from ledger.commands.running import RunningLedger
from ledger.storage.database import SQLITE_PREFIX

WORKER_THREADS: Final = 16
SWITCH_SECONDS: Final = 0.0005
"""How long a busy worker thread may keep the event loop from running; Python's own is ten times."""

_log = structlog.get_logger()


class _Output:
    """Writes the server's log to standard output, a line at once.

    A line for which there is no room is lost. The call that it is about is not: a full disk under
    the log takes nothing else down.
    """

    def msg(self, message: str) -> None:
        """Write a line."""
        with suppress(OSError):
            os.write(sys.stdout.fileno(), f"{message}\n".encode())

    debug = info = warning = error = critical = msg


def configure_logs() -> None:
    """Log as JSON, a line an event, on standard output; calls that went well are not logged."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_names: _Output(),
        cache_logger_on_first_use=True,
    )


def serve_until_stopped(
    home: Home, address: str, *, reflection: bool, interval: float, apart: bool | None
) -> None:
    """Serve a home.

    Args:
        home: The log's home.
        address: `host:port` to listen on; empty for the configured one.
        reflection: Serve descriptors.
        interval: Seconds between checkpoints while there is something new.
        apart: Publish in a process of its own; None for the database's usual.

    Raises:
        ApplicationError: when a part cannot be opened or started.
    """
    configure_logs()
    if apart is None:
        # An SQLite file has one writer at a time: a second process would only wait for it.
        apart = not home.settings().database.startswith(SQLITE_PREFIX)
    sys.setswitchinterval(SWITCH_SECONDS)
    uvloop.run(_serve(home, address, reflection=reflection, interval=interval, apart=apart))


async def _serve(
    home: Home, address: str, *, reflection: bool, interval: float, apart: bool
) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    # Reads, publisher and follower share the threads; asyncio's own default is six on two cores.
    loop.set_default_executor(ThreadPoolExecutor(WORKER_THREADS, thread_name_prefix="worker"))
    ledger = RunningLedger(home, interval=interval, apart=apart)
    port = await ledger.start(address, with_reflection=reflection)
    settle_collector()
    _log.info("serving", origin=ledger.origin, port=port)
    await stopping.wait()
    _log.info("stopping")
    await ledger.stop()
