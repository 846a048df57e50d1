"""Invariants of the folds across cohorts: amendments of anything, streams opened at any time."""

from collections.abc import Callable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from ledger.api.v1 import events_pb2 as pb
from projections.follower import Follower
from projections.ports import FedEvent
from projections.queries import Queries
from projections.shanghai_days import day_of
from projections.supervision_queries import SupervisionQueries
from tests.unit.projections.memory import MemoryFeed, MemoryViews
from tests.unit.projections.story import (
    AFTERNOON,
    ANNA,
    BENNO,
    CHIEF,
    CLERK,
    COHORT,
    INSTITUTION,
    MORNING,
    TEACHER,
    Story,
    at,
    enrolment,
)

Step = Callable[[Story], object]
FACE = pb.PRESENCE_METHOD_FACE
AMENDERS = (CLERK, CHIEF)
TERMINALS = ("TERM-0031", "TERM-0032")

DAYS = [day_of(at(0, day=day)) for day in range(-4, 7)]

people = st.sampled_from([ANNA, BENNO])
sessions = st.sampled_from([MORNING, AFTERNOON])
tickets = st.integers(1, 2)
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
    device = TERMINALS[hour % 2]
    recorded = at(max(hour - 12, 8))
    return lambda story: story.fact(
        person, body, occurred_us=at(hour), recorded_us=recorded, device=device
    )


def course(session: bytes, hour: int, ended: bool) -> Step:
    body = pb.SessionEnded(session=session) if ended else pb.SessionStarted(session=session)
    return lambda story: story.cohort_fact(body, occurred_us=at(hour), device=TERMINALS[hour % 2])


def statement(device: str, offset: int) -> Step:
    body = pb.ClockOffsetStated(
        device=device, offset_us=(offset - 30) * 3600 * 1_000_000, first_us=at(0), last_us=at(48)
    )
    return lambda story: story.cohort_fact(body)


def unlisted(ticket: int, session: bytes, hour: int, signs_in: bool) -> Step:
    kind = pb.UnlistedSignedIn if signs_in else pb.UnlistedSignedOut
    body = kind(session=session, ticket=bytes([ticket]) * 16, method=FACE)
    return lambda story: story.cohort_fact(body, occurred_us=at(hour), recorded_us=at(30))


def attributed(ticket: int, session: bytes, person: bytes, by_two: bool) -> Step:
    body = pb.UnlistedPresenceAttributed(
        session=session, ticket=bytes([ticket]) * 16, enrolment=enrolment(person)
    )
    return lambda story: story.cohort_fact(body, persons=AMENDERS if by_two else (CLERK, CLERK))


def teacher(session: bytes, hour: int, signs_in: bool) -> Step:
    kind = pb.TeacherSignedIn if signs_in else pb.TeacherSignedOut
    body = kind(session=session, teacher=TEACHER, method=FACE)
    return lambda story: story.cohort_fact(body, occurred_us=at(hour))


def voiding(person: bytes, target: bytes, of_cohort: bool) -> Step:
    if of_cohort:
        body = pb.CohortEventVoided(target=target, reason="WRONG-SESSION")
        return lambda story: story.cohort_fact(body, persons=AMENDERS)
    voided = pb.EventVoided(target=target, reason="WRONG-LEARNER")
    return lambda story: story.fact(person, voided, persons=AMENDERS)


def correction(
    person: bytes,
    target: bytes,
    field: pb.CorrectedField.ValueType,
    session: bytes,
    of_cohort: bool,
) -> Step:
    if of_cohort:
        body = pb.CohortRecordCorrected(target=target, field=field, number=at(9), id=session)
        return lambda story: story.cohort_fact(body, persons=AMENDERS)
    corrected = pb.RecordCorrected(target=target, field=field, number=at(9), id=session)
    return lambda story: story.fact(person, corrected, persons=AMENDERS)


facts: st.SearchStrategy[Step] = st.one_of(
    st.builds(timetable, sessions, hours, st.booleans()),
    st.builds(presence, people, sessions, hours, st.booleans()),
    st.builds(course, sessions, hours, st.booleans()),
    st.builds(unlisted, tickets, sessions, hours, st.booleans()),
    st.builds(attributed, tickets, sessions, people, st.booleans()),
    st.builds(teacher, sessions, hours, st.booleans()),
    st.builds(statement, st.sampled_from(TERMINALS), hours),
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


def shown(events: Sequence[FedEvent]) -> object:
    """All that the overviews say of these events."""
    asked = SupervisionQueries(folded(events))
    return (
        [asked.sessions(day, b"", 100).rows for day in DAYS],
        asked.irregular(None, 0, b"", 1_000).rows,
        asked.trace([(INSTITUTION, ANNA), (INSTITUTION, BENNO)]).value,
    )


@given(steps=st.lists(facts, max_size=20), limit=st.integers(1, 9), data=st.data())
def test_neither_batches_nor_the_time_of_opening_change_what_is_shown(
    steps: list[Step], limit: int, data: st.DataObject
) -> None:
    places = [data.draw(st.integers(0, len(steps))) for _ in range(3)]
    late = told(steps, places)
    assert folded(late.events, limit).state == folded(late.events).state
    assert shown(late.events) == shown(told(steps, [0, 0, 0]).events)


@given(steps=st.lists(facts, max_size=20))
def test_the_overviews_and_the_cohort_file_say_the_same(steps: list[Step]) -> None:
    store = folded(told(steps, [0, 0, 0]).events)
    file = Queries(store).cohort_file(COHORT).value
    assert file is not None
    overview = SupervisionQueries(store)
    days = {row.session: row for day in DAYS for row in overview.sessions(day, b"", 100).rows}
    dated = {
        row.session: row
        for row in file.sessions
        if row.planned_start_us or row.started_us or row.ended_us
    }
    assert days.keys() == dated.keys()
    for session, row in dated.items():
        seen = days[session].shown
        assert (seen["component"], seen["room"]) == (row.component, row.room)
        assert seen["teacher"] == row.teacher.hex()
        assert (seen["planned_start_us"], seen["planned_end_us"]) == (
            row.planned_start_us,
            row.planned_end_us,
        )
        assert (seen["started_us"], seen["ended_us"]) == (row.started_us, row.ended_us)
        assert seen["cancelled"] == row.cancelled
        assert days[session].signed_in == row.signed_in
        assert days[session].unlisted == row.unlisted
        assert (seen["teacher_in_us"], seen["teacher_out_us"]) == (
            row.teacher_in_us,
            row.teacher_out_us,
        )
        checked = days[session].checked_present + days[session].checked_absent
        assert (checked > 0) == (row.spot_checks > 0)
        assert (days[session].checked_absent > 0) == (row.missed_spot_checks > 0)
