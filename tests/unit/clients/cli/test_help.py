"""The help teaches: purpose in both languages and a command line that works, without delay."""

import re
import subprocess
import sys

import click
import pytest

from clients.cli import log_group, remote_commands
from clients.cli.catalogue import COMMANDS, GROUPS
from clients.cli.lazy import LazyCommand
from ledger.log.certificate_numbers import check_number
from tests.unit.clients.cli.command_line import TLEDGER, CommandLine

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_ENGLISH = re.compile(r"[A-Z][a-z]*\b")


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_says_in_both_languages_what_it_is_for(
    path: str, tledger: CommandLine
) -> None:
    result = tledger(*path.split(), "--help")
    assert result.exit_code == 0
    purpose = COMMANDS[path].purpose
    assert f"{purpose.zh}。" in result.stdout
    assert f"{purpose.en}." in result.stdout
    assert _CHINESE.search(purpose.zh)
    assert _ENGLISH.match(purpose.en)


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_has_an_example_with_what_it_does(path: str, tledger: CommandLine) -> None:
    text = tledger(*path.split(), "--help").stdout
    examples = text.partition("Examples 示例:\n")[2].splitlines()
    lines = [line.strip() for line in examples if not line.startswith("  #")]
    comments = [line for line in examples if line.startswith("  #")]
    assert len(lines) == len(comments) >= 1
    for line, comment in zip(lines, comments, strict=True):
        assert line.startswith("tledger ")
        assert f"tledger {path}" in line
        assert _CHINESE.search(comment)


@pytest.mark.parametrize("path", COMMANDS)
def test_the_numbers_in_examples_are_well_formed(path: str, tledger: CommandLine) -> None:
    for number in re.findall(r"PXZM-[0-9A-Z-]+", tledger(*path.split(), "--help").stdout):
        assert check_number(number) == number


@pytest.mark.parametrize("path", COMMANDS)
def test_every_option_is_explained_in_both_languages(path: str) -> None:
    command: click.Command = TLEDGER
    for name in path.split():
        assert isinstance(command, click.Group)
        command = command.commands[name]
    assert isinstance(command, LazyCommand)
    for parameter in command.load().params:
        if isinstance(parameter, click.Option):
            assert _CHINESE.search(parameter.help or ""), parameter.name
            assert _ENGLISH.search(parameter.help or ""), parameter.name


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_takes_json_and_a_language(path: str, tledger: CommandLine) -> None:
    text = tledger(*path.split(), "--help").stdout
    assert "--json" in text
    assert "--lang [zh|en]" in text


def test_the_overview_names_every_command_and_group(tledger: CommandLine) -> None:
    text = tledger("--help").stdout
    for name in (*GROUPS, *(path for path in COMMANDS if " " not in path)):
        assert re.search(rf"^  {name} +\S+  \S", text, re.MULTILINE)


def test_the_overview_loads_no_command_and_no_network_library() -> None:
    script = (
        "import sys; from clients.cli import RemoteGroup, remote_commands\n"
        "try: RemoteGroup('tledger', commands=remote_commands()).main(['--help'])\n"
        "finally: assert not {'grpc', 'cryptography', 'clients.sdk'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_verifying_loads_no_network_library() -> None:
    script = (
        "import sys, clients.cli.verifying; assert not {'grpc', 'clients.sdk'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_log_group_takes_further_commands(
    tledger: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The whole program's own commands, where they are loaded, are back when the test ends.
    monkeypatch.setattr(log_group, "commands", dict(log_group.commands))
    assert log_group in remote_commands()

    @click.command("check", short_help="核对  Check")
    def check() -> None:
        click.echo("checked")

    log_group.add_command(check)
    assert tledger("log", "check").stdout == "checked\n"
    assert "check " in tledger("log", "--help").stdout


def test_a_name_that_is_no_command_is_an_error_of_the_catalogue() -> None:
    entry = COMMANDS["verify"]
    wrong = LazyCommand("verify", type(entry)("clients.cli.verifying:Path", entry.purpose))
    with pytest.raises(TypeError, match="is no command"):
        wrong.load()
