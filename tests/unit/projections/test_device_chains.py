"""A device's own chain: gaps open, close in part or wholly, and forks are named."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from projections.device_chains import BLANK, Link, Step, advance
from projections.documents import Document


def link(sequence: int, *, leaf: str = "", previous: str | None = None) -> Link:
    """The event of a number in one chain: its leaf is `L<number>` unless said."""
    before = f"L{sequence - 1}" if sequence > 1 else ""
    return Link(
        sequence,
        before if previous is None else previous,
        leaf or f"L{sequence}",
        {"index": leaf or sequence},
    )


def told(links: Sequence[Link]) -> tuple[Document, list[Step]]:
    chain, steps = BLANK, []
    for each in links:
        steps.append(advance(chain, each))
        chain = steps[-1].chain
    return chain, steps


def gaps(chain: Document) -> list[tuple[int, int, Any]]:
    found = [(gap["first"], gap["last"], gap["about"]["index"]) for gap in chain["gaps"]]
    return sorted(found)


def test_a_chain_in_order_shows_nothing() -> None:
    chain, steps = told([link(number) for number in range(1, 5)])
    assert chain == {"heads": [[4, "L4"]], "gaps": []}
    assert not any(step.fork or step.open or step.closed for step in steps)


def test_what_is_missing_is_named_at_the_event_behind() -> None:
    chain, steps = told([link(1), link(5)])
    assert gaps(chain) == [(2, 4, 5)]
    assert [(gap["first"], gap["last"]) for gap in steps[-1].open] == [(2, 4)]
    assert not steps[-1].fork


def test_a_chain_that_the_ledger_meets_in_the_middle_begins_with_a_gap() -> None:
    assert gaps(told([link(3)])[0]) == [(1, 2, 3)]


def test_a_late_event_closes_the_gap_wholly() -> None:
    chain, steps = told([link(1), link(3), link(2)])
    assert gaps(chain) == []
    assert steps[-1].closed == ({"index": 3},)
    assert not steps[-1].open


def test_a_late_event_splits_a_gap() -> None:
    chain, steps = told([link(1), link(6), link(4)])
    assert gaps(chain) == [(2, 3, 4), (5, 5, 6)]
    assert steps[-1].closed == ()
    chain, steps = told([link(1), link(6), link(4), link(5)])
    assert gaps(chain) == [(2, 3, 4)]
    assert steps[-1].closed == ({"index": 6},)


def test_a_late_event_of_other_bytes_closes_nothing_and_is_a_fork() -> None:
    for wrong in (link(2, leaf="X"), link(2, previous="X")):
        chain, steps = told([link(1), link(3), wrong])
        assert gaps(chain) == [(2, 2, 3)]
        assert steps[-1].fork


def test_a_number_given_twice_is_a_fork_and_its_own_branch_goes_on_quietly() -> None:
    doubled = link(2, leaf="X2")
    _, steps = told([link(1), link(2), doubled, link(3), link(3, leaf="X3", previous="X2")])
    assert [step.fork for step in steps] == [False, False, True, False, False]


def test_the_next_number_on_another_event_is_a_fork_and_no_gap() -> None:
    chain, steps = told([link(1), link(2, previous="X")])
    assert steps[-1].fork
    assert gaps(chain) == []


def test_a_first_event_that_names_one_before_is_a_fork() -> None:
    assert advance(BLANK, link(1, previous="X")).fork


@given(st.integers(1, 9).flatmap(lambda size: st.permutations(range(1, size + 1))))
def test_in_whatever_order_a_whole_chain_comes_nothing_is_missing(order: list[int]) -> None:
    chain, steps = told([link(number) for number in order])
    assert chain == {"heads": [[len(order), f"L{len(order)}"]], "gaps": []}
    assert not any(step.fork for step in steps)


@given(st.sets(st.integers(1, 9), min_size=1).flatmap(lambda some: st.permutations(sorted(some))))
def test_in_whatever_order_they_come_the_gaps_are_what_is_missing(order: list[int]) -> None:
    chain, _ = told([link(number) for number in order])
    missing = {number for first, last, _ in gaps(chain) for number in range(first, last + 1)}
    assert missing == set(range(1, max(order))) - set(order)
    # Each gap is told at the event right behind it.
    assert all(about == last + 1 for _, last, about in gaps(chain))
