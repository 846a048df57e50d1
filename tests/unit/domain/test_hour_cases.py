"""Twelve hand-computed cases of credited hours (AQ 8011-2023: 45 minutes offline, 30 online).

Each says what happened and what it comes to; minutes and hours are worked out in the comments.
"""

from dataclasses import replace
from typing import Any

from ledger.api.v1 import events_pb2 as pb
from ledger.domain.hours import LearnerHours
from ledger.domain.policies import HourComponent, Pairing
from tests.unit.domain.hour_story import (
    HOME,
    HOST,
    POLICY,
    PRACTICAL,
    Telling,
    at,
    binding_cap,
    session,
)

OFFLINE, ONLINE, WORK = HourComponent


def figures(hours: LearnerHours, component: HourComponent) -> tuple[int, int]:
    """Minutes and hours of a component."""
    row = next(row for row in hours.components if row.component is component)
    return row.minutes, row.hours


def morning(breaks: int = 0) -> Telling:
    """A theory session from 08:30 to 12:00, 210 minutes, on 16 March."""
    story = Telling()
    story.session("S1", 16, "08:30", "12:00", breaks=breaks)
    return story


def test_late() -> None:
    story = morning(breaks=15)
    story.sign("S1", 16, "09:10", "12:05")
    # 09:10 to 12:00 is 170; less the break of 15 is 155; 155 // 45 = 3.
    assert figures(story.hours(), OFFLINE) == (155, 3)


def test_early_leave() -> None:
    story = morning()
    story.sign("S1", 16, "08:20", "10:44")
    # 08:30 to 10:44 is 134; 134 // 45 = 2. One minute more would be 3.
    assert figures(story.hours(), OFFLINE) == (134, 2)
    whole = morning()
    whole.sign("S1", 16, "08:20", "10:45")
    assert figures(whole.hours(), OFFLINE) == (135, 3)


def test_no_sign_out() -> None:
    story = morning()
    story.sign("S1", 16, "08:25")
    hours = story.hours()
    assert figures(hours, OFFLINE) == (0, 0)
    assert hours.open_sign_ins == (3,)


def test_lunch_pair() -> None:
    story = Telling()
    story.session("S1", 16, "08:30", "15:30")
    story.sign("S1", 16, "08:25", "11:30")
    story.sign("S1", 16, "13:00", "15:40")
    # 08:30 to 11:30 is 180, 13:00 to 15:30 is 150: 330 // 45 = 7, and nothing for the lunch.
    assert figures(story.hours(), OFFLINE) == (330, 7)


def test_day_pair() -> None:
    story = Telling()
    story.session("S1", 16, "08:30", "12:00")
    story.session("S2", 16, "13:30", "16:30", component=PRACTICAL)
    story.sign("S1", 16, "08:20")
    story.tell(
        pb.LearnerSignedOut(session=session("S2"), method=pb.PRESENCE_METHOD_ID_CARD), 16, "16:35"
    )
    by_day = replace(POLICY, hours=replace(POLICY.hours, pairing=Pairing.DAY))
    # By the day the pair spans both sessions: 210 // 45 = 4 and 180 // 45 = 4.
    assert figures(story.hours(by_day), OFFLINE) == (210, 4)
    assert figures(story.hours(by_day), WORK) == (180, 4)
    # By the session it is a sign-in left open and a sign-out without one.
    assert story.hours().total == 0
    assert len(story.hours().open_sign_ins) == 1


def test_interruption() -> None:
    story = morning()
    story.tell(pb.SessionInterrupted(session=session("S1"), reason="POWER-CUT"), 16, "09:30")
    story.tell(pb.SessionResumed(session=session("S1")), 16, "10:20")
    story.sign("S1", 16, "08:20", "12:05")
    # 210 less the 50 without power is 160; 160 // 45 = 3.
    hours = story.hours()
    assert figures(hours, OFFLINE) == (160, 3)
    # Timetable, start, end, interruption, resumption, sign-in, sign-out.
    assert hours.components[0].events == (0, 1, 2, 3, 4, 5, 6)


def test_make_up_elsewhere() -> None:
    story = Telling()
    story.session("S1", 16, "13:00", "16:00", component=PRACTICAL)
    story.session("G1", 23, "13:00", "16:00", component=PRACTICAL, cohort=HOST)
    story.sign("G1", 23, "12:55", "16:01", hosts=(HOST,))
    # A guest's hours wait for the home side's plan.
    assert figures(story.hours(), WORK) == (0, 0)
    plan = pb.MakeUpScheduled(
        missed=session("S1"), session=session("G1"), cohort=HOST, due_day=20260331
    )
    story.tell(plan, 24, "09:00")
    # 13:00 to 16:00 is 180; 180 // 45 = 4.
    assert figures(story.hours(), WORK) == (180, 4)


def test_transfer() -> None:
    story = Telling()
    credited = [
        pb.CreditedHours(component=pb.HOUR_COMPONENT_THEORY_OFFLINE, hours=8),
        pb.CreditedHours(component=pb.HOUR_COMPONENT_PRACTICAL, hours=12),
    ]
    carried = pb.CreditsCarriedOver(from_cohort=HOST, up_to_index=40, credited=credited)
    story.tell(carried, 18, "09:00")
    story.session("S9", 19, "08:30", "12:00", component=PRACTICAL)
    story.sign("S9", 19, "08:25", "12:01")
    hours = story.hours()
    # Eight hours as they were; twelve and 210 // 45 = 4 more.
    assert figures(hours, OFFLINE) == (0, 8)
    assert figures(hours, WORK) == (210, 16)
    assert hours.components[0].events == (0,)
    assert hours.total == 24


def test_over_the_cap() -> None:
    story = Telling()
    story.session("S1", 16, "08:00", "12:30")
    story.session("S2", 16, "13:30", "18:00", component=PRACTICAL)
    story.sign("S1", 16, "07:55", "12:35")
    story.sign("S2", 16, "13:25", "18:05")
    # 270 // 45 = 6 each, twelve in all; a cap of eight takes four, of theory first.
    assert (
        story.hours(binding_cap(8)).hours(OFFLINE),
        story.hours(binding_cap(8)).hours(WORK),
    ) == (2, 6)
    # A cap that only warns takes nothing.
    assert story.hours().total == 12


def test_transcribed_online() -> None:
    story = Telling()
    watched = pb.OnlineLessonCompleted(
        lesson="LV-ON-01", started_us=at(17, "19:00"), watched_minutes=61
    )
    transcribed: dict[str, Any] = {
        "record_origin": pb.RECORD_ORIGIN_TRANSCRIBED_PAPER,
        "source_digest": bytes(32),
    }
    story.tell(watched, 18, "09:00", **transcribed)
    # The same lesson again counts once: 61 // 30 = 2.
    story.tell(watched, 18, "09:01", **transcribed)
    assert figures(story.hours(), ONLINE) == (61, 2)


def test_corrected() -> None:
    story = morning()
    sign_in = story.sign("S1", 16, "08:25")
    story.correct(sign_in, pb.CORRECTED_FIELD_SIGNED_OUT, 17, "10:00", number=at(16, "11:15"))
    hours = story.hours()
    # 08:30 to 11:15 is 165; 165 // 45 = 3. The hours name the correction, entry 4.
    assert figures(hours, OFFLINE) == (165, 3)
    assert hours.components[0].events == (0, 1, 2, 3, 4)
    assert hours.open_sign_ins == ()


def test_voided() -> None:
    story = morning()
    sign_in = story.sign("S1", 16, "08:25", "12:02")
    assert figures(story.hours(), OFFLINE) == (210, 4)
    voiding = story.void(sign_in, 17, "10:00")
    assert figures(story.hours(), OFFLINE) == (0, 0)
    # The voiding was a mistake itself: it is voided, and the hours are there again.
    story.void(voiding, 17, "11:00")
    assert figures(story.hours(), OFFLINE) == (210, 4)


def test_the_worked_stream_has_148_hours_and_30_7_percent_of_its_theory_offline() -> None:
    # reference/domain.md 5.3: 61 online lessons, 27 hours of theory, 60 of practical work, of which
    # four are made up in a session of their own.
    story = Telling()
    for number in range(61):
        day, minute = 2 + number // 8, number % 8 * 40
        lesson = pb.OnlineLessonCompleted(
            lesson=f"LV-ON-{number + 1:02}",
            started_us=at(day, "09:00") + minute * 60_000_000,
            watched_minutes=31,
        )
        story.tell(lesson, day, "18:00")
    # Seven mornings of three hours and one day of six: 27. 135 minutes are three hours.
    for day in range(12, 19):
        story.session(f"T{day}", day, "08:30", "10:45")
        story.sign(f"T{day}", day, "08:22", "10:47")
    story.session("T19", 19, "08:30", "13:00")
    story.sign("T19", 19, "08:22", "13:02")
    # Fifteen afternoons of four hours, one of them missed.
    for day in range(12, 27):
        story.session(f"P{day}", day, "14:00", "17:00", component=PRACTICAL)
        if day != 25:
            story.sign(f"P{day}", day, "13:55", "17:03")
    before = story.hours()
    assert (before.total, [each.component for each in before.shortfalls]) == (144, ["practical"])
    missed = session("P25")
    story.tell(pb.AbsenceRecorded(session=missed, reason="LEAVE-02"), 25, "17:20")
    made_up = pb.MakeUpScheduled(
        missed=missed, session=session("MU"), cohort=HOME, due_day=20260410
    )
    story.tell(made_up, 26, "09:30")
    story.session("MU", 30, "13:00", "16:00", component=PRACTICAL)
    story.sign("MU", 30, "12:55", "16:02")
    hours = story.hours()
    assert [hours.hours(each) for each in HourComponent] == [27, 61, 60]
    assert (hours.total, hours.met) == (148, True)
    assert round(100 * 27 / (27 + 61), 1) == 30.7


def test_a_correction_by_a_clock_that_is_ahead_waits() -> None:
    story = morning()
    sign_in = story.sign("S1", 16, "08:25")
    correction = pb.RecordCorrected(
        target=sign_in,
        field=pb.CORRECTED_FIELD_SIGNED_OUT,
        number=at(16, "11:15"),
        reason="PAPER-ROLL",
        evidence_digest=bytes(32),
    )
    persons: dict[str, Any] = {"entered_by": b"1" * 16, "approved_by": b"2" * 16}
    story.tell(correction, 17, "10:00", late_minutes=-11, **persons)
    assert figures(story.hours(), OFFLINE) == (0, 0)
    story.tell(correction, 17, "10:00", late_minutes=-10, **persons)
    assert figures(story.hours(), OFFLINE) == (165, 3)


def test_nobody_is_signed_out_in_the_future() -> None:
    story = morning()
    sign_in = story.sign("S1", 16, "08:25")
    out = pb.CORRECTED_FIELD_SIGNED_OUT
    story.correct(sign_in, out, 16, "10:00", number=at(16, "12:00"))
    assert figures(story.hours(), OFFLINE) == (0, 0)
    story.correct(sign_in, out, 16, "11:50", number=at(16, "12:00"))
    assert figures(story.hours(), OFFLINE) == (210, 4)
