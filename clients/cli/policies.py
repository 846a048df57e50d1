"""`tledger policy adopt`: a policy file binds the log from here on, signed by the bureau."""

import tomllib
from hashlib import sha256
from pathlib import Path
from typing import Final

import click

from clients.cli.command import Example, command
from clients.cli.inputs import read_bytes
from clients.cli.language import Text
from clients.cli.problems import misuse
from clients.cli.recording import record_one
from clients.cli.session import Session
from clients.sdk import Emitter

POLICY_LIMIT: Final = 65_536


@command(
    "policy adopt",
    examples=[
        Example(
            "tledger policy adopt low-voltage-electrician.toml --identity bureau",
            "采用一份政策",
            "adopt a policy",
        ),
        Example(
            "tledger policy show welding --toml | tledger policy adopt - --identity bureau",
            "采用随附的政策",
            "adopt one that comes with the program",
        ),
    ],
    more=Text(
        "文件为 UTF-8 TOML；其摘要用于开班计划的 policy。",
        "The file is UTF-8 TOML; plans of cohorts name its digest as their policy.",
    ),
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def adopt(session: Session, file: Path) -> None:
    """Adopt a policy."""
    document = read_bytes(file, POLICY_LIMIT)
    try:
        tomllib.loads(document.decode("utf-8"))
    except ValueError as error:
        raise misuse(
            f"不是 UTF-8 TOML：{error}",
            f"no UTF-8 TOML: {error}",
            code="INPUT_WRONG",
            values={"path": str(file)},
        ) from error
    with session.ledger() as ledger:
        event = Emitter(ledger.identity).policy_adopted(document=document)
        accepted = record_one(session, ledger, event)
    digest = sha256(document).hexdigest()
    session.show(
        {"policy": digest, "event_id": str(accepted.event_id), "index": accepted.index},
        lambda: session.say(
            f"✔ 已采用 {digest}，账本第 {accepted.index} 条",
            f"✔ adopted {digest}: entry {accepted.index}",
        ),
    )
