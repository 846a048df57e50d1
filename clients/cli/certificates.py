"""`tledger certificate`: prepare, issue and show training certificates 培训证明."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import click

from clients.cli.certificate_views import brief, hours_text
from clients.cli.command import Example, command
from clients.cli.event_json import to_document
from clients.cli.keeping import kept_until_known, write_file
from clients.cli.language import Text
from clients.cli.output import fields
from clients.cli.problems import misuse
from clients.cli.session import Session
from ledger.log.certificate_numbers import check_number
from ledger.log.errors import FormatError

if TYPE_CHECKING:
    from clients.sdk import IssuedCertificate, Ledger, PreparedCertificate

_FILE_MODE: Final = 0o644
_ENROLMENT: Final = "c920adca-87df-5b60-9649-d803059ae681"
_NUMBER: Final = "PXZM-320599-2026-K7Q2-M4XB-9T3H-T"


class Number(click.ParamType[str]):
    """A certificate number; its check character finds typing errors."""

    name = "number"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the number; see click."""
        try:
            return check_number(value.strip().upper())
        except FormatError as error:
            self.fail(str(error), param, ctx)


@command(
    "certificate prepare",
    examples=[
        Example(f"tledger certificate prepare {_ENROLMENT}", "签发前先看", "look before issuing")
    ],
    more=Text(
        "让账本按规则准备证明并显示其内容；规则不允许时列出全部理由。不写入账本。",
        "Has the ledger prepare a certificate by the rules and shows what it would state; where "
        "the rules do not allow one, every reason is listed. Nothing is recorded.",
    ),
)
@click.argument("enrolment", type=click.UUID)
@click.option(
    "--supersedes",
    type=Number(),
    help="将被换发的现行证明  The live certificate that it is to replace.",
)
def prepare(session: Session, enrolment: UUID, supersedes: str | None) -> None:
    """Prepare a certificate."""
    with session.ledger() as ledger:
        prepared = ledger.certificates.prepare(enrolment, supersedes=supersedes or "")
    document = {
        "number": prepared.number,
        "certificate": str(prepared.certificate),
        "cohort": str(prepared.cohort),
        "issue": to_document(prepared.issue),
        "core": json.loads(prepared.core),
    }
    session.show(document, lambda: _prepared(session, prepared))


def _prepared(session: Session, prepared: "PreparedCertificate") -> str:
    say, issue = session.say, prepared.issue
    return fields(
        [
            (say("编号", "Number"), prepared.number),
            (say("证明", "Certificate"), prepared.certificate),
            (say("班次", "Cohort"), prepared.cohort),
            (say("版次", "Edition"), issue.edition),
            (say("换发自", "Replaces"), issue.supersedes),
            (say("学时", "Hours"), hours_text(session, issue.credited)),
            (say("政策", "Policy"), issue.policy.hex()),
            (say("内容摘要", "Digest of the core"), issue.core_digest.hex()),
        ]
    )


@command(
    "certificate issue",
    examples=[
        Example(
            f"tledger certificate issue {_ENROLMENT} --out certificates",
            "签发并存为 编号.json",
            "issue, and write NUMBER.json",
        ),
        Example(
            f"tledger certificate issue {_NUMBER}",
            "完成已入账但中断的签发",
            "finish an issue that was recorded and then interrupted",
        ),
    ],
    more=Text(
        "用机构密钥签名，等待入账与发布，再生成证明文件。给出编号则只补做文件。",
        "Signs with the institution's key, waits until the issue is recorded and published, and "
        "makes the file. With a number instead of an enrolment, only the file is made.",
    ),
)
@click.argument("what", metavar="ENROLMENT|NUMBER")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="文件存放目录，默认当前目录  Folder for the file; by default the current one.",
)
def issue(session: Session, what: str, out: Path) -> None:
    """Issue a certificate."""
    number, enrolment = _number_or_enrolment(what)
    with session.ledger() as ledger:
        issued = _issue(session, ledger, enrolment) if enrolment else None
        issued = issued or ledger.certificates.complete(number)
    path = save_file(issued, out)
    document = {
        "number": issued.number,
        "certificate": str(issued.certificate),
        "file": str(path),
    }
    session.show(
        document,
        lambda: session.say(
            f"✔ 已签发 {issued.number}\n  文件 {path}", f"✔ issued {issued.number}\n  file {path}"
        ),
    )


def save_file(issued: "IssuedCertificate", folder: Path) -> Path:
    """Write a certificate's file as NUMBER.json; return where."""
    path = folder / f"{issued.number}.json"
    write_file(path, issued.file, _FILE_MODE)
    return path


def _number_or_enrolment(what: str) -> tuple[str, UUID | None]:
    try:
        return "", UUID(what)
    except ValueError:
        pass
    try:
        return check_number(what), None
    except FormatError as error:
        raise misuse(
            f"{what} 既不是报名的 UUID，也不是证明编号",
            f"{what} is neither the UUID of an enrolment nor a certificate number: {error}",
        ) from error


def _issue(session: Session, ledger: "Ledger", enrolment: UUID) -> "IssuedCertificate":
    certificates = ledger.certificates
    prepared = certificates.prepare(enrolment)
    batch = certificates.sign_issue(prepared)
    with kept_until_known(session.identity_folder(), batch):
        certificates.record(batch, timeout=session.timeout)
    return certificates.complete(prepared.number)


@command(
    "certificate show",
    examples=[
        Example(f"tledger certificate show {_NUMBER}", "名册所载", "the register's view"),
        Example(
            f"tledger certificate show {_NUMBER} --out .", "并存下证明文件", "and save its file"
        ),
    ],
    more=Text(
        "这是运营方的名册；要自己核验，用 certificate history 或 verify。",
        "This is the operator's register; verify for yourself with certificate history or verify.",
    ),
)
@click.argument("number", type=Number())
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="存下证明文件的目录  Folder to save the file in.",
)
def show(session: Session, number: str, out: Path | None) -> None:
    """Show a certificate."""
    with session.ledger() as ledger:
        found = ledger.certificates.get(number)
    path = None
    if out is not None:
        if not found.credential:
            raise misuse(
                "账本中尚无该证明的文件",
                "the ledger has no file of this certificate yet",
                code="NO_FILE",
                fixes=[
                    Text(
                        f"由签发机构运行 tledger certificate issue {number}",
                        f"have its institution run tledger certificate issue {number}",
                    )
                ],
            )
        path = out / f"{number}.json"
        write_file(path, found.credential, _FILE_MODE)
    document: dict[str, Any] = to_document(found.certificate)
    document["has_file"] = bool(found.credential)
    document["file"] = None if path is None else str(path)
    session.show(document, lambda: brief(session, found.certificate, path))
