"""`tledger demo`: the command line of the demonstration."""

import tempfile
from pathlib import Path

import click


@click.command(short_help="演示  Three acts: the class, the officer, the auditor")
@click.option("--database", default="", help="postgresql://…; default: an SQLite file.")
@click.option(
    "--learners",
    type=click.IntRange(5, 40),
    default=10,
    show_default=True,
    help="学员人数 Number of learners.",
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    help="存放数据的目录 A folder for the data; default: a new one among the temporary files.",
)
def demo(database: str, learners: int, keep: Path | None) -> None:
    """演示：课堂、发证、稽核三幕。 Three acts: the class, the officer, the auditor.

    A server is started and a course of 148 hours is recorded over gRPC. One: a terminal crashes,
    its clock is wrong, the power fails, a roll comes in on paper; nothing is lost or counted twice.
    Two: a certificate is refused, made good, issued, forged, explained event by event, revoked.
    Three: the record as it was then and is now, an edited row, a proof in an empty folder.

    Every command is shown as it can be typed. The data stays, so they can be typed again.

    \b
    Examples:
      tledger demo
      tledger demo --database postgresql://localhost/tledger_demo --keep demo-data
    """
    from ledger.commands.demo import run_demo
    from ledger.commands.texts import guarded

    folder = Path(tempfile.mkdtemp(prefix="tledger-demo-")) if keep is None else keep
    guarded(lambda: run_demo(folder, database, learners))
    click.echo(
        f"\n数据保留在 / the data stays in {folder}\n"
        f"再次启动 / to serve it again: tledger serve --home {folder / 'home'}"
    )
