"""The ground truth, each case worked out by hand. Class from 8:30, break of 30 minutes."""

from datetime import date, datetime, timedelta

from clients.simulator.calendar import moment
from clients.simulator.plan import make_town
from clients.simulator.programmes import OFFLINE, ONLINE, PRACTICAL, PROGRAMMES
from clients.simulator.reality import (
    Held,
    Leaving,
    Lesson,
    Pause,
    Reality,
    Stay,
    Trouble,
    Visit,
)
from clients.simulator.town import Cohort, Learner, Session, Size, Town
from clients.simulator.truth import Due, certificate_refusals, dues, proven, session_minutes

DAY = date(2026, 3, 16)
LOW_VOLTAGE = PROGRAMMES[0]
LEADERS = next(programme for programme in PROGRAMMES if programme.cap_binds)


def at(hour: int, minute: int, second: int = 0) -> datetime:
    return moment(DAY, hour * 60 + minute) + timedelta(seconds=second)


def held(*pauses: Pause, code: str = "C01-S01", component: str = OFFLINE, days: int = 0) -> Held:
    start, end = at(8, 30) + timedelta(days=days), at(12, 0) + timedelta(days=days)
    session = Session(code, code[:3], component, start, end, "R-01", "I1-T01")
    return Held(session, start, end, 30, pauses, "I1-T01")


def town_of(programme: object = LOW_VOLTAGE) -> Town:
    plan = make_town(Size(seed=1, cohorts=2, learners=5))
    learners = (Learner("C01-L01", "C01", "P00001"), Learner("C01-L02", "C01", "P00002"))
    assert programme in PROGRAMMES
    chosen = next(each for each in PROGRAMMES if each == programme)
    cohort = Cohort("C01", "I1", chosen, "C02", DAY, DAY, (), learners)
    other = Cohort("C02", "I1", chosen, "C01", DAY, DAY, (), ())
    return Town(
        plan.size,
        plan.institutions,
        plan.exam_body,
        plan.platform,
        plan.persons,
        (),
        (cohort, other),
    )


def reality_of(*stays: Stay, programme: object = LOW_VOLTAGE) -> Reality:
    reality = Reality(town_of(programme))
    reality.learners = {row.code: row for row in reality.town.cohorts[0].learners}
    reality.held = {
        row.session.code: row
        for row in (
            held(),
            held(code="C01-S02", component=PRACTICAL),
            held(code="C01-S03", days=1),
            held(code="C02-S01", days=2),
        )
    }
    reality.stays = list(stays)
    return reality


def stay(
    session: str, *visits: Visit, trouble: Trouble = Trouble.NONE, planned: bool = True
) -> Stay:
    return Stay("C01-L01", session, visits, trouble, planned=planned)


def test_who_is_there_from_before_to_after_has_the_session_less_the_break() -> None:
    assert session_minutes(held(), ((at(8, 20), at(12, 5)),)) == 210 - 30


def test_late_and_early_and_the_whole_break_are_taken_off() -> None:
    assert session_minutes(held(), ((at(9, 0, 30), at(11, 30)),)) == 149 - 30
    assert session_minutes(held(), ((at(8, 20), at(8, 50)),)) == 0


def test_an_interruption_is_taken_off_from_whoever_was_there() -> None:
    cut = Pause(at(9, 0), at(9, 20), "POWER-CUT")
    assert session_minutes(held(cut), ((at(8, 20), at(12, 5)),)) == 190 - 30
    assert session_minutes(held(cut), ((at(9, 30), at(12, 5)),)) == 150 - 30


def test_signing_out_over_lunch_costs_nothing_and_staying_in_earns_nothing() -> None:
    lunch = Pause(at(10, 0), at(11, 0), "LUNCH")
    apart = (at(8, 20), at(10, 2)), (at(10, 58), at(12, 5))
    assert session_minutes(held(lunch), apart) == 150 - 30
    assert session_minutes(held(lunch), ((at(8, 20), at(12, 5)),)) == 150 - 30


def test_a_missing_sign_out_credits_nothing_until_it_is_corrected() -> None:
    visits = (at(8, 20), at(10, 0)), (at(10, 10), at(12, 5))
    assert proven(stay("C01-S01", *visits, trouble=Trouble.NO_SIGN_OUT)) == visits[:1]
    assert proven(stay("C01-S01", *visits, trouble=Trouble.SIGN_OUT_CORRECTED)) == visits
    assert proven(stay("C01-S01", *visits, trouble=Trouble.TIME_CORRECTED)) == visits


def test_minutes_are_summed_per_component_and_day_and_then_floored() -> None:
    whole = at(8, 20), at(12, 5)
    short = at(8, 20), at(11, 59)  # 209 - 30 = 179 minutes: 3 hours
    next_day = tuple(moment + timedelta(days=1) for moment in whole)
    reality = reality_of(
        stay("C01-S01", short),
        stay("C01-S02", whole),
        stay("C01-S03", (next_day[0], next_day[1])),
    )
    due = dues(reality)["C01-L01"]
    assert due.minutes == {
        DAY: {OFFLINE: 179, ONLINE: 0, PRACTICAL: 180},
        DAY + timedelta(days=1): {OFFLINE: 180, ONLINE: 0, PRACTICAL: 0},
    }
    assert due.hours == {OFFLINE: 3 + 4, ONLINE: 0, PRACTICAL: 4}
    assert dues(reality)["C01-L02"].hours == {OFFLINE: 0, ONLINE: 0, PRACTICAL: 0}


def test_a_guest_counts_where_the_make_up_was_planned() -> None:
    there = (at(8, 20) + timedelta(days=2), at(12, 5) + timedelta(days=2))
    assert dues(reality_of(stay("C02-S01", there)))["C01-L01"].hours[OFFLINE] == 4
    unplanned = reality_of(stay("C02-S01", there, planned=False))
    assert dues(unplanned)["C01-L01"].hours[OFFLINE] == 0


def test_a_lesson_counts_once_and_the_first_time() -> None:
    reality = reality_of()
    evening = moment(DAY, 20 * 60)
    reality.lessons = [
        Lesson("C01-L01", "ON-01", evening, 60),
        Lesson("C01-L01", "ON-01", evening - timedelta(hours=2), 31),
        Lesson("C01-L01", "ON-02", evening - timedelta(hours=1), 28),
    ]
    due = dues(reality)["C01-L01"]
    assert due.minutes_of(ONLINE) == 59
    assert due.hours[ONLINE] == 1


def test_a_binding_cap_takes_online_hours_first() -> None:
    lessons = [Lesson("C01-L01", f"ON-{n}", moment(DAY, 15 * 60 + n), 30) for n in range(6)]
    whole = stay("C01-S01", (at(8, 20), at(12, 5)))
    bound = reality_of(whole, programme=LEADERS)
    free = reality_of(whole)
    bound.lessons = free.lessons = lessons
    # 4 hours in class and 6 online: of 10, 8 stay.
    assert dues(bound)["C01-L01"].hours == {OFFLINE: 4, ONLINE: 4, PRACTICAL: 0}
    assert dues(free)["C01-L01"].hours == {OFFLINE: 4, ONLINE: 6, PRACTICAL: 0}


def test_hours_are_carried_over_as_they_stand() -> None:
    reality = reality_of(stay("C01-S01", (at(8, 20), at(12, 5))))
    reality.learners["C02-L90"] = Learner("C02-L90", "C02", "P00001")
    reality.leavings = [Leaving("C01-L01", at(13, 0), "SHIFT-CHANGE", "C02-L90")]
    due = dues(reality)["C02-L90"]
    assert (due.hours[OFFLINE], due.carried[OFFLINE], due.total(OFFLINE)) == (0, 4, 4)
    assert due.minutes_of(OFFLINE) == 0


def test_what_is_short_is_named_with_both_figures() -> None:
    nothing = {OFFLINE: 0, ONLINE: 0, PRACTICAL: 0}
    enough = Due({}, {OFFLINE: 27, ONLINE: 61, PRACTICAL: 60}, nothing)
    assert enough.shortfalls(LOW_VOLTAGE) == []
    lacking = Due({}, {OFFLINE: 26, ONLINE: 62, PRACTICAL: 58}, nothing)
    assert lacking.shortfalls(LOW_VOLTAGE) == [(OFFLINE, 27, 26), (PRACTICAL, 60, 58)]


def test_a_certificate_takes_hours_a_test_and_an_enrolment() -> None:
    reality = reality_of()
    enough = Due(
        {}, {OFFLINE: 27, ONLINE: 61, PRACTICAL: 60}, dict.fromkeys((OFFLINE, ONLINE, PRACTICAL), 0)
    )
    reality.tests = {"C01-L01": 8_000, "C01-L02": 7_999}
    assert certificate_refusals(reality, "C01-L01", enough) == []
    assert certificate_refusals(reality, "C01-L02", enough) == ["TEST_NOT_PASSED"]
    reality.leavings = [Leaving("C01-L01", at(13, 0), "PERSONAL")]
    assert certificate_refusals(reality, "C01-L01", enough) == ["NOT_ENROLLED"]
    nothing = dues(reality_of())["C01-L01"]
    assert certificate_refusals(reality_of(), "C01-L01", nothing) == [
        "HOURS_SHORT",
        "HOURS_SHORT",
        "HOURS_SHORT",
        "TEST_NOT_PASSED",
    ]
