"""Both languages at once: the operator's commands speak Chinese and English on every line."""

import sys
from typing import NoReturn

import click

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
