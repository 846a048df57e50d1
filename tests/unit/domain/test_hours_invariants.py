"""Hours of evaluator version 1: what holds for any sessions, marks and lessons."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.hours import LearnerHours, Lesson, Mark, TaughtSession, evaluate_hours
from ledger.domain.policies import HourRules
from tests.unit.domain.learner_days import (
    DAY,
    MIDNIGHT,
    MINUTE,
    OFFLINE,
    PRACTICAL,
    RULES,
    capped_at,
    name,
    session,
)

# Minutes from 20:00 to 04:00: close together, on two days.
moments = st.integers(20 * 60, 28 * 60)


@st.composite
def taught(draw: st.DrawFn, breaks: st.SearchStrategy[int]) -> list[TaughtSession]:
    """Up to five sessions around midnight that may overlap."""
    held = []
    for number in range(draw(st.integers(0, 5))):
        start = draw(moments)
        length = draw(st.integers(1, 180))
        held.append(
            TaughtSession(
                name(number),
                draw(st.sampled_from((OFFLINE, PRACTICAL))),
                MIDNIGHT + start * MINUTE,
                MIDNIGHT + (start + length) * MINUTE,
                draw(breaks),
                (3 * number, 3 * number + 1, 3 * number + 2),
            )
        )
    return held


@st.composite
def signs(draw: st.DrawFn) -> list[Mark]:
    """Up to 24 marks in any order, also of a session that was not held."""
    rows = draw(st.lists(st.tuples(st.integers(0, 5), moments, st.booleans()), max_size=24))
    return [
        Mark(name(number), MIDNIGHT + minute * MINUTE, is_in, 100 + position)
        for position, (number, minute, is_in) in enumerate(rows)
    ]


@st.composite
def watched(draw: st.DrawFn) -> list[Lesson]:
    rows = draw(
        st.lists(st.tuples(st.sampled_from("ABCD"), moments, st.integers(0, 90)), max_size=6)
    )
    return [
        Lesson(code, MIDNIGHT + minute * MINUTE, length, 200 + position)
        for position, (code, minute, length) in enumerate(rows)
    ]


rule_sets = st.sampled_from((RULES, capped_at(8), capped_at(2)))


@given(st.data(), taught(st.integers(0, 60)), signs(), watched(), rule_sets)
def test_the_order_of_the_inputs_is_irrelevant(
    data: st.DataObject,
    held: list[TaughtSession],
    marked: list[Mark],
    online: list[Lesson],
    rules: HourRules,
) -> None:
    shuffled = evaluate_hours(
        data.draw(st.permutations(held)),
        data.draw(st.permutations(marked)),
        data.draw(st.permutations(online)),
        rules,
    )
    assert shuffled == evaluate_hours(held, marked, online, rules)


def classroom_minutes(result: LearnerHours) -> int:
    return result.components[0].minutes + result.components[2].minutes


def session_minutes(held: Iterable[TaughtSession]) -> set[int]:
    """Minutes of the union of the sessions."""
    return {
        minute for one in held for minute in range(one.start_us // MINUTE, one.end_us // MINUTE)
    }


def is_present(marked: Sequence[Mark], minute: int) -> bool:
    """The last mark up to the minute is a sign-in and the next one a sign-out."""
    ordered = sorted(marked, key=lambda mark: (mark.at_us, mark.index))
    before = [mark for mark in ordered if mark.at_us <= minute * MINUTE]
    after = ordered[len(before) :]
    return bool(before and after) and before[-1].is_sign_in and not after[0].is_sign_in


@given(taught(st.just(0)), signs())
def test_without_breaks_each_minute_of_presence_counts_exactly_once(
    held: list[TaughtSession], marked: list[Mark]
) -> None:
    present = {
        minute
        for one in held
        for minute in session_minutes([one])
        if is_present([mark for mark in marked if mark.session == one.session], minute)
    }
    assert classroom_minutes(evaluate_hours(held, marked, [], RULES)) == len(present)


@given(taught(st.integers(0, 60)), signs())
def test_never_more_minutes_than_the_sessions_had(
    held: list[TaughtSession], marked: list[Mark]
) -> None:
    assert classroom_minutes(evaluate_hours(held, marked, [], RULES)) <= len(session_minutes(held))
    # The learner who was there from before the first to after the last minute has all of them.
    always = [
        mark
        for one in held
        for mark in (
            Mark(one.session, MIDNIGHT, True, 100),
            Mark(one.session, MIDNIGHT + 4 * DAY, False, 101),
        )
    ]
    unbroken = [replace(one, break_minutes=0) for one in held]
    result = evaluate_hours(unbroken, always, [], RULES)
    assert classroom_minutes(result) == len(session_minutes(held))


@given(st.data(), watched(), rule_sets)
def test_a_matched_pair_more_never_lowers_the_hours(
    data: st.DataObject, online: list[Lesson], rules: HourRules
) -> None:
    # Two sessions that do not overlap: where they do, presence in the first can cost the second.
    next_day = data.draw(st.booleans())
    held = [
        session("08:30", "12:00", breaks=data.draw(st.integers(0, 60))),
        session("13:00", "17:00", day=int(next_day), number=2, component=PRACTICAL),
    ]
    pairs = []
    for number in (1, 2):
        # Sorted and distinct, so pairs of neighbours do not overlap.
        times = sorted(data.draw(st.sets(st.integers(8 * 60, 18 * 60), max_size=8)))
        midnight = MIDNIGHT + (DAY if number == 2 and next_day else 0)
        for first, last in zip(times[::2], times[1::2], strict=False):
            index = 10 * (first + 1) + number
            pairs.append(
                (
                    Mark(name(number), midnight + first * MINUTE, True, index),
                    Mark(name(number), midnight + last * MINUTE, False, index + 5),
                )
            )
    fewer = data.draw(st.permutations(pairs))[1:]
    less = evaluate_hours(held, [mark for pair in fewer for mark in pair], online, rules)
    more = evaluate_hours(held, [mark for pair in pairs for mark in pair], online, rules)
    assert more.total >= less.total
    assert classroom_minutes(more) >= classroom_minutes(less)
