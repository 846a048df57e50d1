"""`tledger certificate history`: a certificate's history, verified here and shown as it is."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from clients.cli.certificate_views import day_text
from clients.cli.certificates import Number
from clients.cli.command import Example, command
from clients.cli.event_json import short_name
from clients.cli.labels import label
from clients.cli.language import Text
from clients.cli.output import fields, local_time, table
from clients.cli.session import Session
from ledger.api.v1 import events_pb2 as pb

if TYPE_CHECKING:
    from clients.sdk import CertificateHistory
    from ledger.log.history_proof import VerifiedEntry, VerifiedHistory


@command(
    "certificate history",
    examples=[
        Example(
            "tledger certificate history PXZM-320599-2026-K7Q2-M4XB-9T3H-T",
            "签发、暂停、恢复、换发、撤销及签名密钥的全部记录",
            "issue, suspension, replacement, revocation and the keys behind them",
        )
    ],
    more=Text(
        "每条都已核验：在账本中、流中无缺、签名有效、密钥可追溯到信任文件。",
        "Every line is verified: it is in the log, nothing of its stream is left out, its "
        "signature is good, and its key leads up to the trust file.",
    ),
)
@click.argument("number", type=Number())
@click.option(
    "--wait", is_flag=True, help="等到全部发布  Wait until everything recorded is published."
)
def history(session: Session, number: str, *, wait: bool) -> None:
    """Show the verified history of a certificate."""
    with session.ledger() as ledger:
        found = ledger.certificates.history(number, wait=wait)
    session.show(_document(number, found), lambda: _people(session, number, found))


def _entries(verified: "VerifiedHistory") -> "list[VerifiedEntry]":
    return sorted(
        (entry for stream in verified.streams for entry in stream.entries),
        key=lambda entry: entry.index,
    )


def _document(number: str, found: "CertificateHistory") -> dict[str, Any]:
    verified = found.verified
    return {
        "number": number,
        "verified": True,
        "as_of_us": verified.as_of_us,
        "checkpoint": {
            "origin": verified.checkpoint.origin,
            "size": verified.checkpoint.size,
            "root": verified.checkpoint.root.hex(),
        },
        "quorum": verified.quorum,
        "witnesses": list(verified.witnesses),
        "entries": [_entry_document(entry) for entry in _entries(verified)],
    }


def _entry_document(entry: "VerifiedEntry") -> dict[str, Any]:
    event, author = entry.event, entry.author
    return {
        "index": entry.index,
        "stream": entry.entry.stream,
        "kind": entry.entry.kind,
        "seq": entry.entry.seq,
        "event_id": entry.entry.event,
        "type": None if event is None else event.type,
        "occurred_us": None if event is None else event.header.occurred_us,
        "recorded_us": entry.entry.recorded,
        "institution": None if event is None else str(UUID(bytes=event.header.institution)),
        "author_key": None if author is None else author.key.key_id.hex(),
        "author_party": None if author is None else author.holder,
        "author_use": None if author is None else _use(author.use),
        "contested": entry.contested,
        "detail": _detail(entry),
    }


def _detail(entry: "VerifiedEntry") -> dict[str, Any]:
    """Return what an event of a certificate's own stream decides, as the contract names it."""
    event = entry.event
    if event is None:
        return {}
    body = event.body
    match event.type:
        case "TrainingCertificateIssued":
            return {"number": body.number, "edition": body.edition, "supersedes": body.supersedes}
        case "TrainingCertificateRevoked":
            return {"reason": short_name(pb.RevocationReason.DESCRIPTOR, body.reason)}
        case "TrainingCertificateSuspended" | "TrainingCertificateReinstated":
            return {"reason": body.reason}
        case "TrainingCertificateSuperseded":
            return {"number": body.number, "reason": body.reason}
        case "OperationCertificateLinked":
            days = ("first_issued", "review_due", "valid_to")
            return {name: day_text(getattr(body, name)) for name in days}
    return {}


def _detail_text(session: Session, entry: "VerifiedEntry") -> str:
    return " ".join(label(session, str(value)) for value in _detail(entry).values() if value)


def _people(session: Session, number: str, found: "CertificateHistory") -> str:
    verified, say = found.verified, session.say
    witnesses = ", ".join(verified.witnesses) or say("无", "none")
    quorum = verified.quorum or "none"
    head = fields(
        [
            (say("证书", "Certificate"), number),
            (say("完整截至", "Complete as of"), local_time(verified.as_of_us)),
            (say("账本", "Log"), verified.checkpoint.origin),
            (say("规模", "Size"), verified.checkpoint.size),
            (say("根", "Root"), verified.checkpoint.root.hex()),
            (say("见证", "Witnesses"), f"{witnesses} (quorum {quorum})"),
        ]
    )
    heads = (
        say("序号", "Index"),
        say("入账时间", "Recorded"),
        say("发生时间", "Occurred"),
        say("类型", "Type"),
        say("内容", "What"),
        say("签名方", "Signed by"),
        say("密钥", "Key"),
        say("核验", "Verified"),
    )
    return f"{head}\n\n{table(heads, [_row(session, entry) for entry in _entries(verified)])}"


def _row(session: Session, entry: "VerifiedEntry") -> tuple[object, ...]:
    event, author = entry.event, entry.author
    contested = session.say("有争议", "contested")
    return (
        entry.index,
        local_time(entry.entry.recorded),
        "" if event is None else local_time(event.header.occurred_us),
        entry.entry.kind if event is None else event.type,
        _detail_text(session, entry),
        "" if author is None else f"{author.holder} {label(session, _use(author.use))}",
        "" if author is None else author.key.key_id.hex(),
        f"! {contested}: {entry.contested}" if entry.contested else "✔",
    )


def _use(number: int) -> str:
    return short_name(pb.KeyUse.DESCRIPTOR, number)
