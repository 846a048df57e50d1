"""The town: who there is and what is planned. Plain values, named by codes instead of ids.

A code names something within one town (`C03`, `C03-S07`, `C03-L05`, `P00091`, `I2-T04`). Ids come
from codes when events are made, so a plan knows nothing of any ledger.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from clients.simulator.programmes import Programme


@dataclass(frozen=True, slots=True)
class Size:
    """What town to make.

    Attributes:
        seed: The same seed and figures give the same town.
        cohorts: Number of cohorts; two after each other are parallel classes.
        learners: The usual number of learners of a cohort.
        institutions: Number of institutions; 0 for one in ten cohorts.
        start: No class starts before this day.
    """

    seed: int
    cohorts: int
    learners: int
    institutions: int = 0
    start: date = date(2026, 1, 5)


@dataclass(frozen=True, slots=True)
class Party:
    """An institution, the exam body or the online platform."""

    code: str
    kind: str
    credit_code: str
    name: str


@dataclass(frozen=True, slots=True)
class Person:
    """A person who does not exist; a twin has another's name but for a character, and birthday."""

    code: str
    name: str
    id_number: str


@dataclass(frozen=True, slots=True)
class Session:
    """A half-day or a day of the timetable, as planned first.

    Attributes:
        code: Its code.
        cohort: The cohort that holds it.
        component: `theory_offline` or `practical`.
        start: Planned start.
        end: Planned end.
        room: Room code.
        teacher: The planned teacher.
        lunch: Minutes of the lunch in between, 0 for a half-day.
        spare: Held only where somebody needs it: a make-up, or in place of a cancelled session.
    """

    code: str
    cohort: str
    component: str
    start: datetime
    end: datetime
    room: str
    teacher: str
    lunch: int = 0
    spare: bool = False


@dataclass(frozen=True, slots=True)
class Learner:
    """A person in a cohort."""

    code: str
    cohort: str
    person: str


@dataclass(frozen=True, slots=True)
class Cohort:
    """A cohort as planned.

    Attributes:
        code: Its code.
        institution: Code of the institution.
        programme: What is trained.
        sibling: The parallel class; empty where there is none.
        first_day: First day, of online lessons.
        last_day: Last day that a class may be held on.
        sessions: The timetable, spare sessions last.
        learners: Who is enrolled before it opens.
    """

    code: str
    institution: str
    programme: Programme
    sibling: str
    first_day: date
    last_day: date
    sessions: tuple[Session, ...]
    learners: tuple[Learner, ...]

    @property
    def stand_in(self) -> str:
        """The part-time teacher who stands in for the others."""
        return f"{self.institution}-P{self.code}"


@dataclass(frozen=True, slots=True)
class Town:
    """Everything that is planned."""

    size: Size
    institutions: tuple[Party, ...]
    exam_body: Party
    platform: Party
    persons: tuple[Person, ...]
    teachers: tuple[tuple[str, str], ...]
    cohorts: tuple[Cohort, ...]

    @property
    def parties(self) -> tuple[Party, ...]:
        """All parties."""
        return (*self.institutions, self.exam_body, self.platform)

    def cohort(self, code: str) -> Cohort:
        """Return a cohort by its code."""
        return next(cohort for cohort in self.cohorts if cohort.code == code)

    def sessions(self) -> Iterator[Session]:
        """Yield the sessions of all cohorts."""
        for cohort in self.cohorts:
            yield from cohort.sessions
