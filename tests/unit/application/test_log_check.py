"""The full check names the first entry at fault, whatever was done behind the ledger's back."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import pytest

from ledger.application.log_check import CheckReport, check_log
from ledger.log import dsse
from ledger.log.identifiers import key_id
from ledger.log.signatures import sign
from tests.unit.application.checked_log import TRUST, check, found, whole
from tests.unit.application.memory_storage import MemoryRegister, MemoryStorage
from tests.unit.application.tampering import (
    batch_of,
    delete_behind_slot,
    edit,
    edit_batch,
    edit_members,
    event_of,
    flip,
    flip_tile,
    forge,
    insert,
    other_root,
    put_own,
    rewrite,
    rewrite_commit,
    rewrite_tiles,
)
from tests.unit.application.written_log import Ledger
from tests.unit.clients.verifier.small_log import (
    ISSUER,
    LOG_KEYS,
    ROOT,
    STRANGER,
    author,
    spki,
    trust_file,
)


def test_a_log_in_order_is_counted_without_a_finding() -> None:
    storage, register = whole()
    progress: list[tuple[int, int]] = []
    report = check_log(
        storage, storage, TRUST, register, lambda done, total: progress.append((done, total))
    )
    # Ten learners, the cohort, a certificate and its number; two keys, an institution and its list.
    assert report == CheckReport(323, 320, 317, 317, 3, 3, 18, None)
    assert progress == [(323, 323)]


def test_an_empty_log_and_one_without_a_publication_are_in_order() -> None:
    empty = MemoryStorage()
    assert check(empty, MemoryRegister()) == CheckReport(0, 0, 0, 0, 0, 0, 0, None)
    ledger = Ledger()
    report = check(ledger.storage, ledger.register)
    assert (report.size, report.events, report.finding) == (5, 3, None)


Change = Callable[[MemoryStorage], object]

# What was done, and the index that has to be named.
CHANGES: dict[str, tuple[Change, int | None]] = {
    "an updated entry": (lambda s: edit_members(s, 100, payload="00" * 32), 100),
    "an updated time": (lambda s: rewrite(s, 100), 100),
    "an updated time of an entry that is not published": (
        lambda s: edit_members(s, 320, recorded=1),
        320,
    ),
    "an entry cut short": (lambda s: edit(s, 100, entry=b"{}"), 100),
    "an edited event": (lambda s: edit(s, 100, event=flip(event_of(s, 100))), 100),
    "an event with its leaf": (lambda s: forge(s, 100), 100),
    "an event erased": (lambda s: edit(s, 100, event=b""), 100),
    "an edited event behind the slot": (lambda s: edit(s, 322, event=event_of(s, 320)), 322),
    "a column": (lambda s: edit(s, 100, cohort=None), 100),
    "a guest that the event does not name": (lambda s: edit(s, 100, guests=bytes(16)), 100),
    "a deleted row": (lambda s: s.remove(100, close_gap=False), 100),
    "a deleted row with the gap closed": (lambda s: s.remove(100, close_gap=True), 100),
    "a deleted row of a stream that nobody continued": (
        lambda s: s.remove(315, close_gap=True),
        315,
    ),
    "the first row deleted": (lambda s: s.remove(0, close_gap=False), 0),
    "the last row deleted": (lambda s: s.remove(322, close_gap=False), None),
    "the row behind the slot deleted": (delete_behind_slot, 322),
    "a deleted map-commit": (lambda s: s.remove(311, close_gap=False), 311),
    "an inserted row": (lambda s: insert(s, 100), 100),
    "two rows exchanged": (lambda s: s.swap_rows(100, 101), 100),
    "two far rows exchanged": (lambda s: s.swap_rows(100, 290), 100),
    "two rows of one stream exchanged": (lambda s: s.swap_rows(100, 110), 100),
    "an entry of the log in an event's place": (
        lambda s: put_own(s, 100, s.rows_by_index[0].entry),
        100,
    ),
    "an edited signature": (lambda s: edit_batch(s, 100, signature=bytes(64)), 100),
    "a signature under a key's registration": (
        lambda s: edit_batch(s, 4, signature=bytes(64)),
        4,
    ),
    "a signature by a stranger": (
        lambda s: edit_batch(
            s, 100, signature=sign(STRANGER, dsse.batch_message(batch_of(s, 100).root))
        ),
        100,
    ),
    "another algorithm": (lambda s: edit_batch(s, 100, algorithm="ecdsa-p256"), 100),
    "an edited leaf": (lambda s: edit_batch(s, 100, leaves=flip(batch_of(s, 100).leaves)), 100),
    "a leaf lost": (lambda s: edit_batch(s, 100, leaves=batch_of(s, 100).leaves[:-32]), 100),
    "another position": (lambda s: edit(s, 100, position=1), 100),
    "a position behind the batch": (lambda s: edit(s, 100, position=9), 100),
    "a lost batch": (
        lambda s: s.batches.pop(batch_of(s, 100).name),
        100,
    ),
    "a map-commit's tree": (lambda s: edit_members(s, 311, tree="00" * 32), 311),
    "a map-commit's map": (lambda s: edit_members(s, 311, map="00" * 32), 311),
    "a map-commit's number of keys": (lambda s: edit_members(s, 311, keys_total=1), 311),
    "a map-commit's predecessor": (lambda s: edit_members(s, 311, previous=4), 311),
    "a map-commit's time": (lambda s: edit_members(s, 311, recorded=2**52), 311),
    "an older checkpoint's signature": (
        lambda s: s.notes.update({312: s.notes[312].replace("A", "B")}),
        311,
    ),
    "the newest checkpoint's root": (
        lambda s: s.notes.update({320: other_root(s.notes[320])}),
        319,
    ),
    "a checkpoint under another size": (lambda s: s.notes.update({313: s.notes[312]}), 312),
    "no checkpoint behind a map-commit": (lambda s: s.notes.pop(312), 311),
    "a checkpoint of size zero": (lambda s: s.notes.update({0: s.notes[6]}), None),
    "a tile": (lambda s: flip_tile(s, 0, 0, 100), 100),
    "the last hash of the last tile": (lambda s: flip_tile(s, 0, 1, 63), 319),
    "a tile of the second level": (lambda s: flip_tile(s, 1, 0, 0), 0),
    "a tile lost": (lambda s: s.tiles.pop((0, 1)), 256),
    "a tile that reaches too far": (
        lambda s: s.tiles.update({(0, 1): s.tiles[0, 1] + bytes(32)}),
        320,
    ),
    "a head lost": (lambda s: s.stored_heads.pop(min(s.stored_heads)), -1),
    "a head of nothing": (
        lambda s: s.stored_heads.update({bytes(32): s.stored_heads[min(s.stored_heads)]}),
        None,
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_first_entry_at_fault_is_named(change: str) -> None:
    storage, _ = whole()
    apply, index = CHANGES[change]
    wrong = min(storage.stored_heads)
    last = storage.stored_heads[wrong].last_index
    apply(storage)
    if change == "the last row deleted":
        # The head row still says where the log ended.
        head = storage.head()
        storage.head = lambda: replace(head, size=323)  # type: ignore[method-assign]
        index = 322
    assert found(storage)[0] == (last if index == -1 else index)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("an updated time", "not the published one"),
        ("a tile", "which are right"),
        ("a tile of the second level", "which are right"),
        ("an event with its leaf", "signature of entry 100 does not verify"),
        ("a signature by a stranger", "signature of entry 100 does not verify"),
        ("two rows exchanged", "not the published one"),
        ("the newest checkpoint's root", "does not verify"),
        ("a head lost", "stored head"),
    ],
)
def test_it_is_told_what_is_wrong(change: str, words: str) -> None:
    storage, _ = whole()
    CHANGES[change][0](storage)
    assert words in found(storage)[1]


def test_an_entry_rewritten_with_its_tile_is_between_the_map_commits_that_fit() -> None:
    storage, _ = whole()
    assert rewrite(storage, 300) == [300, 310, 320]
    rewrite_tiles(storage)
    index, words = found(storage)
    assert index == 6
    assert "entries 6 to 311" in words
    # The same in the last publication is narrower.
    storage, _ = whole()
    assert rewrite(storage, 312) == [312, 322]
    rewrite_tiles(storage)
    index, words = found(storage)
    assert index == 312
    assert "entries 312 to 319" in words


def test_a_tile_of_a_higher_level_that_was_forgotten_narrows_it_down() -> None:
    storage, _ = whole()
    assert rewrite(storage, 253)[:2] == [253, 263]
    rewrite_tiles(storage, levels=1)
    index, words = found(storage)
    assert index == 6
    assert "entries 6 to 255" in words


def test_entries_tiles_and_map_commits_rewritten_together_fail_at_the_signed_checkpoint() -> None:
    storage, register = whole()
    rewrite(storage, 300)
    rewrite_commit(storage, 311)
    rewrite_commit(storage, 319)
    rewrite_tiles(storage)
    index, words = found(storage, register)
    assert index == 6
    assert "entries 6 to 311" in words


def test_keys_that_the_trust_file_does_not_pin_are_named() -> None:
    storage, _ = whole()
    other = tuple(replace(key, seed=sha256(b"other").digest()) for key in LOG_KEYS)
    stranger = trust_file(log_keys=other)
    report = check_log(storage, storage, stranger, None)
    assert report.finding is not None
    assert report.finding.index == 0
    assert "trust file" in report.finding.en
    report = check_log(storage, storage, trust_file(root=STRANGER), None)
    assert report.finding is not None
    # Entry 2 registers the root key itself.
    assert report.finding.index == 2


def test_a_row_behind_the_end_is_named() -> None:
    storage, _ = whole()
    head = storage.head()
    storage.rows_by_index[323] = replace(storage.rows_by_index[322], index=323)
    storage.head = lambda: head  # type: ignore[method-assign]
    assert found(storage)[0] == 323


def test_a_head_row_that_says_otherwise_is_named() -> None:
    storage, _ = whole()
    head = storage.head()
    for wrong in (replace(head, closed=True), replace(head, recorded_us=1)):
        storage.head = lambda wrong=wrong: wrong  # type: ignore[method-assign, misc]
        assert "head row" in found(storage)[1]


def test_a_checkpoint_that_the_log_does_not_reach_is_named() -> None:
    storage, _ = whole()
    for index in range(319, 323):
        del storage.rows_by_index[index]
    first, words = found(storage)
    assert first == 319
    assert "size 320 is stored" in words


def test_a_batch_of_several_events_is_read_once_and_each_place_in_it_checked() -> None:
    ledger = Ledger()
    indexes = [ledger.log.sign_in(learner) for learner in range(5)]
    ledger.log.rebatch(*indexes)
    report = check(ledger.storage)
    # Three events before have a batch each.
    assert (report.events, report.batches, report.finding) == (8, 4, None)
    edit(ledger.storage, indexes[3], position=4)
    assert found(ledger.storage)[0] == indexes[3]


def test_an_approval_has_to_be_signed_by_the_approver() -> None:
    ledger = Ledger()
    index = ledger.log.approved_sign_in(1, approver=ROOT)
    assert check(ledger.storage).finding is None
    batch = batch_of(ledger.storage, index)
    for changes in (
        {"approver_key": b""},
        {"approver_key": key_id(spki(ISSUER))},
        {"approver_signature": batch.signature},
    ):
        edit_batch(ledger.storage, index, **changes)
        assert found(ledger.storage)[0] == index
        storage = ledger.storage
        storage.batches[batch.name] = batch
    unknown = Ledger()
    index = unknown.log.approved_sign_in(1, approver=author("nobody"))
    assert found(unknown.storage)[0] == index
