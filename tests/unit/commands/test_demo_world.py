"""The demo's course fits whatever the time of day at which somebody runs it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from clients.sdk import PersonRef
from ledger.api.v1 import events_pb2 as pb
from ledger.commands.demo_world import SHANGHAI, Course, plan_course


def course(now: datetime) -> Course:
    people = [PersonRef(uuid4(), bytes(32)) for _ in range(5)]
    return plan_course((uuid4(), uuid4(), uuid4()), bytes(32), people, now)


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(MOMENTS)
def test_its_sessions_follow_one_another_and_the_last_one_has_just_ended(now: datetime) -> None:
    planned = course(now)
    assert all(before.ended < after.start for before, after in pairwise(planned.sessions))
    assert timedelta(minutes=4) <= now - planned.today.ended < timedelta(minutes=5)
    assert planned.last_day == now.astimezone(SHANGHAI).date()
    # Less 30 minutes of break each: 27 hours of theory and 60 of practical work, of 45 minutes.
    minutes = {pb.HOUR_COMPONENT_THEORY_OFFLINE: 0, pb.HOUR_COMPONENT_PRACTICAL: 0}
    for session in planned.sessions:
        minutes[session.component] += (session.end - session.start) // timedelta(minutes=1) - 30
    assert list(minutes.values()) == [27 * 45, 60 * 45]


@given(MOMENTS)
def test_the_evening_before_the_last_day_is_free_for_the_make_up(now: datetime) -> None:
    planned = course(now)
    start = datetime.combine(planned.day(1), datetime.min.time(), SHANGHAI) + timedelta(hours=18)
    end = start + timedelta(minutes=90)
    assert all(each.ended <= start or each.start >= end for each in planned.sessions)


def test_the_stories_of_the_acts_are_of_different_sessions_and_people() -> None:
    planned = course(datetime(2026, 11, 25, 8, tzinfo=SHANGHAI))
    assert len({each.id for each in (planned.power_cut, planned.paper, planned.early)}) == 3
    assert planned.today not in (planned.power_cut, planned.paper, planned.early)
    assert planned.power_cut.ended - planned.power_cut.end == timedelta(minutes=20)
    told = [planned.short, planned.on_paper, planned.mistyped, *planned.unenrolled]
    assert len({person.person_ref for person in told}) == 5
    assert [*planned.enrolled, *planned.unenrolled] == list(planned.people)
