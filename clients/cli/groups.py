"""Groups of commands, and misuse of any command: exit code 64 in the shape of all errors."""

import os
import sys
from typing import IO, Any, ClassVar, Final

import click
from click.exceptions import NoArgsIsHelpError

from clients.cli.language import Text, chosen_language
from clients.cli.output import to_json, tolerate_narrow_encodings
from clients.cli.problems import ExitCode, Problem, misuse

# What a parameter has to be, by the name of its type.
_EXPECTED: Final = {
    "uuid": "（应为 UUID）",
    "choice": "（应为所列之一）",
    "integer range": "（应为范围内的整数）",
    "float range": "（应为范围内的数）",
    "path": "（应为可用的路径）",
    "file": "（应为已有的文件）",
    "directory": "（应为已有的目录）",
    "number": "（应为证明编号，校验位须相符）",
    "key_id": "（应为 64 位十六进制）",
    "time": "（应为带时区的时间）",
    "day": "（应为日期，如 2026-03-16）",
    "moment": "（应为带时区的时间，或日期）",
    "as_of": "（应为账本序号、日期，或 recorded:时间、happened:时间）",
}


class Misuse(click.UsageError):
    """A usage error of click's in the shape of this command line."""

    exit_code: ClassVar[int] = ExitCode.USAGE

    def __init__(self, error: click.UsageError) -> None:
        """Keep click's own error."""
        super().__init__(error.format_message(), error.ctx)
        self._error = error

    def to_problem(self) -> Problem:
        """Return the problem."""
        path = "tledger" if self.ctx is None else self.ctx.command_path
        help_line = f"{path} --help"
        return misuse(
            _in_chinese(self._error),
            self._error.format_message(),
            values={"command": path},
            fixes=[Text(f"看用法和样例：{help_line}", f"see usage and examples: {help_line}")],
        )

    def show(self, file: IO[Any] | None = None) -> None:
        """Print it."""
        if isinstance(self._error, NoArgsIsHelpError):
            self._error.show(file)
            return
        params = {} if self.ctx is None else self.ctx.params
        problem = self.to_problem()
        if params.get("as_json"):
            text = to_json(problem.to_document())
        else:
            text = problem.render(chosen_language(params.get("lang"), os.environ))
        click.echo(text, file=file or sys.stderr)


class RemoteGroup(click.Group):
    """A group whose commands end with 64 when they are misused."""

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
        """Run the command that was asked for; see click."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            raise as_misuse(error) from error


def as_misuse(error: click.UsageError) -> Misuse:
    """Return a usage error with this command line's exit code and shape."""
    return error if isinstance(error, Misuse) else Misuse(error)


def _in_chinese(error: click.UsageError) -> str:
    """Return click's message, which it has in English, in Chinese where it is a usual one."""
    message = error.format_message()
    match error:
        case click.MissingParameter():
            name = error.param.get_error_hint(error.ctx) if error.param and error.ctx else ""
            return f"缺少参数 {name or message}"
        case click.BadParameter():
            name = error.param.get_error_hint(error.ctx) if error.param and error.ctx else ""
            expected = _EXPECTED.get(error.param.type.name, "") if error.param else ""
            return f"参数 {name} 的值不合要求{expected}：{error.message}"
        case click.NoSuchOption():
            return f"没有选项 {error.option_name}"
        case click.BadOptionUsage():
            return f"选项 {error.option_name} 用法有误：{message}"
        case click.exceptions.NoSuchCommand():
            return f"没有命令 {error.command_name}"
    return f"命令用法有误：{message}"
