"""What goes on behind the appends: the publisher and the followers of the read models.

In the embedded ledger they run in the server's process. On PostgreSQL they have a process of their
own, `tledger publish`, so that a publication takes no processor time from the appends.
"""

from collections.abc import Callable
from typing import Final

from ledger.application.errors import IntegrityBreachError
from ledger.application.group_commit import GroupCommit
from ledger.application.publisher import Publisher
from ledger.application.publishing import IDLE_SECONDS, PublishingLoop
from ledger.application.recorded_clock import wall_clock_us
from ledger.commands.following import FollowingLoop
from ledger.commands.home import Home
from ledger.storage.event_feed import LogEventFeed
from ledger.storage.key_files import LogSecrets
from ledger.storage.open_storage import Storage
from ledger.storage.register_file import FileRegister
from ledger.storage.views import PostgresViews, SQLiteViews
from projections.follower import Follower

OWN_PROCESS_IDLE_SECONDS: Final = 0.1
"""How often a process of its own looks at what the others appended."""


class BackgroundWork:
    """Publisher and followers of one process."""

    def __init__(
        self,
        publisher: Publisher,
        storage: Storage,
        views: SQLiteViews | PostgresViews,
        commits: GroupCommit,
        *,
        interval: float,
        idle: float = IDLE_SECONDS,
    ) -> None:
        """Put them together; nothing runs yet.

        Args:
            publisher: Makes the publications.
            storage: The log.
            views: The read models.
            commits: Makes the slots, and tells of what this process appends.
            interval: Seconds between checkpoints while there is something new.
            idle: Seconds between looks at what other processes appended.
        """
        self.published_map = publisher.published_map
        self._publishing = PublishingLoop(
            commits, publisher, published_size(storage), interval, idle
        )
        follower = Follower(LogEventFeed(storage.reader), views)
        self._following = FollowingLoop(commits, follower, min(idle, IDLE_SECONDS / 2))

    @property
    def breach(self) -> IntegrityBreachError | None:
        """Why nothing more is signed, or None."""
        return self._publishing.breach

    @property
    def healthy(self) -> bool:
        """Whether publications are made."""
        return self.breach is None

    def start(self) -> None:
        """Start both."""
        self._publishing.start()
        self._following.start()

    async def stop(self) -> None:
        """Stop both, after what is under way."""
        await self._publishing.stop()
        await self._following.stop()

    async def wait_ended(self) -> None:
        """Wait until publishing has ended: by `stop`, or by a breach."""
        await self._publishing.wait_ended()

    async def wait_published(self, index: int) -> None:
        """Wait until the entry at `index` is published."""
        await self._publishing.wait_published(index)


def make_publisher(home: Home, secrets: LogSecrets, storage: Storage) -> Publisher:
    """Return the publisher of a log."""
    ed25519, ml_dsa = secrets.checkpoint_keys
    return Publisher(
        secrets.origin,
        (ed25519, ml_dsa),
        storage.reader,
        storage.publications,
        FileRegister(home.register),
        wall_clock_us,
    )


def published_size(storage: Storage) -> Callable[[], int]:
    """Return what reads the size of the newest checkpoint; blocking."""

    def read() -> int:
        published = storage.publications.published()
        return 0 if published is None else published[0]

    return read
