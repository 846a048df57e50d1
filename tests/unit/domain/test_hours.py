"""Hours of evaluator version 1: cases computed by hand.

Policy of the cases: low-voltage electrician, 88 hours of theory (at least 27 in a classroom) and 60
of practical work; 45 minutes an hour in the classroom, 30 online. Times are Asia/Shanghai, day 0 is
2026-03-16, a Monday.
"""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ledger.domain.hours import (
    EVALUATOR_VERSION,
    ComponentHours,
    Lesson,
    Mark,
    Shortfall,
    TaughtSession,
    evaluate_hours,
)
from ledger.domain.policies import HourComponent, HourRules, packaged_policies, parse_policy
from tests.unit.domain.learner_days import (
    MINUTE,
    OFFLINE,
    ONLINE,
    PRACTICAL,
    RULES,
    at,
    attended,
    capped_at,
    lessons,
    marks,
    name,
    programme,
    session,
    whole,
)


def test_the_version_is_the_one_that_certificates_state() -> None:
    assert EVALUATOR_VERSION == 1


@pytest.mark.parametrize(
    ("text", "breaks", "minutes", "hours"),
    [
        # 08:30-12:00 is 210; 210 - 30 = 180; 180 // 45 = 4
        pytest.param("+08:22 -12:02", 30, 180, 4, id="whole session"),
        # 09:01-12:00 is 179; 179 - 30 = 149; 149 // 45 = 3
        pytest.param("+09:01 -12:02", 30, 149, 3, id="late"),
        # 08:30-11:59 is 209; 209 - 30 = 179; 179 // 45 = 3
        pytest.param("+08:22 -11:59", 30, 179, 3, id="one minute early"),
        # 08:30-12:00 less nothing is 210; 210 // 45 = 4
        pytest.param("+08:22 -12:02", 0, 210, 4, id="no break"),
        pytest.param("+08:22", 30, 0, 0, id="no sign-out"),
        pytest.param("-12:02", 30, 0, 0, id="no sign-in"),
        pytest.param("", 30, 0, 0, id="absent"),
        # Before and after the session: no overlap with 08:30-12:00.
        pytest.param("+07:30 -08:30 +12:00 -12:30", 0, 0, 0, id="around the session"),
        # 08:30-10:00 is 90, 10:20-12:00 is 100; 190 - 30 = 160; 160 // 45 = 3
        pytest.param("+08:22 -10:00 +10:20 -12:02", 30, 160, 3, id="two pairs"),
        # Open from 08:22; 10:00-12:00 is 120; 120 - 30 = 90; 90 // 45 = 2
        pytest.param("+08:22 +10:00 -12:02", 30, 90, 2, id="sign-in without out, then a pair"),
        # 08:30-10:00 is 90; the second sign-in stays open; 90 - 30 = 60; 60 // 45 = 1
        pytest.param("+08:22 -10:00 +10:20", 30, 60, 1, id="a pair, then sign-in without out"),
        # The out at 08:20 closes nothing; 08:30-12:00 is 210; 210 - 30 = 180; 180 // 45 = 4
        pytest.param("-08:20 +08:22 -12:02", 30, 180, 4, id="out before in"),
        # 08:30-11:00 is 150; the second out closes nothing; 150 - 30 = 120; 120 // 45 = 2
        pytest.param("+08:22 -11:00 -12:02", 30, 120, 2, id="out twice"),
        # 11:40-12:00 is 20; 20 - 30 is below 0
        pytest.param("+11:40 -12:02", 30, 0, 0, id="break larger than presence"),
        # 11:30-12:00 is 30; 30 - 30 = 0
        pytest.param("+11:30 -12:02", 30, 0, 0, id="break as large as presence"),
        # 11:15-12:00 is 45; 45 // 45 = 1, and one minute less is 44 // 45 = 0
        pytest.param("+11:15 -12:02", 0, 45, 1, id="an hour to the minute"),
        pytest.param("+11:16 -12:02", 0, 44, 0, id="a minute short of an hour"),
    ],
)
def test_a_morning_from_0830_to_1200(text: str, breaks: int, minutes: int, hours: int) -> None:
    result = evaluate_hours([session("08:30", "12:00", breaks=breaks)], marks(text), [], RULES)
    assert (result.components[0].minutes, result.hours(OFFLINE)) == (minutes, hours)
    assert (result.hours(ONLINE), result.hours(PRACTICAL), result.total) == (0, 0, hours)


def test_lunch_between_two_pairs_is_not_presence_but_inside_one_pair_it_is() -> None:
    day_long = session("08:30", "17:00", component=PRACTICAL)
    # 08:30-12:00 is 210, 13:30-17:00 is 210; 420 // 45 = 9
    two = evaluate_hours([day_long], marks("+08:22 -12:00 +13:30 -17:04"), [], RULES)
    assert (two.components[2].minutes, two.hours(PRACTICAL)) == (420, 9)
    # 08:30-17:00 is 510; 510 // 45 = 11; with lunch told as a break 510 - 90 = 420
    one = evaluate_hours([day_long], marks("+08:22 -17:04"), [], RULES)
    assert (one.components[2].minutes, one.hours(PRACTICAL)) == (510, 11)
    told = replace(day_long, break_minutes=90)
    assert evaluate_hours([told], marks("+08:22 -17:04"), [], RULES).components[2].minutes == 420
    # Two pairs and the lunch told as a break: the break is taken off all the same, 420 - 90 = 330.
    both = evaluate_hours([told], marks("+08:22 -12:00 +13:30 -17:04"), [], RULES)
    assert both.components[2].minutes == 330


def test_one_pair_over_the_whole_day_credits_its_own_session_only() -> None:
    morning, afternoon = session("08:30", "12:00"), session("13:30", "17:00", number=2)
    # 08:30-12:00 is 210; 210 // 45 = 4; the afternoon's session has no marks
    result = evaluate_hours([morning, afternoon], marks("+08:22 -17:04"), [], RULES)
    assert (result.components[0].minutes, result.hours(OFFLINE)) == (210, 4)


def test_marks_of_a_session_that_was_not_held_credit_nothing() -> None:
    result = evaluate_hours(
        [session("08:30", "12:00")], marks("+08:22 -12:02", number=7), [], RULES
    )
    assert (result.total, result.open_sign_ins) == (0, ())


def test_at_one_moment_sign_outs_come_first_whatever_the_log_order() -> None:
    morning = session("08:30", "12:00")
    moment = at("10:00")
    ends = Mark(name(1), at("08:30"), True, 10), Mark(name(1), at("12:00"), False, 13)
    # Out (11), then in (12): 08:30-10:00 and 10:00-12:00, 90 + 120 = 210
    out_in = [Mark(name(1), moment, False, 11), Mark(name(1), moment, True, 12), *ends]
    assert evaluate_hours([morning], out_in, [], RULES).components[0].minutes == 210
    # In (11), then out (12) is read the same way: nobody leaves at the moment of coming.
    in_out = [Mark(name(1), moment, True, 11), Mark(name(1), moment, False, 12), *ends]
    result = evaluate_hours([morning], in_out, [], RULES)
    assert (result.components[0].minutes, result.open_sign_ins) == (210, ())
    assert result.components[0].events == (10, 11, 12, 13, *morning.events)


def test_open_sign_ins_are_listed_whatever_their_session() -> None:
    # Indices: session 1 has 1010..1013 (+ + - +), session 0, which was not held, 10.
    signs = marks("+08:22 +08:25 -12:02 +12:05") + marks("+13:30", number=0)
    result = evaluate_hours([session("08:30", "12:00")], signs, [], RULES)
    assert result.open_sign_ins == (10, 1010, 1013)
    closed = evaluate_hours([session("08:30", "12:00")], marks("+08:22 -12:02"), [], RULES)
    assert closed.open_sign_ins == ()


@pytest.mark.parametrize(
    ("spans", "minutes"),
    [
        # 30 s + 30 s = 60 s
        ([(0, 30_000_000), (60_000_000, 90_000_000)], 1),
        # 30 s + 29.999999 s is short of a minute by a microsecond
        ([(0, 30_000_000), (60_000_000, 89_999_999)], 0),
        # 119 s is one whole minute
        ([(0, 119_000_000)], 1),
    ],
)
def test_microseconds_are_summed_before_they_are_floored(
    spans: list[tuple[int, int]], minutes: int
) -> None:
    held = session("08:30", "12:00")
    signs = [
        Mark(name(1), held.start_us + moment, is_in, index)
        for index, (moment, is_in) in enumerate(
            (moment, is_in)
            for span in spans
            for moment, is_in in zip(span, (True, False), strict=True)
        )
    ]
    assert evaluate_hours([held], signs, [], RULES).components[0].minutes == minutes


def test_minutes_are_floored_per_day_not_per_session() -> None:
    morning = session("08:30", "09:14")
    signs = marks("+08:30 -09:14")
    # One day: 44 + 44 = 88; 88 // 45 = 1
    noon = session("10:00", "10:44", number=2)
    same = evaluate_hours([morning, noon], signs + marks("+10:00 -10:44", number=2), [], RULES)
    assert (same.components[0].minutes, same.hours(OFFLINE)) == (88, 1)
    # Two days: 44 // 45 + 44 // 45 = 0
    tomorrow = session("10:00", "10:44", number=2, day=1)
    apart = evaluate_hours(
        [morning, tomorrow], signs + marks("+10:00 -10:44", number=2, day=1), [], RULES
    )
    assert (apart.components[0].minutes, apart.hours(OFFLINE)) == (88, 0)


def test_minutes_of_two_components_do_not_make_an_hour_together() -> None:
    # 44 // 45 + 44 // 45 = 0
    held = [session("08:30", "09:14"), session("10:00", "10:44", number=2, component=PRACTICAL)]
    result = evaluate_hours(held, whole(held), [], RULES)
    assert [row.minutes for row in result.components] == [44, 0, 44]
    assert result.total == 0


def test_the_day_changes_at_1600_utc() -> None:
    # 22:30-23:14 in Shanghai is 44 minutes.
    evening = session("22:30", "23:14")
    start = int(datetime(2026, 3, 16, 15, 59, tzinfo=UTC).timestamp()) * 1_000_000
    before = TaughtSession(name(2), OFFLINE, start, start + 44 * MINUTE, 0, (1,))
    after = replace(before, start_us=start + MINUTE, end_us=start + 45 * MINUTE)
    # From 15:59 UTC, 23:59 of the same day, though it goes on past midnight: 88 // 45 = 1
    assert evaluate_hours([evening, before], whole([evening, before]), [], RULES).total == 1
    # From 16:00 UTC, 00:00 of the next day: 44 // 45 + 44 // 45 = 0
    assert evaluate_hours([evening, after], whole([evening, after]), [], RULES).total == 0


def test_the_day_of_a_lesson_changes_at_1600_utc() -> None:
    start = int(datetime(2026, 3, 16, 15, 59, tzinfo=UTC).timestamp()) * 1_000_000
    first = Lesson("A", start, 15, 1)
    # 15 + 15 = 30 minutes of one day are an hour, of two days none.
    assert evaluate_hours([], [], [first, Lesson("B", start, 15, 2)], RULES).total == 1
    assert evaluate_hours([], [], [first, Lesson("B", start + MINUTE, 15, 2)], RULES).total == 0


@pytest.mark.parametrize(
    ("minutes", "hours"), [(30, 1), (29, 0), (31, 1), (59, 1), (60, 2), (0, 0)]
)
def test_an_online_hour_has_30_minutes(minutes: int, hours: int) -> None:
    result = evaluate_hours([], [], lessons(minutes, 1), RULES)
    assert (result.components[1].minutes, result.hours(ONLINE)) == (minutes, hours)


def test_a_lesson_counts_once_the_first_of_the_log() -> None:
    # Index 4 comes first though watched a day later: 31 minutes on day 1, the 45 never count.
    again = [Lesson("LV-ON-01", at("19:00"), 45, 5), Lesson("LV-ON-01", at("19:00", 1), 31, 4)]
    result = evaluate_hours([], [], again, RULES)
    assert result.components[1] == ComponentHours(ONLINE, 31, 1, (4,))
    other = [again[0], replace(again[1], lesson="LV-ON-02")]
    # 45 // 30 + 31 // 30 = 2
    assert evaluate_hours([], [], other, RULES).components[1] == ComponentHours(
        ONLINE, 76, 2, (4, 5)
    )


def test_a_session_of_online_theory_is_ignored() -> None:
    online = session("08:30", "12:00", component=ONLINE)
    same_time = session("08:30", "12:00", number=2)
    result = evaluate_hours([online, same_time], whole([online, same_time]), [], RULES)
    # Only session 2: 210 // 45 = 4; the ignored one has not used up its time.
    assert [row.minutes for row in result.components] == [210, 0, 0]


def test_overlapping_sessions_do_not_count_a_minute_twice() -> None:
    theory = session("08:30", "10:30")
    practical = session("09:30", "12:00", number=2, component=PRACTICAL)
    # Theory 08:30-10:30 is 120; practical 10:30-12:00 is 90, as 09:30-10:30 counted before.
    result = evaluate_hours([practical, theory], whole([practical, theory]), [], RULES)
    assert [row.minutes for row in result.components] == [120, 0, 90]
    # Left theory at 09:45: 75; practical 09:45-12:00 is 135.
    signs = marks("+08:30 -09:45") + marks("+09:30 -12:00", number=2)
    result = evaluate_hours([theory, practical], signs, [], RULES)
    assert [row.minutes for row in result.components] == [75, 0, 135]


def test_a_session_around_another_keeps_both_of_its_ends() -> None:
    # Practical from 08:00 counts all its presence first: 08:00-09:00 and 10:00-11:00 are 120.
    # Theory from 08:30 to 11:30 has 09:00-10:00 and 11:00-11:30 left, 90.
    practical = session("08:00", "11:00", number=2, component=PRACTICAL)
    theory = session("08:30", "11:30")
    signs = marks("+08:00 -09:00 +10:00 -11:00", number=2) + marks("+08:30 -11:30")
    result = evaluate_hours([theory, practical], signs, [], RULES)
    assert [row.minutes for row in result.components] == [90, 0, 120]


def test_of_two_sessions_with_one_start_the_smaller_id_counts() -> None:
    # Both 08:30-10:00: 90 minutes go to session 1, practical; nothing is left for session 2.
    first = session("08:30", "10:00", number=1, component=PRACTICAL)
    second = session("08:30", "10:00", number=2)
    result = evaluate_hours([second, first], whole([first, second]), [], RULES)
    assert [row.minutes for row in result.components] == [0, 0, 90]


def test_presence_that_a_break_used_up_counts_in_no_later_session() -> None:
    # First: 09:30-10:00 is 30, less 30 is 0. Second, 09:30-11:00: 10:00-11:00 is 60.
    first = session("08:30", "10:00", breaks=30)
    second = session("09:30", "11:00", number=2)
    signs = marks("+09:30 -10:00") + marks("+09:30 -11:00", number=2)
    result = evaluate_hours([first, second], signs, [], RULES)
    assert result.components[0].minutes == 60
    # Only what credited is named: events of session 2 and its two marks.
    assert result.components[0].events == (2000, 2001, 2002, 2010, 2011)


def test_events_are_those_that_credited_a_minute() -> None:
    held = [
        session("08:30", "12:00", breaks=30),
        session("13:30", "15:00", number=2, component=PRACTICAL),
        session("15:00", "15:20", number=3, breaks=20),
    ]
    signs = (
        # 1010 closes 1011 before the start: not named. 1012 and 1013 are. 1014 stays open.
        marks("+08:00 -08:20 +08:22 -12:02 +12:05")
        + marks("+13:30 -15:00", number=2)
        + marks("+15:00 -15:20", number=3)
    )
    watched = [*lessons(30, 2), Lesson("LV-ON-1", at("20:00"), 30, 990_000), Lesson("Z", 0, 0, 1)]
    result = evaluate_hours(held, signs, watched, RULES)
    assert result.components == (
        # 210 - 30 = 180; 180 // 45 = 4
        ComponentHours(OFFLINE, 180, 4, (1000, 1001, 1002, 1012, 1013)),
        # 30 + 30 = 60; 60 // 30 = 2
        ComponentHours(ONLINE, 60, 2, (900_001, 900_002)),
        # 90; 90 // 45 = 2
        ComponentHours(PRACTICAL, 90, 2, (2000, 2001, 2002, 2010, 2011)),
    )
    assert result.total == 8


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        # 4 classroom + 3 online + 3 practical = 10; the cap of 8 as packaged only warns
        pytest.param(RULES, (4, 3, 3), id="not binding"),
        # 10 - 8 = 2 off online
        pytest.param(capped_at(8), (4, 1, 3), id="8"),
        # 10 - 7 = 3 off online
        pytest.param(capped_at(7), (4, 0, 3), id="7"),
        # 10 - 5 = 5: 3 off online, 2 off the classroom
        pytest.param(capped_at(5), (2, 0, 3), id="5"),
        # 10 - 2 = 8: 3 off online, 4 off the classroom, 1 off practical work
        pytest.param(capped_at(2), (0, 0, 2), id="2"),
        pytest.param(capped_at(10), (4, 3, 3), id="10 is reached, not passed"),
    ],
)
def test_a_binding_daily_cap_takes_away_online_then_classroom_then_practical(
    rules: HourRules, expected: tuple[int, int, int]
) -> None:
    held = [
        # 180 // 45 = 4 and 135 // 45 = 3
        attended(180, day=0, number=1, component=OFFLINE),
        replace(
            attended(135, day=0, number=2, component=PRACTICAL),
            start_us=at("14:00"),
            end_us=at("16:15"),
        ),
    ]
    # 3 * 30 = 90; 90 // 30 = 3
    result = evaluate_hours(held, whole(held), lessons(30, 3), rules)
    assert tuple(row.hours for row in result.components) == expected
    assert [row.minutes for row in result.components] == [180, 90, 135]


def test_the_cap_is_one_of_each_day() -> None:
    # Two days of 540 // 45 = 12, capped at 8 each: 16, not 8.
    held = [attended(540, day=day, number=1 + day, component=PRACTICAL) for day in range(2)]
    assert evaluate_hours(held, whole(held), [], capped_at(8)).hours(PRACTICAL) == 16
    assert evaluate_hours(held, whole(held), [], RULES).hours(PRACTICAL) == 24


def test_the_worked_example_of_148_hours_is_met() -> None:
    # Six days of 180 // 45 = 4 and one of 135 // 45 = 3: 27 in the classroom. 61 lessons of 30
    # minutes. 15 days of 4 practical hours = 60. 27 + 61 = 88; 88 + 60 = 148.
    # Offline share: ceil(88 * 0.3) = ceil(26.4) = 27.
    result = programme([*[180] * 6, 135], online=61, practical=15)
    assert tuple(row.hours for row in result.components) == (27, 61, 60)
    assert (result.total, result.met, result.shortfalls) == (148, True, ())


def test_a_classroom_hour_less_is_refused_even_when_theory_is_complete() -> None:
    # 134 // 45 = 2: 26 in the classroom; 26 + 62 = 88 hours of theory all the same.
    result = programme([*[180] * 6, 134], online=62, practical=15)
    assert (result.total, result.met) == (148, False)
    assert result.shortfalls == (Shortfall("theory_offline", 27, 26),)


def test_every_requirement_that_is_not_met_is_named() -> None:
    # 26 + 61 = 87 of theory, 14 * 4 = 56 of practical work.
    result = programme([*[180] * 6, 134], online=61, practical=14)
    assert result.shortfalls == (
        Shortfall("theory_offline", 27, 26),
        Shortfall("theory", 88, 87),
        Shortfall("practical", 60, 56),
    )
    assert not result.met


def test_nothing_recorded_is_three_empty_components_and_three_shortfalls() -> None:
    result = evaluate_hours([], [], [], RULES)
    assert result.components == tuple(ComponentHours(part, 0, 0, ()) for part in HourComponent)
    assert result.shortfalls == (
        Shortfall("theory_offline", 27, 0),
        Shortfall("theory", 88, 0),
        Shortfall("practical", 60, 0),
    )


@pytest.mark.parametrize(
    ("field", "rest"),
    [
        ("theory_offline_share", ("theory", "practical")),
        ("theory", ("theory_offline", "practical")),
        ("practical", ("theory_offline", "theory")),
    ],
)
def test_a_figure_that_only_warns_makes_no_shortfall(field: str, rest: tuple[str, ...]) -> None:
    warning = replace(getattr(RULES, field), unverified=True, binding=False)
    result = evaluate_hours([], [], [], replace(RULES, **{field: warning}))
    assert tuple(row.component for row in result.shortfalls) == rest


def test_a_programme_without_practical_work_asks_for_none() -> None:
    rules = parse_policy(packaged_policies()["leaders-hazchem"]).hours
    # 48 hours, ceil(48 * 0.3) = ceil(14.4) = 15 in the classroom: 3 days of 4 and one of 3.
    assert programme([180, 180, 180, 135], online=33, practical=0, rules=rules).met
    # 14 in the classroom, 34 online.
    result = programme([180, 180, 180, 134], online=34, practical=0, rules=rules)
    assert result.shortfalls == (Shortfall("theory_offline", 15, 14),)
