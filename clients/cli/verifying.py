"""`tledger verify`: one verdict on a certificate file, offline, with the five checks behind it."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from clients.cli.command import Example, command
from clients.cli.inputs import read_bytes
from clients.cli.language import Text
from clients.cli.output import fields, local_time, one_line, pad, width
from clients.cli.problems import misuse
from clients.cli.session import Session
from clients.verifier import CheckName, Outcome, Verdict, Word, verify_certificate
from clients.verifier.verdict import CHECK_LABELS
from ledger.log.certificate_file import MAX_FILE_SIZE
from ledger.log.certificate_numbers import check_number
from ledger.log.data_integrity import verify_proof
from ledger.log.errors import FormatError
from ledger.log.status_file import STATUS_FILE_LIMIT
from ledger.log.trust_file import TRUST_FILE_LIMIT, TrustFile

_SIGNS: Final = {
    Outcome.PASSED: "✔",
    Outcome.ATTENTION: "!",
    Outcome.FAILED: "✖",
    Outcome.UNCHECKED: "?",
}
_VERDICT_SIGNS: Final = {
    Word.VALID: "✔",
    Word.ATTENTION: "!",
    Word.NOT_VALID: "✖",
    Word.FORGED: "✖",
    Word.UNCHECKED: "?",
}
_AUTO: Final = "auto"
_NONE: Final = "none"


@command(
    "verify",
    remote=False,
    examples=[
        Example(
            "tledger verify PXZM-320599-2026-K7Q2-M4XB-9T3H-T.json --trust trust.json",
            "核验，自动取旁边的状态文件",
            "verify, with the status file beside it",
        ),
        Example(
            "tledger verify certificate.json --trust trust.json --max-age 1 --json",
            "状态须在一小时内",
            "with a status no older than an hour",
        ),
    ],
    more=Text(
        "不联网。信任文件说明信谁，须从主管部门取得，不取自证明本身。"
        "退出码：0 有效，1 无效或疑似伪造，2 暂时无法核验，64 用法有误。",
        "Uses no network. The trust file says whom you believe; get it from the bureau, not with "
        "the certificate. Exit code 0: valid, 1: not valid or possibly forged, 2: could not "
        "check, 64: usage.",
    ),
)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--trust",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    envvar="TLEDGER_TRUST",
    show_envvar=True,
    help="信任文件  Trust file.",
)
@click.option(
    "--status",
    default=_AUTO,
    show_default=True,
    metavar="FILE|auto|none",
    help="状态文件；auto 为 FILE 旁的 编号.status.json"
    "  Status file; auto: NUMBER.status.json beside FILE.",
)
@click.option(
    "--max-age",
    type=click.FloatRange(min=0, max=87_840),
    metavar="HOURS",
    help="状态最多多旧；默认按信任文件  Greatest age of the status; by default the trust file's.",
)
def verify(session: Session, file: Path, trust: Path, status: str, max_age: float | None) -> None:
    """Verify a certificate."""
    believed = _trust(trust)
    data = _bounded(file, MAX_FILE_SIZE)
    status_path = _status_path(file, data, status)
    verdict = verify_certificate(
        data,
        believed,
        status=None if status_path is None else _bounded(status_path, STATUS_FILE_LIMIT),
        now=session.surroundings.now(),
        max_age=None if max_age is None else timedelta(hours=max_age),
        rdf_check=_rdf_check,
    )
    document = {
        **verdict.to_json(),
        "file": str(file),
        "status_file": None if status_path is None else str(status_path),
        "origin": believed.origin,
        "exit_code": verdict.exit_code,
    }
    session.show(document, lambda: _people(session, verdict, believed.origin))
    click.get_current_context().exit(verdict.exit_code)


def _trust(path: Path) -> TrustFile:
    try:
        return TrustFile.from_bytes(read_bytes(path, TRUST_FILE_LIMIT))
    except FormatError as error:
        raise misuse(
            f"不是信任文件：{error}",
            f"no trust file: {error}",
            code="TRUST_FILE_WRONG",
            values={"path": str(path)},
            fixes=[Text("向主管部门重新取得", "get it from the bureau again")],
        ) from error


def _bounded(path: Path, limit: int) -> bytes:
    """Return a file, or of a larger one so much that it is too large for the verifier."""
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        raise misuse(
            "读不了文件",
            "the file cannot be read",
            code="FILE_UNREADABLE",
            values={"path": str(path), "error": error.strerror or str(error)},
        ) from error


def _status_path(file: Path, data: bytes, status: str) -> Path | None:
    if status == _NONE:
        return None
    if status != _AUTO:
        return Path(status)
    number = _number(data)
    names = [f"{file.stem}.status.json", *([f"{number}.status.json"] if number else [])]
    beside = (file.with_name(name) for name in names)
    return next((path for path in beside if path.is_file()), None)


def _number(data: bytes) -> str:
    """Return the number that a file states, empty when it states none; nothing is believed yet."""
    try:
        return check_number(json.loads(data)["credentialSubject"]["licenseNumber"])
    except (FormatError, ValueError, KeyError, TypeError, RecursionError):
        return ""


def _rdf_check(document: dict[str, Any], key: bytes, method: str) -> None:
    verify_proof(document, Ed25519PublicKey.from_public_bytes(key), method)


def _people(session: Session, verdict: Verdict, origin: str) -> str:
    say = session.say
    labels = {name: say(CHECK_LABELS[name].zh, CHECK_LABELS[name].en) for name in CheckName}
    columns = max(width(text) for text in labels.values())
    checks = [
        f"  {_SIGNS[check.outcome]} {pad(labels[check.name], columns)}  "
        f"{one_line(say(check.text.zh, check.text.en))}"
        for check in verdict.checks
    ]
    levels = " · ".join(say(level.zh, level.en) for level in verdict.levels)
    about = [
        (say("编号", "Number"), verdict.number),
        (say("状态截至", "Status as of"), local_time(verdict.as_of_us or 0)),
        (say("离线已知", "Known offline"), levels),
        (say("账本", "Log"), origin),
    ]
    return "\n".join(
        [
            f"{_VERDICT_SIGNS[verdict.word]} {say(verdict.text.zh, verdict.text.en)}",
            fields((name, value) for name, value in about if value),
            *checks,
            f"→ {say(verdict.next_step.zh, verdict.next_step.en)}",
        ]
    )
