"""How a remote command is declared: purpose, examples, the options that all have, and its ends.

@command("cohort show", examples=[Example("tledger cohort show 8a6e…")])
@click.argument("cohort", type=click.UUID)
def show(session: Session, cohort: UUID) -> None: ...
"""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from clients.cli.catalogue import COMMANDS
from clients.cli.groups import as_misuse
from clients.cli.language import Language, Text
from clients.cli.output import note, to_json, tolerate_narrow_encodings
from clients.cli.problems import ExitCode, Problem
from clients.cli.session import Session

_LANGUAGES: Final = [language.value for language in Language]


@dataclass(frozen=True, slots=True)
class Example:
    """A command line that works, with what it does."""

    line: str
    zh: str
    en: str


class RemoteCommand(click.Command):
    """A command with examples in its help and fixed exit codes."""

    examples: Sequence[Example] = ()

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401 - click's own signature
    ) -> click.Context:
        """Parse; see click."""
        tolerate_narrow_encodings()
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.UsageError as error:
            raise as_misuse(error) from error

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own signature
        """Run the command; whatever is expected to go wrong ends with its exit code."""
        session = Session.take(ctx)
        try:
            if self.callback is not None:
                ctx.invoke(self.callback, session, **ctx.params)
            sys.stdout.flush()
        except (click.exceptions.Exit, click.UsageError):
            raise
        except BrokenPipeError:
            # Whoever read has seen enough; at exit, Python would complain about the pipe again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise click.exceptions.Exit(ExitCode.BROKEN_PIPE) from None
        except (KeyboardInterrupt, click.Abort):
            note(f"\n{session.say('已中断', 'interrupted')}")
            raise click.exceptions.Exit(ExitCode.INTERRUPTED) from None
        except Exception as error:
            problem = _explain(error)
            if problem is None:
                raise
            _report(session, problem)
            raise click.exceptions.Exit(problem.exit_code) from None

    def format_epilog(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's own signature
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the examples; lines of commands are never broken."""
        with formatter.section("Examples 示例"):
            for example in self.examples:
                formatter.write(f"  # {example.zh}  {example.en}\n  {example.line}\n")


def command(
    path: str, *, examples: Sequence[Example], more: Text | None = None, remote: bool = True
) -> Callable[[Callable[..., None]], RemoteCommand]:
    """Make a command of a function whose first argument is the session.

    Args:
        path: Its key in the catalogue, which has its purpose.
        examples: Command lines that work, at least one.
        more: What else one has to know.
        remote: It connects to a ledger, so it has an identity and a timeout.
    """
    purpose = COMMANDS[path].purpose
    paragraphs = [f"{purpose.zh}。", f"{purpose.en}."]
    if more is not None:
        paragraphs += [more.zh, more.en]

    def declare(function: Callable[..., None]) -> RemoteCommand:
        decorate = click.command(
            path.rpartition(" ")[2], cls=RemoteCommand, help="\n\n".join(paragraphs)
        )
        made = decorate(function)
        made.params += _common_options(remote=remote)
        made.examples = tuple(examples)
        return made

    return declare


def _common_options(*, remote: bool) -> list[click.Parameter]:
    options: list[click.Parameter] = []
    if remote:
        options += [
            click.Option(
                ["--identity"],
                type=click.Path(exists=True, file_okay=False, path_type=Path),
                envvar="TLEDGER_IDENTITY",
                show_envvar=True,
                help="身份目录  Folder of the identity.",
            ),
            click.Option(
                ["--timeout"],
                type=click.FloatRange(min=0.1, max=3600),
                default=10.0,
                show_default=True,
                metavar="SECONDS",
                help="每次调用的期限  Time that a call may take.",
            ),
        ]
    return [
        *options,
        click.Option(
            ["--lang"],
            type=click.Choice(_LANGUAGES),
            envvar="TLEDGER_LANG",
            show_envvar=True,
            is_eager=True,
            help="语言  Language.",
        ),
        click.Option(
            ["--json", "as_json"],
            is_flag=True,
            is_eager=True,
            help="供程序读取的 JSON  JSON for programs.",
        ),
    ]


def _explain(error: Exception) -> Problem | None:
    if isinstance(error, Problem):
        return error
    # Loaded only now: the offline commands do without the SDK and its network library.
    from clients.cli.explaining import explain

    return explain(error)


def _report(session: Session, problem: Problem) -> None:
    if session.as_json:
        note(to_json(problem.to_document()))
    else:
        note(problem.render(session.language))
