"""The head map (docs/formats.md section 6): values, root and proofs, as pure recursion."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.independent.entries import entry_hash, read_entry
from tests.independent.identifiers import map_key
from tests.independent.trees import leaf_hash, root_of

_STEP_SIZE = 33


@dataclass(slots=True)
class _Head:
    """What the log says about one key so far."""

    last_index: int = 0
    last_hash: bytes = b""
    leaves: list[bytes] = field(default_factory=list)


def heads(entries: Sequence[bytes]) -> dict[bytes, bytes]:
    """Return the map, value by key, after a log's entries from index 0 on."""
    state: dict[bytes, _Head] = {}
    for index, data in enumerate(entries):
        entry = read_entry(data)
        if "stream" not in entry:
            continue
        keys = entry["keys"]
        touched = [bytes.fromhex(key) for key in keys] if isinstance(keys, list) else []
        touched.append(map_key("stream", str(entry["stream"]).encode()))
        for key in touched:
            head = state.setdefault(key, _Head())
            head.last_index, head.last_hash = index, entry_hash(data)
            head.leaves.append(leaf_hash(index.to_bytes(8) + head.last_hash))
    return {key: _value(head) for key, head in state.items()}


def _value(head: _Head) -> bytes:
    return map_value(len(head.leaves), head.last_index, head.last_hash, root_of(head.leaves))


def map_value(count: int, last_index: int, last_hash: bytes, root: bytes) -> bytes:
    """Return the value of a key."""
    return hashlib.sha256(
        b"head/v1\n" + count.to_bytes(8) + last_index.to_bytes(8) + last_hash + root
    ).digest()


def map_root(values: Mapping[bytes, bytes]) -> bytes:
    """Return the root of a map."""
    if not values:
        return hashlib.sha256(b"").digest()
    return _node(sorted(values.items()))


def _node(items: Sequence[tuple[bytes, bytes]]) -> bytes:
    if len(items) == 1:
        return _leaf(*items[0])
    bit = _first_difference(items[0][0], items[-1][0])
    middle = next(i for i, (key, _) in enumerate(items) if _bit(key, bit))
    return _inner(_node(items[:middle]), _node(items[middle:]), bit)


def _leaf(key: bytes, value: bytes) -> bytes:
    return hashlib.sha256(key + value).digest()


def _inner(left: bytes, right: bytes, bit: int) -> bytes:
    return hashlib.sha256(left + right + bytes([bit])).digest()


def _bit(key: bytes, bit: int) -> int:
    return key[bit // 8] >> (7 - bit % 8) & 1


def _first_difference(one: bytes, other: bytes) -> int:
    return 256 - (int.from_bytes(one) ^ int.from_bytes(other)).bit_length()


def prove(values: Mapping[bytes, bytes], key: bytes) -> bytes:
    """Return the presence proof of a key that is in the map: (bit ‖ sibling)*, leaf to root."""
    return b"".join(reversed(list(_steps(sorted(values.items()), key))))


def _steps(items: Sequence[tuple[bytes, bytes]], key: bytes) -> Iterator[bytes]:
    while len(items) > 1:
        bit = _first_difference(items[0][0], items[-1][0])
        middle = next(i for i, (other, _) in enumerate(items) if _bit(other, bit))
        sides = (items[:middle], items[middle:])
        side = _bit(key, bit)
        yield bytes([bit]) + _node(sides[1 - side])
        items = sides[side]


def root_from_proof(key: bytes, value: bytes, proof: bytes) -> bytes | None:
    """Return the root that a presence proof leads to; None when the bytes cannot be a proof."""
    if len(proof) % _STEP_SIZE:
        return None
    node, below = _leaf(key, value), 256
    for start in range(0, len(proof), _STEP_SIZE):
        bit, sibling = proof[start], proof[start + 1 : start + _STEP_SIZE]
        if bit >= below:
            return None
        node = _inner(sibling, node, bit) if _bit(key, bit) else _inner(node, sibling, bit)
        below = bit
    return node


def absent(key: bytes, other_key: bytes, other_value: bytes, proof: bytes, root: bytes) -> bool:
    """Tell whether another key's presence proof shows that a key is not in the map."""
    bits = [proof[start] for start in range(0, len(proof), _STEP_SIZE)]
    return (
        key != other_key
        and root_from_proof(other_key, other_value, proof) == root
        and all(_bit(key, bit) == _bit(other_key, bit) for bit in bits)
    )
