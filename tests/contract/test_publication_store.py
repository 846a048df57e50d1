"""The publisher's tables, on both databases."""

import asyncio
import hashlib
import threading
from dataclasses import replace

import pytest

from ledger.application.errors import IntegrityBreachError
from ledger.application.ports import LogHead, OwnRow, Publication
from ledger.log.head_map import Head
from ledger.log.merkle import CompactRange
from ledger.storage.open_storage import Storage
from tests.contract.event_rows import START_US, Wish, append, append_own, stream

FIRST = stream(1)


def _hash(number: int) -> bytes:
    return hashlib.sha256(b"%d" % number).digest()


def _head(count: int) -> Head:
    edge = tuple(_hash(100 + n) for n in range(count.bit_count()))
    return Head(count, 10 * count, _hash(count), CompactRange(count, edge))


def _publication(index: int) -> Publication:
    """A publication of the slot at an index."""
    return Publication(
        OwnRow(index, b"map-commit %d" % index, START_US + index - 1),
        {(0, 0): _hash(1) * (index + 1), (1, 7): _hash(2)},
        {_hash(1): _head(1), _hash(2): _head(7)},
        index + 1,
        f"note of {index + 1}",
    )


@pytest.fixture
def slot(storage: Storage, runner: asyncio.Runner) -> int:
    """A log of two events with an empty slot behind them."""
    runner.run(append(storage.writer, [Wish(FIRST), Wish(FIRST)]))
    return runner.run(append_own(storage.writer, None)).index


def _unchanged(storage: Storage) -> None:
    """Nothing is published and the slot at 2 is empty."""
    assert storage.publications.published() is None
    assert storage.publications.tile(0, 0) == b""
    assert storage.publications.heads([_hash(1)]) == {}
    assert storage.reader.head().slot == 2
    assert [index for index, _ in storage.reader.entries(0, 10)] == [0, 1]


def test_nothing_is_published_at_first(storage: Storage) -> None:
    assert storage.publications.published() is None
    assert storage.publications.checkpoints(0, 10) == []
    assert storage.publications.tile(0, 0) == b""
    assert storage.publications.heads([_hash(1)]) == {}
    assert storage.publications.map_items() == []


def test_a_publication_fills_the_slot_and_stores_the_rest(storage: Storage, slot: int) -> None:
    storage.publications.publish(_publication(slot))
    assert storage.reader.entries(2, 1) == [(2, b"map-commit 2")]
    assert storage.reader.head() == LogHead(3, START_US + 1, None)
    assert storage.publications.published() == (3, "note of 3")
    assert storage.publications.checkpoints(0, 10) == [(3, "note of 3")]
    assert storage.publications.tile(0, 0) == _hash(1) * 3
    assert storage.publications.tile(1, 7) == _hash(2)
    assert storage.publications.tile(7, 1) == b""
    assert storage.publications.heads([_hash(1), _hash(2), _hash(3)]) == {
        _hash(1): _head(1),
        _hash(2): _head(7),
    }


def test_the_same_again_changes_nothing(storage: Storage, slot: int) -> None:
    storage.publications.publish(_publication(slot))
    storage.publications.publish(_publication(slot))
    assert storage.publications.published() == (3, "note of 3")
    assert storage.reader.entries(2, 9) == [(2, b"map-commit 2")]


def test_appends_go_on_behind_the_slot_before_and_after(
    storage: Storage, runner: asyncio.Runner, slot: int
) -> None:
    before = runner.run(append(storage.writer, [Wish(FIRST)]))
    storage.publications.publish(_publication(slot))
    after = runner.run(append(storage.writer, [Wish(FIRST)]))
    assert [row.index for row in before + after] == [3, 4]
    assert storage.reader.head().slot is None
    assert storage.reader.stream_rows(FIRST)[-1].seq == 4


def test_the_next_publication_replaces_tiles_and_heads(
    storage: Storage, runner: asyncio.Runner, slot: int
) -> None:
    storage.publications.publish(_publication(slot))
    runner.run(append(storage.writer, [Wish(FIRST)]))
    runner.run(append_own(storage.writer, None))
    heads = {_hash(2): _head(8), _hash(3): _head(2)}
    storage.publications.publish(replace(_publication(4), heads=heads))
    assert storage.publications.published() == (5, "note of 5")
    first, second = (3, "note of 3"), (5, "note of 5")
    assert storage.publications.checkpoints(-1, 10) == [first, second]
    assert storage.publications.checkpoints(3, 1) == [first]
    assert storage.publications.checkpoints(4, 10) == [second]
    assert storage.publications.tile(0, 0) == _hash(1) * 5
    assert storage.publications.heads([_hash(n) for n in range(4)]) == {
        _hash(1): _head(1),
        _hash(2): _head(8),
        _hash(3): _head(2),
    }


@pytest.mark.parametrize(
    "changed",
    [
        replace(_publication(2), note="another note of 3"),
        replace(_publication(2), commit=OwnRow(2, b"another map-commit", START_US + 1)),
    ],
    ids=["note", "map-commit"],
)
def test_another_publication_of_the_same_size_is_a_breach(
    storage: Storage, slot: int, changed: Publication
) -> None:
    storage.publications.publish(_publication(slot))
    with pytest.raises(IntegrityBreachError):
        storage.publications.publish(changed)
    assert storage.publications.published() == (3, "note of 3")
    assert storage.reader.entries(2, 1) == [(2, b"map-commit 2")]


def test_a_smaller_publication_is_a_breach(
    storage: Storage, runner: asyncio.Runner, slot: int
) -> None:
    storage.publications.publish(_publication(slot))
    runner.run(append(storage.writer, [Wish(FIRST)]))
    runner.run(append_own(storage.writer, None))
    storage.publications.publish(_publication(4))
    with pytest.raises(IntegrityBreachError):
        storage.publications.publish(_publication(slot))
    assert storage.publications.published() == (5, "note of 5")


def test_a_slot_that_holds_other_bytes_is_a_breach(storage: Storage, slot: int) -> None:
    with storage.database.writing() as transaction:
        transaction.query("UPDATE log SET entry = ? WHERE notification_id = 3", (b"other",))
    with pytest.raises(IntegrityBreachError):
        storage.publications.publish(_publication(slot))
    assert storage.publications.published() is None
    assert storage.reader.entries(2, 1) == [(2, b"other")]


def test_a_slot_that_holds_these_bytes_already_is_published(storage: Storage, slot: int) -> None:
    with storage.database.writing() as transaction:
        transaction.query("UPDATE log SET entry = ? WHERE notification_id = 3", (b"map-commit 2",))
    storage.publications.publish(_publication(slot))
    assert storage.publications.published() == (3, "note of 3")
    assert storage.reader.head().slot is None


@pytest.mark.parametrize("index", [1, 3], ids=["an event", "beyond the log"])
def test_what_is_no_slot_is_a_breach(storage: Storage, slot: int, index: int) -> None:
    with pytest.raises(IntegrityBreachError):
        storage.publications.publish(_publication(index))
    _unchanged(storage)


@pytest.mark.parametrize(
    "changed",
    [
        replace(_publication(2), size=4),
        replace(_publication(2), commit=OwnRow(2, None, START_US)),
    ],
    ids=["size", "no bytes"],
)
def test_a_publication_that_does_not_fit_together_is_refused(
    storage: Storage, slot: int, changed: Publication
) -> None:
    with pytest.raises(ValueError, match="does not end a tree"):
        storage.publications.publish(changed)
    _unchanged(storage)


def test_thousands_of_heads_are_stored_and_found(storage: Storage, slot: int) -> None:
    heads = {_hash(n): _head(1 + n % 9) for n in range(1_300)}
    storage.publications.publish(replace(_publication(slot), heads=heads))
    assert storage.publications.heads(heads) == heads
    assert storage.publications.heads([_hash(5_000)]) == {}


def test_map_items_are_computed_from_the_heads_in_the_order_of_keys(
    storage: Storage, slot: int
) -> None:
    storage.publications.publish(_publication(slot))
    key = _hash(1)
    (root,) = _head(1).range.hashes
    value = hashlib.sha256(
        b"head/v1\n" + (1).to_bytes(8, "big") + (10).to_bytes(8, "big") + _hash(1) + root
    ).digest()
    items = storage.publications.map_items()
    assert [each for each, _ in items] == sorted([_hash(1), _hash(2)])
    assert dict(items)[key] == hashlib.sha256(key + value).digest()
    with storage.database.writing() as transaction:
        transaction.query("UPDATE map_head SET last_index = 11 WHERE key = ?", (key,))
    assert dict(storage.publications.map_items())[key] != dict(items)[key]


def test_publishing_waits_for_the_group_under_way(
    storage: Storage, runner: asyncio.Runner, slot: int
) -> None:
    async def scene() -> None:
        publishing = threading.Thread(
            target=storage.publications.publish, args=(_publication(slot),)
        )
        async with storage.writer.group(()) as group:
            publishing.start()
            await asyncio.sleep(0.2)
            assert storage.publications.published() is None
            await group.insert((), (), group.head)
        await asyncio.to_thread(publishing.join)
        assert storage.reader.head() == LogHead(3, START_US + 1, None)

    runner.run(scene())


def test_two_publishers_of_the_same_bytes_come_to_one_publication(
    storage: Storage, slot: int
) -> None:
    failures: list[BaseException] = []

    def publish() -> None:
        try:
            storage.publications.publish(_publication(slot))
        except BaseException as error:  # noqa: BLE001 - shown below
            failures.append(error)

    publishing = [threading.Thread(target=publish) for _ in range(4)]
    for thread in publishing:
        thread.start()
    for thread in publishing:
        thread.join()
    assert failures == []
    assert storage.publications.published() == (3, "note of 3")
