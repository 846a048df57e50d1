"""Publications recomputed by the second implementation, and logs to publish."""

import json

from ledger.application.checkpoint_register import RegisteredCheckpoint
from ledger.application.log_check import check_log
from ledger.log.checkpoints import OpenedCheckpoint, open_checkpoint
from ledger.log.tiles import tile_width
from tests.independent import head_map as independent
from tests.independent.entries import canonical_json
from tests.independent.trees import leaf_hash, root_of
from tests.unit.application.memory_storage import MemoryStorage
from tests.unit.application.written_log import Ledger
from tests.unit.clients.verifier.small_log import ORIGIN, trust_file

TRUST = trust_file()


def opened(note: str) -> OpenedCheckpoint:
    return open_checkpoint(note, TRUST.verifiers())


def stored_entries(storage: MemoryStorage, size: int) -> list[bytes]:
    found = [data for index, data in storage.entries(0, size) if index < size]
    assert len(found) == size
    return found


def due_commit(entries: list[bytes], previous: int | None) -> bytes:
    """The map-commit behind these entries, by the second implementation."""
    values = independent.heads(entries)
    document: dict[str, object] = {
        "covers": len(entries),
        "keys_total": len(values),
        "kind": "map-commit",
        "map": independent.map_root(values).hex(),
        "recorded": json.loads(entries[-1])["recorded"],
        "tree": root_of([leaf_hash(entry) for entry in entries]).hex(),
        "v": 1,
    }
    return canonical_json(document if previous is None else {**document, "previous": previous})


def check_everything(ledger: Ledger) -> None:
    """Compare all publications of a ledger with a recomputation from its entries."""
    storage, previous = ledger.storage, None
    for size, note in sorted(storage.notes.items()):
        entries = stored_entries(storage, size)
        assert entries[-1] == due_commit(entries[:-1], previous)
        tree = opened(note).checkpoint
        assert (tree.origin, tree.size) == (ORIGIN, size)
        assert tree.root == root_of([leaf_hash(entry) for entry in entries])
        previous = size - 1
    size, note = max(storage.notes.items())
    tree = opened(note).checkpoint
    assert ledger.register.held == RegisteredCheckpoint(size, tree.root, note)
    for level, n in storage.tiles:
        assert len(storage.tiles[level, n]) == 32 * tile_width(level, n, size)
    report = check_log(storage, storage, TRUST, ledger.register)
    assert report.finding is None
    assert report.checkpoints == len(storage.notes)


def with_slot(last: int = 3) -> Ledger:
    """Entries 0 to 5 are published; 6 to 9 are sign-ins of learners 1, 2, 1, last; 10 is a slot."""
    ledger = Ledger()
    ledger.log.fill(ledger.publish().size - 1)
    for learner in (1, 2, 1, last):
        ledger.log.sign_in(learner)
    assert ledger.log.slot() == 10
    return ledger
