"""Reading a policy file member by member: exact types, bounds, and nothing left unread.

Unknown members are refused: a misspelt figure must not silently fall away.
"""

import tomllib
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, Final, TypeVar

from ledger.domain.policy_rules import Figure

POLICY_LIMIT: Final = 65_536
"""Most bytes of a policy file; the limit of `PolicyAdopted.document`."""

_CODE_CHARACTERS: Final = frozenset(
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-"
)
_Choice = TypeVar("_Choice", bound=StrEnum)


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


def read_toml(data: bytes) -> "PolicyTable":
    """Return the file as a table.

    Raises:
        PolicyError: when it is too large or no TOML in UTF-8.
    """
    if len(data) > POLICY_LIMIT:
        raise PolicyError("", f"{len(data)} bytes, at most {POLICY_LIMIT}")
    try:
        return PolicyTable(tomllib.loads(data.decode("utf-8")), "")
    except (ValueError, RecursionError) as error:
        raise PolicyError("", f"not TOML in UTF-8: {error}") from error


class PolicyTable:
    """A TOML table that is read member by member; `close` refuses what was not read.

    Every method that takes a member raises PolicyError when it is missing, of another type or out
    of bounds.
    """

    def __init__(self, members: Mapping[str, Any], path: str) -> None:
        """Start with nothing read; `path` is the table's own, empty for the file."""
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

    def choice(self, key: str, kind: type[_Choice]) -> _Choice:
        """Take one of the words of `kind`."""
        value = self.text(key)
        try:
            return kind(value)
        except ValueError as error:
            words = ", ".join(kind)
            raise PolicyError(self.name(key), f"must be one of {words}") from error

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

    def table(self, key: str) -> "PolicyTable":
        """Take a table."""
        return PolicyTable(self._take(key, dict), self.name(key))

    def tables(self, key: str) -> list["PolicyTable"]:
        """Take an array of tables."""
        rows = self._take(key, list)
        if not all(isinstance(row, dict) for row in rows):
            raise PolicyError(self.name(key), "must be an array of tables")
        return [PolicyTable(row, f"{self.name(key)}[{number}]") for number, row in enumerate(rows)]

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
