"""The published head map as several threads and processes see it."""

import threading
from collections.abc import Iterable
from dataclasses import replace

import pytest

from ledger.application.breaches import LogBreachError
from ledger.application.errors import StorageUnavailableError
from ledger.application.published_map import MapMovedError, PublishedMap
from ledger.application.published_state import read_published, state_of
from ledger.application.stored_heads import leaves_of
from ledger.log.entries import MapCommitEntry, read_entry
from ledger.log.head_map import Head, map_key
from ledger.log.head_proof import HeadProof
from tests.unit.application.written_log import Ledger
from tests.unit.clients.verifier.small_log import COHORT

COHORT_KEY = map_key("cohort", str(COHORT).encode())


def root_of(published_map: PublishedMap) -> tuple[int, bytes]:
    """Size, and map leaf hash of the cohort."""
    view = published_map.prove([COHORT_KEY])
    assert view is not None
    located = view.located[COHORT_KEY]
    assert located is not None
    return view.state.size, located.leaf


def grown(publications: int) -> Ledger:
    ledger = Ledger()
    for number in range(publications):
        ledger.log.sign_in(number)
        ledger.log.fill(ledger.publish().size - 1)
    return ledger


def test_another_process_follows_the_publications_one_by_one_or_at_once() -> None:
    ledger = grown(1)
    steady, lazy = ledger.own_map(), ledger.own_map()
    steady.refresh()
    lazy.refresh()
    ledger.storage.faults.passed.clear()
    for number in range(3):
        ledger.log.sign_in(number)
        ledger.log.fill(ledger.publish().size - 1)
        steady.refresh()
        assert root_of(steady) == root_of(ledger.publisher.published_map)
    lazy.refresh()
    assert root_of(lazy) == root_of(steady)
    # Following reads the changed heads, never the whole map again.
    assert "map items" not in ledger.storage.faults.passed


def test_nothing_is_shown_before_the_first_publication() -> None:
    ledger = Ledger()
    published_map = ledger.own_map()
    assert published_map.prove([COHORT_KEY]) is None
    assert published_map.refresh() is None
    assert published_map.prove([COHORT_KEY]) is None
    ledger.publish()
    state = published_map.refresh()
    assert state is not None
    assert state.size == 6


def test_heads_that_are_newer_than_the_checkpoint_are_read_again() -> None:
    ledger = grown(1)
    published_map = ledger.own_map()
    published_map.refresh()
    ledger.log.sign_in(1)
    ledger.log.fill(ledger.publish().size - 1)

    def publish() -> None:
        ledger.storage.before_heads = lambda: None
        ledger.log.sign_in(1)
        ledger.log.fill(ledger.publish().size - 1)

    # Between reading the checkpoint and the heads, the next publication comes.
    ledger.storage.before_heads = publish
    published_map.refresh()
    assert root_of(published_map) == root_of(ledger.publisher.published_map)


def test_publications_during_the_first_reading_are_caught_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ledger = grown(2)
    read_items = ledger.storage.map_items
    rounds = []

    def slow_items() -> list[tuple[bytes, bytes]]:
        items = read_items()
        for number in range(2):
            ledger.log.sign_in(number)
            ledger.log.fill(ledger.publish().size - 1)
        rounds.append(len(items))
        return items

    monkeypatch.setattr(ledger.storage, "map_items", slow_items)
    published_map = ledger.own_map()
    published_map.refresh()
    assert len(rounds) == 1
    assert root_of(published_map) == root_of(ledger.publisher.published_map)


def test_the_first_publication_during_the_first_reading_is_caught_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ledger = Ledger()
    read_items = ledger.storage.map_items

    def slow_items() -> list[tuple[bytes, bytes]]:
        items = read_items()
        monkeypatch.undo()
        ledger.log.sign_in(1)
        ledger.publish()
        return items

    monkeypatch.setattr(ledger.storage, "map_items", slow_items)
    published_map = ledger.own_map()
    published_map.refresh()
    assert root_of(published_map) == root_of(ledger.publisher.published_map)


def test_items_that_no_map_commit_names_are_refused() -> None:
    ledger = grown(3)
    key, head = ledger.storage.stored_heads.popitem()
    with pytest.raises(LogBreachError, match="stored head map"):
        ledger.own_map().refresh()
    ledger.storage.stored_heads[key] = head.advance(head.last_index + 1, bytes(32))
    with pytest.raises(LogBreachError, match="stored head map"):
        ledger.own_map().refresh()
    ledger.storage.stored_heads[key] = head
    ledger.own_map().refresh()


def test_heads_without_a_publication_are_refused() -> None:
    ledger = grown(1)
    ledger.storage.notes.clear()
    with pytest.raises(LogBreachError, match="stored head map"):
        ledger.own_map().refresh()


def test_a_failed_reading_leaves_the_old_state_to_be_shown() -> None:
    ledger = grown(1)
    published_map = ledger.own_map()
    published_map.refresh()
    before = root_of(published_map)
    ledger.log.sign_in(1)
    ledger.log.fill(ledger.publish().size - 1)
    ledger.storage.faults.armed.add("entries")
    with pytest.raises(StorageUnavailableError):
        published_map.refresh()
    assert root_of(published_map) == before
    published_map.refresh()
    assert root_of(published_map) == root_of(ledger.publisher.published_map)


def test_a_change_of_a_state_that_is_gone_is_refused() -> None:
    ledger = grown(2)
    published_map = ledger.publisher.published_map
    state = read_published(ledger.storage, ledger.storage)
    assert state is not None
    tree = state.checkpoint
    later = replace(state, checkpoint=replace(tree, size=tree.size + 2))
    with pytest.raises(MapMovedError):
        published_map.preview({}, state.size - 2)
    with pytest.raises(MapMovedError):
        published_map.advance(later, {}, state.size - 2)
    # The same again is done already.
    before = root_of(published_map)
    published_map.advance(state, {COHORT_KEY: bytes(32)}, state.size - 2)
    assert root_of(published_map) == before
    assert published_map.preview({}, state.size)[0] == state.head_map


def test_proofs_of_several_threads_verify_while_the_publisher_goes_on() -> None:
    ledger = grown(1)
    failed: list[Exception] = []
    proved: set[int] = set()
    done = threading.Event()

    def prove() -> None:
        try:
            while not done.is_set():
                answer = ledger.proofs.head_proof(COHORT_KEY)
                commit = read_entry(answer.commit)
                assert isinstance(commit, MapCommitEntry)
                assert isinstance(answer.proof, HeadProof)
                answer.proof.verify(commit.head_map)
                proved.add(commit.covers)
        except Exception as error:  # noqa: BLE001 - shown by the main thread
            failed.append(error)

    threads = [threading.Thread(target=prove) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(40):
        ledger.log.sign_in(number)
        ledger.log.fill(ledger.publish().size - 1)
    done.set()
    for thread in threads:
        thread.join()
    assert not failed
    assert proved


def test_publications_that_never_stop_are_met_by_reading_the_whole_map(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ledger = grown(1)
    published_map = ledger.own_map()
    published_map.refresh()
    before = root_of(published_map)
    ledger.log.sign_in(1)
    ledger.log.fill(ledger.publish().size - 1)
    read = ledger.storage.heads

    def publish_first(keys: Iterable[bytes]) -> dict[bytes, Head]:
        ledger.storage.heads = read  # type: ignore[method-assign]
        ledger.log.sign_in(1)
        ledger.log.fill(ledger.publish().size - 1)
        monkeypatch.setattr(ledger.storage, "heads", publish_first)
        return read(keys)

    monkeypatch.setattr(ledger.storage, "heads", publish_first)
    ledger.storage.faults.passed.clear()
    published_map.refresh()
    assert "map items" in ledger.storage.faults.passed
    assert root_of(published_map)[0] > before[0]
    monkeypatch.undo()
    published_map.refresh()
    assert root_of(published_map) == root_of(ledger.publisher.published_map)


def test_a_publisher_in_the_same_process_may_be_faster_than_a_reader() -> None:
    ledger = grown(1)
    shared = ledger.publisher.published_map
    # The store has a publication that the shared map has not taken in yet.
    other = ledger.restarted()
    ledger.log.sign_in(1)
    ledger.log.slot()
    other.publish_once()
    ledger.log.fill(8)
    newest = read_published(ledger.storage, ledger.storage)
    assert newest is not None

    def advance() -> None:
        ledger.storage.before_heads = lambda: None
        leaves = leaves_of(ledger.storage.stored_heads)
        shared.advance(newest, leaves, newest.size - 2)

    ledger.storage.before_heads = advance
    assert shared.refresh() == newest
    assert root_of(shared) == root_of(other.published_map)


def test_items_that_are_no_map_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = grown(1)
    items = ledger.storage.map_items()
    monkeypatch.setattr(ledger.storage, "map_items", lambda: items[::-1])
    with pytest.raises(LogBreachError, match="stored head map"):
        ledger.own_map().refresh()


def test_an_entry_that_cannot_be_followed_is_named() -> None:
    ledger = grown(1)
    published_map = ledger.own_map()
    published_map.refresh()
    index = ledger.log.sign_in(1)
    ledger.log.fill(ledger.publish().size - 1)
    row = ledger.storage.rows_by_index[index]
    ledger.storage.rows_by_index[index] = replace(row, entry=b"{}")
    with pytest.raises(LogBreachError) as caught:
        published_map.refresh()
    assert caught.value.index == index


def test_a_checkpoint_ends_with_its_map_commit() -> None:
    ledger = grown(1)
    state = read_published(ledger.storage, ledger.storage)
    assert state is not None
    assert state_of(state.note, state.commit) == state
    for index in (0, 5):
        entry = ledger.storage.rows_by_index[index].entry
        with pytest.raises(LogBreachError) as caught:
            state_of(state.note, entry or b"")
        assert caught.value.index == state.size - 1
