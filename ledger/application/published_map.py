"""The head map in its published state, held in memory and shared between threads.

The publisher advances it; any other process builds one of its own from the store and follows it by
`refresh`. Every state is checked against the root that its map-commit names before it is shown, so
what was read while the store moved on is noticed and read again.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from ledger.application.breaches import LogBreachError
from ledger.application.bucketed_map import BucketedMap
from ledger.application.errors import ApplicationError, StorageUnavailableError
from ledger.application.log_pages import touched_between
from ledger.application.ports import LogReader, PublicationStore
from ledger.application.published_state import PublishedState, map_commit_at, read_published
from ledger.application.stored_heads import head_leaf, leaves_of, wrong_head
from ledger.log.entries import MapCommitEntry, read_entry
from ledger.log.errors import FormatError
from ledger.log.head_map import Head, Steps

_TRIES: Final = 8


class MapMovedError(ApplicationError):
    """The published map is not in the state any more that the caller started from."""


@dataclass(frozen=True, slots=True)
class Located:
    """Where a walk towards a key ends.

    Attributes:
        key: The key found there: the sought one, or another one that proves its absence.
        leaf: Its map leaf hash.
        steps: The steps up to the map root.
    """

    key: bytes
    leaf: bytes
    steps: Steps


@dataclass(frozen=True, slots=True)
class MapView:
    """Several keys in one and the same state of the map.

    Attributes:
        state: The publication.
        located: By sought key; None in an empty map.
    """

    state: PublishedState
    located: Mapping[bytes, Located | None]


@dataclass(slots=True)
class _Held:
    """A map with the publication that it is of: its size, and all of it once that is known."""

    map: BucketedMap
    size: int = 0
    state: PublishedState | None = None


class PublishedMap:
    """The published head map; safe to use from several threads."""

    def __init__(self, reader: LogReader, publications: PublicationStore) -> None:
        """Nothing is read before `load` or `refresh`."""
        self._reader = reader
        self._publications = publications
        # One thread at a time follows the store; the other lock is held for computing alone.
        self._following = threading.Lock()
        self._lock = threading.Lock()
        self._held: _Held | None = None

    def load(self) -> PublishedState | None:
        """Build the map anew from the store, as after an error; return the newest publication.

        Raises:
            LogBreachError: when the stored map is not the one that a map-commit names.
            StorageError: the database failed.
        """
        with self._following:
            return self._load()

    def refresh(self) -> PublishedState | None:
        """Follow the store up to its newest publication and return it; None before the first.

        Raises:
            LogBreachError: when store and map-commits contradict each other.
            StorageError: the database failed.
        """
        with self._following:
            held = self._held
            if held is None:
                return self._load()
            size = held.size
            published = self._publications.published()
            stored = 0 if published is None else published[0]
            if stored < size:
                raise LogBreachError(
                    None,
                    f"已发布的规模由 {size} 退回 {stored}（数据库可能恢复自旧备份）",
                    f"the published size went back from {size} to {stored}: "
                    "was the database restored from a backup?",
                )
            if stored == size or self._follow(held):
                return held.state
            return self._load()

    def check_heads(self, keys: Iterable[bytes], heads: Mapping[bytes, Head], size: int) -> None:
        """Check that stored heads are those of the state with this size.

        Args:
            keys: The keys that were asked for.
            heads: Those of them that are stored.
            size: The size that the caller started from.

        Raises:
            LogBreachError: when a head is another one, missing, or one too many.
            MapMovedError: when the map is not at this size any more.
        """
        with self._lock:
            tree = self._at(size).map
            for key in keys:
                head = heads.get(key)
                if tree.leaf(key) != (None if head is None else head_leaf(key, head)):
                    raise wrong_head(key)

    def preview(self, leaves: Mapping[bytes, bytes], size: int) -> tuple[bytes, int]:
        """Return root and number of keys after a change of the state with this size.

        Raises:
            MapMovedError: when that is not the state any more.
        """
        with self._lock:
            return self._at(size).map.preview(leaves)

    def advance(self, state: PublishedState, leaves: Mapping[bytes, bytes], size: int) -> None:
        """Go on from the state with this size to `state`; nothing happens if that is done.

        Raises:
            MapMovedError: when the map is at neither of them.
        """
        with self._lock:
            if self._held is not None and self._held.size == state.size:
                return
            held = self._at(size)
            held.map.update(leaves)
            held.size, held.state = state.size, state

    def prove(self, keys: Iterable[bytes]) -> MapView | None:
        """Locate keys in the present state; None before the first publication.

        The state may be older than the store's newest one: `refresh` first.
        """
        with self._lock:
            held = self._held
            if held is None or held.state is None:
                return None
            return MapView(held.state, {key: _locate(held.map, key) for key in keys})

    def _at(self, size: int) -> _Held:
        held = self._held
        if held is None or held.size != size:
            raise MapMovedError(f"the map is not at size {size} any more")
        return held

    def _load(self) -> PublishedState | None:
        before = self._publications.published()
        try:
            built = BucketedMap(self._publications.map_items())
        except FormatError as error:
            raise _broken(0 if before is None else before[0]) from error
        newest = read_published(self._reader, self._publications)
        base = self._base_of(built, newest, 0 if before is None else before[0])
        held = _Held(built, base)
        # While the items were read the log went on: follow up before anybody sees the map.
        if newest is not None and not self._follow(held):
            raise StorageUnavailableError("the publications move on faster than they can be read")
        with self._lock:
            self._held = held
        return held.state

    def _base_of(self, built: BucketedMap, newest: PublishedState | None, least: int) -> int:
        """Return the size of the publication that the items are of, at least `least`."""
        wanted = (built.root(), built.keys_total)
        size = 0 if newest is None else newest.size
        entry = None if newest is None else read_entry(newest.commit)
        while isinstance(entry, MapCommitEntry) and size >= least:
            if (entry.head_map, entry.keys_total) == wanted:
                return size
            if entry.previous is None:
                break
            size = entry.previous + 1
            entry = read_entry(map_commit_at(self._reader, entry.previous))
        if least == 0 and not built.keys_total:
            return 0
        raise _broken(0 if newest is None else newest.size)

    def _follow(self, held: _Held) -> bool:
        """Bring a map to the store's newest publication; tell whether it got there."""
        for _ in range(_TRIES):
            base = held.size
            newest = read_published(self._reader, self._publications)
            if newest is None:
                return False
            # These may be newer already; then the root differs, and all is read again.
            keys = touched_between(self._reader, base, newest.size)
            leaves = leaves_of(self._publications.heads(keys))
            with self._lock:
                if held.size > base:
                    # The publisher was faster.
                    return True
                if held.map.preview(leaves) == (newest.head_map, newest.keys_total):
                    held.map.update(leaves)
                    held.size, held.state = newest.size, newest
                    return True
        return False


def _locate(tree: BucketedMap, key: bytes) -> Located | None:
    found = tree.locate(key)
    if found is None:
        return None
    return Located(found[0], tree.leaf(found[0]) or b"", found[1])


def _broken(size: int) -> LogBreachError:
    return LogBreachError(
        size - 1 if size else None,
        f"存储的头部映射与规模 {size} 的 map-commit 不符",
        f"the stored head map is not the one that the map-commit at size {size} names",
    )
