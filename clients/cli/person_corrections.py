"""`tledger person correct`: who stands behind a reference, where it was typed wrongly."""

from pathlib import Path
from uuid import UUID

import click

from clients.cli.command import Example, command
from clients.cli.event_json import short_names
from clients.cli.language import Text
from clients.cli.output import fields
from clients.cli.persons import check_name, read_id_number
from clients.cli.problems import misuse
from clients.cli.session import Session
from ledger.api.v1 import person_service_pb2 as pb

_PERSON = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"


@command(
    "person correct",
    examples=[
        Example(f"tledger person correct {_PERSON} --name 王晓明", "姓名有误", "the name"),
        Example(
            f"tledger person correct {_PERSON} --id-type RESIDENT_ID_CARD",
            "证件号码有误，正确号码在提示后输入",
            "the ID number; asks for the right one",
        ),
    ],
    more=Text(
        "person_ref 不变，返回新的身份承诺；旧承诺仍可核对。随后写入 RecordCorrected（IDENTITY），"
        "已签发的证明用 certificate supersede 换发。",
        "The person_ref stays; the new identity commitment is returned, and the old one can still "
        "be opened. Then record a RecordCorrected (IDENTITY) with it, and replace an issued "
        "certificate with certificate supersede.",
    ),
)
@click.argument("person_ref", type=click.UUID)
@click.option("--name", default="", help="正确的姓名  The right name.")
@click.option(
    "--id-type",
    type=click.Choice(short_names(pb.IdType.DESCRIPTOR)),
    help="证件号码有误时给出证件类型  Kind of document, where the ID number was wrong.",
)
@click.option(
    "--id-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="正确号码所在文件，- 为标准输入  File with the right ID number, - for standard input.",
)
def correct(
    session: Session, person_ref: UUID, name: str, id_type: str | None, id_file: Path | None
) -> None:
    """Correct a person."""
    if not name and id_type is None:
        raise misuse(
            "没有要更正的：给出 --name 或 --id-type",
            "there is nothing to correct: give --name or --id-type",
        )
    if id_file is not None and id_type is None:
        raise misuse("给出 --id-file 须同时给出 --id-type", "--id-file goes with --id-type")
    check_name(name)
    document = None
    if id_type is not None:
        number = read_id_number(session, id_file).upper()
        document = (pb.IdType.Value(f"ID_TYPE_{id_type}"), number)
    with session.ledger() as ledger:
        found = ledger.registers.correct_person(person_ref, name=name, document=document)
    answer = {
        "person_ref": str(found.person_ref),
        "identity_commitment": found.commitment.hex(),
    }
    session.show(answer, lambda: fields(answer.items()))
