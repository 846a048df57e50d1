"""`tledger log checkpoint`, `tledger log prove` and `tledger receipt`: proofs, verified first."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import click

from clients.cli.command import Example, command
from clients.cli.keeping import write_file
from clients.cli.language import Text
from clients.cli.output import echo, fields, local_time, note
from clients.cli.problems import misuse
from clients.cli.proof_views import (
    checkpoint_document,
    checkpoint_fields,
    proven_document,
    proven_fields,
    quorum_of,
)
from clients.cli.session import Session

if TYPE_CHECKING:
    from clients.sdk import Ledger, ProvenEntry, Receipt

_EVENT: Final = "019cac18-4e40-7ebe-84ab-be425175f8c0"
_FILE_MODE: Final = 0o644
INDEX_LIMIT: Final = 2**53
_OUT = click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="写入文件  File to write.",
)
_WAIT = click.option(
    "--wait", is_flag=True, help="等到发布为止  Wait until the event is published."
)


@command(
    "log checkpoint",
    examples=[
        Example("tledger log checkpoint", "最新检查点", "the newest checkpoint"),
        Example(
            "tledger log checkpoint --out checkpoint.note",
            "存下带签名的原文",
            "keep the signed note",
        ),
    ],
    more=Text(
        "核对账本的签名，并与上次见过的检查点核对一致性。",
        "Checks the log's signatures, and that it extends the newest checkpoint seen before.",
    ),
)
@_OUT
def checkpoint(session: Session, out: Path | None) -> None:
    """Fetch the newest checkpoint."""
    with session.ledger() as ledger:
        found, quorum = ledger.log.checkpoint(), quorum_of(ledger)
    if out is not None:
        write_file(out, found.note.encode(), _FILE_MODE)
    session.show(
        {**checkpoint_document(found, quorum), "note": found.note},
        lambda: fields(checkpoint_fields(session, found, quorum)),
    )


@command(
    "log prove",
    examples=[
        Example("tledger log prove 18204377", "按账本序号", "by index"),
        Example(f"tledger log prove {_EVENT} --out event.tlog-proof", "按事件编号", "by event id"),
    ],
    more=Text(
        "核验后打印或写出 C2SP tlog-proof，任何人凭信任文件可再核验。",
        "Verifies, then prints or writes the C2SP tlog-proof, which anyone with the trust file "
        "can verify again.",
    ),
)
@click.argument("event_or_index")
@_WAIT
@_OUT
def prove(session: Session, event_or_index: str, out: Path | None, *, wait: bool) -> None:
    """Prove that an entry is in the log."""
    with session.ledger() as ledger:
        proven, quorum = _prove(ledger, event_or_index, wait=wait), quorum_of(ledger)
    if out is not None:
        write_file(out, proven.proof.encode(), _FILE_MODE)
    about = fields(proven_fields(session, proven, quorum, out))
    if session.as_json or out is not None:
        session.show(proven_document(proven, quorum), lambda: about)
        return
    note(about)
    echo(proven.proof.removesuffix("\n"))


@command(
    "receipt",
    examples=[
        Example(f"tledger receipt {_EVENT} --wait", "等到发布", "wait for publication"),
        Example(
            f"tledger receipt {_EVENT} --out {_EVENT}.tlog-proof", "存下证明", "keep the proof"
        ),
    ],
    more=Text(
        "收据 = 收录证明 + 经见证的检查点；核验后才显示。",
        "A receipt is an inclusion proof with a witnessed checkpoint; it is verified before it is "
        "shown.",
    ),
)
@click.argument("event_id", type=click.UUID)
@_WAIT
@_OUT
def receipt(session: Session, event_id: UUID, out: Path | None, *, wait: bool) -> None:
    """Fetch a receipt."""
    with session.ledger() as ledger:
        found = ledger.get_receipt(event_id, wait=wait, timeout=session.timeout)
        quorum = quorum_of(ledger)
    if out is not None:
        write_file(out, found.proven.proof.encode(), _FILE_MODE)
    session.show(
        _receipt_document(found, quorum), lambda: fields(_receipt(session, found, quorum, out))
    )


def _prove(ledger: "Ledger", what: str, *, wait: bool) -> "ProvenEntry":
    if what.isdecimal() and what.isascii() and int(what) < INDEX_LIMIT:
        return ledger.log.inclusion(int(what))
    try:
        event = UUID(what)
    except ValueError as error:
        raise misuse(
            f"{what} 既不是账本序号，也不是事件编号",
            f"{what} is neither an index of the log nor an event id",
        ) from error
    return ledger.get_receipt(event, wait=wait).proven


def _receipt(
    session: Session, found: "Receipt", quorum: str | None, out: Path | None
) -> list[tuple[str, object]]:
    say, entry = session.say, found.entry
    return [
        (say("事件", "Event"), found.event_id),
        (say("流", "Stream"), f"{entry.kind} {entry.stream}"),
        (say("流中第几条", "Number in stream"), entry.seq),
        (say("入账时间", "Recorded"), local_time(entry.recorded)),
        *proven_fields(session, found.proven, quorum, out),
    ]


def _receipt_document(found: "Receipt", quorum: str | None) -> dict[str, Any]:
    entry = found.entry
    return {
        "event_id": str(found.event_id),
        "stream": entry.stream,
        "kind": entry.kind,
        "seq": entry.seq,
        "recorded_us": entry.recorded,
        **proven_document(found.proven, quorum),
    }
