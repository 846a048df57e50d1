"""`tledger policy list` and `show`: what a policy file says, before anybody adopts it.

Offline: neither a log nor an identity is needed. The packaged files are proposals; `policy show
NAME --toml` prints the bytes that `tledger policy adopt` takes.
"""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from clients.cli.output import day, fields, table
from ledger.commands.operator_commands import JSON_OPTION
from ledger.commands.texts import fail

if TYPE_CHECKING:
    from ledger.domain.policies import Figure, Policy

USAGE = 64


@click.command(name="list", short_help="列出随附政策  List the policies that come with the program")
@JSON_OPTION
def list_policies(as_json: bool) -> None:  # noqa: FBT001
    """列出随附的政策文件（建议稿）。 List the policy files that come with the program: proposals.

    \b
    Examples:
      tledger policy list
    """
    from ledger.domain.policies import packaged_policies, parse_policy

    policies = [parse_policy(data) for data in packaged_policies().values()]
    if as_json:
        for policy in policies:
            click.echo(_json(_summary(policy)))
        return
    heads = ("名称 Name", "类型 Programme", "理论 Theory", "实操 Practical", "合计 Total",
             "未核对 Unverified", "题名 Title")  # fmt: skip
    click.echo(table(heads, [_row(policy) for policy in policies]))


@click.command(name="show", short_help="查看政策文件  Show a policy file with its sources")
@click.argument("policy", metavar="NAME|FILE")
@click.option("--toml", "as_toml", is_flag=True, help="原样输出文件 Print the file as it is.")
@JSON_OPTION
def show_policy(policy: str, as_toml: bool, as_json: bool) -> None:  # noqa: FBT001
    """查看政策文件：每项数字、来源、是否有约束力。 Each figure, its source, and whether it refuses.

    An unverified figure that the file does not mark binding only warns.

    \b
    Examples:
      tledger policy show welding
      tledger policy show welding --toml > welding.toml
      tledger policy show welding.toml --json
    """
    from ledger.domain.policies import PolicyError, parse_policy

    data = _bytes(policy)
    try:
        found = parse_policy(data)
    except PolicyError as error:
        fail(f"政策文件无效 / the policy file is invalid: {error}", USAGE)
    if as_toml:
        sys.stdout.buffer.write(data)
    elif as_json:
        click.echo(_json(_whole(found)))
    else:
        click.echo(_people(found))


def _bytes(name: str) -> bytes:
    """Return a packaged policy, or a file: what has the suffix or a folder in it is a file."""
    from ledger.domain.policies import POLICY_LIMIT, packaged_policies

    packaged = packaged_policies()
    if name in packaged:
        return packaged[name]
    try:
        with Path(name).open("rb") as file:
            # One byte more than may be: the reader says that it is too large.
            return file.read(POLICY_LIMIT + 1)
    except OSError as error:
        fail(
            f"没有此名称的政策，也读不了此文件 / no policy of this name, and no file to read: "
            f"{name}: {error.strerror or error}\n"
            "怎么办 / what to do: tledger policy list",
            USAGE,
        )


def _row(policy: "Policy") -> tuple[object, ...]:
    hours = policy.hours
    return (
        policy.id,
        policy.programme.value,
        hours.theory.value,
        hours.practical.value,
        hours.total,
        sum(figure.unverified for figure in policy.figures().values()),
        f"{policy.title_zh}  {policy.title_en}",
    )


def _people(policy: "Policy") -> str:
    lines = [
        ("名称 Name", f"{policy.id}, version {policy.version}"),
        ("题名 Title", f"{policy.title_zh}  {policy.title_en}"),
        ("类型 Programme", policy.programme.value),
        ("工种 Trade", f"{policy.trade}  {policy.trade_zh}  {policy.trade_en}"),
        ("自 From", day(policy.effective_from)),
        ("签到配对 Pairing", policy.hours.pairing.value),
        ("线下理论 In a classroom", f"{policy.hours.theory_offline} / {policy.hours.theory.value}"),
        ("清单 Checklist", f"{len(policy.checklist)}"),
        ("摘要 Digest", policy.digest.hex()),
    ]
    heads = ("项目 Figure", "值 Value", "效力 Effect", "核对 Verified", "自 From", "来源 Source")
    rows = [
        (
            path,
            figure.value,
            "拒绝 refuses" if figure.refuses else "提示 warns",
            "✖" if figure.unverified else "✔",
            day(figure.effective_from),
            f"{figure.source}（{figure.note}）" if figure.note else figure.source,
        )
        for path, figure in policy.figures().items()
    ]
    return f"{fields(lines)}\n\n{table(heads, rows)}"


def _summary(policy: "Policy") -> dict[str, Any]:
    return {
        "id": policy.id,
        "version": policy.version,
        "digest": policy.digest.hex(),
        "effective_from": policy.effective_from,
        "programme": policy.programme.value,
        "title_zh": policy.title_zh,
        "title_en": policy.title_en,
        "trade": policy.trade,
        "theory": policy.hours.theory.value,
        "theory_offline": policy.hours.theory_offline,
        "practical": policy.hours.practical.value,
        "total": policy.hours.total,
        "unverified": [path for path, each in policy.figures().items() if each.unverified],
    }


def _whole(policy: "Policy") -> dict[str, Any]:
    return _summary(policy) | {
        "pairing": policy.hours.pairing.value,
        "figures": {path: _figure(figure) for path, figure in policy.figures().items()},
        "checklist": [
            {"class": item.item_class, "zh": item.label_zh, "en": item.label_en}
            for item in policy.checklist
        ],
    }


def _figure(figure: "Figure") -> dict[str, Any]:
    return {
        "value": figure.value,
        "source": figure.source,
        "effective_from": figure.effective_from,
        "unverified": figure.unverified,
        "binding": figure.binding,
        "refuses": figure.refuses,
        "note": figure.note,
    }


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
