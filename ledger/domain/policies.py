"""Policy files: the figures that the rules rest on, each with its legal source (DESIGN section 5).

A policy file is TOML in UTF-8. It is a proposal until a log records `PolicyAdopted` with its bytes;
its id in the log is the SHA-256 of these bytes. A figure marked `unverified` warns and never
refuses unless the file marks it `binding`. Every member is required except `binding` and `note`.
"""

from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import Final

from ledger.domain.policy_reader import POLICY_LIMIT, PolicyError, PolicyTable, read_toml
from ledger.domain.policy_rules import (
    PER_MILLE,
    ChecklistItem,
    ExamRules,
    Figure,
    HourComponent,
    HourRules,
    MakeUpRules,
    Pairing,
    Programme,
    SignInRules,
)

__all__ = [
    "FLOOR_PER_DAY",
    "POLICY_LIMIT",
    "ChecklistItem",
    "ExamRules",
    "Figure",
    "HourComponent",
    "HourRules",
    "MakeUpRules",
    "Pairing",
    "Policy",
    "PolicyError",
    "Programme",
    "SignInRules",
    "packaged_policies",
    "parse_policy",
]

FLOOR_PER_DAY: Final = "floor-per-component-and-day"
"""Rounding of evaluator version 1: minutes summed per component and day, then floored to hours."""

_FORMAT: Final = 1
_CLASS_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz-")
_DAY_MINUTES: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy file as read.

    Attributes:
        digest: SHA-256 of the file's bytes.
        id: Name of the programme, stable over versions.
        version: Version of the file, from 1.
        effective_from: First day on which a cohort may be pinned to it, YYYYMMDD.
        programme: What the training leads to.
        title_zh: Chinese title.
        title_en: English title.
        trade: Code in the catalogue of trades.
        trade_zh: Name of the trade as the catalogue prints it.
        trade_en: English name of the trade.
        category_zh: Category of person, as certificates print it.
        hours: Required hours and how they are computed.
        make_up: When missed hours are made up.
        pass_mark: Least score of the course test 结业考核, points of 100.
        exam: The qualification exam.
        sign_in: When a sign-in belongs to a session.
        capacity: Most learners of a cohort.
        correction_days: After so many days from the corrected event, a correction needs the
            approver's own key.
        retention_months: How long the cohort's records are kept, months.
        checklist: Classes of the cohort file, in order.
    """

    digest: bytes
    id: str
    version: int
    effective_from: int
    programme: Programme
    title_zh: str
    title_en: str
    trade: str
    trade_zh: str
    trade_en: str
    category_zh: str
    hours: HourRules
    make_up: MakeUpRules
    pass_mark: Figure
    exam: ExamRules
    sign_in: SignInRules
    capacity: Figure
    correction_days: Figure
    retention_months: Figure
    checklist: tuple[ChecklistItem, ...]

    def passes(self, score_hundredths: int) -> bool:
        """Tell whether a course test score, in hundredths of a point, reaches the pass mark."""
        return score_hundredths >= self.pass_mark.value * 100

    def figures(self) -> dict[str, Figure]:
        """Return all figures by their path in the file."""
        hours, exam = self.hours, self.exam
        return {
            "hours.theory": hours.theory,
            "hours.theory_offline_share": hours.theory_offline_share,
            "hours.practical": hours.practical,
            "hours.minutes_offline": hours.minutes_offline,
            "hours.minutes_online": hours.minutes_online,
            "hours.daily_cap": hours.daily_cap,
            "make_up.deadline_days": self.make_up.deadline_days,
            "make_up.absence_share": self.make_up.absence_share,
            "course_test.pass_mark": self.pass_mark,
            "exam.theory_mark": exam.theory_mark,
            "exam.practical_mark": exam.practical_mark,
            "exam.retakes": exam.retakes,
            "exam.valid_months": exam.valid_months,
            "sign_in.early_minutes": self.sign_in.early_minutes,
            "sign_in.late_minutes": self.sign_in.late_minutes,
            "cohort.capacity": self.capacity,
            "correction.free_days": self.correction_days,
            "retention.months": self.retention_months,
        }


def packaged_policies() -> dict[str, bytes]:
    """Return the policy files that come with the package, by name without suffix: proposals."""
    folder = files("ledger.domain").joinpath("policy_files")
    return {
        item.name.removesuffix(".toml"): item.read_bytes()
        for item in sorted(folder.iterdir(), key=lambda item: item.name)
        if item.name.endswith(".toml")
    }


def parse_policy(data: bytes) -> Policy:
    """Read a policy file.

    Raises:
        PolicyError: when it is too large or no TOML, or a member is missing, unknown or out of
            bounds.
    """
    root = read_toml(data)
    if root.integer("format", 1, _FORMAT) != _FORMAT:
        raise PolicyError("format", f"must be {_FORMAT}")
    title, trade = root.table("title"), root.table("trade")
    policy = Policy(
        digest=sha256(data).digest(),
        id=root.code("id"),
        version=root.integer("version", 1, 1_000_000),
        effective_from=root.day("effective_from"),
        programme=root.choice("programme", Programme),
        title_zh=title.text("zh"),
        title_en=title.text("en"),
        trade=trade.code("code"),
        trade_zh=trade.text("zh"),
        trade_en=trade.text("en"),
        category_zh=trade.text("category"),
        hours=_read_hours(root.table("hours")),
        make_up=_read_make_up(root.table("make_up")),
        pass_mark=_read_one(root.table("course_test"), "pass_mark", 0, 100),
        exam=_read_exam(root.table("exam")),
        sign_in=_read_sign_in(root.table("sign_in")),
        capacity=_read_one(root.table("cohort"), "capacity", 1, 1_000),
        correction_days=_read_one(root.table("correction"), "free_days", 0, 3_660),
        retention_months=_read_one(root.table("retention"), "months", 1, 1_200),
        checklist=_read_checklist(root),
    )
    for table in (title, trade, root):
        table.close()
    return policy


def _read_one(table: PolicyTable, key: str, least: int, most: int) -> Figure:
    figure = table.figure(key, least, most)
    table.close()
    return figure


def _read_hours(table: PolicyTable) -> HourRules:
    rules = HourRules(
        theory=table.figure("theory", 1, 1_000),
        theory_offline_share=table.figure("theory_offline_share", 0, PER_MILLE),
        practical=table.figure("practical", 0, 1_000),
        minutes_offline=table.figure("minutes_offline", 1, 60),
        minutes_online=table.figure("minutes_online", 1, 60),
        daily_cap=table.figure("daily_cap", 1, 24),
        rounding=table.text("rounding"),
        pairing=table.choice("pairing", Pairing),
    )
    if rules.rounding != FLOOR_PER_DAY:
        raise PolicyError(table.name("rounding"), f"must be {FLOOR_PER_DAY}")
    table.close()
    return rules


def _read_make_up(table: PolicyTable) -> MakeUpRules:
    rules = MakeUpRules(
        deadline_days=table.figure("deadline_days", 0, 366),
        absence_share=table.figure("absence_share", 0, PER_MILLE),
    )
    table.close()
    return rules


def _read_exam(table: PolicyTable) -> ExamRules:
    rules = ExamRules(
        theory_mark=table.figure("theory_mark", 0, 100),
        practical_mark=table.figure("practical_mark", 0, 100),
        retakes=table.figure("retakes", 0, 10),
        valid_months=table.figure("valid_months", 1, 120),
    )
    table.close()
    return rules


def _read_sign_in(table: PolicyTable) -> SignInRules:
    rules = SignInRules(
        early_minutes=table.figure("early_minutes", 0, _DAY_MINUTES),
        late_minutes=table.figure("late_minutes", 0, _DAY_MINUTES),
    )
    table.close()
    return rules


def _read_checklist(root: PolicyTable) -> tuple[ChecklistItem, ...]:
    items = []
    for table in root.tables("checklist"):
        item = ChecklistItem(table.text("class"), table.text("zh"), table.text("en"))
        number, _, name = item.item_class.partition("-")
        shaped = len(number) == 2 and number.isascii() and number.isdigit()  # noqa: PLR2004 - "04"
        if not (shaped and 1 <= len(name) <= 40 and _CLASS_LETTERS.issuperset(name)):  # noqa: PLR2004
            raise PolicyError(table.name("class"), "must be two digits, a hyphen and a-z or -")
        table.close()
        items.append(item)
    if len({item.item_class for item in items}) != len(items):
        raise PolicyError("checklist", "a class stands twice")
    return tuple(items)
