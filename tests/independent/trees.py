"""Merkle trees of RFC 6962 section 2.1 with SHA-256, written as the RFC defines them."""

import hashlib
from collections.abc import Sequence

HASH_SIZE = 32


def leaf_hash(data: bytes) -> bytes:
    """Return SHA-256(0x00 ‖ data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def _split(size: int) -> int:
    """Return the largest power of two smaller than size, for size > 1."""
    return 1 << ((size - 1).bit_length() - 1)


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes (RFC 6962 section 2.1, MTH)."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    middle = _split(len(leaves))
    return node_hash(root_of(leaves[:middle]), root_of(leaves[middle:]))


def path_of(position: int, leaves: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return the audit path of a leaf, leaf to root (RFC 6962 section 2.1.1, PATH)."""
    if len(leaves) == 1:
        return ()
    middle = _split(len(leaves))
    if position < middle:
        return (*path_of(position, leaves[:middle]), root_of(leaves[middle:]))
    return (*path_of(position - middle, leaves[middle:]), root_of(leaves[:middle]))


def root_from_path(leaf: bytes, position: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root that a leaf and its audit path lead to; None when the path cannot be one."""
    if not 0 <= position < size or any(len(step) != HASH_SIZE for step in path):
        return None
    if size == 1:
        return None if path else leaf
    if not path:
        return None
    middle = _split(size)
    if position < middle:
        left = root_from_path(leaf, position, middle, path[:-1])
        return None if left is None else node_hash(left, path[-1])
    right = root_from_path(leaf, position - middle, size - middle, path[:-1])
    return None if right is None else node_hash(path[-1], right)
