"""Options by which rows are chosen that several commands take: a day, an area, an institution."""

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

import click

from clients.cli.parties import party

if TYPE_CHECKING:
    from clients.sdk import Ledger


class Day(click.ParamType[date]):
    """A day, YYYY-MM-DD."""

    name = "day"

    def convert(
        self, value: str | date, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        """Return the day; see click."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day such as 2026-03-16", param, ctx)


def chosen_party(ledger: "Ledger", text: str) -> UUID | None:
    """Return the institution that an option names by UUID or credit code, None for none.

    Raises:
        Problem: when it is neither.
    """
    return party(ledger.identity.origin, text) if text else None
