"""The head map: a Merkle-Patricia map from a key to the head of all entries that touched it.

Hash encoding (Russ Cox's `mpt`)::

    empty map  SHA-256("")
    leaf       SHA-256(key ‖ value)                  64 bytes in
    inner      SHA-256(left ‖ right ‖ byte(bit))     65 bytes in; bit = first bit in which the two
                                                     sides differ, 0 = top bit of byte 0

An only child passes up unchanged, so the root is a function of the set of (key, value) alone: not
of the order of updates, and not of the number of buckets that `TopTree` cuts the map into.

The map is held as buckets by the top bits of the key: the items of one bucket are hashed as a
whole, the tree above the buckets is kept in memory. Updates are cheapest when `bits` is chosen so
that a bucket holds about 8 to 16 keys.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import TypeAlias

from ledger.log.errors import FormatError, ProofError
from ledger.log.merkle import HASH_SIZE, CompactRange, leaf_hash

KEY_BITS = 256
BUCKET_BITS = 12
MAX_BUCKET_BITS = 24
EMPTY_MAP_ROOT = sha256(b"").digest()

HEAD_DOMAIN = b"head/v1\n"
STEP_SIZE = 1 + HASH_SIZE
OTHER_SIZE = 2 * HASH_SIZE
MAX_PROOF_SIZE = OTHER_SIZE + KEY_BITS * STEP_SIZE

Item: TypeAlias = tuple[bytes, bytes]
"""A key of the map (32 bytes) and its map leaf hash (32 bytes)."""

Steps: TypeAlias = tuple[tuple[int, bytes], ...]
"""(bit, sibling hash) from the leaf up to the root, bits strictly decreasing."""


def _be64(number: int) -> bytes:
    try:
        return number.to_bytes(8, "big")
    except OverflowError as error:
        raise FormatError(f"{number} is not an unsigned 64-bit number") from error


def _check_hashes(*hashes: bytes) -> None:
    for value in hashes:
        if len(value) != HASH_SIZE:
            raise FormatError(f"a hash of {len(value)} bytes where {HASH_SIZE} are due")


def map_key(namespace: str, identifier: bytes) -> bytes:
    """Return the map key SHA-256(namespace ‖ 0x00 ‖ identifier).

    Raises:
        FormatError: when the namespace is empty, not ASCII, or holds a NUL.
    """
    if not namespace or not namespace.isascii() or "\0" in namespace:
        raise FormatError(f"{namespace!r} is not a head-map namespace")
    return sha256(namespace.encode("ascii") + b"\0" + identifier).digest()


def head_value(count: int, last_index: int, head: bytes, root: bytes) -> bytes:
    r"""Return the map value that commits to a head.

    SHA-256("head/v1\n" ‖ be64 count ‖ be64 last index ‖ head hash ‖ the key's own root).

    Raises:
        FormatError: when a number does not fit 64 bits or a hash is not 32 bytes.
    """
    _check_hashes(head, root)
    return sha256(HEAD_DOMAIN + _be64(count) + _be64(last_index) + head + root).digest()


def map_leaf(key: bytes, value: bytes) -> bytes:
    """Return the map leaf hash SHA-256(key ‖ value), both 32 bytes."""
    return sha256(key + value).digest()


def located_leaf(index: int, entry_hash: bytes) -> bytes:
    """Return the RFC 6962 leaf hash of (index as 8 bytes big endian ‖ entry hash).

    Raises:
        FormatError: when the index does not fit 64 bits or the hash is not 32 bytes.
    """
    _check_hashes(entry_hash)
    return leaf_hash(_be64(index) + entry_hash)


@dataclass(frozen=True, slots=True)
class Head:
    """What the map says of one key: how many entries, which one is last, and their own tree.

    Attributes:
        count: number of entries that touched the key, at least 1.
        last_index: log index of the last of them.
        head_hash: its entry hash, 32 bytes.
        range: right edge of the tree over the `located_leaf` of each of them.
    """

    count: int
    last_index: int
    head_hash: bytes
    range: CompactRange

    @classmethod
    def first(cls, index: int, entry_hash: bytes) -> "Head":
        """Return the head of a key after the first entry that touched it."""
        return cls(1, index, entry_hash, CompactRange(1, (located_leaf(index, entry_hash),)))

    def advance(self, index: int, entry_hash: bytes) -> "Head":
        """Return the head after one more entry.

        Raises:
            FormatError: when `index` does not lie behind the last one.
        """
        if index <= self.last_index:
            raise FormatError(
                f"entry {index} does not follow entry {self.last_index} of the same key"
            )
        grown = self.range.append(located_leaf(index, entry_hash))
        return Head(self.count + 1, index, entry_hash, grown)

    @property
    def root(self) -> bytes:
        """The key's own RFC 6962 root over its located entries."""
        return self.range.root()

    def value(self) -> bytes:
        """Return the map value of this head."""
        return head_value(self.count, self.last_index, self.head_hash, self.range.root())


def bucket_of(key: bytes, bits: int = BUCKET_BITS) -> int:
    """Return the bucket of a key: its top `bits` bits as a number."""
    return int.from_bytes(key[:4], "big") >> (32 - bits)


def _bit(key: bytes, bit: int) -> int:
    return key[bit >> 3] >> (7 - (bit & 7)) & 1


def _first_difference(one: bytes, other: bytes) -> int:
    return KEY_BITS - (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_length()


def bucket_hash(items: Sequence[Item]) -> bytes | None:
    """Return the hash of the subtree over items sorted by key, None for no items.

    One pass from left to right: a subtree is closed as soon as a later key parts from it in a
    higher bit, so nothing is sliced and nothing recurses.

    Raises:
        FormatError: when the keys are not strictly ascending.
    """
    if not items:
        return None
    hash_, from_bytes = sha256, int.from_bytes
    open_bits: list[int] = []
    lefts: list[bytes] = []
    key, current = items[0]
    previous = from_bytes(key, "big")
    for key, leaf in items[1:]:
        number = from_bytes(key, "big")
        if number <= previous:
            raise FormatError("the keys of a bucket are not strictly ascending")
        bit = KEY_BITS - (number ^ previous).bit_length()
        while open_bits and open_bits[-1] > bit:
            current = hash_(lefts.pop() + current + bytes((open_bits.pop(),))).digest()
        open_bits.append(bit)
        lefts.append(current)
        current, previous = leaf, number
    while open_bits:
        current = hash_(lefts.pop() + current + bytes((open_bits.pop(),))).digest()
    return current


def map_root(items: Sequence[Item]) -> bytes:
    """Return the root of the map that holds exactly these items, sorted by key.

    Raises:
        FormatError: when the keys are not strictly ascending.
    """
    return bucket_hash(items) or EMPTY_MAP_ROOT


def bucket_proof(items: Sequence[Item], key: bytes) -> tuple[bytes, Steps]:
    """Follow `key` down the subtree over `items` (sorted by key, at least one).

    Returns:
        The key of the leaf where the walk ends, and the steps from it up to the subtree's root.
        It is `key` itself when the items hold it; otherwise it is the other key that proves
        its absence.

    Raises:
        FormatError: when there are no items or the keys are not strictly ascending.
    """
    if not items or any(left[0] >= right[0] for left, right in pairwise(items)):
        raise FormatError("a bucket is empty, or its keys are not strictly ascending")
    steps: list[tuple[int, bytes]] = []
    while len(items) > 1:
        bit = _first_difference(items[0][0], items[-1][0])
        # The last key has this bit set: cut its lower bits off for the least key of the right side.
        low = KEY_BITS - 1 - bit
        least = (int.from_bytes(items[-1][0], "big") >> low << low).to_bytes(HASH_SIZE, "big")
        cut = bisect_left(items, (least, b""))
        near, far = items[:cut], items[cut:]
        if _bit(key, bit):
            near, far = far, near
        steps.append((bit, map_root(far)))
        items = near
    steps.reverse()
    return items[0][0], tuple(steps)


class TopTree:
    """The tree above the buckets: 2^bits bucket hashes and the inner nodes over them.

    Nodes lie in one array as in a binary heap: node 1 is the root, node n has the children 2n and
    2n + 1, bucket b is node 2^bits + b. None is an empty subtree. Not safe for concurrent use.
    """

    __slots__ = ("_nodes", "bits")

    def __init__(self, bits: int = BUCKET_BITS) -> None:
        """Make the tree of an empty map with 2^`bits` buckets.

        Raises:
            FormatError: when `bits` is not in 0..24.
        """
        if not 0 <= bits <= MAX_BUCKET_BITS:
            raise FormatError(f"bucket bits {bits} are not in 0..{MAX_BUCKET_BITS}")
        self.bits = bits
        self._nodes: list[bytes | None] = [None] * (2 << bits)

    def update(self, changed: Mapping[int, bytes | None]) -> None:
        """Set the hashes of changed buckets and rehash each touched upper node once.

        Raises:
            FormatError: when a bucket number is out of range; nothing has changed then.
        """
        base, nodes, hash_ = 1 << self.bits, self._nodes, sha256
        if changed and not (min(changed) >= 0 and max(changed) < base):
            raise FormatError(f"a bucket number is not in 0..{base - 1}")
        for bucket, value in changed.items():
            nodes[base + bucket] = value
        touched = {(base + bucket) >> 1 for bucket in changed}
        for depth in range(self.bits - 1, -1, -1):
            suffix = bytes((depth,))
            for node in touched:
                left, right = nodes[2 * node], nodes[2 * node + 1]
                if left is not None and right is not None:
                    nodes[node] = hash_(left + right + suffix).digest()
                else:
                    nodes[node] = right if left is None else left
            touched = {node >> 1 for node in touched}

    def root(self) -> bytes:
        """Return the root of the whole map."""
        return self._nodes[1] or EMPTY_MAP_ROOT

    def nearest(self, bucket: int) -> int | None:
        """Return the non-empty bucket in which a walk towards `bucket` ends, None if all are empty.

        The walk takes the wanted side wherever both exist, and the only child elsewhere.
        """
        nodes, node = self._nodes, 1
        if nodes[node] is None:
            return None
        for shift in range(self.bits - 1, -1, -1):
            node = 2 * node + (bucket >> shift & 1)
            if nodes[node] is None:
                node ^= 1
        return node - (1 << self.bits)

    def proof_steps(self, bucket: int) -> Steps:
        """Return the steps from a non-empty bucket's hash up to the root."""
        nodes, node = self._nodes, (1 << self.bits) + bucket
        steps = []
        for depth in range(self.bits - 1, -1, -1):
            sibling = nodes[node ^ 1]
            if sibling is not None:
                steps.append((depth, sibling))
            node >>= 1
        return tuple(steps)


def locate(
    top: TopTree, read_bucket: Callable[[int], Sequence[Item]], key: bytes
) -> tuple[bytes, Steps] | None:
    """Find the leaf that proves presence or absence of `key` in a bucketed map.

    Args:
        top: the tree above the buckets.
        read_bucket: returns the items of one bucket sorted by key, in the state of `top`; it is
            called at most once.
        key: the map key asked for, 32 bytes.

    Returns:
        The key of that leaf (`key` itself, or another one when `key` is absent) and the steps
        from it to the map root; None for the empty map.
    """
    bucket = top.nearest(bucket_of(key, top.bits))
    if bucket is None:
        return None
    found, steps = bucket_proof(read_bucket(bucket), key)
    return found, steps + top.proof_steps(bucket)


@dataclass(frozen=True, slots=True)
class MapProof:
    """Proof that a key is in the map with a value, or that it is not in the map.

    Attributes:
        steps: (bit, sibling) from the leaf to the root, bits strictly decreasing.
        other: for absence in a non-empty map, the (key, value) of the leaf that stands where the
            key would be. None for presence, and for absence in the empty map.
    """

    steps: Steps = ()
    other: tuple[bytes, bytes] | None = None

    def to_bytes(self) -> bytes:
        """Return [other key ‖ other value ‖] (bit ‖ sibling)*; the length tells which it is."""
        head = b"" if self.other is None else self.other[0] + self.other[1]
        return head + b"".join(bytes((bit,)) + sibling for bit, sibling in self.steps)

    @classmethod
    def from_bytes(cls, data: bytes) -> "MapProof":
        """Parse the canonical form.

        Raises:
            FormatError: when the length is impossible or the bits are not strictly decreasing.
        """
        extra = len(data) % STEP_SIZE
        fits = len(data) >= OTHER_SIZE if extra == OTHER_SIZE % STEP_SIZE else extra == 0
        if len(data) > MAX_PROOF_SIZE or not fits:
            raise FormatError(f"{len(data)} bytes are not a head-map proof")
        other, start = None, 0
        if extra:
            other, start = (data[:HASH_SIZE], data[HASH_SIZE:OTHER_SIZE]), OTHER_SIZE
        steps = tuple(
            (data[at], data[at + 1 : at + STEP_SIZE]) for at in range(start, len(data), STEP_SIZE)
        )
        bits = [bit for bit, _ in steps]
        if any(lower <= upper for lower, upper in pairwise(bits)):
            raise FormatError("the bits of a head-map proof are not strictly decreasing")
        return cls(steps, other)


def _climb(key: bytes, at: bytes, value: bytes, steps: Steps) -> bytes:
    """Return the root above the leaf (at, value), on a path that `key` shares bit by bit."""
    if not len(key) == len(at) == len(value) == HASH_SIZE:
        raise ProofError("a key or value of a head-map proof is not 32 bytes")
    current, below = map_leaf(at, value), KEY_BITS
    for bit, sibling in steps:
        # The sibling's length keeps the 65 bytes of an inner node unambiguous.
        if not 0 <= bit < below or len(sibling) != HASH_SIZE or _bit(at, bit) != _bit(key, bit):
            raise ProofError(f"the step at bit {bit} of a head-map proof is wrong")
        pair = sibling + current if _bit(at, bit) else current + sibling
        current = sha256(pair + bytes((bit,))).digest()
        below = bit
    return current


def verify_presence(root: bytes, key: bytes, value: bytes, proof: MapProof) -> None:
    """Check that the map with this root holds `value` under `key`.

    Raises:
        ProofError: when the proof does not show it.
    """
    if proof.other is not None or _climb(key, key, value, proof.steps) != root:
        raise ProofError("the head-map proof does not show this value under this key")


def verify_absence(root: bytes, key: bytes, proof: MapProof) -> None:
    """Check that the map with this root does not hold `key`.

    The other leaf lies where a walk towards `key` ends. Were `key` in the map too, the two would
    part at an inner node on this path, whose bit they then could not share.

    Raises:
        ProofError: when the proof does not show it.
    """
    if proof.other is None:
        absent = not proof.steps and root == EMPTY_MAP_ROOT
    else:
        at, value = proof.other
        absent = at != key and _climb(key, at, value, proof.steps) == root
    if not absent:
        raise ProofError("the head-map proof does not show that this key is absent")
