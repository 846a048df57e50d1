"""The remote half of the tledger command.

`remote_commands()` are ready to be added to a group; `log_group` and `policy_group` are two of
them, to which the operator's half adds its own. Nothing but click is loaded before a command is
used.
"""

from typing import Final

import click

from clients.cli.catalogue import COMMANDS, GROUPS
from clients.cli.groups import RemoteGroup
from clients.cli.lazy import LazyCommand

__all__ = ["RemoteGroup", "log_group", "policy_group", "remote_commands"]


def _group(name: str) -> RemoteGroup:
    purpose = GROUPS[name]
    members = [
        LazyCommand(path.removeprefix(f"{name} "), entry)
        for path, entry in COMMANDS.items()
        if path.startswith(f"{name} ")
    ]
    return RemoteGroup(
        name,
        commands=members,
        short_help=f"{purpose.zh}  {purpose.en}",
        help=f"{purpose.zh}。\n\n{purpose.en}.",
    )


log_group: Final = _group("log")
policy_group: Final = _group("policy")
_EXTENDED: Final = {"log": log_group, "policy": policy_group}


def remote_commands() -> list[click.Command]:
    """Return the commands that need no more than an identity, or no ledger at all."""
    alone: list[click.Command] = [
        LazyCommand(path, entry) for path, entry in COMMANDS.items() if " " not in path
    ]
    return [*alone, *(_EXTENDED.get(name) or _group(name) for name in GROUPS)]
