"""Many rows in one statement, on either database: one round trip, whatever their number.

PostgreSQL takes a whole column as one array; SQLite runs a prepared statement for each row, which
costs no round trip there.
"""
# ruff: noqa: S608 - statements are put together from this package's own names

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

AMONG: Final = "{among}"
"""Stands in a statement behind a column of bytes: where it is one of some keys."""
SQLITE_KEYS_AT_ONCE: Final = 500


@dataclass(frozen=True)
class Table:
    """A table whose rows are put as a whole: added, or changed where their key is there.

    Attributes:
        name: Its name.
        columns: Its columns and PostgreSQL's type of each, in the order of a row.
        key: The columns of its primary key.
    """

    name: str
    columns: Mapping[str, str]
    key: tuple[str, ...]

    @cached_property
    def sqlite_put(self) -> str:
        """The statement for one row."""
        return self._put(f"VALUES ({', '.join('?' * len(self.columns))})")

    @cached_property
    def postgres_put(self) -> str:
        """The statement for all rows, of which no two have one key; a column is a parameter."""
        arrays = (f"%b::{type_}[]" for type_ in self.columns.values())
        return self._put(f"SELECT * FROM unnest({', '.join(arrays)})")

    def _put(self, source: str) -> str:
        changes = (f"{each} = excluded.{each}" for each in self.columns if each not in self.key)
        return (
            f"INSERT INTO {self.name} ({', '.join(self.columns)}) {source}"
            f" ON CONFLICT ({', '.join(self.key)}) DO UPDATE SET {', '.join(changes)}"
        )


def columns_of(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Return the columns of rows, of which there is one at least."""
    return [list(column) for column in zip(*rows, strict=True)]


def sqlite_among(sql: str, count: int) -> str:
    """Return a statement that is given `count` keys one by one, behind its other parameters."""
    return sql.replace(AMONG, f"IN ({', '.join('?' * count)})")


def postgres_among(sql: str) -> str:
    """Return a statement that is given all keys as one list, behind its other parameters."""
    return sql.replace("?", "%s").replace(AMONG, "= ANY(%b::bytea[])")
