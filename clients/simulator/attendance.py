"""Who comes to class: late, early, absent, signed in for another, made up here or elsewhere."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from random import Random
from typing import Final

from clients.simulator.programmes import PRACTICAL
from clients.simulator.reality import (
    Absence,
    Held,
    Reality,
    Stay,
    Trouble,
    Visit,
)
from clients.simulator.town import Cohort, Learner

ABSENT: Final = 0.03
_LATE, _EARLY, _LUNCHED_IN = 0.04, 0.02, 0.1
_TROUBLES: Final = (
    (0.0015, Trouble.NO_SIGN_OUT),
    (0.003, Trouble.SIGN_OUT_CORRECTED),
    (0.003, Trouble.TIME_CORRECTED),
)
_REASONS: Final = ("LEAVE-SICK", "LEAVE-WORK", "ABSENT-UNEXCUSED")


def attend(
    reality: Reality, cohort: Cohort, random: Random, goers: Sequence[tuple[Learner, set[str]]]
) -> None:
    """Let learners attend the cohort's sessions.

    Args:
        reality: What happened so far.
        cohort: The cohort.
        random: Chance.
        goers: Learners with the codes of the sessions that concern each.
    """
    planted = _plant(reality, cohort, random, goers)
    for learner, codes in goers:
        for held in _by_start(reality, cohort):
            if held.session.code in codes:
                _attend_one(reality, learner, held, random, planted.get(learner.code, {}))


def _by_start(reality: Reality, cohort: Cohort) -> list[Held]:
    held = (reality.held.get(session.code) for session in cohort.sessions)
    return sorted((row for row in held if row), key=lambda row: row.start)


def _plant(
    reality: Reality,
    cohort: Cohort,
    random: Random,
    goers: Sequence[tuple[Learner, set[str]]],
) -> dict[str, dict[str, str]]:
    """Return what is to happen for certain: by learner and session, one case of each kind.

    What costs hours comes to the last learner alone, so that most of even a small cohort pass. What
    a guest makes up is practical work: theory is over when there is time to go to another class.
    """
    *others, (unlucky, missed) = goers
    pool = [
        row.session.code
        for row in _by_start(reality, cohort)
        if row.session.code not in reality.clock_faults and not row.session.lunch
    ]
    plan: dict[str, dict[str, str]] = {learner.code: {} for learner, _ in goers}
    codes = random.sample([code for code in pool if code in missed], 4)
    codes.sort(key=lambda code: reality.held[code].session.component != PRACTICAL)
    costly = ("absent-open", Trouble.NO_SIGN_OUT, "late", "early")
    plan[unlucky.code] = dict(zip(codes, costly, strict=True))
    whole = [(learner, codes) for learner, codes in others if codes.issuperset(pool)]
    repaired = (Trouble.SIGN_OUT_CORRECTED, Trouble.TIME_CORRECTED, "absent-own", "absent-guest")
    for number, kind in enumerate(repaired):
        learner, _ = whole[number % len(whole)]
        free = [code for code in pool if code not in plan[learner.code]]
        practical = [code for code in free if reality.held[code].session.component == PRACTICAL]
        plan[learner.code][random.choice(practical or free)] = kind
    right, wrong = whole[-1][0].code, whole[-2 % len(whole)][0].code
    free = [code for code in pool if code not in plan[right] and code not in plan[wrong]]
    session = random.choice(free)
    if right != wrong:
        plan[right][session] = f"wrong-learner {wrong}"
        plan[wrong][session] = "absent-own"
    return plan


def _attend_one(
    reality: Reality, learner: Learner, held: Held, random: Random, planted: dict[str, str]
) -> None:
    code = held.session.code
    kind, clean = planted.get(code, ""), code in reality.clock_faults
    if kind.startswith("absent") or (not kind and random.random() < ABSENT):
        known = held.end + timedelta(hours=2)
        reality.absences.append(Absence(learner.code, code, random.choice(_REASONS), known, kind))
        return
    trouble, other = _trouble(kind, random)
    late = kind == "late" or (not kind and random.random() < _LATE)
    early = kind == "early" or (not kind and random.random() < _EARLY)
    visits = tuple(visits_of(held, random, late=late, early=early, sure=bool(kind)))
    if trouble is Trouble.TIME_CORRECTED and len(visits) > 1:
        trouble = Trouble.NONE
    stay = Stay(learner.code, code, visits, Trouble.NONE if clean else trouble, other)
    reality.stays.append(stay)


def _trouble(kind: str, random: Random) -> tuple[Trouble, str]:
    if kind.startswith(Trouble.WRONG_LEARNER):
        return Trouble.WRONG_LEARNER, kind.partition(" ")[2]
    if kind:
        return (Trouble(kind), "") if kind in set(Trouble) else (Trouble.NONE, "")
    drawn = random.random()
    for share, trouble in _TROUBLES:
        if drawn < share:
            return trouble, ""
        drawn -= share
    return Trouble.NONE, ""


def visits_of(
    held: Held, random: Random, *, late: bool, early: bool, sure: bool
) -> Iterator[Visit]:
    """Yield when somebody is there; lateness of a planted case costs an hour for sure."""
    arrived = held.start - timedelta(seconds=random.randrange(120, 900))
    left = held.end + timedelta(seconds=random.randrange(20, 240))
    if late:
        minutes = random.randrange(25, 50) if sure else random.choice((2, 4, 6, 8, 25, 40))
        arrived = held.start + timedelta(minutes=minutes, seconds=random.randrange(60))
    if early:
        minutes = random.randrange(25, 50) if sure else random.choice((2, 5, 8, 20, 60))
        left = held.end - timedelta(minutes=minutes, seconds=random.randrange(60))
    lunch = next((pause for pause in held.pauses if pause.reason == "LUNCH"), None)
    if lunch and random.random() >= _LUNCHED_IN:
        yield arrived, lunch.start + timedelta(seconds=random.randrange(15, 400))
        yield lunch.end - timedelta(seconds=random.randrange(30, 600)), left
    else:
        yield arrived, left
