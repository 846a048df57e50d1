"""A bounded cache whose changes can be taken back: what a refused request set is undone."""

from typing import Final, Generic, TypeVar, cast

Value = TypeVar("Value")
_ABSENT: Final = object()


class Cache(Generic[Value]):
    """A map from an id to a value, None for "known to be absent".

    Two generations: when the young one is full it becomes the old one, and what is used again moves
    back. So at most twice the limit is kept, and what is in use stays. Between `begin` and `keep`
    or `undo` every change is noted, so that `undo` takes all of them back.
    """

    __slots__ = ("_changes", "_limit", "_old", "_young")

    def __init__(self, limit: int) -> None:
        """Keep between `limit` and twice as many values."""
        self._limit = limit
        self._young: dict[bytes, Value | None] = {}
        self._old: dict[bytes, Value | None] = {}
        self._changes: list[tuple[bytes, object]] = []

    def __contains__(self, key: bytes) -> bool:
        return key in self._young or key in self._old

    def get(self, key: bytes) -> Value | None:
        """Return the value; None when it is absent or not known."""
        found = self._young.get(key, _ABSENT)
        if found is _ABSENT:
            found = self._old.get(key, _ABSENT)
            if found is _ABSENT:
                return None
            self._young[key] = cast("Value | None", found)
        return cast("Value | None", found)

    def set(self, key: bytes, value: Value | None) -> None:
        """Set a value."""
        self._changes.append((key, self._young.get(key, _ABSENT)))
        self._young[key] = value

    def begin(self) -> None:
        """Begin to note changes."""
        self._changes.clear()

    def undo(self) -> None:
        """Take back what was set since `begin`."""
        for key, before in reversed(self._changes):
            if before is _ABSENT:
                del self._young[key]
            else:
                self._young[key] = cast("Value | None", before)
        self._changes.clear()

    def discard(self, key: bytes) -> None:
        """Forget one value, if it is known. Not between `begin` and `undo`."""
        self._young.pop(key, None)
        self._old.pop(key, None)

    def turn(self) -> None:
        """Drop the old generation when the young one is full; called between groups only."""
        self._changes.clear()
        if len(self._young) > self._limit:
            self._old, self._young = self._young, {}

    def clear(self) -> None:
        """Forget everything."""
        self._changes.clear()
        self._young.clear()
        self._old.clear()
