"""The rules that a policy consists of: figures with their legal source, group by group.

Pure data. How a file is read is `ledger.domain.policies`; what the rules do with a figure stands
where the rule is.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

PER_MILLE: Final = 1_000
"""Shares are whole numbers of so many parts."""


class HourComponent(IntEnum):
    """The part of a programme that an hour belongs to; values of the proto enum `HourComponent`."""

    THEORY_OFFLINE = 1
    THEORY_ONLINE = 2
    PRACTICAL = 3


class Programme(StrEnum):
    """What a training leads to."""

    FIRST = "first"
    """The first certificate 取证."""
    REVIEW = "review"
    """Review or renewal of a certificate 复审、换证."""
    YEARLY = "yearly"
    """Yearly training 年度再培训 of who holds a certificate."""


class Pairing(StrEnum):
    """How sign-ins and sign-outs are paired."""

    SESSION = "session"
    """Within each session 课次."""
    DAY = "day"
    """Over the whole day: once in the morning, once in the evening."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a policy.

    Attributes:
        value: The figure, a whole number in the unit that its name states.
        source: Legal source, or who proposes it.
        effective_from: First day of the source, YYYYMMDD.
        unverified: The source could not be checked, or the law gives no number.
        binding: Whoever adopts the file makes the figure binding although it is unverified.
        note: What is not verified; may be empty.
    """

    value: int
    source: str
    effective_from: int
    unverified: bool
    binding: bool
    note: str

    @property
    def refuses(self) -> bool:
        """The figure may refuse a decision; otherwise it only warns."""
        return self.binding or not self.unverified


@dataclass(frozen=True, slots=True)
class HourRules:
    """How hours 学时 are required and computed.

    Attributes:
        theory: Hours of theory in total.
        theory_offline_share: Least share of these to be taught in a classroom, per mille.
        practical: Hours of practical work; never online.
        minutes_offline: Minutes of one hour in a classroom or at practical work.
        minutes_online: Minutes of one online hour.
        daily_cap: Most hours of one day, all components together.
        rounding: How minutes become hours; `FLOOR_PER_DAY` is the only one so far.
        pairing: How sign-ins and sign-outs are paired.
    """

    theory: Figure
    theory_offline_share: Figure
    practical: Figure
    minutes_offline: Figure
    minutes_online: Figure
    daily_cap: Figure
    rounding: str
    pairing: Pairing

    @property
    def theory_offline(self) -> int:
        """Least hours of theory in a classroom: the share of all theory, rounded up."""
        return -(-self.theory.value * self.theory_offline_share.value // PER_MILLE)

    @property
    def total(self) -> int:
        """Hours of the whole programme."""
        return self.theory.value + self.practical.value

    def minutes(self, component: HourComponent) -> int:
        """Return the minutes of one hour of a component."""
        online = component is HourComponent.THEORY_ONLINE
        return (self.minutes_online if online else self.minutes_offline).value


@dataclass(frozen=True, slots=True)
class MakeUpRules:
    """When and until when missed hours are made up 补课. Source: guidance （六）, without figures.

    Attributes:
        deadline_days: A make-up session is held at most so many days after the missed one.
        absence_share: Share of all hours that may be missed before a make-up is due, per mille.
    """

    deadline_days: Figure
    absence_share: Figure


@dataclass(frozen=True, slots=True)
class ExamRules:
    """The qualification exam 资格考试 that the training leads to.

    Attributes:
        theory_mark: Least score of the theory or knowledge exam, points of 100; 0 where there is
            no such exam.
        practical_mark: Least score of the practical exam, points of 100; 0 where there is none.
        retakes: How often a failed exam may be taken again before training again.
        valid_months: How long a passed exam holds, months.
    """

    theory_mark: Figure
    practical_mark: Figure
    retakes: Figure
    valid_months: Figure


@dataclass(frozen=True, slots=True)
class SignInRules:
    """When a sign-in 签到 belongs to a session.

    Attributes:
        early_minutes: Earliest, minutes before the session's start.
        late_minutes: Latest, minutes after the session's start.
    """

    early_minutes: Figure
    late_minutes: Figure


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One class of documents of the cohort file 一期一档."""

    item_class: str
    label_zh: str
    label_en: str
