"""Invariants of the folds across cohorts, with repairs in any order and streams opened any time."""

from collections.abc import Callable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from ledger.api.v1 import events_pb2 as pb
from projections.follower import Follower
from projections.ports import FedEvent
from tests.unit.projections.memory import MemoryFeed, MemoryViews
from tests.unit.projections.story import AFTERNOON, ANNA, BENNO, MORNING, TEACHER, Story, at

Step = Callable[[Story], object]
FACE = pb.PRESENCE_METHOD_FACE

people = st.sampled_from([ANNA, BENNO])
sessions = st.sampled_from([MORNING, AFTERNOON])
hours = st.integers(0, 60)
targets = st.integers(0, 24).map(lambda number: (number * 10 + 5).to_bytes(16, "big"))
fields = st.sampled_from(
    [pb.CORRECTED_FIELD_OCCURRED, pb.CORRECTED_FIELD_SESSION, pb.CORRECTED_FIELD_TEACHER]
)


def timetable(session: bytes, hour: int, moved: bool) -> Step:
    if moved:
        body = pb.SessionRescheduled(
            session=session, start_us=at(hour), end_us=at(hour + 2), teacher=TEACHER
        )
        return lambda story: story.cohort_fact(body)
    return lambda story: story.session(session, at(hour), at(hour + 2))


def presence(person: bytes, session: bytes, hour: int, checked: bool) -> Step:
    body = (
        pb.PresenceSpotChecked(session=session, present=hour % 2 == 0, method=FACE)
        if checked
        else pb.LearnerSignedIn(session=session, method=FACE)
    )
    return lambda story: story.fact(person, body, occurred_us=at(hour))


def voiding(person: bytes, target: bytes, of_cohort: bool) -> Step:
    if of_cohort:
        body = pb.CohortEventVoided(target=target, reason="WRONG-SESSION")
        return lambda story: story.cohort_fact(body)
    voided = pb.EventVoided(target=target, reason="WRONG-LEARNER")
    return lambda story: story.fact(person, voided)


def correction(
    person: bytes,
    target: bytes,
    field: pb.CorrectedField.ValueType,
    session: bytes,
    of_cohort: bool,
) -> Step:
    if of_cohort:
        body = pb.CohortRecordCorrected(target=target, field=field, number=at(9), id=session)
        return lambda story: story.cohort_fact(body)
    corrected = pb.RecordCorrected(target=target, field=field, number=at(9), id=session)
    return lambda story: story.fact(person, corrected)


facts: st.SearchStrategy[Step] = st.one_of(
    st.builds(timetable, sessions, hours, st.booleans()),
    st.builds(presence, people, sessions, hours, st.booleans()),
    st.builds(voiding, people, targets, st.booleans()),
    st.builds(correction, people, targets, fields, sessions, st.booleans()),
)


def told(steps: Sequence[Step], places: Sequence[int]) -> Story:
    """Tell steps at fixed indices; plan and enrolments stand before the step of their place."""
    openers: tuple[Step, ...] = (
        lambda story: story.plan(recorded_us=at(8)),
        lambda story: story.enrol(ANNA, recorded_us=at(8)),
        lambda story: story.enrol(BENNO, recorded_us=at(8)),
    )
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


def folded(events: Sequence[FedEvent], limit: int = 1_000) -> MemoryViews:
    store = MemoryViews()
    Follower(MemoryFeed(list(events)), store).catch_up(limit)
    return store


@given(steps=st.lists(facts, max_size=20), limit=st.integers(1, 9), data=st.data())
def test_neither_batches_nor_the_time_of_opening_change_what_is_shown(
    steps: list[Step], limit: int, data: st.DataObject
) -> None:
    places = [data.draw(st.integers(0, len(steps))) for _ in range(3)]
    late = told(steps, places)
    whole = folded(late.events)
    assert folded(late.events, limit).state == whole.state
    assert whole.state.rows == folded(told(steps, [0, 0, 0]).events).state.rows
