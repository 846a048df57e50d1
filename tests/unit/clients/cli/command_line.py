"""The command line as a user has it: arguments in; standard output, messages and exit code out."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from clients.cli import RemoteGroup, remote_commands
from clients.cli.session import Surroundings

TLEDGER = RemoteGroup("tledger", commands=remote_commands())


@dataclass
class CommandLine:
    """Runs `tledger`; whatever is in the environment counts as the user's."""

    surroundings: Surroundings = field(default_factory=Surroundings)
    environment: dict[str, str | None] = field(default_factory=dict)

    def __call__(self, *args: str | Path, stdin: str | bytes | None = None) -> Result:
        result = CliRunner().invoke(
            TLEDGER,
            [str(arg) for arg in args],
            prog_name="tledger",
            input=stdin,
            obj=self.surroundings,
            env={"LC_ALL": "C", "TLEDGER_LANG": None, "TLEDGER_IDENTITY": None} | self.environment,
        )
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result


def documents(result: Result) -> list[Any]:
    """Return the JSON documents of standard output, one a line."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def error(result: Result) -> dict[str, Any]:
    """Return the error that was told on standard error as JSON."""
    found: dict[str, Any] = json.loads(result.stderr)["error"]
    return found
