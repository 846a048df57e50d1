"""Changes to stored rows, batches and tiles, as somebody with access to the database makes them."""

import json
from dataclasses import replace
from itertools import pairwise

from ledger.application.ports import OwnRow, StoredBatch
from ledger.log.tiles import new_tiles
from tests.independent import head_map as independent
from tests.independent.entries import canonical_json
from tests.independent.trees import leaf_hash, root_of
from tests.unit.application.memory_storage import MemoryStorage


def edit(storage: MemoryStorage, index: int, **changes: object) -> None:
    row = storage.rows_by_index[index]
    storage.rows_by_index[index] = replace(row, **changes)  # type: ignore[arg-type]


def edit_members(storage: MemoryStorage, index: int, **members: object) -> None:
    """Set members of an entry; None takes one away."""
    row = storage.rows_by_index[index]
    assert row.entry is not None
    document = {**json.loads(row.entry), **members}
    kept = {name: value for name, value in document.items() if value is not None}
    edit(storage, index, entry=canonical_json(kept))


def rewrite(storage: MemoryStorage, index: int, shift: int = 1) -> list[int]:
    """Change the time of an entry, and chain the rest of its stream to it; return the indexes."""
    row = storage.row(index)
    assert row is not None
    edit_members(storage, index, recorded=row.recorded_us + shift)
    edit(storage, index, recorded_us=row.recorded_us + shift)
    rows = storage.stream_rows(row.stream)
    changed = [index]
    for before, after in pairwise(rows):
        if after.index > index:
            previous = storage.rows_by_index[before.index].entry or b""
            edit_members(storage, after.index, prev=leaf_hash(previous).hex())
            changed.append(after.index)
    return changed


def rewrite_tiles(storage: MemoryStorage, levels: int = 64) -> None:
    """Make the tiles anew from the entries, up to a level."""
    hashes = [leaf_hash(entry) for index, entry in storage.entries(0, 400) if index < 320]
    for tile, data in new_tiles(0, hashes, lambda _level, _n: b"").items():
        if tile.level < levels:
            storage.tiles[tile.level, tile.n] = data


def rewrite_commit(storage: MemoryStorage, index: int) -> None:
    """Make a map-commit anew for the entries that are there now."""
    entries = [entry for at, entry in storage.entries(0, 400) if at < index]
    values = independent.heads(entries)
    tree = root_of([leaf_hash(entry) for entry in entries])
    edit_members(storage, index, tree=tree.hex(), map=independent.map_root(values).hex())


def batch_of(storage: MemoryStorage, index: int) -> StoredBatch:
    row = storage.row(index)
    assert row is not None
    return storage.batches[row.batch_name]


def edit_batch(storage: MemoryStorage, index: int, **changes: object) -> None:
    batch = batch_of(storage, index)
    storage.batches[batch.name] = replace(batch, **changes)  # type: ignore[arg-type]


def event_of(storage: MemoryStorage, index: int) -> bytes:
    row = storage.row(index)
    assert row is not None
    return row.event


def flip(data: bytes, at: int = -1) -> bytes:
    edited = bytearray(data)
    edited[at] ^= 1
    return bytes(edited)


def flip_tile(storage: MemoryStorage, level: int, n: int, at: int) -> None:
    storage.tiles[level, n] = flip(storage.tiles[level, n], at * 32)


def insert(storage: MemoryStorage, index: int) -> None:
    row = storage.row(index - 1)
    assert row is not None
    storage.insert_before(index, row)


def put_own(storage: MemoryStorage, index: int, entry: bytes | None) -> None:
    recorded = storage.rows_by_index[index].recorded_us
    storage.rows_by_index[index] = OwnRow(index, entry, recorded)


def delete_behind_slot(storage: MemoryStorage) -> None:
    row = storage.rows_by_index.pop(322)
    storage.rows_by_index[323] = replace(row, index=323)


def forge(storage: MemoryStorage, index: int) -> None:
    """Put another event in place, with entry, leaves and chain to match, but no signature."""
    event = flip(event_of(storage, index), 5)
    batch = batch_of(storage, index)
    leaves = leaf_hash(event) + batch.leaves[32:]
    root = root_of([leaves[at : at + 32] for at in range(0, len(leaves), 32)])
    forged = replace(batch, root=root, leaves=leaves)
    storage.batches[forged.name] = forged
    edit(storage, index, event=event, batch_name=forged.name)
    edit_members(storage, index, payload=leaf_hash(event).hex())
    edit(storage, index, entry=storage.rows_by_index[index].entry)


def other_root(note: str) -> str:
    lines = note.split("\n")
    lines[2] = "A" * 43 + "="
    return "\n".join(lines)
