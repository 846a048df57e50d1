"""The publisher: what it writes, what it refuses to sign, and what a crash leaves behind."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.application.breaches import LogBreachError
from ledger.application.errors import StorageUnavailableError
from ledger.application.ports import OwnRow
from ledger.log.merkle import verify_consistency
from ledger.log.tiles import consistency_path_from_tiles
from tests.independent import head_map as independent
from tests.independent.entries import canonical_json
from tests.unit.application.publication_checks import (
    check_everything,
    due_commit,
    opened,
    stored_entries,
    with_slot,
)
from tests.unit.application.written_log import NOW_US, Ledger
from tests.unit.clients.verifier.small_log import core

POINTS = (
    "head",
    "entries",
    "tile",
    "map items",
    "register read",
    "before swap",
    "after swap",
    "before publish",
    "after publish",
)


@settings(max_examples=25)
@given(st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=9), min_size=1, max_size=5))
def test_any_slicing_gives_the_map_commits_of_a_recomputation(slices: list[list[int]]) -> None:
    ledger = Ledger()
    for learners in slices:
        for learner in learners:
            ledger.log.sign_in(learner)
        published = ledger.publish()
        assert published.size == max(ledger.storage.notes)
        ledger.log.fill(published.size - 1)
    check_everything(ledger)


def test_entries_behind_the_slot_wait_for_the_next_one() -> None:
    ledger = Ledger()
    slot = ledger.log.slot()
    ledger.log.sign_in(1)
    published = ledger.publisher.publish_once()
    assert published is not None
    assert published.size == slot + 1
    assert published.seconds >= 0
    assert opened(published.note).checkpoint.size == slot + 1
    assert ledger.publisher.publish_once() is None
    ledger.log.fill(slot)
    assert ledger.publish().size == slot + 3
    check_everything(ledger)


def test_trees_of_more_than_one_tile_extend_each_other() -> None:
    ledger = Ledger()
    for number in range(560):
        ledger.log.sign_in(number % 7)
        if number % 139 == 0:
            ledger.log.fill(ledger.publish().size - 1)
    ledger.log.fill(ledger.publish().size - 1)
    sizes = sorted(ledger.storage.notes)
    for old, new in pairwise(sizes):
        trees = [opened(ledger.storage.notes[size]).checkpoint for size in (old, new)]
        path = consistency_path_from_tiles(old, new, ledger.storage.tile)
        verify_consistency(old, trees[0].root, new, trees[1].root, path)
    check_everything(ledger)
    assert {level for level, _ in ledger.storage.tiles} == {0, 1}


def test_a_certificate_number_is_in_the_map_from_its_publication_on() -> None:
    ledger = Ledger()
    ledger.log.issue(core())
    before = len(independent.heads(stored_entries(ledger.storage, 5)))
    ledger.publish()
    check_everything(ledger)
    # The certificate's stream, its number, and the cohort.
    assert len(ledger.storage.stored_heads) == before + 3


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("point", POINTS)
def test_a_crash_at_any_point_ends_in_one_consistent_state(
    point: str,
    first: bool,
    restart: bool,
) -> None:
    ledger = Ledger()
    if not first:
        ledger.log.fill(ledger.publish().size - 1)
        ledger.log.sign_in(1)
        ledger.publisher = ledger.restarted()
    slot = ledger.log.slot()
    ledger.log.sign_in(2)
    due = due_commit(stored_entries(ledger.storage, slot), None if first else slot - 2)
    ledger.storage.faults.armed.add(point)
    try:
        ledger.publisher.publish_once()
    except StorageUnavailableError as error:
        assert str(error) == point  # noqa: PT017 - not every point lies on the first round's way
    ledger.storage.faults.armed.clear()
    registered = ledger.register.held
    if restart:
        ledger.publisher = ledger.restarted()
        ledger.publisher.verify_against_register()
    ledger.publisher.publish_once()
    assert ledger.storage.rows_by_index[slot].entry == due
    if point in {"after swap", "before publish", "after publish"}:
        # What is registered is signed: it is published as it is, and not signed again.
        assert ledger.register.held == registered
    assert ledger.publisher.publish_once() is None
    ledger.log.fill(slot)
    ledger.publish()
    check_everything(ledger)


@pytest.mark.parametrize("points", [("after swap", "before publish"), ("before swap", "map items")])
def test_a_second_fault_while_the_first_is_repaired_loses_nothing(points: tuple[str, str]) -> None:
    ledger = Ledger()
    ledger.log.fill(ledger.publish().size - 1)
    ledger.log.sign_in(1)
    ledger.log.slot()
    for point in points:
        ledger.storage.faults.armed.add(point)
        with pytest.raises(StorageUnavailableError, match=point):
            ledger.publisher.publish_once()
    assert ledger.publisher.publish_once() is not None
    check_everything(ledger)


def test_after_an_error_the_map_is_read_from_the_store_again() -> None:
    ledger = Ledger()
    ledger.log.fill(ledger.publish().size - 1)
    ledger.log.sign_in(1)
    ledger.log.slot()
    passed = ledger.storage.faults.passed
    passed.clear()
    ledger.storage.faults.armed.add("before publish")
    with pytest.raises(StorageUnavailableError):
        ledger.publisher.publish_once()
    assert "map items" not in passed
    ledger.publisher.publish_once()
    assert "map items" in passed


def test_two_publishers_share_a_log() -> None:
    ledger = Ledger()
    publishers = [ledger.restarted(), ledger.restarted()]
    for number in range(5):
        ledger.log.sign_in(number)
        slot = ledger.log.slot()
        assert publishers[number % 2].publish_once() is not None
        assert publishers[1 - number % 2].publish_once() is None
        ledger.log.fill(slot)
    check_everything(ledger)


@pytest.mark.parametrize("behind", [False, True])
def test_a_publisher_that_is_overtaken_in_the_middle_steps_back(behind: bool) -> None:
    ledger = with_slot()
    slow, fast = ledger.restarted(), ledger.restarted()
    for publisher in (slow, fast):
        publisher.verify_against_register()

    def overtake() -> None:
        ledger.storage.before_heads = lambda: None
        assert fast.publish_once() is not None
        if behind:
            ledger.log.fill(10)
            ledger.log.sign_in(1)
            ledger.log.slot()
            assert fast.publish_once() is not None

    ledger.storage.before_heads = overtake
    assert slow.publish_once() is None
    assert slow.publish_once() is None
    ledger.log.fill(10)
    if behind:
        ledger.log.fill(12)
    ledger.log.sign_in(2)
    ledger.log.slot()
    assert slow.publish_once() is not None
    check_everything(ledger)


def test_a_publisher_that_finds_the_checkpoint_registered_takes_it_over() -> None:
    ledger = with_slot()
    other = ledger.restarted()
    ledger.storage.faults.armed.add("before publish")
    with pytest.raises(StorageUnavailableError):
        other.publish_once()
    held = ledger.register.held
    published = ledger.publisher.publish_once()
    assert held is not None
    assert published is not None
    assert (published.size, published.note) == (held.size, held.note)
    check_everything(ledger)


def test_a_register_that_moves_in_the_middle_sends_the_publisher_back() -> None:
    ledger = with_slot()
    held = ledger.register.held
    assert held is not None
    ledger.publisher.verify_against_register()

    def move() -> None:
        ledger.storage.before_heads = lambda: None
        ledger.register.held = held._replace(size=1)

    ledger.storage.before_heads = move
    assert ledger.publisher.publish_once() is None
    assert list(ledger.storage.notes) == [6]
    # Nobody published: the next round looks into it.
    with pytest.raises(LogBreachError, match="own checkpoint"):
        ledger.publisher.publish_once()
    ledger.register.held = held
    assert ledger.publisher.publish_once() is not None
    check_everything(ledger)


@pytest.mark.parametrize("seconds", [0, 1_000_000_000])
def test_a_signature_is_never_before_the_last_entry(seconds: int) -> None:
    ledger = Ledger(clock=lambda: seconds * 1_000_000)
    published = ledger.publish()
    recorded = ledger.storage.rows_by_index[4].recorded_us
    assert (opened(published.note).timestamp or 0) * 1_000_000 == recorded


def test_signatures_never_go_back_in_time() -> None:
    ledger = Ledger()
    times = iter([NOW_US + 5_999_999, NOW_US, NOW_US + 9_000_000])
    ledger.clock = lambda: next(times)
    stamps = []
    for learner in range(3):
        # A new process each time: what it knows of the last signature it reads from the store.
        ledger.publisher = ledger.restarted()
        ledger.log.sign_in(learner)
        published = ledger.publish()
        ledger.log.fill(published.size - 1)
        stamps.append(opened(published.note).timestamp)
    start = NOW_US // 1_000_000
    assert stamps == [start + 5, start + 5, start + 9]


def test_a_closed_log_is_published_once_more_and_never_again() -> None:
    ledger = with_slot()
    ledger.publisher.publish_once()
    ledger.log.fill(10)
    recorded = ledger.storage.rows_by_index[10].recorded_us
    closed = canonical_json({"kind": "log-closed", "recorded": recorded, "v": 1})
    ledger.storage.rows_by_index[11] = OwnRow(11, closed, recorded)
    ledger.storage.rows_by_index[12] = OwnRow(12, None, recorded)
    published = ledger.publisher.publish_once()
    assert published is not None
    assert published.size == 13
    check_everything(ledger)


def test_an_empty_log_has_nothing_to_publish() -> None:
    ledger = Ledger()
    ledger.publisher.verify_against_register()
    assert ledger.publisher.publish_once() is None
    assert ledger.own_map().refresh() is None
