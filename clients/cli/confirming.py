"""Asking before something that cannot be undone."""

import sys

import click

from clients.cli.language import Text
from clients.cli.problems import ExitCode, Problem, misuse
from clients.cli.session import Session


def confirm(session: Session, zh: str, en: str, *, yes: bool) -> None:
    """Ask on the terminal; without one, `--yes` has to stand on the command line.

    Args:
        session: The session.
        zh: What is to be done, in Chinese.
        en: The same in English.
        yes: It was said already.

    Raises:
        Problem: when the answer is no, or there is nobody to ask.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise misuse(f"{zh}不能撤回，须加 --yes", f"{en} cannot be undone: give --yes")
    question = session.say(f"{zh}不能撤回，确定吗？", f"{en} cannot be undone. Go on?")
    if not click.confirm(question, err=True):
        text = Text("未确认，什么也没做", "not confirmed; nothing was done")
        raise Problem("NOT_CONFIRMED", text, ExitCode.NEGATIVE)
