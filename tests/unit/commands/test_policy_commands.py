"""`tledger policy list` and `show`: figures with their sources, and what is no policy is said."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ledger.commands.policy_commands import list_policies, show_policy
from ledger.domain.policies import packaged_policies
from tests.server_process import tledger

WELDING = packaged_policies()["welding"]


def shown(*args: str | Path) -> Result:
    return CliRunner().invoke(show_policy, [str(arg) for arg in args])


def test_every_packaged_policy_stands_in_the_list() -> None:
    lines = CliRunner().invoke(list_policies).stdout.splitlines()
    rows = {line.split()[0]: line.split()[1:5] for line in lines[1:]}
    assert list(rows) == list(packaged_policies())
    # 68 + 40 = 108.
    assert rows["welding"] == ["first", "68", "40", "108"]
    assert rows["safety-managers-hazchem-yearly"] == ["yearly", "16", "0", "16"]


def test_the_list_for_programs_names_what_is_not_verified() -> None:
    output = CliRunner().invoke(list_policies, ["--json"]).stdout
    rows = {row["id"]: row for row in map(json.loads, output.splitlines())}
    assert len(rows) == len(packaged_policies())
    leaders = rows["leaders-hazchem"]
    assert (leaders["theory"], leaders["theory_offline"], leaders["total"]) == (48, 15, 48)
    assert "hours.theory" not in leaders["unverified"]
    assert "hours.theory" in rows["work-at-height"]["unverified"]


def test_a_policy_is_shown_with_source_effect_and_date_of_each_figure() -> None:
    lines = shown("welding").stdout.splitlines()
    rows = {line.split()[0]: line for line in lines if "." in line.split("  ")[0]}
    assert rows["hours.theory"].split()[1:5] == ["68", "拒绝", "refuses", "✖"]
    assert "长春市" in rows["hours.theory"]
    assert "应急〔2026〕45号" in rows["hours.theory"]
    assert rows["hours.minutes_offline"].split()[1:6] == [
        "45",
        "拒绝",
        "refuses",
        "✔",
        "2024-07-01",
    ]
    assert rows["make_up.deadline_days"].split()[1:5] == ["30", "提示", "warns", "✖"]
    assert len(rows) == 18


def test_a_policy_for_programs_has_all_that_the_file_says() -> None:
    document = json.loads(shown("welding", "--json").stdout)
    assert (document["programme"], document["pairing"]) == ("first", "session")
    assert document["figures"]["exam.retakes"] == {
        "value": 1,
        "source": "安全生产资格考试与证书管理暂行办法：不合格可补考一次，仍不合格须重新培训",
        "effective_from": 20131001,
        "unverified": False,
        "binding": False,
        "refuses": True,
        "note": "文号（安监总培训〔2013〕104号）与施行日期未核对",
    }
    assert document["checklist"][3] == {"class": "04-roster", "zh": "学员名册", "en": "Roster"}


def test_the_bytes_that_are_adopted_can_be_taken_changed_and_shown_again(tmp_path: Path) -> None:
    taken = shown("welding", "--toml").stdout_bytes
    assert taken == WELDING
    file = tmp_path / "welding.toml"
    file.write_bytes(taken.replace(b"value = 68", b"value = 70"))
    assert json.loads(shown(file, "--json").stdout)["theory"] == 70


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"format = 2", "format: must be 1"),
        (WELDING.replace(b"value = 68", b"value = 0"), "hours.theory.value: must be 1 to 1000"),
        (WELDING + b"#" * 65_536, "at most 65536"),
    ],
)
@pytest.mark.parametrize("form", ["--toml", "--json"])
def test_a_file_that_is_no_policy_is_refused(
    tmp_path: Path, content: bytes, message: str, form: str
) -> None:
    file = tmp_path / "policy.toml"
    file.write_bytes(content)
    result = shown(file, form)
    assert (result.exit_code, result.stdout) == (64, "")
    assert "政策文件无效 / the policy file is invalid" in result.stderr
    assert message in result.stderr


def test_a_name_that_is_neither_packaged_nor_a_file_is_said_with_what_to_do() -> None:
    result = shown("no-such-programme")
    assert (result.exit_code, result.stdout) == (64, "")
    assert "no policy of this name, and no file to read: no-such-programme" in result.stderr
    assert "tledger policy list" in result.stderr


def test_they_stand_beside_adopt_in_the_whole_program() -> None:
    help_text = tledger("policy", "--help")
    names = [line.split()[0] for line in help_text.out.partition("Commands:")[2].splitlines()[1:]]
    assert (help_text.code, names) == (0, ["adopt", "list", "show"])
    assert tledger("policy", "show", "welding", "--toml").out == WELDING.decode()
