"""Invariants of the folds: batches cut anywhere, and streams that open at any time."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ledger.api.v1 import events_pb2 as pb
from projections.follower import Follower
from projections.queries import Queries
from tests.unit.projections.folding import folded
from tests.unit.projections.memory import MemoryFeed, MemoryViews
from tests.unit.projections.story import (
    AFTERNOON,
    ANNA,
    BENNO,
    CHIEF,
    CLERK,
    COHORT,
    DAY,
    MINUTE,
    MORNING,
    Story,
    at,
    enrolment,
)

NUMBER = "PXZM-320599-2026-K7Q2-M4XB-9T3H-D"
FACE = pb.PRESENCE_METHOD_FACE


Step = Callable[[Story], object]

minutes = st.integers(0, 24 * 60)
people = st.sampled_from([ANNA, BENNO])
sessions = st.sampled_from([MORNING, AFTERNOON])


def mark(person: bytes, session: bytes, minute: int, sign_in: bool, ahead: bool) -> Step:
    body = (pb.LearnerSignedIn if sign_in else pb.LearnerSignedOut)(session=session, method=FACE)
    when = at(0, minute)
    recorded = when - 60 * MINUTE if ahead else when + DAY
    return lambda story: story.fact(person, body, occurred_us=when, recorded_us=recorded)


def session_fact(kind: int, session: bytes, minute: int, component: int) -> Step:
    if kind == 0:
        return lambda story: story.session(
            session, at(0, minute), at(2, minute), component=component, breaks=5
        )
    body = (
        pb.SessionStarted(session=session)
        if kind == 1
        else pb.SessionEnded(session=session, break_minutes=7)
    )
    return lambda story: story.cohort_fact(body, occurred_us=at(0, minute))


def unlisted(ticket: int, session: bytes, minute: int, sign_in: bool) -> Step:
    kind = pb.UnlistedSignedIn if sign_in else pb.UnlistedSignedOut
    body = kind(session=session, ticket=bytes([ticket]) * 16, method=FACE)
    return lambda story: story.cohort_fact(body, occurred_us=at(0, minute))


def attributed(ticket: int, session: bytes, person: bytes, by_two: bool) -> Step:
    body = pb.UnlistedPresenceAttributed(
        session=session, ticket=bytes([ticket]) * 16, enrolment=enrolment(person)
    )
    return lambda story: story.cohort_fact(body, persons=(CLERK, CHIEF if by_two else CLERK))


tickets = st.integers(1, 2)
facts: st.SearchStrategy[Step] = st.one_of(
    st.builds(
        mark, people, sessions, minutes, st.booleans(), st.integers(0, 9).map(lambda n: not n)
    ),
    st.builds(unlisted, tickets, sessions, minutes, st.booleans()),
    st.builds(attributed, tickets, sessions, people, st.booleans()),
    st.builds(session_fact, st.integers(0, 2), sessions, minutes, st.sampled_from([1, 3])),
    st.builds(
        lambda person, code, start: lambda story: story.lesson(person, code, at(0, start), 31),
        people,
        st.sampled_from(["LV-1", "LV-2"]),
        minutes,
    ),
    st.builds(
        lambda person, score: (
            lambda story: story.fact(person, pb.CourseTestRecorded(score_hundredths=score))
        ),
        people,
        st.integers(0, 10_000),
    ),
)
decisions: st.SearchStrategy[Step] = st.one_of(
    st.builds(lambda person: lambda story: story.enrol(person), people),
    st.builds(lambda person: lambda story: story.withdraw(person), people),
    st.just(lambda story: story.plan()),
    st.builds(lambda person: lambda story: story.issue(person, NUMBER), people),
    st.builds(lambda person: lambda story: story.revoke(person), people),
)


@given(
    steps=st.lists(st.one_of(facts, decisions), max_size=40),
    cuts=st.lists(st.integers(1, 9), min_size=1, max_size=9),
)
def test_batches_cut_anywhere_give_the_same_documents(steps: list[Step], cuts: list[int]) -> None:
    story = Story()
    for step in steps:
        step(story)
    store, feed = MemoryViews(), MemoryFeed(story.events)
    follower = Follower(feed, store)
    turn = 0
    while follower.lag():
        follower.step(cuts[turn % len(cuts)])
        turn += 1
    assert store.state == folded(story.events).state
    assert store.state == folded(story.events, limit=1).state


def counting(story: Story) -> object:
    """The cohort file without the place of its plan, and what is held."""
    store = folded(story.events)
    file = Queries(store).cohort_file(COHORT).value
    assert file is not None
    return replace(file, pins=()), store.page("held", None, b"", 1_000)


@given(steps=st.lists(facts, max_size=20), data=st.data())
def test_when_streams_open_makes_no_difference_to_what_counts(
    steps: list[Step], data: st.DataObject
) -> None:
    # Recorded as they happen: late, they would be irregular records at places of their own.
    openers: list[Step] = [
        lambda story: story.plan(recorded_us=at(8)),
        lambda story: story.enrol(ANNA, recorded_us=at(8)),
        lambda story: story.enrol(BENNO, recorded_us=at(8)),
    ]

    def told(places: Sequence[int]) -> Story:
        story = Story()
        for number in range(len(steps) + 1):
            story.next_index = number * 10
            for opener, place in zip(openers, places, strict=True):
                if place == number:
                    opener(story)
            story.next_index = number * 10 + 5
            if number < len(steps):
                steps[number](story)
        return story

    places = [data.draw(st.integers(0, len(steps))) for _ in openers]
    assert counting(told(places)) == counting(told([0, 0, 0]))
