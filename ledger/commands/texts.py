"""Both languages at once: the operator's commands speak Chinese and English on every line."""

import sys
from collections.abc import Callable
from typing import NoReturn, TypeVar

import click

Result = TypeVar("Result")
FAILED = 1
NOT_CHECKED = 2


def say(zh: str, en: str) -> None:
    """Print a line in both languages."""
    click.echo(f"{zh} / {en}")


def progress(zh: str, en: str, done: int, total: int) -> None:
    """Show how far long work is, on a terminal only."""
    if sys.stderr.isatty():
        click.echo(f"\r{zh} / {en}: {done:,} / {total:,}", nl=done >= total > 0, err=True)


def fail(message: str, code: int = FAILED) -> NoReturn:
    """End with a message on standard error."""
    click.echo(message, err=True)
    raise SystemExit(code)


def guarded(action: Callable[[], Result]) -> Result:
    """Run an action; what is expected to go wrong ends with its message, without a trace."""
    from clients.sdk import LedgerClientError
    from ledger.application.errors import ApplicationError, StorageError
    from ledger.log.errors import LogError

    try:
        return action()
    except StorageError as error:
        fail(f"数据库不可用 / the database is not available: {error}", NOT_CHECKED)
    except (ApplicationError, LogError, LedgerClientError) as error:
        fail(str(error))
