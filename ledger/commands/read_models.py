"""`tledger projections`: where the read models stand, and how to make them anew."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ledger.commands.home import Home
from ledger.storage.event_feed import LogEventFeed
from ledger.storage.open_storage import open_storage
from ledger.storage.views import PostgresViews, SQLiteViews, open_views
from projections.follower import Follower
from projections.registry import READ_MODELS


@dataclass(frozen=True, slots=True)
class ReadModelStatus:
    """How far the read models are.

    Attributes:
        size: Size of the log.
        position: Size of the log that they rest on.
        lag: The difference.
    """

    size: int
    position: int
    lag: int


@dataclass(frozen=True, slots=True)
class RebuildResult:
    """What a rebuild showed.

    Attributes:
        entries: Entries of the log that were folded.
        equal: Whether the documents are what they were; None when they had been behind.
    """

    entries: int
    equal: bool | None


@contextmanager
def _opened(home: Home) -> Iterator[tuple[Follower, SQLiteViews | PostgresViews, LogEventFeed]]:
    url = home.settings().database
    storage, views = open_storage(url), open_views(url)
    feed = LogEventFeed(storage.reader)
    try:
        yield Follower(feed, views), views, feed
    finally:
        views.close()
        storage.database.close()


def read_status(home: Home) -> ReadModelStatus:
    """Return where the read models of a home stand."""
    with _opened(home) as (_, views, feed):
        size, position = feed.size(), views.position(READ_MODELS)
        return ReadModelStatus(size, position, size - position)


def rebuild_read_models(home: Home) -> RebuildResult:
    """Fold the log of a home again, and compare with what was there."""
    with _opened(home) as (follower, views, feed):
        behind = follower.lag()
        before = views.fingerprint(READ_MODELS)
        follower.rebuild()
        equal = views.fingerprint(READ_MODELS) == before if behind == 0 else None
        return RebuildResult(feed.size(), equal)
