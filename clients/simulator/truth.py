"""The ground truth: what is due to whom, worked out from reality and not from the events.

The rules, in the words of AQ 8011-2023 and of the ledger's policy, worked out here once more and
sharing nothing with the ledger's evaluators:

1. A session's taught time is from its actual start to its actual end, less its interruptions.
2. A learner's minutes in a session are the overlap of the presence with the taught time, in whole
   minutes, less the whole break, at least 0. When the break was nobody wrote down, so all of it is
   taken off from whoever was there at all.
3. A presence without a sign-out that was not corrected credits nothing. What was recorded for the
   wrong learner and voided counts for the right one alone.
4. Sessions of another cohort count when a make-up plan names them.
5. A lesson's code counts once, the first time it was watched.
6. Minutes are summed per component and day (Asia/Shanghai) and floored to hours: 45 minutes in
   class, 30 online. A binding daily cap takes the surplus from online theory first, then from
   classroom theory, then from practical work.
7. Hours carried over from another cohort are those of that cohort by the same rules.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from clients.simulator.calendar import SHANGHAI
from clients.simulator.programmes import (
    COMPONENTS,
    DAILY_CAP,
    MINUTES,
    OFFLINE,
    ONLINE,
    PASS_MARK,
    PRACTICAL,
    Programme,
)
from clients.simulator.reality import Held, Reality, Stay, Trouble, Visit

_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Due:
    """What is due to one learner.

    Attributes:
        minutes: Minutes per day and component, before anything is rounded.
        hours: Hours per component, rounded and capped.
        carried: Hours per component from the cohort that the learner came from.
    """

    minutes: dict[date, dict[str, int]]
    hours: dict[str, int]
    carried: dict[str, int]

    def total(self, component: str) -> int:
        """Return the hours of a component, own and carried over."""
        return self.hours[component] + self.carried[component]

    def minutes_of(self, component: str) -> int:
        """Return the minutes of a component in all."""
        return sum(day[component] for day in self.minutes.values())

    def shortfalls(self, programme: Programme) -> list[tuple[str, int, int]]:
        """Return (requirement, hours required, hours credited) where hours are missing."""
        offline, practical = self.total(OFFLINE), self.total(PRACTICAL)
        theory = offline + self.total(ONLINE)
        rows = (
            (OFFLINE, programme.theory_offline, offline),
            ("theory", programme.theory, theory),
            (PRACTICAL, programme.practical, practical),
        )
        return [row for row in rows if row[2] < row[1]]


def session_minutes(held: Held, visits: tuple[Visit, ...]) -> int:
    """Return the minutes that presence in a session makes, by rules 1 and 2."""
    spans = [(held.start, held.end)]
    for pause in held.pauses:
        spans = [
            side
            for start, end in spans
            for side in ((start, min(end, pause.start)), (max(start, pause.end), end))
            if side[0] < side[1]
        ]
    present = timedelta()
    for arrived, left in visits:
        for start, end in spans:
            present += max(min(left, end) - max(arrived, start), timedelta())
    return max(present // _MINUTE - held.break_minutes, 0)


def proven(stay: Stay) -> tuple[Visit, ...]:
    """Return the visits of a stay that the record shows at both ends, by rules 3 and 4."""
    if not stay.planned:
        return ()
    return stay.visits[:-1] if stay.trouble is Trouble.NO_SIGN_OUT else stay.visits


def dues(reality: Reality) -> dict[str, Due]:
    """Return what is due to each learner, by code."""
    days: defaultdict[str, defaultdict[date, dict[str, int]]] = defaultdict(
        lambda: defaultdict(lambda: dict.fromkeys(COMPONENTS, 0))
    )
    for stay in reality.stays:
        held = reality.held[stay.session]
        minutes = session_minutes(held, proven(stay))
        days[stay.learner][_day(held.start)][held.session.component] += minutes
    watched: set[tuple[str, str]] = set()
    for lesson in sorted(reality.lessons, key=lambda row: row.started):
        if (lesson.learner, lesson.code) not in watched:
            watched.add((lesson.learner, lesson.code))
            days[lesson.learner][_day(lesson.started)][ONLINE] += lesson.minutes
    programmes = {cohort.code: cohort.programme for cohort in reality.town.cohorts}
    none = dict.fromkeys(COMPONENTS, 0)
    due = {
        code: Due(days[code], _hours(days[code], programmes[learner.cohort]), none)
        for code, learner in reality.learners.items()
    }
    for leaving in reality.leavings:
        if leaving.joined:
            own = due[leaving.joined]
            due[leaving.joined] = Due(own.minutes, own.hours, due[leaving.learner].hours)
    return due


def certificate_refusals(reality: Reality, learner: str, due: Due) -> list[str]:
    """Return the codes of why a learner gets no certificate; none when one is due."""
    cohort = reality.town.cohort(reality.learners[learner].cohort)
    codes = ["HOURS_SHORT"] * len(due.shortfalls(cohort.programme))
    if reality.tests.get(learner, -1) < PASS_MARK * 100:
        codes.append("TEST_NOT_PASSED")
    if any(row.learner == learner for row in reality.leavings):
        codes.append("NOT_ENROLLED")
    return codes


def _day(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()


def _hours(days: dict[date, dict[str, int]], programme: Programme) -> dict[str, int]:
    total = dict.fromkeys(COMPONENTS, 0)
    for minutes in days.values():
        hours = {part: minutes[part] // MINUTES[part] for part in COMPONENTS}
        surplus = max(sum(hours.values()) - DAILY_CAP, 0) if programme.cap_binds else 0
        for part in (ONLINE, OFFLINE, PRACTICAL):
            cut = min(hours[part], surplus)
            surplus -= cut
            total[part] += hours[part] - cut
    return total
