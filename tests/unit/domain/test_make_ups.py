"""Make-ups 补课, guests and carried credits: what they credit, and what they do not."""

from dataclasses import replace

import pytest

from ledger.api.v1 import events_pb2 as pb
from ledger.domain.enrolment_hours import (
    cohort_records,
    enrolment_record,
    host_cohorts,
    learner_hours,
)
from ledger.domain.holding import GUEST_NOT_PLANNED
from ledger.domain.hours import Credit, LearnerHours, evaluate_hours
from ledger.domain.policies import Pairing, Policy, parse_policy
from ledger.domain.recorded_event import RecordedEvent
from tests.unit.domain.facts import (
    CHIEF,
    CLERK,
    COHORT,
    HOST,
    OTHER_HOST,
    S1,
    S2,
    S3,
    ended,
    fact,
    id_of,
    lesson,
    scheduled,
    signed_in,
    signed_out,
    started,
)
from tests.unit.domain.learner_days import (
    ELECTRICIAN,
    OFFLINE,
    ONLINE,
    PRACTICAL,
    RULES,
    at,
    capped_at,
    session,
    whole,
)

WARNING = parse_policy(ELECTRICIAN)
BINDING = replace(
    WARNING,
    make_up=replace(
        WARNING.make_up,
        deadline_days=replace(WARNING.make_up.deadline_days, value=30, binding=True),
    ),
)
MISSED = (
    fact(1, "07:30", scheduled(S1)),
    fact(2, "08:30", started(S1)),
    fact(3, "12:00", ended(S1)),
)


def held_on(day: int, *, cohort: bytes, number: int = 100, name: bytes = S2) -> list[RecordedEvent]:
    """A session of 90 minutes of that cohort, 13:30 to 15:00."""
    told = (
        ("07:30", scheduled(name, "13:30", "15:00", day=day)),
        ("13:30", started(name)),
        ("15:00", ended(name)),
    )
    return [
        fact(number + place, clock, body, day=day, cohorts=(cohort,))
        for place, (clock, body) in enumerate(told)
    ]


def attends(day: int, *cohorts: bytes, name: bytes = S2) -> list[RecordedEvent]:
    return [
        fact(200, "13:20", signed_in(name), day=day, cohorts=cohorts),
        fact(201, "15:05", signed_out(name), day=day, cohorts=cohorts),
    ]


def plan(session_name: bytes = S2, cohort: bytes = HOST, index: int = 150) -> RecordedEvent:
    body = pb.MakeUpScheduled(missed=S1, session=session_name, cohort=cohort, due_day=20260415)
    return fact(index, "17:00", body)


def hours(
    cohort: list[RecordedEvent], enrolment: list[RecordedEvent], policy: Policy = WARNING
) -> LearnerHours:
    cohorts = cohort_records([*MISSED, *cohort], COHORT, policy)
    records = enrolment_record(enrolment, cohorts, policy)
    return learner_hours(cohorts, records.counted, policy)


def test_a_guest_is_credited_by_the_plan_of_the_home_side() -> None:
    at_host, present = held_on(3, cohort=HOST), attends(3, COHORT, HOST)
    with_plan = hours(at_host, [plan(), *present])
    # 13:30-15:00 is 90; 90 // 45 = 2
    assert (with_plan.hours(OFFLINE), with_plan.components[0].minutes) == (2, 90)
    assert with_plan.components[0].events == (100, 101, 102, 200, 201)
    without = hours(at_host, present)
    assert (without.total, without.open_sign_ins) == (0, ())
    # The plan may come after the class.
    assert hours(at_host, [*present, plan(index=999)]) == with_plan


def test_a_guest_without_a_plan_is_held_and_a_plan_elsewhere_does_not_help() -> None:
    present = attends(3, COHORT, HOST)
    for plans in ([], [plan(S3)], [plan(cohort=OTHER_HOST)], [plan(cohort=COHORT)]):
        record = enrolment_record([*plans, *present], (), WARNING)
        assert record.held == {200: GUEST_NOT_PLANNED, 201: GUEST_NOT_PLANNED}
        assert hours(held_on(3, cohort=HOST), [*plans, *present]).total == 0


def test_a_voided_plan_is_none() -> None:
    void = pb.EventVoided(target=id_of(150), reason="TYPED-WRONG")
    events = [plan(), *attends(3, COHORT, HOST), fact(160, "20:00", void, persons=(CLERK, CHIEF))]
    assert hours(held_on(3, cohort=HOST), events).total == 0


def test_marks_that_do_not_name_the_host_count_in_none_of_its_sessions() -> None:
    # Or the home side could invent attendance of which the host's own file shows nothing.
    unseen, seen = attends(3, COHORT), attends(3, COHORT, HOST)
    assert hours(held_on(3, cohort=HOST), [plan(), *unseen]).total == 0
    assert hours(held_on(3, cohort=HOST), [plan(), *seen]).hours(OFFLINE) == 2


def test_a_corrected_session_is_what_the_plan_has_to_name() -> None:
    present = attends(3, COHORT, HOST, name=S3)
    moves = [
        fact(
            300 + place,
            "20:00",
            pb.RecordCorrected(target=id_of(200 + place), field=pb.CORRECTED_FIELD_SESSION, id=S2),
            day=3,
            cohorts=(COHORT, HOST),
            persons=(CLERK, CHIEF),
        )
        for place in range(2)
    ]
    assert hours(held_on(3, cohort=HOST), [plan(), *present]).total == 0
    assert hours(held_on(3, cohort=HOST), [plan(), *present, *moves]).hours(OFFLINE) == 2


def test_a_session_id_that_stands_in_two_cohorts_is_attended_in_the_one_that_is_planned() -> None:
    """Ids of sessions are chosen: a stay with the host is none in a session at home."""
    at_home = [
        fact(110, "07:30", scheduled(S2, day=3), day=3),
        fact(111, "08:30", started(S2), day=3),
        fact(112, "12:00", ended(S2), day=3),
    ]
    stay = [
        fact(200, "08:00", signed_in(S2), day=3, cohorts=(COHORT, HOST)),
        fact(201, "15:05", signed_out(S2), day=3, cohorts=(COHORT, HOST)),
    ]
    both = [*at_home, *held_on(3, cohort=HOST)]
    # 13:30-15:00 is 90; the 210 minutes at home are not added.
    assert hours(both, [plan(), *stay]).components[0].minutes == 90
    own = attends(3, COHORT)[1:]
    came = fact(200, "08:00", signed_in(S2), day=3)
    assert hours(both, [came, *own]).components[0].minutes == 210


def test_a_day_with_the_host_is_none_at_home_where_the_policy_signs_by_day() -> None:
    by_day = replace(WARNING, hours=replace(WARNING.hours, pairing=Pairing.DAY))
    at_home = [
        fact(110, "07:30", scheduled(S3, day=3), day=3),
        fact(111, "08:30", started(S3), day=3),
        fact(112, "12:00", ended(S3), day=3),
    ]
    both = [*at_home, *held_on(3, cohort=HOST)]

    def stay(*cohorts: bytes, index: int = 200) -> list[RecordedEvent]:
        return [
            fact(index, "08:00", signed_in(S2), day=3, cohorts=cohorts),
            fact(index + 1, "15:05", signed_out(S2), day=3, cohorts=cohorts),
        ]

    away, own = stay(COHORT, HOST), stay(COHORT, index=210)
    assert hours(both, [plan(), *away], by_day).components[0].minutes == 90
    # Signed in at home for the whole day: 08:30 to 12:00 there, and nothing with the host.
    assert hours(both, [plan(), *own], by_day).components[0].minutes == 210
    assert hours(both, [plan(), *away, *own], by_day).components[0].minutes == 300


def test_the_cohorts_that_plans_name_are_the_hosts_to_read() -> None:
    assert host_cohorts([plan(), plan(S3, COHORT), *attends(3, COHORT, HOST)]) == {HOST}
    assert host_cohorts(attends(3, COHORT, HOST)) == set()


@pytest.mark.parametrize("host", [COHORT, HOST])
@pytest.mark.parametrize(
    ("day", "policy", "credited"),
    [
        # Missed on day 0, 30 days: the whole of day 30 is in time.
        (30, BINDING, 2),
        (31, BINDING, 0),
        (31, WARNING, 2),
    ],
)
def test_a_make_up_after_a_binding_deadline_credits_nothing(
    host: bytes, day: int, policy: Policy, credited: int
) -> None:
    cohorts = (COHORT,) if host == COHORT else (COHORT, host)
    events = [plan(cohort=host), *attends(day, *cohorts)]
    assert hours(held_on(day, cohort=host), events, policy).hours(OFFLINE) == credited


def test_a_session_that_is_no_make_up_has_no_deadline() -> None:
    assert hours(held_on(31, cohort=COHORT), attends(31, COHORT), BINDING).hours(OFFLINE) == 2


def test_the_deadline_runs_from_the_day_the_missed_session_was_moved_to() -> None:
    moved = pb.SessionRescheduled(session=S1, start_us=at("08:30", 1), end_us=at("12:00", 1))
    cohort = [*held_on(31, cohort=COHORT), fact(4, "07:40", moved)]
    events = [plan(cohort=COHORT), *attends(31, COHORT)]
    assert hours(cohort, events, BINDING).hours(OFFLINE) == 2


def test_credits_are_added_as_they_stand_and_name_their_event() -> None:
    credited = [
        pb.CreditedHours(component=pb.HOUR_COMPONENT_THEORY_OFFLINE, hours=8),
        pb.CreditedHours(component=pb.HOUR_COMPONENT_PRACTICAL, hours=4),
    ]
    body = pb.CreditsCarriedOver(from_cohort=HOST, up_to_index=90, credited=credited)
    carried = fact(170, "07:00", body)
    row = hours(held_on(3, cohort=COHORT), [carried, *attends(3, COHORT)])
    assert [(each.minutes, each.hours) for each in row.components] == [(90, 10), (0, 0), (0, 4)]
    assert row.components[0].events == (100, 101, 102, 170, 200, 201)
    assert row.components[2].events == (170,)


def test_no_cap_of_a_day_applies_to_carried_hours() -> None:
    day = session("08:00", "17:00")
    capped = capped_at(2)
    # 540 // 45 = 12, capped to 2; 40 are added.
    plain = evaluate_hours([day], whole([day]), [], capped)
    carried = evaluate_hours([day], whole([day]), [], capped, [Credit(OFFLINE, 40, 7)])
    assert (plain.hours(OFFLINE), carried.hours(OFFLINE)) == (2, 42)
    assert (carried.hours(ONLINE), carried.hours(PRACTICAL)) == (0, 0)


def test_carried_hours_meet_requirements_like_others() -> None:
    whole_programme = [Credit(OFFLINE, 27, 1), Credit(ONLINE, 61, 1), Credit(PRACTICAL, 60, 1)]
    assert evaluate_hours([], [], [], RULES, whole_programme).met
    assert not evaluate_hours([], [], [], RULES, whole_programme[:2]).met


def test_corrections_move_hours() -> None:
    marks = attends(3, COHORT)
    late = pb.RecordCorrected(
        target=id_of(200), field=pb.CORRECTED_FIELD_OCCURRED, number=at("12:00", 3)
    )
    early_out = pb.RecordCorrected(
        target=id_of(200), field=pb.CORRECTED_FIELD_SIGNED_OUT, number=at("14:15", 3)
    )
    persons = (CLERK, CHIEF)
    # Signed out by correction at 14:15: 45 minutes, 1 hour; the recorded sign-out closes nothing.
    short = hours(
        held_on(3, cohort=COHORT), [*marks, fact(300, "20:00", early_out, day=3, persons=persons)]
    )
    assert (short.components[0].minutes, short.components[0].events) == (
        45,
        (100, 101, 102, 200, 300),
    )
    same = hours(
        held_on(3, cohort=COHORT), [*marks, fact(300, "20:00", late, day=3, persons=persons)]
    )
    assert (same.components[0].minutes, same.components[0].events) == (
        90,
        (100, 101, 102, 200, 201, 300),
    )
    watched = fact(400, "20:31", lesson("LV-ON-01", "20:00", 29))
    minutes = pb.RecordCorrected(target=id_of(400), field=pb.CORRECTED_FIELD_MINUTES, number=30)
    assert hours([], [watched]).hours(ONLINE) == 0
    mended = hours([], [watched, fact(401, "21:00", minutes, persons=persons)])
    assert (mended.hours(ONLINE), mended.components[1].events) == (1, (400, 401))
