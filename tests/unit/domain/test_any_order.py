"""A day's facts in any order of recording, with clocks that are wrong until it is stated, come to
the same hours: a terminal's backlog before the office's timetable, devices 8 hours off, or at 1970.
"""

from dataclasses import dataclass, replace
from random import Random
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from ledger.api.v1 import events_pb2 as pb
from ledger.domain.recorded_event import RecordedEvent
from tests.unit.domain.hour_story import HOME, PRACTICAL, Telling, at, session

HOUR_US: Final = 3_600_000_000
TERMINAL: Final = "TERM-0031"
BOOT: Final = b"b" * 16


def told_day() -> Telling:
    """Theory in the morning with an interruption and a lunch, practical work in the afternoon."""
    story = Telling()
    story.session("S1", 16, "08:30", "12:00", breaks=15)
    story.tell(pb.SessionInterrupted(session=session("S1"), reason="POWER-CUT"), 16, "09:30")
    story.tell(pb.SessionResumed(session=session("S1")), 16, "09:52")
    story.sign("S1", 16, "08:21", "10:30")
    story.sign("S1", 16, "10:41", "12:03")
    story.session("S2", 16, "13:30", "16:30", component=PRACTICAL)
    story.sign("S2", 16, "13:40", "16:31")
    story.tell(pb.LearnerEnrolled(basis="LOCAL-EMPLOYMENT"), 16, "07:00")
    return story


@dataclass(frozen=True)
class WrongClock:
    """What the terminal's clock shows more than the true time, microseconds."""

    ahead_us: int


RIGHT: Final = WrongClock(0)
CLOCKS: Final = (
    RIGHT,
    WrongClock(8 * HOUR_US),
    WrongClock(-8 * HOUR_US),
    WrongClock(-at(16, "00:00")),
)
_CAPTURED: Final = frozenset({"LearnerSignedIn", "LearnerSignedOut"})
"""By the terminal at the door; the teacher's own device, whose clock is right, starts and ends."""


def recorded_in(
    events: list[RecordedEvent], order: list[int], clock: WrongClock
) -> list[RecordedEvent]:
    """The events as they are recorded in another order, captured by a terminal with this clock."""
    moved = []
    for index, position in enumerate(order):
        event = events[position]
        header = pb.EventHeader()
        header.CopyFrom(event.header)  # type: ignore[arg-type]  # it is one
        if event.type in _CAPTURED:
            header.device = TERMINAL
            header.clock.boot_id = BOOT
            header.occurred_us += clock.ahead_us
        changed: Any = header
        # All of it is recorded in the evening, when the terminal is online again.
        moved.append(
            replace(event, index=index, recorded_us=at(16, "20:00") + index, header=changed)
        )
    return moved


def stated(clock: WrongClock) -> pb.ClockOffsetStated:
    return pb.ClockOffsetStated(
        device=TERMINAL,
        boot_id=BOOT,
        offset_us=-clock.ahead_us,
        first_us=max(at(16, "00:00") + clock.ahead_us, 0),
        last_us=at(17, "00:00") + clock.ahead_us,
        reason="CLOCK-CHECKED",
    )


@given(st.randoms(use_true_random=False), st.sampled_from(CLOCKS))
def test_a_day_in_any_order_and_by_any_clock_has_the_same_hours(
    random: Random, clock: WrongClock
) -> None:
    story = told_day()
    due = story.hours()
    # 08:30-10:30 and 10:41-12:00 less 22 without power and the break of 15: 120 + 79 - 37 = 162;
    # 13:40-16:30 is 170: three hours each.
    assert [(row.minutes, row.hours) for row in due.components] == [(162, 3), (0, 0), (170, 3)]
    order = list(range(len(story.events)))
    random.shuffle(order)
    shuffled = Telling(recorded_in(story.events, order, clock))
    if clock is not RIGHT:
        # A wrong time credits nothing here; nothing is lost.
        assert shuffled.hours().total == 0
        shuffled.tell(stated(clock), 17, "09:00", cohorts=(HOME,))
    hours = shuffled.hours()
    assert [(row.minutes, row.hours) for row in hours.components] == [
        (row.minutes, row.hours) for row in due.components
    ]
    assert hours.open_sign_ins == ()


def test_an_offset_of_another_device_changes_nothing() -> None:
    story = told_day()
    clock = WrongClock(8 * HOUR_US)
    wrong = Telling(recorded_in(story.events, list(range(len(story.events))), clock))
    other = stated(clock)
    other.device = "TERM-0032"
    wrong.tell(other, 17, "09:00", cohorts=(HOME,))
    assert wrong.hours().total == 0
