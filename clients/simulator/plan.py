"""Planning the town: institutions, teachers, cohorts with timetable and learners.

Figures of the domain reference, section 5.1: Zipf shares of the institutions, the trade mix,
learners per cohort triangular 20-38-50. Two cohorts after each other are parallel classes 平行班, a
week apart: whoever misses a session of one can make up for it in the other. They are of one
institution; of two in the second pair, where there are two.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from random import Random
from typing import Final

from clients.simulator.calendar import working_days
from clients.simulator.numbers import credit_code, person_name, resident_id
from clients.simulator.programmes import PROGRAMMES, Programme
from clients.simulator.timetable import LESSONS_A_DAY, Places, timetable
from clients.simulator.town import Cohort, Learner, Party, Person, Size, Town

LEAST_LEARNERS: Final = 5
"""One is transferred, one withdraws, one has bad luck, and two stay to the end."""

_SHARE: Final = 10
_SIBLING_DAYS: Final = 5
_PAIR_DAYS: Final = 14
_SPAN_DAYS: Final = 230
_LEAST, _MOST = 20 / 38, 50 / 38
_TWINS: Final = 0.004
_USUAL_TEACHERS: Final = 6


@dataclass
class _Pool:
    """Rooms or teachers of an institution: whoever is free first, and new ones where none is."""

    prefix: str
    free_from: list[date] = field(default_factory=list)

    def take(self, first: date, last: date) -> str:
        for number, free in enumerate(self.free_from):
            if free < first:
                self.free_from[number] = last
                return f"{self.prefix}{number + 1:02}"
        self.free_from.append(last)
        return f"{self.prefix}{len(self.free_from):02}"


def make_town(size: Size) -> Town:
    """Plan a town; the same size gives the same town.

    Raises:
        ValueError: when there is no cohort, or fewer learners than it takes for one case of each.
    """
    if size.cohorts < 1 or size.learners < LEAST_LEARNERS:
        raise ValueError(f"at least one cohort, and at least {LEAST_LEARNERS} learners in it")
    random = Random(f"{size.seed}/plan")
    institutions = _institutions(size)
    persons: list[Person] = []
    planner = _Planner(size, random, persons)
    cohorts: list[Cohort] = []
    for pair in range(-(-size.cohorts // 2)):
        weights = [1 / (rank + 1) for rank in range(len(institutions))]
        (institution,) = random.choices(institutions, weights)
        programme = PROGRAMMES[0] if not pair else _programme(random)
        hosts = [institution] * min(2, size.cohorts - 2 * pair)
        if pair == 1 and len(institutions) > 1:
            # Guests of another institution's class: the host's terminal writes into their record.
            hosts[-1] = next(other for other in institutions if other is not institution)
        cohorts += planner.pair(pair, hosts, programme)
    return Town(
        size,
        institutions,
        Party("X1", "EXAM_BODY", credit_code("12", 700_001), "虚构市安全生产考试点"),
        Party("O1", "PLATFORM", credit_code("91", 800_001), "虚构安全培训在线平台"),
        tuple(persons),
        (
            *planner.teachers(institutions),
            *((cohort.institution, cohort.stand_in) for cohort in cohorts),
        ),
        tuple(cohorts),
    )


def _institutions(size: Size) -> tuple[Party, ...]:
    count = size.institutions or max(1, -(-size.cohorts // _SHARE))
    return tuple(
        Party(
            f"I{number}",
            "INSTITUTION",
            credit_code("91", 100_000 * (size.seed % 1_000) + number),
            f"虚构第{number}安全生产培训中心",
        )
        for number in range(1, count + 1)
    )


def _programme(random: Random) -> Programme:
    return random.choices(PROGRAMMES, [programme.weight for programme in PROGRAMMES])[0]


class _Planner:
    """Plans cohorts one pair after the other; remembers who and what is taken when."""

    def __init__(self, size: Size, random: Random, persons: list[Person]) -> None:
        self._size = size
        self._random = random
        self._persons = persons
        self._pools: dict[str, _Pool] = {}

    def pair(self, pair: int, institutions: Sequence[Party], programme: Programme) -> list[Cohort]:
        """Plan one cohort, or two that are parallel classes, each of an institution."""
        pairs = max(1, -(-self._size.cohorts // 2))
        apart = min(_PAIR_DAYS, max(1, _SPAN_DAYS // pairs))
        earliest = self._size.start + timedelta(days=apart * pair)
        days = list(islice(working_days(earliest), _SIBLING_DAYS + 1))
        codes = [f"C{2 * pair + number + 1:02}" for number in range(len(institutions))]
        firsts = days[0], days[_SIBLING_DAYS]
        cohorts = []
        for code, institution, first in zip(codes, institutions, firsts, strict=False):
            sibling = next((other for other in codes if other != code), "")
            cohorts.append(self._cohort(code, sibling, institution.code, programme, first))
        return cohorts

    def _cohort(
        self, code: str, sibling: str, institution: str, programme: Programme, first: date
    ) -> Cohort:
        online_days = -(-programme.lessons // LESSONS_A_DAY)
        class_days = list(islice(working_days(first), online_days + 1, online_days + 41))
        # Forty working days are more than any timetable needs, so places are kept long enough.
        until = class_days[-1]
        places = Places(
            self._take(institution, "R-", first, until),
            self._take(institution, "W-", first, until),
            self._take(institution, f"{institution}-T", first, until),
            self._take(institution, f"{institution}-T", first, until),
        )
        sessions = timetable(code, programme, class_days, places)
        return Cohort(
            code,
            institution,
            programme,
            sibling,
            first,
            max(session.end for session in sessions).date(),
            sessions,
            self._learners(code),
        )

    def _take(self, institution: str, prefix: str, first: date, last: date) -> str:
        pool = self._pools.setdefault(f"{institution}/{prefix}", _Pool(prefix))
        return pool.take(first, last)

    def teachers(self, institutions: Sequence[Party]) -> list[tuple[str, str]]:
        """Return (institution, teacher) of all teachers but those that stand in for them."""
        rows = []
        for party in institutions:
            pool = self._pools.get(f"{party.code}/{party.code}-T")
            count = max(_USUAL_TEACHERS, len(pool.free_from) if pool else 0)
            rows += [(party.code, f"{party.code}-T{n + 1:02}") for n in range(count)]
        return rows

    def _learners(self, cohort: str) -> tuple[Learner, ...]:
        usual = self._size.learners
        drawn = self._random.triangular(usual * _LEAST, usual * _MOST, usual)
        return tuple(
            Learner(f"{cohort}-L{number + 1:02}", cohort, self._person())
            for number in range(max(LEAST_LEARNERS, round(drawn)))
        )

    def _person(self) -> str:
        number, random = len(self._persons), self._random
        code = f"P{number + 1:05}"
        # 450 months of birth, 28 days and 79 sequences: no number comes twice below 995,400.
        month, rest = number % 450, number // 450
        name, sequence = person_name(random), 1 + rest // 28
        birth = 1968 + month // 12, 1 + month % 12, 1 + rest % 28
        if self._persons and random.random() < _TWINS:
            elder = self._persons[-1]
            digits = elder.id_number
            birth = int(digits[6:10]), int(digits[10:12]), int(digits[12:14])
            name, sequence = elder.name[0] + "双", 900 + number % 100
        self._persons.append(Person(code, name, resident_id(*birth, sequence)))
        return code
