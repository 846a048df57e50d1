"""`tledger status pull`: the newest status file of a certificate, for checks without a network."""

import json
from pathlib import Path
from typing import Final

import click

from clients.cli.command import Example, command
from clients.cli.inputs import read_bytes
from clients.cli.keeping import write_file
from clients.cli.language import Text
from clients.cli.problems import misuse
from clients.cli.session import Session
from ledger.log.certificate_file import MAX_FILE_SIZE
from ledger.log.certificate_numbers import check_number
from ledger.log.errors import FormatError

_FILE_MODE: Final = 0o644


@command(
    "status pull",
    examples=[
        Example(
            "tledger status pull PXZM-320599-2026-K7Q2-M4XB-9T3H-T",
            "按编号",
            "by number",
        ),
        Example(
            "tledger status pull PXZM-320599-2026-K7Q2-M4XB-9T3H-T.json",
            "按文件，状态存于其旁",
            "by file; the status is put beside it",
        ),
    ],
    more=Text(
        "核验后写为 编号.status.json；tledger verify 会自动取用文件旁的状态。",
        "Writes NUMBER.status.json after verifying it; tledger verify finds it beside the file.",
    ),
)
@click.argument("number_or_file", metavar="NUMBER|FILE")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="存放目录  Folder for the status file.",
)
@click.option(
    "--wait", is_flag=True, help="等到全部发布  Wait until everything recorded is published."
)
def pull(session: Session, number_or_file: str, out: Path | None, *, wait: bool) -> None:
    """Fetch a status file."""
    number, folder = _find(number_or_file)
    with session.ledger() as ledger:
        status = ledger.certificates.status(number, wait=wait)
    path = (out or folder) / f"{number}.status.json"
    write_file(path, status, _FILE_MODE)
    session.show(
        {"number": number, "file": str(path)},
        lambda: session.say(f"✔ {number} 的状态已存于 {path}", f"✔ status of {number} in {path}"),
    )


def _find(what: str) -> tuple[str, Path]:
    """Return the number, and the folder of the file if it is one."""
    path = Path(what)
    try:
        if not path.is_file():
            return check_number(what), Path()
        document = json.loads(read_bytes(path, MAX_FILE_SIZE))
        return check_number(str(document["credentialSubject"]["licenseNumber"])), path.parent
    except (FormatError, ValueError, KeyError, TypeError) as error:
        raise misuse(
            f"{what} 既不是证明编号，也不是证明文件",
            f"{what} is neither a certificate number nor a certificate file",
        ) from error
