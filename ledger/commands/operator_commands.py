"""The operator's commands: what needs the home, its secrets or its database."""

import asyncio
import json
from pathlib import Path

import click

from ledger.commands.texts import fail, guarded, progress, say

HOME_OPTION = click.option(
    "--home",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("tledger-home"),
    envvar="TLEDGER_HOME",
    show_default=True,
    help="账本目录 The ledger's home folder.",
)
JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="机读输出 Machine output.")


@click.command(short_help="新建账本  Make a new log")
@HOME_OPTION
@click.option(
    "--origin", required=True, help="账本名 Origin, a scheme-less URL: log.example/320599."
)
@click.option("--bureau-name", required=True, help="主管机构名称 Name of the bureau.")
@click.option("--bureau-code", required=True, help="统一社会信用代码 Its credit code.")
@click.option("--area", required=True, help="行政区划代码 Its area (GB/T 2260), 2, 4 or 6 digits.")
@click.option("--database", default="", help="postgresql://…; default: an SQLite file in the home.")
@click.option("--vault", default="", help="人员库 Database of the vault; default: SQLite at home.")
@click.option("--address", default="localhost:50443", show_default=True, help="host:port")
@click.option("--host", "hosts", multiple=True, help="服务器名 Further names of the server.")
@click.option(
    "--certificate-host", default="", help="证书网址的主机 Host in certificate addresses."
)
@click.option("--synthetic", is_flag=True, help="虚构数据 Mark the first events as made-up data.")
def init(folder: Path, synthetic: bool, hosts: tuple[str, ...], **options: str) -> None:  # noqa: FBT001
    """新建账本：密钥、信任文件、主管机构身份。 Make a new log.

    The home's folder `bureau` is the bureau's identity: hand it over and delete it here.

    \b
    Examples:
      tledger init --origin log.example/320599 --bureau-name 某市应急管理局 \\
        --bureau-code 11320500014149121R --area 3205
    """
    from ledger.commands.home import Home, Settings
    from ledger.commands.initialising import Bureau, initialise

    home = Home(folder)
    settings = Settings(
        origin=options["origin"],
        bureau_credit_code=options["bureau_code"],
        database=options["database"] or home.default_database("ledger"),
        vault=options["vault"] or home.default_database("vault"),
        address=options["address"],
        certificate_host=options["certificate_host"] or options["origin"].partition("/")[0],
    )
    bureau = Bureau(options["bureau_name"], options["bureau_code"], options["area"])
    guarded(lambda: asyncio.run(initialise(home, settings, bureau, hosts, synthetic=synthetic)))
    say(f"账本已建立：{folder}", f"the log is made: {folder}")
    say(f"信任文件：{home.trust_path}", f"trust file, to be given to everyone: {home.trust_path}")


@click.command(short_help="签发身份目录  Make an identity folder for a party")
@HOME_OPTION
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@click.option("--credit-code", required=True, help="统一社会信用代码 Credit code of the party.")
@click.option("--author-key", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="已有密钥 An author key (PKCS#8 PEM); default: a new Ed25519 key.")  # fmt: skip
def client(folder: Path, out: Path, credit_code: str, author_key: Path | None) -> None:
    """为一方签发连接证书，写成身份目录。 Make an identity folder for a party.

    The party's key counts once it is registered in the log: `tledger key register`, or
    `tledger institution import`.

    \b
    Examples:
      tledger client school --credit-code 91320599MA0TEXT012
    """
    from ledger.commands.clients import make_client
    from ledger.commands.home import Home

    identity = guarded(lambda: make_client(Home(folder), out, credit_code, author_key))
    say(f"身份目录：{out}", f"identity folder: {out}")
    say(
        f"公钥，交主管部门登记：{out / 'public.pem'}",
        f"public key, for the bureau to register: {out / 'public.pem'}",
    )
    click.echo(f"party {identity.party}  key {identity.key_id.hex()}")


INTERVAL_OPTION = click.option(
    "--publish-every",
    type=click.FloatRange(0.01, 3_600),
    default=0.5,
    show_default=True,
    help="检查点间隔（秒） Seconds between checkpoints while there is something new.",
)


@click.command(short_help="启动服务  Start the server")
@HOME_OPTION
@click.option(
    "--address", default="", help="监听地址 host:port to listen on; default: ledger.toml."
)
@click.option("--reflection", is_flag=True, help="开启反射 Serve gRPC reflection (sandboxes only).")
@INTERVAL_OPTION
@click.option(
    "--publisher",
    type=click.Choice(["auto", "here", "apart"]),
    default="auto",
    show_default=True,
    help="发布进程 Where checkpoints are made; auto: here on SQLite, apart on PostgreSQL.",
)
def serve(
    folder: Path,
    address: str,
    reflection: bool,  # noqa: FBT001 - a flag of the command line
    publish_every: float,
    publisher: str,
) -> None:
    """启动服务。 Start the server; SIGTERM or Ctrl-C stops it after the work under way.

    \b
    Examples:
      tledger serve --home tledger-home
    """
    from ledger.commands.home import Home
    from ledger.commands.serving import serve_until_stopped

    apart = {"auto": None, "here": False, "apart": True}[publisher]
    guarded(
        lambda: serve_until_stopped(
            Home(folder), address, reflection=reflection, interval=publish_every, apart=apart
        )
    )


@click.command(short_help="发布检查点、更新读模型  Publish and keep the read models")
@HOME_OPTION
@INTERVAL_OPTION
@click.option("--until-input-ends", is_flag=True, hidden=True)
def publish(folder: Path, publish_every: float, until_input_ends: bool) -> None:  # noqa: FBT001
    """发布检查点、更新读模型，独立进程。 Publish and keep the read models, in a process of its own.

    `serve` starts one by itself where it publishes apart; several may run on one database.

    \b
    Examples:
      tledger publish --home tledger-home
    """
    from ledger.commands.home import Home
    from ledger.commands.publish_process import publish_until_stopped
    from ledger.commands.serving import configure_logs

    configure_logs()
    guarded(
        lambda: publish_until_stopped(
            Home(folder), interval=publish_every, until_input_ends=until_input_ends
        )
    )


@click.group(short_help="读模型：重建与滞后  Read models: rebuild, lag")
def projections() -> None:
    """读模型：重建与滞后。 Read models: rebuild them, see how far behind they are."""


@projections.command()
@HOME_OPTION
@JSON_OPTION
def status(folder: Path, as_json: bool) -> None:  # noqa: FBT001
    """读模型的位置与滞后。 Position and lag.

    \b
    Examples:
      tledger projections status
    """
    from ledger.commands.home import Home
    from ledger.commands.read_models import read_status

    found = guarded(lambda: read_status(Home(folder)))
    if as_json:
        click.echo(json.dumps({"size": found.size, "position": found.position, "lag": found.lag}))
        return
    say(
        f"账本 {found.size}，读模型 {found.position}，滞后 {found.lag}",
        f"log {found.size}, read models {found.position}, lag {found.lag}",
    )


@projections.command()
@HOME_OPTION
def rebuild(folder: Path) -> None:
    """从账本重建读模型，并与重建前比较。 Fold the log again from its first entry and compare.

    \b
    Examples:
      tledger projections rebuild
    """
    from ledger.commands.home import Home
    from ledger.commands.read_models import rebuild_read_models

    result = guarded(lambda: rebuild_read_models(Home(folder)))
    say(f"已重建，{result.entries} 条", f"rebuilt from {result.entries} entries")
    if result.equal is None:
        say("重建前有滞后，未作比较", "they were behind before, so nothing was compared")
    elif result.equal:
        say("与重建前一致", "equal to what they were")
    else:
        fail("与重建前不一致：此前的读模型有误 / not equal: the read models had been wrong")


@click.command(name="check", short_help="全面核对账本  Check the whole log")
@HOME_OPTION
@JSON_OPTION
def log_check(folder: Path, as_json: bool) -> None:  # noqa: FBT001
    """由存储的字节全面核对账本，指出第一条有误的记录。 Check the whole log from its stored bytes.

    Exit code 0: in order; 1: the first bad entry is named; 2: could not check.

    \b
    Examples:
      tledger log check --home tledger-home
    """
    from ledger.commands.checking import check_home
    from ledger.commands.home import Home

    report = guarded(
        lambda: check_home(
            Home(folder), lambda done, total: progress("核对", "checked", done, total)
        )
    )
    finding = report.finding
    if as_json:
        document = {
            "size": report.size,
            "published": report.published,
            "events": report.events,
            "checkpoints": report.checkpoints,
            "ok": finding is None,
            "first_bad_index": None if finding is None else finding.index,
            "reason_zh": "" if finding is None else finding.zh,
            "reason_en": "" if finding is None else finding.en,
        }
        click.echo(json.dumps(document, ensure_ascii=False))
        raise SystemExit(0 if finding is None else 1)
    if finding is not None:
        where = "-" if finding.index is None else str(finding.index)
        fail(f"第 {where} 条有误：{finding.zh} / first bad entry {where}: {finding.en}")
    say(
        f"账本完好：{report.size} 条（事件 {report.events}），已发布 {report.published}",
        f"in order: {report.size} entries ({report.events} events), {report.published} published",
    )
