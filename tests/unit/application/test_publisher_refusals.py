"""What the publisher refuses to sign: changed rows, changed tables, old backups, wrong keys."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ledger.application import growth
from ledger.application.breaches import LogBreachError
from ledger.application.checkpoint_register import RegisteredCheckpoint
from ledger.application.errors import IntegrityBreachError, StorageUnavailableError
from ledger.application.ports import LogRow
from ledger.application.publisher import Publisher
from ledger.log.entries import build_log_key
from ledger.log.errors import FormatError
from ledger.log.head_map import map_key
from ledger.log.merkle import CompactRange
from ledger.log.notes import SignatureType, SigningKey
from ledger.log.tiles import TileId, new_tiles
from tests.independent.entries import canonical_json
from tests.independent.trees import leaf_hash
from tests.unit.application.publication_checks import (
    check_everything,
    due_commit,
    stored_entries,
    with_slot,
)
from tests.unit.application.tampering import edit, edit_members, event_of, flip, put_own
from tests.unit.application.written_log import NOW_US, Ledger
from tests.unit.clients.verifier.small_log import COHORT, LOG_KEYS, ORIGIN

Tamper = Callable[[Ledger], int]
"""Changes stored bytes and returns the index that has to be named."""


def _edit(ledger: Ledger, index: int, **changes: object) -> int:
    edit(ledger.storage, index, **changes)
    return index


def _edit_entry(ledger: Ledger, index: int, **members: object) -> int:
    edit_members(ledger.storage, index, **members)
    return index


def _own(ledger: Ledger, index: int, data: bytes) -> int:
    put_own(ledger.storage, index, data)
    return index


def _other_log(ledger: Ledger, index: int) -> int:
    event = event_of(ledger.storage, index).replace(ORIGIN.encode(), b"log.example/town")
    payload = leaf_hash(event).hex()
    _edit(ledger, index, event=event)
    _edit_entry(ledger, index, payload=payload)
    row = ledger.storage.rows_by_index[index]
    return _edit(ledger, index, entry=row.entry)


def _remove(ledger: Ledger, index: int) -> int:
    ledger.storage.remove(index, close_gap=False)
    return index


def _swap(ledger: Ledger, first: int, second: int) -> int:
    ledger.storage.swap_rows(first, second)
    return first


# Entries 0 to 5 are published; 6 to 9 are sign-ins of the learners 1, 2, 1, 3 and 10 is the slot.
TAMPERS: dict[str, Tamper] = {
    "an entry cut short": lambda it: _edit(it, 7, entry=it.storage.rows_by_index[7].entry[:-1]),  # type: ignore[index]
    "another payload": lambda it: _edit_entry(it, 7, payload="00" * 32),
    "another event": lambda it: _edit(it, 7, event=event_of(it.storage, 6)),
    "one byte of an event": lambda it: _edit(it, 7, event=event_of(it.storage, 7)[:-1] + b"\x01"),
    "no event": lambda it: _edit(it, 7, event=b""),
    "an event of another log": lambda it: _other_log(it, 7),
    "keys left out": lambda it: _edit_entry(it, 7, keys=[]),
    "a key too many": lambda it: _edit_entry(it, 7, keys=["00" * 32, "ff" * 32]),
    "another kind of stream": lambda it: _edit_entry(it, 7, kind="cohort"),
    "another stream": lambda it: _edit_entry(it, 7, stream="8a6e0804-2bd0-4672-b79d-d97027f9071a"),
    "another event id": lambda it: _edit_entry(it, 7, event="8a6e0804-2bd0-7672-b79d-d97027f9071a"),
    "a number skipped": lambda it: _edit_entry(it, 8, seq=3),
    "another previous hash": lambda it: _edit_entry(it, 8, prev="00" * 32),
    "a stream begun twice": lambda it: _edit_entry(it, 8, seq=1, prev=None),
    "recorded backwards": lambda it: _edit_entry(it, 8, recorded=1),
    "the column recorded": lambda it: _edit(it, 7, recorded_us=5),
    "the column stream": lambda it: _edit(it, 7, stream=bytes(16)),
    "the column seq": lambda it: _edit(it, 7, seq=2),
    "the column type": lambda it: _edit(it, 7, type="LearnerSignedOut"),
    "the column event id": lambda it: _edit(it, 7, event_id=bytes(16)),
    "the column cohort": lambda it: _edit(it, 7, cohort=None),
    "the column batch key": lambda it: _edit(it, 7, batch_key=bytes(32)),
    "a row deleted": lambda it: _remove(it, 7),
    "the last row deleted": lambda it: _remove(it, 9),
    "the event of an entry deleted": lambda it: _own(
        it, 7, it.storage.rows_by_index[7].entry or b""
    ),
    "two rows of a stream exchanged": lambda it: _swap(it, 6, 8),
    "a log key behind the first events": lambda it: _own(
        it, 7, build_log_key(role="checkpoint", algorithm="ed25519", key=bytes(32), recorded=NOW_US)
    ),
    "a map-commit of somebody else": lambda it: _own(
        it, 7, due_commit(stored_entries(it.storage, 7), 5)
    ),
    "the end of the log in an event's place": lambda it: _edit(
        it,
        7,
        entry=canonical_json(
            {"kind": "log-closed", "recorded": it.storage.rows_by_index[7].recorded_us, "v": 1}
        ),
    ),
    "an event beside an entry of the log": lambda it: _edit(
        it, 7, entry=it.storage.rows_by_index[0].entry
    ),
}


@pytest.mark.parametrize("tamper", TAMPERS.values(), ids=TAMPERS)
def test_what_was_changed_before_publication_is_named_and_not_signed(tamper: Tamper) -> None:
    ledger = with_slot()
    rows, held = dict(ledger.storage.rows_by_index), ledger.register.held
    index = tamper(ledger)
    with pytest.raises(LogBreachError) as caught:
        ledger.publisher.publish_once()
    assert caught.value.index == index
    assert f"{index}" in caught.value.zh
    assert f"{index}" in caught.value.en
    assert ledger.register.held == held
    assert ledger.register.swaps == 1
    assert list(ledger.storage.notes) == [6]
    assert ledger.storage.rows_by_index[10].entry is None
    # Once the rows are what they were, the publisher goes on.
    ledger.storage.rows_by_index = rows
    assert ledger.publisher.publish_once() is not None
    check_everything(ledger)


def test_swapped_neighbours_that_fit_their_streams_are_refused_for_their_time() -> None:
    ledger = with_slot()
    ledger.storage.swap_rows(6, 7)
    with pytest.raises(LogBreachError) as caught:
        ledger.publisher.publish_once()
    # Each fits its place in its stream; the times tell.
    assert caught.value.index == 7


STORES: dict[str, Callable[[Ledger], object]] = {
    "a tile": lambda it: it.storage.tiles.update({(0, 0): bytes(6 * 32)}),
    "a tile cut short": lambda it: it.storage.tiles.update({(0, 0): it.storage.tiles[0, 0][:64]}),
    "no tile": lambda it: it.storage.tiles.clear(),
    "a head": lambda it: it.storage.stored_heads.update(
        {key: head.advance(90, bytes(32)) for key, head in it.storage.stored_heads.items()}
    ),
    "a head lost": lambda it: it.storage.stored_heads.popitem(),
    "the map-commit": lambda it: _edit_entry(it, 5, map="00" * 32),
    "the map-commit lost": lambda it: it.storage.remove(5, close_gap=False),
    "the map-commit is another entry": lambda it: _own(
        it, 5, it.storage.rows_by_index[4].entry or b""
    ),
    "the note": lambda it: it.storage.notes.update({6: it.storage.notes[6].replace("6", "7", 1)}),
    "the note without signatures": lambda it: it.storage.notes.update({6: "nothing"}),
    "the signature": lambda it: it.storage.notes.update(
        {6: it.storage.notes[6][:-10] + "AAAAAAAA=\n"}
    ),
}


@pytest.mark.parametrize("change", STORES.values(), ids=STORES)
def test_a_published_state_that_was_changed_is_refused_at_the_start(
    change: Callable[[Ledger], object],
) -> None:
    ledger = with_slot()
    change(ledger)
    publisher = ledger.restarted()
    with pytest.raises(IntegrityBreachError):
        publisher.verify_against_register()
    with pytest.raises(IntegrityBreachError):
        publisher.publish_once()
    assert ledger.register.swaps == 1


@pytest.mark.parametrize("change", ["lost", "other", "too far", "other shape", "no hash"])
def test_a_head_that_was_changed_while_the_publisher_runs_is_refused(change: str) -> None:
    ledger = with_slot()
    ledger.publisher.verify_against_register()
    heads = ledger.storage.stored_heads
    ledger.publisher.publish_once()
    ledger.log.fill(10)
    key = map_key("cohort", str(COHORT).encode())
    head = heads[key]
    assert head.count == 4
    ledger.log.sign_in(1)
    ledger.log.sign_in(1)
    if change == "lost":
        del heads[key]
    elif change == "other":
        heads[key] = replace(head, head_hash=bytes(32))
    elif change == "too far":
        heads[key] = head.advance(11, bytes(32))
    elif change == "other shape":
        # The same root, and the same value in the map, from which it grows wrongly.
        heads[key] = replace(head, range=CompactRange(3, (head.root,)))
        assert heads[key].value() == head.value()
    else:
        heads[key] = replace(head, range=CompactRange(4, (b"short",)))
    ledger.log.slot()
    with pytest.raises(LogBreachError, match="stored head"):
        ledger.publisher.publish_once()
    assert ledger.register.swaps == 2
    heads[key] = head
    assert ledger.publisher.publish_once() is not None


def test_a_database_from_a_backup_is_refused_with_both_sizes() -> None:
    ledger = with_slot()
    backup = dict(ledger.storage.rows_by_index), dict(ledger.storage.notes)
    tiles, heads = dict(ledger.storage.tiles), dict(ledger.storage.stored_heads)
    ledger.publisher.publish_once()
    ledger.log.fill(10)
    ledger.log.sign_in(4)
    ledger.publish()
    ledger.storage.rows_by_index, ledger.storage.notes = backup
    ledger.storage.tiles, ledger.storage.stored_heads = tiles, heads
    publisher = ledger.restarted()
    with pytest.raises(LogBreachError, match="published size 6, the register holds 13") as caught:
        publisher.verify_against_register()
    assert "6" in caught.value.zh
    assert "13" in caught.value.zh
    with pytest.raises(LogBreachError):
        publisher.publish_once()
    # The publisher that ran on finds its own state gone back.
    with pytest.raises(LogBreachError, match="went back from 13 to 6"):
        ledger.publisher.publish_once()


def test_a_publication_between_the_reads_of_a_start_is_no_old_backup() -> None:
    ledger = with_slot()
    starting, read = ledger.restarted(), ledger.register.read

    def publish_first() -> RegisteredCheckpoint | None:
        ledger.register.read = read  # type: ignore[method-assign]
        assert ledger.publisher.publish_once() is not None
        return read()

    ledger.register.read = publish_first  # type: ignore[method-assign]
    starting.verify_against_register()
    assert ledger.register.held is not None
    assert ledger.register.held.size == 11


def test_a_register_of_another_history_of_the_same_size_is_refused() -> None:
    ledger, other = with_slot(), with_slot(last=4)
    ledger.publisher.publish_once()
    other.publisher.publish_once()
    ledger.register.held = other.register.held
    with pytest.raises(LogBreachError, match="size 11 was signed with another root"):
        ledger.restarted().verify_against_register()


def test_a_slot_within_the_published_log_is_refused() -> None:
    ledger = with_slot()
    head = ledger.storage.head()
    for slot in (0, 3):
        ledger.storage.head = lambda slot=slot: replace(head, slot=slot)  # type: ignore[method-assign, misc]
        with pytest.raises(LogBreachError, match=f"slot {slot} lies within the published size 6"):
            ledger.publisher.publish_once()


@pytest.mark.parametrize("slot", [9, 12])
def test_what_is_no_empty_slot_is_found_before_signing(slot: int) -> None:
    # 9 is a sign-in; 12 is behind the end, where the next event will stand.
    ledger = with_slot()
    if slot == 12:
        ledger.publisher.publish_once()
        ledger.log.fill(10)
        ledger.log.sign_in(1)
    head = ledger.storage.head()
    ledger.storage.head = lambda: replace(head, slot=slot)  # type: ignore[method-assign]
    before = ledger.register.held
    with pytest.raises(LogBreachError, match=f"entry {slot} is no empty slot"):
        ledger.publisher.publish_once()
    assert ledger.register.held == before


def test_a_wrong_bit_in_the_new_tiles_is_found_before_signing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ledger = with_slot()

    def flipped(*arguments: Any) -> dict[TileId, bytes]:  # noqa: ANN401 - those of new_tiles
        tiles = new_tiles(*arguments)
        return {tile: flip(data) for tile, data in tiles.items()}

    monkeypatch.setattr(growth, "new_tiles", flipped)
    with pytest.raises(LogBreachError, match="tiles"):
        ledger.publisher.publish_once()
    assert ledger.register.swaps == 1


def test_a_size_that_was_signed_is_not_signed_with_another_root() -> None:
    ledger = with_slot()
    # Signed and registered; then the database has another last entry than the signed one.
    ledger.storage.faults.armed.add("before publish")
    with pytest.raises(StorageUnavailableError):
        ledger.publisher.publish_once()
    held = ledger.register.held
    ledger = with_slot(last=4)
    ledger.register.held = held
    publisher = ledger.restarted()
    # Before the entries are read, this looks like the crash that it is not.
    publisher.verify_against_register()
    with pytest.raises(LogBreachError, match="size 11 was signed with another root"):
        publisher.publish_once()
    assert ledger.register.held == held
    assert list(ledger.storage.notes) == [6]


def test_a_register_that_is_behind_or_gone_is_refused() -> None:
    ledger = with_slot()
    old = ledger.register.held
    ledger.publisher.publish_once()
    new = ledger.register.held
    assert old is not None
    assert new is not None
    ledger.register.held = old
    with pytest.raises(LogBreachError, match="published size 11, the register holds 6"):
        ledger.restarted().verify_against_register()
    ledger.register.held = None
    with pytest.raises(LogBreachError, match="no register"):
        ledger.restarted().verify_against_register()
    ledger.register.held = new._replace(root=bytes(32))
    with pytest.raises(LogBreachError, match="not that of its own checkpoint"):
        ledger.restarted().verify_against_register()
    ledger.register.held = new._replace(note=new.note.replace("A", "B"))
    with pytest.raises(LogBreachError, match="does not verify"):
        ledger.restarted().verify_against_register()
    ledger.register.held = new
    ledger.restarted().verify_against_register()


def test_nothing_is_published_behind_the_end_of_a_log() -> None:
    ledger = with_slot()
    _own(ledger, 7, canonical_json({"kind": "log-closed", "recorded": NOW_US, "v": 1}))
    late = ledger.storage.rows_by_index[9]
    assert isinstance(late, LogRow)
    _edit_entry(ledger, 8, recorded=NOW_US)
    _edit(ledger, 8, recorded_us=NOW_US)
    with pytest.raises(LogBreachError, match="behind the end of the log at entry 7"):
        ledger.publisher.publish_once()


def test_a_log_that_does_not_name_the_signing_keys_is_not_signed() -> None:
    ledger = Ledger()
    ledger.log.slot()
    other = tuple(replace(key, seed=bytes(32)) for key in LOG_KEYS)
    publisher = Publisher(
        ORIGIN,
        (other[0], other[1]),
        ledger.storage,
        ledger.storage,
        ledger.register,
        ledger.clock,
    )
    with pytest.raises(LogBreachError, match="do not name its ed25519 key"):
        publisher.publish_once()
    assert ledger.register.held is None
    assert ledger.publisher.publish_once() is not None


def test_a_log_that_does_not_start_with_its_keys_is_not_signed() -> None:
    ledger = Ledger()
    ledger.log.slot()
    for _ in range(2):
        ledger.storage.remove(0, close_gap=True)
    with pytest.raises(LogBreachError, match="named by its first entries") as caught:
        ledger.publisher.publish_once()
    assert caught.value.index == 0


def test_keys_of_another_log_or_kind_make_no_publisher() -> None:
    ledger = Ledger()
    for key in (
        replace(LOG_KEYS[1], name="log.example/town"),
        SigningKey(ORIGIN, SignatureType.ED25519_COSIGNATURE, bytes(32)),
    ):
        with pytest.raises(FormatError):
            Publisher(
                ORIGIN,
                (LOG_KEYS[0], key),
                ledger.storage,
                ledger.storage,
                ledger.register,
                ledger.clock,
            )
