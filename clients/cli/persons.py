"""`tledger person register`: the institution's own reference for a person.

An ID number never stands on the command line, where other users and the shell's history see it.
"""

import unicodedata
from pathlib import Path
from typing import Final

import click

from clients.cli.command import Example, command
from clients.cli.event_json import short_names
from clients.cli.inputs import read_text
from clients.cli.language import Text
from clients.cli.output import fields
from clients.cli.problems import misuse
from clients.cli.session import Session
from ledger.api.v1 import person_service_pb2 as pb

_ID_FILE_LIMIT: Final = 256
_NO_NAME: Final = frozenset({"Cc", "Cs"})


@command(
    "person register",
    examples=[
        Example(
            "tledger person register --name 王小明",
            "证件号码在提示后输入",
            "asks for the ID number",
        ),
        Example(
            "tledger person register --name 王小明 --id-file - < number.txt",
            "证件号码取自标准输入",
            "the ID number from standard input",
        ),
    ],
    more=Text(
        "返回本机构对该学员的 person_ref 与报名用的身份承诺；重复登记结果相同。"
        "姓名须与证件逐字一致。",
        "Returns this institution's person_ref of a person, and the identity commitment for the "
        "enrolment; the same person gives the same again. The name is that of the document, "
        "character by character.",
    ),
)
@click.option("--name", help="姓名；不给则在提示后输入  Name; asked for when it is not given.")
@click.option(
    "--id-type",
    type=click.Choice(short_names(pb.IdType.DESCRIPTOR)),
    default="RESIDENT_ID_CARD",
    show_default=True,
    help="证件类型  Kind of document.",
)
@click.option(
    "--id-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="证件号码所在文件，- 为标准输入  File with the ID number, - for standard input.",
)
def register(session: Session, name: str | None, id_type: str, id_file: Path | None) -> None:
    """Register a person."""
    name, number = identity_of(session, name, id_file)
    with session.ledger() as ledger:
        found = ledger.registers.register_person(
            id_type=pb.IdType.Value(f"ID_TYPE_{id_type}"), id_number=number, name=name
        )
    document = {
        "person_ref": str(found.person_ref),
        "identity_commitment": found.commitment.hex(),
    }
    session.show(document, lambda: fields(document.items()))


def identity_of(session: Session, name: str | None, id_file: Path | None) -> tuple[str, str]:
    """Return a person's name and ID number, asked for where they are not given.

    Args:
        session: The session.
        name: The name, None to ask for it.
        id_file: File with the ID number, None to ask for it.

    Raises:
        Problem: when one of them is empty, or the name has control characters.
    """
    name = name or str(click.prompt(session.say("姓名", "Name"), err=True))
    number = read_id_number(session, id_file)
    check_name(name)
    if not name or not number:
        raise misuse("姓名或证件号码为空", "the name or the ID number is empty", code="INPUT_WRONG")
    return name, number.upper()


def read_id_number(session: Session, file: Path | None) -> str:
    """Return an ID number from a file, or ask for it."""
    if file is None:
        return str(click.prompt(session.say("证件号码", "ID number"), err=True))
    return read_text(file, _ID_FILE_LIMIT).strip()


def check_name(name: str) -> None:
    """Check a name before it is sent.

    Raises:
        Problem: when it has control characters.
    """
    # Private-use characters of old systems are kept. Surrogates are bytes that are no UTF-8.
    if any(unicodedata.category(character) in _NO_NAME for character in name):
        raise misuse("姓名含控制字符", "the name has control characters", code="INPUT_WRONG")
