"""RFC 6962 Merkle trees (section 2.1): hashing, audit paths, consistency proofs, compact ranges.

Hashes are 32 bytes of SHA-256. Trees are given as the sequence of their *leaf hashes*; sizes and
indexes count leaves from 0. Verification follows RFC 9162 sections 2.1.3.2 and 2.1.4.2, which
describe the same trees as RFC 6962 with explicit algorithms.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from ledger.log.errors import FormatError, ProofError

HASH_SIZE = 32
LEAF_PREFIX = b"\x00"
NODE_PREFIX = b"\x01"
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf's data: SHA-256(0x00 ‖ data)."""
    return sha256(LEAF_PREFIX + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(NODE_PREFIX + left + right).digest()


def _parents(level: Sequence[bytes]) -> list[bytes]:
    """Hash a level pairwise; a last node without a partner passes up unchanged."""
    hash_, prefix = sha256, NODE_PREFIX
    above = [
        hash_(prefix + left + right).digest()
        for left, right in zip(level[::2], level[1::2], strict=False)
    ]
    if len(level) & 1:
        above.append(level[-1])
    return above


def root(leaf_hashes: Sequence[bytes]) -> bytes:
    """Return the Merkle tree hash over `leaf_hashes`; `EMPTY_ROOT` for none."""
    if not leaf_hashes:
        return EMPTY_ROOT
    level = leaf_hashes
    while len(level) > 1:
        level = _parents(level)
    return level[0]


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """Return the leaf ranges [start, end) whose roots are the audit path, leaf's sibling first.

    Raises:
        ProofError: when `index` is not in a tree of `size` leaves.
    """
    if not 0 <= index < size:
        raise ProofError(f"index {index} is not in a tree of size {size}")
    ranges = []
    start, end = 0, size
    while end - start > 1:
        middle = start + (1 << ((end - start - 1).bit_length() - 1))
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    ranges.reverse()
    return ranges


def consistency_ranges(old_size: int, new_size: int) -> list[tuple[int, int]]:
    """Return the leaf ranges [start, end) whose roots are PROOF(old, D[new]) of RFC 6962 2.1.2.

    Raises:
        ProofError: when the sizes are not 0 <= old <= new.
    """
    if not 0 <= old_size <= new_size:
        raise ProofError(f"no tree of size {new_size} extends one of size {old_size}")
    if old_size == 0:
        return []
    ranges = []
    start, end = 0, new_size
    while end != old_size:
        middle = start + (1 << ((end - start - 1).bit_length() - 1))
        if old_size <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    # A subtree that starts at 0 is the old tree itself: the verifier knows its root.
    if start:
        ranges.append((start, end))
    ranges.reverse()
    return ranges


def inclusion_path(leaf_hashes: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """Return the audit path of one leaf, its sibling first.

    Raises:
        ProofError: when `index` is not in the tree.
    """
    ranges = inclusion_ranges(index, len(leaf_hashes))
    return tuple(root(leaf_hashes[start:end]) for start, end in ranges)


def all_inclusion_paths(leaf_hashes: Sequence[bytes]) -> list[tuple[bytes, ...]]:
    """Return the audit paths of every leaf, hashing each inner node once."""
    if not leaf_hashes:
        return []
    levels = [list(leaf_hashes)]
    while len(levels[-1]) > 1:
        levels.append(_parents(levels[-1]))
    paths: list[tuple[bytes, ...]] = [()]
    for level in reversed(levels[:-1]):
        # A node's path is its sibling, if it has one, followed by its parent's path.
        last = len(level) - 1
        paths = [
            (level[i ^ 1], *paths[i >> 1]) if i ^ 1 <= last else paths[i >> 1]
            for i in range(last + 1)
        ]
    return paths


def consistency_path(leaf_hashes: Sequence[bytes], old_size: int) -> tuple[bytes, ...]:
    """Return the proof that the tree of the first `old_size` leaves is a prefix of this one.

    Raises:
        ProofError: when `old_size` is larger than the tree.
    """
    ranges = consistency_ranges(old_size, len(leaf_hashes))
    return tuple(root(leaf_hashes[start:end]) for start, end in ranges)


def _check_hashes(*hashes: bytes) -> None:
    if any(len(value) != HASH_SIZE for value in hashes):
        raise ProofError(f"a hash of the proof is not {HASH_SIZE} bytes")


def root_from_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Return the root that an audit path leads to (RFC 9162 section 2.1.3.2).

    Raises:
        ProofError: when the index is outside the tree, or the path has not its exact length.
    """
    if not 0 <= index < size:
        raise ProofError(f"index {index} is not in a tree of size {size}")
    _check_hashes(leaf, *path)
    node, last, value = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise ProofError("the inclusion proof is too long")
        if node & 1 or node == last:
            value = node_hash(sibling, value)
            while node & 1 == 0 and node:
                node >>= 1
                last >>= 1
        else:
            value = node_hash(value, sibling)
        node >>= 1
        last >>= 1
    if last:
        raise ProofError("the inclusion proof is too short")
    return value


def verify_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], expected_root: bytes
) -> None:
    """Check that `leaf` stands at `index` of the tree with `size` leaves and this root.

    Raises:
        ProofError: when it does not.
    """
    if root_from_inclusion(leaf, index, size, path) != expected_root:
        raise ProofError(
            f"the inclusion proof of index {index} does not lead to the root of size {size}"
        )


def verify_consistency(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, path: Sequence[bytes]
) -> None:
    """Check that the new tree extends the old one (RFC 9162 section 2.1.4.2).

    Raises:
        ProofError: when it does not, or the path has not its exact length.
    """
    if len(path) != len(consistency_ranges(old_size, new_size)):
        raise ProofError(f"the consistency proof {old_size} to {new_size} has a wrong length")
    _check_hashes(old_root, new_root, *path)
    if old_size == 0:
        _expect(old_root == EMPTY_ROOT, old_size, new_size)
        _expect(new_size > 0 or new_root == EMPTY_ROOT, old_size, new_size)
        return
    if old_size == new_size:
        _expect(old_root == new_root, old_size, new_size)
        return
    # A complete old tree is a node of the new one; its root starts the climb.
    steps = [old_root, *path] if old_size & (old_size - 1) == 0 else list(path)
    node, last = old_size - 1, new_size - 1
    while node & 1:
        node >>= 1
        last >>= 1
    old_value = new_value = steps[0]
    for step in steps[1:]:
        if node & 1 or node == last:
            old_value = node_hash(step, old_value)
            new_value = node_hash(step, new_value)
            while node & 1 == 0 and node:
                node >>= 1
                last >>= 1
        else:
            new_value = node_hash(new_value, step)
        node >>= 1
        last >>= 1
    _expect(last == 0 and old_value == old_root and new_value == new_root, old_size, new_size)


def _expect(holds: bool, old_size: int, new_size: int) -> None:  # noqa: FBT001
    if not holds:
        raise ProofError(f"the trees of size {old_size} and {new_size} are not consistent")


@dataclass(frozen=True, slots=True)
class CompactRange:
    """The right edge of a tree: what is needed to append to it and to know its root.

    `hashes` are the roots of the complete subtrees that `size` splits into, the largest (left)
    one first; there are as many as `size` has one bits. A range is a value: `append` and `extend`
    return a new one. Build one from stored hashes with `from_hashes`, which checks the shape.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    @classmethod
    def from_hashes(cls, size: int, hashes: Iterable[bytes]) -> "CompactRange":
        """Return the range of `size` leaves with these subtree roots.

        Raises:
            FormatError: when number or length of the hashes do not fit the size.
        """
        edge = tuple(hashes)
        if size < 0 or len(edge) != size.bit_count() or any(len(h) != HASH_SIZE for h in edge):
            raise FormatError(f"{len(edge)} hashes are not the right edge of a tree of size {size}")
        return cls(size, edge)

    def append(self, leaf: bytes) -> "CompactRange":
        """Return the range with one more leaf hash: about one node hash, amortised."""
        size, hashes = self.size, self.hashes
        keep = len(hashes)
        while size & 1:
            keep -= 1
            leaf = sha256(NODE_PREFIX + hashes[keep] + leaf).digest()
            size >>= 1
        return CompactRange(self.size + 1, (*hashes[:keep], leaf))

    def extend(self, leaves: Iterable[bytes]) -> "CompactRange":
        """Return the range with many more leaf hashes, hashed level by level."""
        level = list(leaves)
        new_size = self.size + len(level)
        if new_size == self.size:
            return self
        old_bits, edge, kept = self.size, list(self.hashes), []
        # At each level the old edge's node, if any, stands left of the new ones; what then has
        # no partner is complete at this level and belongs to the new edge.
        while level or old_bits:
            if old_bits & 1:
                level.insert(0, edge.pop())
            if len(level) & 1:
                kept.append(level.pop())
            level = _parents(level)
            old_bits >>= 1
        kept.reverse()
        return CompactRange(new_size, tuple(kept))

    def root(self) -> bytes:
        """Return the root of the whole tree."""
        if not self.hashes:
            return EMPTY_ROOT
        value = self.hashes[-1]
        for left in self.hashes[-2::-1]:
            value = sha256(NODE_PREFIX + left + value).digest()
        return value
