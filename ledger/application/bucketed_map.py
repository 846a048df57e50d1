"""The whole head map in memory, as packed buckets below a `TopTree` (docs/formats.md section 6).

A bucket is one bytes object, 64 bytes for each key (key ‖ map leaf hash) in order of the keys: ten
million keys take about 0.7 GB. The number of buckets follows the number of keys, so that one holds
8 to 16 of them after a build; it never changes the root.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from ledger.log.errors import FormatError
from ledger.log.head_map import (
    MAX_BUCKET_BITS,
    Item,
    Steps,
    TopTree,
    bucket_hash,
    bucket_of,
    locate,
)
from ledger.log.merkle import HASH_SIZE

_PAIR: Final = 2 * HASH_SIZE
_LEAST_BITS: Final = 8
# 2^3 to 2^4 keys in a bucket after a build, up to four times as many before the next.
_FILL_BITS: Final = 4
_GROWTH_BITS: Final = 2


def bits_for(keys: int) -> int:
    """Return into how many buckets (as a power of two) a map with so many keys is cut."""
    return min(max(keys.bit_length() - _FILL_BITS, _LEAST_BITS), MAX_BUCKET_BITS)


def _unpack(bucket: bytes) -> list[Item]:
    return [
        (bucket[at : at + HASH_SIZE], bucket[at + HASH_SIZE : at + _PAIR])
        for at in range(0, len(bucket), _PAIR)
    ]


def _pack(items: Sequence[Item]) -> bytes:
    return b"".join(key + leaf for key, leaf in items)


@dataclass(slots=True)
class _Change:
    """What setting leaf hashes changes: the number of keys, and buckets with their hashes."""

    leaves: Mapping[bytes, bytes]
    keys_total: int
    buckets: dict[int, bytes]
    hashes: dict[int, bytes | None]


class BucketedMap:
    """Keys and map leaf hashes of a head map. Not safe for concurrent use."""

    __slots__ = ("_buckets", "_hashes", "_keys_total", "_previewed", "_top")

    def __init__(self, items: Sequence[Item] = ()) -> None:
        """Build the map from all of its items, sorted by key.

        Raises:
            FormatError: when the keys are not 32 bytes and strictly ascending.
        """
        self._previewed: _Change | None = None
        self._build(items)

    def _build(self, items: Sequence[Item]) -> None:
        bits = bits_for(len(items))
        self._keys_total = len(items)
        self._top = TopTree(bits)
        self._buckets = [b""] * (1 << bits)
        self._hashes: list[bytes | None] = [None] * (1 << bits)
        last = -1
        for bucket, group in groupby(items, key=lambda item: bucket_of(item[0], bits)):
            members = list(group)
            # `bucket_hash` checks the order inside of a bucket.
            if bucket <= last or any(len(key + leaf) != _PAIR for key, leaf in members):
                raise FormatError("the items of a head map are not sorted pairs of hashes")
            self._buckets[bucket], self._hashes[bucket] = _pack(members), bucket_hash(members)
            last = bucket
        self._top.update(dict(enumerate(self._hashes)))

    @property
    def keys_total(self) -> int:
        """The number of keys."""
        return self._keys_total

    def root(self) -> bytes:
        """Return the root of the map."""
        return self._top.root()

    def items(self) -> list[Item]:
        """Return all items, sorted by key."""
        return [item for bucket in self._buckets for item in _unpack(bucket)]

    def leaf(self, key: bytes) -> bytes | None:
        """Return the map leaf hash of a key, None when the map does not hold it."""
        bucket = self._buckets[bucket_of(key, self._top.bits)]
        at = bucket.find(key)
        # Found across a boundary it is no key, but nobody makes hashes that overlap so.
        while at % _PAIR and at != -1:
            at = bucket.find(key, at + 1)
        return None if at == -1 else bucket[at + HASH_SIZE : at + _PAIR]

    def locate(self, key: bytes) -> tuple[bytes, Steps] | None:
        """Return the leaf that proves presence or absence of a key; see `head_map.locate`."""
        return locate(self._top, self._read, key)

    def preview(self, leaves: Mapping[bytes, bytes]) -> tuple[bytes, int]:
        """Return root and number of keys that the map would have with these leaf hashes set."""
        change = self._previewed = self._change(leaves)
        before = {bucket: self._hashes[bucket] for bucket in change.hashes}
        self._top.update(change.hashes)
        try:
            return self._top.root(), change.keys_total
        finally:
            self._top.update(before)

    def update(self, leaves: Mapping[bytes, bytes]) -> None:
        """Set map leaf hashes by key."""
        previewed, self._previewed = self._previewed, None
        # What follows a preview is most often what was previewed; it is not hashed again.
        fits = previewed is not None and previewed.leaves == leaves
        change = previewed if previewed is not None and fits else self._change(leaves)
        self._keys_total = change.keys_total
        for bucket, packed in change.buckets.items():
            self._buckets[bucket], self._hashes[bucket] = packed, change.hashes[bucket]
        self._top.update(change.hashes)
        if bits_for(self._keys_total) >= self._top.bits + _GROWTH_BITS:
            self._build(self.items())

    def _read(self, bucket: int) -> list[Item]:
        return _unpack(self._buckets[bucket])

    def _change(self, leaves: Mapping[bytes, bytes]) -> "_Change":
        """Return every touched bucket as it would be."""
        touched: dict[int, dict[bytes, bytes]] = {}
        for key, leaf in leaves.items():
            if len(key + leaf) != _PAIR:
                raise FormatError("an item of a head map is not a pair of hashes")
            touched.setdefault(bucket_of(key, self._top.bits), {})[key] = leaf
        change = _Change(dict(leaves), self._keys_total, {}, {})
        for bucket, new in touched.items():
            items = sorted({**dict(self._read(bucket)), **new}.items())
            packed = _pack(items)
            change.keys_total += (len(packed) - len(self._buckets[bucket])) // _PAIR
            change.buckets[bucket], change.hashes[bucket] = packed, bucket_hash(items)
        return change
