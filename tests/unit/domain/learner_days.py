"""Learners' days for tests of hours: policy, sessions, marks and lessons in few words.

Times are Asia/Shanghai; day 0 is 2026-03-16, a Monday.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from ledger.domain.hours import LearnerHours, Lesson, Mark, TaughtSession, evaluate_hours
from ledger.domain.policies import HourComponent, HourRules, packaged_policies, parse_policy

OFFLINE, ONLINE, PRACTICAL = HourComponent
MINUTE = 60_000_000
DAY = 24 * 60 * MINUTE
# 2026-03-15 16:00 UTC is 2026-03-16 00:00 in Shanghai.
MIDNIGHT = int(datetime(2026, 3, 15, 16, tzinfo=UTC).timestamp()) * 1_000_000
ELECTRICIAN = packaged_policies()["low-voltage-electrician"]
RULES = parse_policy(ELECTRICIAN).hours
CAP = (
    'value = 8\nsource = "建议值"\neffective_from = 2024-07-01\nunverified = true\nbinding = false'
)


def capped_at(hours: int) -> HourRules:
    """The rules with a daily cap that the adopting bureau made binding."""
    text = ELECTRICIAN.decode()
    assert text.count(CAP) == 1
    binding = CAP.replace("value = 8", f"value = {hours}").replace("false", "true")
    return parse_policy(text.replace(CAP, binding).encode()).hours


def at(clock: str, day: int = 0) -> int:
    hour, minute = clock.split(":")
    return MIDNIGHT + day * DAY + (int(hour) * 60 + int(minute)) * MINUTE


def name(number: int) -> bytes:
    return number.to_bytes(16, "big")


def session(
    start: str,
    end: str,
    *,
    day: int = 0,
    number: int = 1,
    breaks: int = 0,
    component: HourComponent = OFFLINE,
) -> TaughtSession:
    first = 1_000 * number
    return TaughtSession(
        name(number),
        component,
        at(start, day),
        at(end, day),
        breaks,
        (first, first + 1, first + 2),
    )


def marks(text: str, *, day: int = 0, number: int = 1) -> list[Mark]:
    """Marks from words like `+08:22 -12:02`, + a sign-in; indices from 1000 * number + 10."""
    return [
        Mark(name(number), at(word[1:], day), word[0] == "+", 1_000 * number + 10 + position)
        for position, word in enumerate(text.split())
    ]


def attended(minutes: int, *, day: int, number: int, component: HourComponent) -> TaughtSession:
    start = at("08:30", day)
    return TaughtSession(name(number), component, start, start + minutes * MINUTE, 0, (number,))


def whole(sessions: Iterable[TaughtSession]) -> list[Mark]:
    """A sign-in at the start and a sign-out at the end of each session."""
    return [
        mark
        for held in sessions
        for mark in (
            Mark(held.session, held.start_us, True, 500_000 + 2 * held.events[0]),
            Mark(held.session, held.end_us, False, 500_001 + 2 * held.events[0]),
        )
    ]


def lessons(minutes: int, count: int, *, day: int = 0, first: int = 1) -> list[Lesson]:
    return [
        Lesson(f"LV-ON-{number}", at("19:00", day), minutes, 900_000 + number)
        for number in range(first, first + count)
    ]


def programme(
    offline: Sequence[int], online: int, practical: int, rules: HourRules = RULES
) -> LearnerHours:
    """Hours of classroom days of so many minutes, online hours, practical days of 4 hours."""
    held = [
        attended(minutes, day=day, number=1 + day, component=OFFLINE)
        for day, minutes in enumerate(offline)
    ] + [
        attended(180, day=30 + day, number=100 + day, component=PRACTICAL)
        for day in range(practical)
    ]
    watched = [
        lesson for number in range(online) for lesson in lessons(30, 1, day=-number, first=number)
    ]
    return evaluate_hours(held, whole(held), watched, rules)
