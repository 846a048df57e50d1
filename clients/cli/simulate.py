"""`tledger simulate`: a city-year that never happened, with its ground truth.

To files for the log of an identity, or straight into its ledger; `--check` compares the cohort
files of the ledger with truth.json, figure by figure.
"""

import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from clients.cli.command import Example, command
from clients.cli.inputs import read_text
from clients.cli.language import Text
from clients.cli.output import echo, fields
from clients.cli.problems import ExitCode, misuse
from clients.cli.session import Session

if TYPE_CHECKING:
    from clients.simulator.decisions import Outcome
    from clients.simulator.town import Size

_TRUTH_LIMIT: Final = 512 * 1024 * 1024
_SHOWN: Final = 100
_FIRST_DAY: Final = date(2026, 1, 5)


@command(
    "simulate",
    examples=[
        Example(
            "tledger simulate --seed 1 --cohorts 2 --learners 8 --out town --identity bureau",
            "写成文件",
            "write files",
        ),
        Example(
            "tledger simulate --cohorts 20 --append --parties parties --check --out town",
            "写入账本并逐项核对",
            "write into the ledger and compare every figure",
        ),
    ],
    more=Text(
        "身份须为主管机构。--out 下的 truth.json 为真值。"
        "写文件：batches/ 为已签名批次，parties.csv、terminals.json、policies/ 供登记。"
        "写入账本：--parties 下每个机构一个身份目录，以信用代码命名（tledger client），"
        "人员由人员服务登记。--check 单独使用时只核对。退出码 1：与真值不符。",
        "The identity has to be a bureau's. truth.json in --out is the ground truth. "
        "Files: batches/ are signed batches; parties.csv, terminals.json and policies/ are for "
        "registering. Into the ledger: --parties holds an identity folder for each party, named "
        "by its credit code (tledger client); persons are registered with the person service. "
        "--check alone only compares. Exit code 1: the ledger differs from truth.",
    ),
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**31),
    default=1,
    show_default=True,
    help="种子  Seed; the same gives the same town.",
)
@click.option(
    "--cohorts",
    type=click.IntRange(1, 2000),
    default=20,
    show_default=True,
    help="班次数  Number of cohorts.",
)
@click.option(
    "--learners",
    type=click.IntRange(6, 60),
    default=38,
    show_default=True,
    help="每班通常人数  Usual learners of a cohort.",
)
@click.option(
    "--institutions",
    type=click.IntRange(0, 200),
    default=0,
    show_default=True,
    help="机构数，0 为每十班一家  Institutions; 0 for one in ten cohorts.",
)
@click.option(
    "--start",
    type=click.DateTime(["%Y-%m-%d"]),
    default=_FIRST_DAY.isoformat(),
    show_default=True,
    help="首日  No class starts before.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="输出目录  Folder for files and truth.json.",
)
@click.option(
    "--order",
    type=click.Choice(["real", "shuffled"]),
    default="real",
    show_default=True,
    help="入账次序：实际，或离线后补传  In real order, or as offline terminals do.",
)
@click.option("--append", "appends", is_flag=True, help="写入账本  Write into the ledger.")
@click.option(
    "--parties",
    type=click.Path(exists=True, path_type=Path, file_okay=False),
    help="各机构身份目录所在  Folder with the parties' identities.",
)
@click.option(
    "--check", "checks", is_flag=True, help="与真值核对  Compare the ledger with truth.json."
)
def simulate(  # noqa: PLR0913 - the town's figures, and what becomes of it
    session: Session,
    *,
    seed: int,
    cohorts: int,
    learners: int,
    institutions: int,
    start: datetime,
    out: Path,
    order: str,
    parties: Path | None,
    appends: bool,
    checks: bool,
) -> None:
    """Simulate a city-year."""
    from clients.simulator.simulation import write_files
    from clients.simulator.town import Size

    size = Size(seed, cohorts, learners, institutions, start.date())
    document: dict[str, Any] = {"out": str(out)}
    wrong: list[str] = []
    log_size = 0
    if appends:
        outcome = _append(session, size, parties, out, mixed=order == "shuffled")
        document |= {
            "events": outcome.events,
            "held": outcome.held,
            "certificates": outcome.certificates,
            "refused": outcome.refused,
        }
        wrong += outcome.surprises
        log_size = outcome.size
    elif not checks:
        mixed = order == "shuffled"
        document["events"] = write_files(size, session.identity(), out, mixed=mixed)
    if checks:
        differing = _check(session, out, log_size)
        wrong += differing
        document["differences"] = len(differing)
    document["wrong"] = wrong if session.as_json else len(wrong)
    session.show(document, lambda: fields((key, value) for key, value in document.items()))
    for line in [] if session.as_json else wrong[:_SHOWN]:
        echo(line)
    click.get_current_context().exit(ExitCode.NEGATIVE if wrong else ExitCode.OK)


def _append(
    session: Session, size: "Size", parties: Path | None, out: Path, *, mixed: bool
) -> "Outcome":
    from clients.simulator.plan import make_town
    from clients.simulator.simulation import append_town

    town = make_town(size)
    codes = [party.credit_code for party in town.parties]
    missing = [code for code in codes if parties is None or not (parties / code).is_dir()]
    if parties is None or missing:
        raise misuse(
            f"缺少 {len(missing)} 个机构的身份目录",
            f"the identities of {len(missing)} parties are missing",
            code="IDENTITY_MISSING",
            values={"credit codes": " ".join(missing)},
            fixes=[
                Text(
                    "运营方逐个执行 tledger client 目录/信用代码 --credit-code 信用代码，"
                    "再加 --parties 目录",
                    "have the operator run tledger client FOLDER/CODE --credit-code CODE for each, "
                    "then give --parties FOLDER",
                )
            ],
        )
    shows = sys.stderr.isatty()

    def progress(done: int, steps: int) -> None:
        if shows:
            click.echo(f"\r{done}/{steps}", err=True, nl=done == steps)

    return append_town(size, session.identity(), parties, out, mixed=mixed, progress=progress)


def _check(session: Session, out: Path, log_size: int) -> list[str]:
    from clients.simulator.comparison import compare

    truth = json.loads(read_text(out / "truth.json", _TRUTH_LIMIT))
    with session.ledger() as ledger:
        return compare(truth, ledger, log_size)
