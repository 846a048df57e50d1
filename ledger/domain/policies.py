"""Policy files: the figures that the rules rest on, each with its legal source (DESIGN section 5).

A policy file is TOML in UTF-8. It is a proposal until a log records `PolicyAdopted` with its bytes;
its id in the log is the SHA-256 of these bytes. A figure marked `unverified` warns and never
refuses unless the file marks it `binding`. Unknown members are refused: a misspelt figure must not
silently fall away.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

POLICY_LIMIT: Final = 65_536
"""Most bytes of a policy file; the limit of `PolicyAdopted.document`."""

FLOOR_PER_DAY: Final = "floor-per-component-and-day"
"""Rounding of evaluator version 1: minutes summed per component and day, then floored to hours."""

PAIRED_BY_SESSION: Final = "session"
PAIRED_BY_DAY: Final = "day"
"""How sign-ins and sign-outs belong together: in each session, or over the whole day."""

_FORMAT: Final = 1
_PER_MILLE: Final = 1_000
_CLASS_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz-")
_CODE_CHARACTERS: Final = frozenset(
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-"
)


class HourComponent(IntEnum):
    """The part of a programme that an hour belongs to; values of the proto enum `HourComponent`."""

    THEORY_OFFLINE = 1
    THEORY_ONLINE = 2
    PRACTICAL = 3


class PolicyError(Exception):
    """A policy file that is not valid.

    Attributes:
        field: Path of the member at fault; empty when it is the file.
        reason: What is wrong with it.
    """

    def __init__(self, field: str, reason: str) -> None:
        """Keep field and reason."""
        super().__init__(f"{field}: {reason}" if field else reason)
        self.field = field
        self.reason = reason


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
    """

    theory: Figure
    theory_offline_share: Figure
    practical: Figure
    minutes_offline: Figure
    minutes_online: Figure
    daily_cap: Figure
    rounding: str

    @property
    def theory_offline(self) -> int:
        """Least hours of theory in a classroom: the share of all theory, rounded up."""
        return -(-self.theory.value * self.theory_offline_share.value // _PER_MILLE)

    @property
    def total(self) -> int:
        """Hours of the whole programme."""
        return self.theory.value + self.practical.value

    def minutes(self, component: HourComponent) -> int:
        """Return the minutes of one hour of a component."""
        online = component is HourComponent.THEORY_ONLINE
        return (self.minutes_online if online else self.minutes_offline).value


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One class of documents of the cohort file 一期一档."""

    item_class: str
    label_zh: str
    label_en: str


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy file as read.

    Attributes:
        digest: SHA-256 of the file's bytes.
        id: Name of the programme, stable over versions.
        version: Version of the file, from 1.
        effective_from: First day on which a cohort may be pinned to it, YYYYMMDD.
        title_zh: Chinese title.
        title_en: English title.
        trade: Code in the catalogue of trades.
        trade_zh: Name of the trade as the catalogue prints it.
        trade_en: English name of the trade.
        category_zh: Category of person, as certificates print it.
        hours: Required hours and how they are computed.
        pass_mark: Least score of the course test 结业考核, points of 100.
        capacity: Most learners of a cohort.
        checklist: Classes of the cohort file, in order.
    """

    digest: bytes
    id: str
    version: int
    effective_from: int
    title_zh: str
    title_en: str
    trade: str
    trade_zh: str
    trade_en: str
    category_zh: str
    hours: HourRules
    pass_mark: Figure
    capacity: Figure
    checklist: tuple[ChecklistItem, ...]

    def passes(self, score_hundredths: int) -> bool:
        """Tell whether a course test score, in hundredths of a point, reaches the pass mark."""
        return score_hundredths >= self.pass_mark.value * 100

    def figures(self) -> dict[str, Figure]:
        """Return the figures by their path in the file."""
        hours = self.hours
        return {
            "hours.theory": hours.theory,
            "hours.theory_offline_share": hours.theory_offline_share,
            "hours.practical": hours.practical,
            "hours.minutes_offline": hours.minutes_offline,
            "hours.minutes_online": hours.minutes_online,
            "hours.daily_cap": hours.daily_cap,
            "course_test.pass_mark": self.pass_mark,
            "cohort.capacity": self.capacity,
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
    root = _Table(_read_toml(data), "")
    if root.integer("format", 1, _FORMAT) != _FORMAT:
        raise PolicyError("format", f"must be {_FORMAT}")
    title, trade = root.table("title"), root.table("trade")
    course_test, cohort = root.table("course_test"), root.table("cohort")
    policy = Policy(
        digest=sha256(data).digest(),
        id=root.code("id"),
        version=root.integer("version", 1, 1_000_000),
        effective_from=root.day("effective_from"),
        title_zh=title.text("zh"),
        title_en=title.text("en"),
        trade=trade.code("code"),
        trade_zh=trade.text("zh"),
        trade_en=trade.text("en"),
        category_zh=trade.text("category"),
        hours=_read_hours(root.table("hours")),
        pass_mark=course_test.figure("pass_mark", 0, 100),
        capacity=cohort.figure("capacity", 1, 1_000),
        checklist=_read_checklist(root),
    )
    for table in (title, trade, course_test, cohort, root):
        table.close()
    return policy


def _read_toml(data: bytes) -> Mapping[str, Any]:
    if len(data) > POLICY_LIMIT:
        raise PolicyError("", f"{len(data)} bytes, at most {POLICY_LIMIT}")
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise PolicyError("", f"not TOML in UTF-8: {error}") from error


def _read_hours(table: "_Table") -> HourRules:
    rules = HourRules(
        theory=table.figure("theory", 1, 1_000),
        theory_offline_share=table.figure("theory_offline_share", 0, _PER_MILLE),
        practical=table.figure("practical", 0, 1_000),
        minutes_offline=table.figure("minutes_offline", 1, 60),
        minutes_online=table.figure("minutes_online", 1, 60),
        daily_cap=table.figure("daily_cap", 1, 24),
        rounding=table.text("rounding"),
    )
    if rules.rounding != FLOOR_PER_DAY:
        raise PolicyError(table.name("rounding"), f"must be {FLOOR_PER_DAY}")
    table.close()
    return rules


def _read_checklist(root: "_Table") -> tuple[ChecklistItem, ...]:
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


class _Table:
    """A TOML table that is read member by member; `close` refuses what was not read."""

    def __init__(self, members: Mapping[str, Any], path: str) -> None:
        self._rest = dict(members)
        self._path = path

    def name(self, key: str) -> str:
        """Return the path of a member."""
        return f"{self._path}.{key}" if self._path else key

    def _take(self, key: str, kind: type) -> Any:  # noqa: ANN401 - a value of `kind`
        if key not in self._rest:
            raise PolicyError(self.name(key), "is missing")
        value = self._rest.pop(key)
        # The exact type: TOML's true is no number, and a time of day makes no date.
        if type(value) is not kind:
            raise PolicyError(self.name(key), f"must be of type {kind.__name__}")
        return value

    def text(self, key: str, limit: int = 400) -> str:
        """Take a text of 1 to `limit` printable characters."""
        value: str = self._take(key, str)
        if not 1 <= len(value) <= limit or not value.isprintable():
            raise PolicyError(self.name(key), f"must have 1 to {limit} printable characters")
        return value

    def code(self, key: str) -> str:
        """Take a code: 1 to 32 of letters, digits, dot and hyphen."""
        value = self.text(key, 32)
        if not _CODE_CHARACTERS.issuperset(value):
            raise PolicyError(self.name(key), "must be letters, digits, dots and hyphens")
        return value

    def integer(self, key: str, least: int, most: int) -> int:
        """Take a whole number between `least` and `most`."""
        value: int = self._take(key, int)
        if not least <= value <= most:
            raise PolicyError(self.name(key), f"must be {least} to {most}")
        return value

    def boolean(self, key: str, *, default: bool | None = None) -> bool:
        """Take true or false."""
        if default is not None and key not in self._rest:
            return default
        value: bool = self._take(key, bool)
        return value

    def day(self, key: str) -> int:
        """Take a date, as YYYYMMDD."""
        value: date = self._take(key, date)
        return value.year * 10_000 + value.month * 100 + value.day

    def table(self, key: str) -> "_Table":
        """Take a table."""
        return _Table(self._take(key, dict), self.name(key))

    def tables(self, key: str) -> list["_Table"]:
        """Take an array of tables."""
        rows = self._take(key, list)
        if not all(isinstance(row, dict) for row in rows):
            raise PolicyError(self.name(key), "must be an array of tables")
        return [_Table(row, f"{self.name(key)}[{number}]") for number, row in enumerate(rows)]

    def figure(self, key: str, least: int, most: int) -> Figure:
        """Take a figure with its source."""
        table = self.table(key)
        figure = Figure(
            value=table.integer("value", least, most),
            source=table.text("source"),
            effective_from=table.day("effective_from"),
            unverified=table.boolean("unverified"),
            binding=table.boolean("binding", default=False),
            note=table.text("note") if "note" in table else "",
        )
        table.close()
        return figure

    def __contains__(self, key: str) -> bool:
        return key in self._rest

    def close(self) -> None:
        """Refuse members that nobody read."""
        for key in sorted(self._rest):
            raise PolicyError(self.name(key), "is unknown")
