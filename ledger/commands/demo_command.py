"""`tledger demo`: the command line of the demonstration."""

import tempfile
from pathlib import Path

import click


@click.command(short_help="演示  A cohort, from a signed event to a proof offline")
@click.option("--database", default="", help="postgresql://…; default: an SQLite file.")
@click.option(
    "--learners",
    type=click.IntRange(2, 40),
    default=3,
    show_default=True,
    help="学员人数 Number of learners.",
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    help="保留数据的目录 A folder for the data; default: one that is deleted at the end.",
)
def demo(database: str, learners: int, keep: Path | None) -> None:
    """演示：一期培训从签名事件到离线核验的证明。 A cohort, from a signed event to a proof offline.

    A server is started, a cohort is trained over gRPC, its file is read, a certificate is issued
    and verified in an empty folder with the server stopped, and an edited row is caught.

    \b
    Examples:
      tledger demo
      tledger demo --database postgresql://localhost/tledger_demo --keep demo-data
    """
    from ledger.commands.demo import run_demo
    from ledger.commands.texts import guarded

    if keep is not None:
        guarded(lambda: run_demo(keep, database, learners))
        click.echo(f"数据保留在 / the data stays in {keep}")
        return
    with tempfile.TemporaryDirectory(prefix="tledger-demo-") as folder:
        guarded(lambda: run_demo(Path(folder), database, learners))
