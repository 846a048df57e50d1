"""`tledger publish`: publisher and followers in a process of their own, and who looks after it.

`serve` starts one on PostgreSQL and starts it again should it end. It ends by itself when its
standard input does, which is when the server that started it is gone, however that came about.
"""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from typing import Final

import structlog
import uvloop

from ledger.application.group_commit import GroupCommit
from ledger.application.publication_watch import PublicationWatch
from ledger.application.published_map import PublishedMap
from ledger.commands.background import (
    OWN_PROCESS_IDLE_SECONDS,
    BackgroundWork,
    make_publisher,
    published_size,
)
from ledger.commands.collector import settle_collector
from ledger.commands.genesis import root_key
from ledger.commands.home import Home
from ledger.storage.key_files import load_secrets
from ledger.storage.open_storage import Storage, open_storage
from ledger.storage.views import open_views

NICENESS: Final = 5
"""Appends go first: what was not published now is published a moment later."""

AGAIN_SECONDS: Final = 1.0
STEADY_SECONDS: Final = 5.0
"""How long one must run after another ended before publishing counts as healthy again."""

_log = structlog.get_logger()


def publish_until_stopped(home: Home, *, interval: float, until_input_ends: bool) -> None:
    """Publish and follow until SIGTERM or Ctrl-C.

    Args:
        home: The log's home.
        interval: Seconds between checkpoints while there is something new.
        until_input_ends: End with standard input as well.

    Raises:
        ApplicationError: when a part cannot be opened.
        IntegrityBreachError: database and register do not agree, at the start or later.
    """
    uvloop.run(_publish(home, interval=interval, until_input_ends=until_input_ends))


async def _publish(home: Home, *, interval: float, until_input_ends: bool) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    if until_input_ends:
        loop.add_reader(sys.stdin.fileno(), stopping.set)
        os.nice(NICENESS)
    settings, trust, secrets = home.settings(), home.trust(), load_secrets(home.secrets)
    storage, views = open_storage(settings.database), open_views(settings.database)
    root = root_key(trust, settings.bureau_credit_code)
    commits = GroupCommit(storage.writer, settings.origin, root)
    publisher = make_publisher(home, secrets, storage)
    publisher.verify_against_register()
    idle = OWN_PROCESS_IDLE_SECONDS
    work = BackgroundWork(publisher, storage, views, commits, interval=interval, idle=idle)
    settle_collector()
    commits.start()
    work.start()
    _log.info("publishing", origin=settings.origin)
    ends = {asyncio.create_task(stopping.wait()), asyncio.create_task(work.wait_ended())}
    await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    await work.stop()
    await commits.stop()
    await storage.close()
    views.close()
    if work.breach is not None:
        raise work.breach


class PublishProcess:
    """A `tledger publish` process, started again whenever it ends."""

    published_map: PublishedMap | None = None
    """The map is the other process's; this one reads what was published."""

    def __init__(self, home: Home, storage: Storage, interval: float) -> None:
        """Publish for this home, every `interval` seconds; `storage` shows what was published."""
        self._watch = PublicationWatch(published_size(storage))
        self.healthy = True
        arguments = ["publish", "--home", str(home.folder), "--publish-every", str(interval)]
        self._command = [sys.executable, "-m", "ledger.main", *arguments, "--until-input-ends"]
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start it."""
        self._task = asyncio.create_task(self._look_after(), name="publish process")

    async def stop(self) -> None:
        """Let it finish what is under way, and wait for its end."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()

    async def wait_published(self, index: int) -> None:
        """Wait until the entry at `index` is published."""
        await self._watch.wait_published(index)

    async def _look_after(self) -> None:
        while True:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, stdin=asyncio.subprocess.PIPE
            )
            await self._see_it_run(self._process)
            code = await self._process.wait()
            self.healthy = False
            _log.error("the publisher ended and is started again", exit_code=code)
            await asyncio.sleep(AGAIN_SECONDS)

    async def _see_it_run(self, process: asyncio.subprocess.Process) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), STEADY_SECONDS)
        if process.returncode is None:
            self.healthy = True
