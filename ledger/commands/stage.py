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


def act(zh: str, en: str) -> None:
    """Begin an act."""
    click.secho(f"\n══ {zh} / {en}", bold=True)


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
    _show(f"tledger {shlex.join(arguments)}")
    _run("ledger.main", arguments, folder, code)


def run_module(module: str, arguments: Sequence[str]) -> None:
    """Show and run a module of this package; see `run`."""
    _show(f"python -m {module} {shlex.join(arguments)}")
    _run(module, arguments, None, 0)


def _show(command: str) -> None:
    click.secho(f"$ {command}", fg="cyan")


def _run(module: str, arguments: Sequence[str], folder: Path | None, code: int) -> None:
    done = subprocess.run(  # noqa: S603 - the project's own command
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        check=False,
        stderr=subprocess.STDOUT,
        env=_environment(),
    )
    if done.returncode != code:
        raise DemoError(f"exit code {done.returncode}, expected {code}: {arguments}")
    if code:
        click.echo(f"   (exit code {code})")


def _environment() -> dict[str, str]:
    """Return the environment of commands: this package is found from every folder."""
    return {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}


def run_until_killed(module: str, arguments: Sequence[str], last_line: str) -> None:
    """Show and run a module until it says a line, then kill it: nothing of it ends in order.

    Args:
        module: The module.
        arguments: Its arguments.
        last_line: The line that it waits after; it is not shown.

    Raises:
        DemoError: when it ends by itself.
    """
    _show(f"python -m {module} {shlex.join(arguments)} &")
    process = subprocess.Popen(  # noqa: S603 - the project's own command
        [sys.executable, "-m", module, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env=_environment(),
    )
    with process:
        for line in process.stdout or ():
            if line.rstrip("\n") == last_line:
                break
            click.echo(line, nl=False)
        else:
            raise DemoError(f"{module} ended by itself: {arguments}")
        _show(f"kill -9 {process.pid}")
        process.kill()


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
        _show(f"tledger {shlex.join(arguments)} &")
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - the project's own command
                [sys.executable, "-m", "ledger.main", *arguments],
                stdout=log,
                stderr=log,
                env=_environment(),
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
