"""`tledger certificate supersede`: a certificate is replaced by its next edition 换发."""

from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import UUID

import click

from clients.cli.certificates import Number, save_file
from clients.cli.command import Example, command
from clients.cli.confirming import confirm
from clients.cli.keeping import kept_until_known
from clients.cli.language import Text
from clients.cli.session import Session

if TYPE_CHECKING:
    from clients.sdk import IssuedCertificate, Ledger

_NUMBER: Final = "PXZM-320599-2026-K7Q2-M4XB-9T3H-T"
_ENROLMENT: Final = "c920adca-87df-5b60-9649-d803059ae681"


@command(
    "certificate supersede",
    examples=[
        Example(
            f"tledger certificate supersede {_NUMBER} --enrolment {_ENROLMENT} "
            "--reason NAME-CORRECTED --yes",
            "更正姓名后换发，新证明存为 编号.json",
            "replace it after a corrected name, and write the new NUMBER.json",
        )
    ],
    more=Text(
        "旧证明从此“已换发”并指明新编号，新证明即刻有效；两条事件同时入账，或都不入账。"
        "姓名或证件号码有误的，先 person correct，再以 RecordCorrected（IDENTITY）更正报名。"
        "中断后用 certificate issue 新编号 补做文件。"
        "已暂停的须先恢复，已撤销的直接 certificate issue。",
        "The old certificate is superseded from then on and names its successor, the new one is "
        "valid at once; both events are recorded or neither. Where name or ID number were wrong, "
        "run person correct first and correct the enrolment with a RecordCorrected (IDENTITY). "
        "After an interruption, certificate issue NEWNUMBER makes the file. A suspended one has to "
        "be reinstated first; after a revocation, use certificate issue.",
    ),
)
@click.argument("number", type=Number())
@click.option("--enrolment", required=True, type=click.UUID, help="其报名  Its enrolment.")
@click.option(
    "--reason", required=True, metavar="CODE", help="理由代码，如 NAME-CORRECTED  Reason code."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="文件存放目录，默认当前目录  Folder for the file; by default the current one.",
)
@click.option("--yes", is_flag=True, help="不再询问  Do not ask.")
def supersede(
    session: Session, number: str, enrolment: UUID, reason: str, out: Path, *, yes: bool
) -> None:
    """Replace a certificate."""
    confirm(session, f"换发 {number} ", f"replacing {number}", yes=yes)
    with session.ledger() as ledger:
        issued = _supersede(session, ledger, number, enrolment, reason)
    path = save_file(issued, out)
    document = {
        "number": issued.number,
        "certificate": str(issued.certificate),
        "supersedes": number,
        "reason": reason,
        "file": str(path),
    }
    session.show(
        document,
        lambda: session.say(
            f"✔ {number} 已换发为 {issued.number}\n  文件 {path}",
            f"✔ {number} is replaced by {issued.number}\n  file {path}",
        ),
    )


def _supersede(
    session: Session, ledger: "Ledger", number: str, enrolment: UUID, reason: str
) -> "IssuedCertificate":
    certificates = ledger.certificates
    prepared = certificates.prepare(enrolment, supersedes=number)
    batch = certificates.sign_superseding(prepared, reason)
    with kept_until_known(session.identity_folder(), batch):
        certificates.record_superseding(batch, timeout=session.timeout)
    return certificates.complete(prepared.number)
