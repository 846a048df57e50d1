"""Maps in layers: a request's changes over its group's over the cache, kept or dropped whole."""

from typing import Generic, TypeVar, cast

Value = TypeVar("Value")
_ABSENT = object()


class Cache(Generic[Value]):
    """A bounded map from an id to a value, None for "known to be absent".

    Two generations: when the young one is full it becomes the old one, and what is used again moves
    back. So at most twice the limit is kept, and what is in use stays.
    """

    __slots__ = ("_limit", "_old", "_young")

    def __init__(self, limit: int) -> None:
        """Keep between `limit` and twice as many values."""
        self._limit = limit
        self._young: dict[bytes, Value | None] = {}
        self._old: dict[bytes, Value | None] = {}

    def __contains__(self, key: bytes) -> bool:
        return key in self._young or key in self._old

    def get(self, key: bytes) -> Value | None:
        """Return the value; None when it is absent or not known."""
        found = self._young.get(key, _ABSENT)
        if found is not _ABSENT:
            return cast("Value | None", found)
        found = self._old.get(key, _ABSENT)
        if found is _ABSENT:
            return None
        value = cast("Value | None", found)
        self._young[key] = value
        return value

    def set(self, key: bytes, value: Value | None) -> None:
        """Set a value."""
        self._young[key] = value

    def discard(self, key: bytes) -> None:
        """Forget one value, if it is known."""
        self._young.pop(key, None)
        self._old.pop(key, None)

    def turn(self) -> None:
        """Drop the old generation when the young one is full; called between groups only."""
        if len(self._young) > self._limit:
            self._old, self._young = self._young, {}

    def clear(self) -> None:
        """Forget everything."""
        self._young.clear()
        self._old.clear()


class Overlay(Generic[Value]):
    """Changes over a cache or another overlay."""

    __slots__ = ("_below", "_own")

    def __init__(self, below: "Cache[Value] | Overlay[Value]") -> None:
        """Lay an empty layer over `below`."""
        self._below = below
        self._own: dict[bytes, Value | None] = {}

    def get(self, key: bytes) -> Value | None:
        """Return the value, the uppermost layer first."""
        found = self._own.get(key, _ABSENT)
        return self._below.get(key) if found is _ABSENT else cast("Value | None", found)

    def set(self, key: bytes, value: Value | None) -> None:
        """Set a value in this layer."""
        self._own[key] = value

    def settle(self) -> None:
        """Move this layer's changes into the one below."""
        for key, value in self._own.items():
            self._below.set(key, value)
        self._own.clear()
