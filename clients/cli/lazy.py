"""Commands that are loaded when they are used, so that `tledger --help` answers quickly."""

from importlib import import_module
from typing import Any

import click

from clients.cli.catalogue import Entry


class LazyCommand(click.Command):
    """Stands for a command until somebody wants it.

    Args:
        name: Its name within its group.
        entry: Where it is, and what it is for.
    """

    def __init__(self, name: str, entry: Entry) -> None:
        purpose = entry.purpose
        super().__init__(name, short_help=f"{purpose.zh}  {purpose.en}")
        self._entry = entry

    def load(self) -> click.Command:
        """Return the command itself."""
        module, _, attribute = self._entry.target.partition(":")
        command: object = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{self._entry.target} is no command")
        return command

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401 - click's own signature
    ) -> click.Context:
        """Parse with the command itself; the context names it, so it is what runs."""
        return self.load().make_context(info_name, args, parent, **extra)
