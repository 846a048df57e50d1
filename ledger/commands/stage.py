"""The demo's stage: says what happens, shows each command as it is typed, and runs it for real."""

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from clients.sdk import Identity, Ledger, LedgerClientError
from ledger.application.errors import ApplicationError

_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 30


class DemoError(ApplicationError):
    """The demo did not go as it should: a command ended with another code than was expected."""


def heading(zh: str, en: str) -> None:
    """Begin a part."""
    click.secho(f"\n── {zh} / {en}", bold=True)


def remark(zh: str, en: str) -> None:
    """Say something."""
    click.echo(f"   {zh} / {en}")


def run(arguments: Sequence[str], *, folder: Path | None = None, code: int = 0) -> None:
    """Show a `tledger` command, run it, and check its exit code.

    Args:
        arguments: Its arguments.
        folder: Where it runs.
        code: The exit code that it has to end with.

    Raises:
        DemoError: when it ends with another one.
    """
    click.secho(f"$ tledger {shlex.join(arguments)}", fg="cyan")
    done = subprocess.run(  # noqa: S603 - the project's own command
        [sys.executable, "-m", "ledger.main", *arguments],
        cwd=folder,
        check=False,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONPATH": _import_path()},
    )
    if done.returncode != code:
        raise DemoError(f"exit code {done.returncode}, expected {code}: {arguments}")
    if code:
        click.echo(f"   (exit code {code})")


def _import_path() -> str:
    """Return where this package is, for commands that run in another folder."""
    return str(Path(__file__).resolve().parents[2])


class Server:
    """A `tledger serve` process."""

    def __init__(self, home: Path, log: Path) -> None:
        """Serve a home; what the server says goes into `log`."""
        self._home = home
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, identity: Identity) -> None:
        """Start it and wait until it answers and has published.

        Raises:
            DemoError: when it does not come up.
        """
        arguments = ["serve", "--home", str(self._home)]
        click.secho(f"$ tledger {shlex.join(arguments)} &", fg="cyan")
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - the project's own command
                [sys.executable, "-m", "ledger.main", *arguments],
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONPATH": _import_path()},
            )
        deadline = time.monotonic() + _START_SECONDS
        with Ledger.open(identity) as ledger:
            while True:
                try:
                    ledger.log.checkpoint()
                except LedgerClientError as error:
                    if self._process.poll() is not None or time.monotonic() > deadline:
                        raise DemoError(f"no server: {error}; see {self._log}") from error
                    time.sleep(0.2)
                else:
                    return

    def stop(self) -> None:
        """Stop it as a service manager would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(_STOP_SECONDS)
            self._process = None
