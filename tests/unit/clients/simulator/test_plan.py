"""The plan: the same again from the same seed, on working days, nobody and nothing twice."""

from datetime import date
from itertools import combinations

import pytest

from clients.simulator.calendar import is_working_day, moment, working_days
from clients.simulator.numbers import credit_code, resident_id
from clients.simulator.plan import LEAST_LEARNERS, make_town
from clients.simulator.programmes import PROGRAMMES, policy_document
from clients.simulator.town import Size
from ledger.domain.check_digits import check_resident_id, credit_code_ok
from ledger.domain.policies import parse_policy

TOWN = make_town(Size(seed=5, cohorts=40, learners=20))


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 2, 13), True),  # the Friday before Spring Festival
        (date(2026, 2, 17), False),  # New Year's Day
        (date(2026, 2, 24), True),
        (date(2026, 4, 6), False),  # Qingming, the Monday
        (date(2026, 5, 1), False),
        (date(2026, 5, 6), True),
        (date(2026, 10, 1), False),
        (date(2026, 3, 7), False),  # a Saturday
    ],
)
def test_holidays_and_weekends_are_off(day: date, working: bool) -> None:
    assert is_working_day(day) is working


def test_working_days_go_over_a_holiday() -> None:
    days = working_days(date(2026, 4, 3))
    assert [next(days) for _ in range(3)] == [
        date(2026, 4, 3),
        date(2026, 4, 7),
        date(2026, 4, 8),
    ]


def test_a_minute_of_a_day_is_in_shanghai() -> None:
    assert moment(date(2026, 3, 2), 8 * 60 + 30).isoformat() == "2026-03-02T08:30:00+08:00"


def test_check_digits_are_those_of_the_standards() -> None:
    # GB 11643: 320599 19900101 001 weighs to 253, and 253 mod 11 = 0 stands for 1.
    assert resident_id(1990, 1, 1, 1) == "320599199001010011"
    assert check_resident_id("320599199001010011") == ""
    assert check_resident_id("320599199001010012") != ""
    assert all(check_resident_id(person.id_number) == "" for person in TOWN.persons)
    assert all(credit_code_ok(party.credit_code) for party in TOWN.parties)
    wrong = credit_code("91", 7)[:-1] + ("0" if credit_code("91", 7)[-1] != "0" else "1")
    assert not credit_code_ok(wrong)


def test_numbers_are_on_the_region_that_is_not_assigned_and_never_twice() -> None:
    numbers = [person.id_number for person in TOWN.persons]
    assert len(set(numbers)) == len(numbers)
    assert all(number.startswith("320599") for number in numbers)
    assert all(party.credit_code[2:8] == "320599" for party in TOWN.parties)


def test_the_same_size_gives_the_same_town_and_another_seed_another() -> None:
    assert make_town(Size(seed=5, cohorts=40, learners=20)) == TOWN
    assert make_town(Size(seed=6, cohorts=40, learners=20)).persons != TOWN.persons


def test_classes_are_on_working_days_and_no_room_or_teacher_is_booked_twice() -> None:
    sessions = list(TOWN.sessions())
    assert all(is_working_day(session.start.date()) for session in sessions)
    institutions = {cohort.code: cohort.institution for cohort in TOWN.cohorts}
    assert len(set(institutions.values())) > 1
    for one, other in combinations(sessions, 2):
        if one.start < other.end and other.start < one.end:
            assert one.teacher != other.teacher
            if institutions[one.cohort] == institutions[other.cohort]:
                assert one.room != other.room


def test_a_low_voltage_timetable_holds_the_programme() -> None:
    cohort = next(row for row in TOWN.cohorts if row.programme.trade == "2010-1.2")
    regular = [session for session in cohort.sessions if not session.spare]
    theory = [session for session in regular if session.component == "theory_offline"]
    # 27 hours in the classroom are 7 half-days; 60 of practical work 13 half-days and one day.
    assert len(theory) == 7
    assert len(regular) - len(theory) == 14
    assert [session.lunch for session in regular if session.lunch] == [60]
    assert cohort.programme.lessons == 61


def test_every_policy_is_one_that_the_ledger_reads() -> None:
    for programme in PROGRAMMES:
        policy = parse_policy(policy_document(programme))
        assert policy.trade == programme.trade
        assert policy.hours.theory.value == programme.theory
        assert policy.hours.theory_offline == programme.theory_offline
        assert policy.hours.practical.value == programme.practical
        assert policy.hours.daily_cap.refuses is programme.cap_binds


def test_a_town_without_enough_learners_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 5"):
        make_town(Size(seed=1, cohorts=1, learners=LEAST_LEARNERS - 1))
    with pytest.raises(ValueError, match="at least one cohort"):
        make_town(Size(seed=1, cohorts=0, learners=20))
