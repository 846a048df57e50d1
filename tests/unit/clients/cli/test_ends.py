"""How commands end: exit codes, the shape of errors in both languages, interruption, pipes."""

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import grpc
import pytest

from clients.cli.explaining import explain
from clients.cli.language import Language, chosen_language
from clients.cli.session import Surroundings
from clients.sdk import Failure, RefusedError
from tests.unit.clients.cli.command_line import CommandLine, error
from tests.unit.clients.cli.conftest import Office
from tests.unit.clients.verifier.small_log import COHORT, trust_file


@pytest.mark.parametrize(
    ("args", "zh"),
    [
        (("cohort", "show"), "缺少参数 'COHORT'"),
        (("cohort", "show", "x"), "参数 'COHORT' 的值不合要求（应为 UUID）"),
        (("cohort", "shwo"), "没有命令 shwo"),
        (("wacth",), "没有命令 wacth"),
        (("watch", "--form", "1"), "没有选项 --form"),
        (("watch", "--from", "-1"), "参数 '--from' 的值不合要求"),
        (("watch", "--from"), "选项 --from 用法有误"),
        (("certificate", "list", "--state", "gone"), "的值不合要求（应为所列之一）"),
        (("key", "show", "ab"), "的值不合要求（应为 64 位十六进制）"),
        (("held", "list", "more"), "命令用法有误"),
    ],
)
def test_misuse_ends_with_64_and_points_to_the_help(
    args: tuple[str, ...], zh: str, tledger: CommandLine
) -> None:
    result = tledger(*args)
    assert (result.exit_code, result.stdout) == (64, "")
    assert result.stderr.startswith("USAGE  ")
    assert "--help" in result.stderr
    tledger.environment["TLEDGER_LANG"] = "zh"
    assert zh in tledger(*args).stderr


def test_an_unknown_event_type_points_to_the_list_of_types(tledger: CommandLine) -> None:
    result = tledger("event", "example", "NoSuchType")
    assert (result.exit_code, result.stdout) == (64, "")
    assert "NoSuchType is no event type" in result.stderr
    assert "tledger event types" in result.stderr


def test_a_group_without_a_command_shows_its_help_and_ends_with_64(tledger: CommandLine) -> None:
    result = tledger("cohort")
    assert result.exit_code == 64
    assert "Show the cohort file" in result.stderr


def test_misuse_is_json_where_json_was_asked_for(tledger: CommandLine) -> None:
    result = tledger("watch", "--json", "--from", "x")
    assert (result.exit_code, result.stdout) == (64, "")
    found = error(result)
    assert (found["code"], found["exit_code"], found["retryable"]) == ("USAGE", 64, False)
    assert found["message_zh"]
    assert "'x' is not a valid integer range" in found["message_en"]


def test_without_an_identity_a_remote_command_says_how_to_name_one(tledger: CommandLine) -> None:
    result = tledger("held", "list")
    assert result.exit_code == 64
    assert result.stderr.splitlines()[0] == "IDENTITY_MISSING  no identity was named"
    assert "TLEDGER_IDENTITY" in result.stderr
    assert tledger("held", "list", "--lang", "zh").stderr.splitlines()[0] == (
        "IDENTITY_MISSING  未指明身份"
    )


def test_an_incomplete_identity_names_the_file(office: Office) -> None:
    (office.folder / "key.pem").unlink()
    result = office.tledger("held", "list", "--json")
    assert result.exit_code == 64
    assert error(result)["code"] == "IDENTITY_WRONG"
    assert "key.pem" in error(result)["message_en"]


def test_a_ledger_that_does_not_answer_ends_with_2(office: Office) -> None:
    office.running.server.stop(grace=None).wait()
    result = office.tledger("held", "list", "--json")
    assert result.exit_code == 2
    assert (error(result)["code"], error(result)["retryable"]) == ("UNREACHABLE", True)


def test_a_refusal_ends_with_1_and_has_the_ledgers_code(office: Office) -> None:
    result = office.tledger("cohort", "show", "00000000-0000-4000-8000-000000000000", "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert error(result)["code"] == "NOT_FOUND"
    assert "no such cohort" in error(result)["message_en"]
    assert office.tledger("cohort", "show", str(COHORT)).exit_code == 0


def test_an_interruption_is_quiet_and_ends_with_130(tmp_path: Path) -> None:
    def interrupted() -> datetime:
        raise KeyboardInterrupt

    trust = tmp_path / "trust.json"
    trust.write_bytes(trust_file().to_bytes())
    result = CommandLine(Surroundings(now=interrupted))("verify", trust, "--trust", trust)
    assert (result.exit_code, result.stdout, result.stderr) == (130, "", "\ninterrupted\n")


def test_a_reader_that_has_gone_is_quiet() -> None:
    script = (
        "from clients.cli import RemoteGroup, remote_commands\n"
        "RemoteGroup('tledger', commands=remote_commands()).main(['event', 'types'])\n"
    )
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-c", script], stdout=writing, stderr=subprocess.PIPE, check=False
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_terminal_without_chinese_is_no_reason_to_stop() -> None:
    script = (
        "from clients.cli import RemoteGroup, remote_commands\n"
        "RemoteGroup('tledger', commands=remote_commands()).main(['event', 'types', '--lang=zh'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        check=True,
        env=os.environ | {"PYTHONIOENCODING": "latin-1"},
    )
    assert done.stderr == b""
    assert b"\\u5f00\\u73ed\\u8ba1\\u5212" in done.stdout  # 开班计划


@pytest.mark.parametrize(("code", "exit_code"), [("NOT_PUBLISHED", 2), ("HOURS_SHORT", 1)])
def test_what_is_not_published_yet_could_not_be_checked(code: str, exit_code: int) -> None:
    failure = Failure(grpc.StatusCode.FAILED_PRECONDITION, code, "")
    problem = explain(RefusedError(failure))
    assert problem is not None
    assert (problem.code, problem.exit_code, problem.retryable) == (code, exit_code, exit_code == 2)


@pytest.mark.parametrize(
    ("option", "environment", "language"),
    [
        ("zh", {"TLEDGER_LANG": "en", "LANG": "en_US.UTF-8"}, Language.ZH),
        (None, {"TLEDGER_LANG": "zh", "LANG": "en_US.UTF-8"}, Language.ZH),
        (None, {"TLEDGER_LANG": "fr", "LANG": "zh_CN.UTF-8"}, Language.ZH),
        (None, {"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, Language.EN),
        (None, {"LC_ALL": "", "LC_MESSAGES": "zh_TW", "LANG": "C"}, Language.ZH),
        (None, {"LANG": "de_DE.UTF-8"}, Language.EN),
        (None, {}, Language.EN),
    ],
)
def test_the_language_is_that_of_the_option_then_the_variable_then_the_locale(
    option: str | None, environment: dict[str, str], language: Language
) -> None:
    assert chosen_language(option, environment) is language


def test_an_error_nobody_expected_is_not_explained_away() -> None:
    assert explain(ZeroDivisionError()) is None
