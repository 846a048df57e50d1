"""Checkpoints and proven entries as they are shown, for people and for programs."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clients.cli.output import SHANGHAI
from clients.cli.session import Session

if TYPE_CHECKING:
    from clients.sdk import Ledger, ProvenEntry, VerifiedCheckpoint


def quorum_of(ledger: "Ledger") -> str | None:
    """Return the name of the quorum that the trust file asks for; None for `quorum none`."""
    return ledger.identity.trust.parsed_policy().quorum


def proven_document(proven: "ProvenEntry", quorum: str | None) -> dict[str, Any]:
    """Return a proven entry for programs."""
    return {
        "index": proven.index,
        "entry": proven.entry.decode("ascii"),
        "proof": proven.proof,
        "checkpoint": checkpoint_document(proven.checkpoint, quorum),
    }


def proven_fields(
    session: Session, proven: "ProvenEntry", quorum: str | None, out: Path | None
) -> list[tuple[str, object]]:
    """Return a proven entry for people."""
    say = session.say
    return [
        (say("收录", "Included"), "✔"),
        (say("账本序号", "Index"), proven.index),
        *checkpoint_fields(session, proven.checkpoint, quorum),
        *([] if out is None else [(say("文件", "File"), out)]),
    ]


def checkpoint_document(found: "VerifiedCheckpoint", quorum: str | None) -> dict[str, Any]:
    """Return a checkpoint for programs."""
    return {
        "origin": found.checkpoint.origin,
        "size": found.checkpoint.size,
        "root": found.checkpoint.root.hex(),
        "signed_at": found.signed_at,
        "witnesses": list(found.witnesses),
        "quorum": quorum,
        "quorum_met": found.quorum_met,
    }


def checkpoint_fields(
    session: Session, found: "VerifiedCheckpoint", quorum: str | None
) -> list[tuple[str, object]]:
    """Return a checkpoint for people; that nobody witnessed it is always said."""
    say = session.say
    signed = "" if found.signed_at is None else _moment(found.signed_at)
    if quorum is None:
        witnessed = say(
            "无（quorum none，完整性以运营方为准）",
            "none (quorum none: complete by the operator's word)",
        )
    else:
        names = ", ".join(found.witnesses) or say("无", "none")
        met = say("满足", "met") if found.quorum_met else say("不足", "missing")
        witnessed = f"{names} (quorum {quorum}: {met})"
    return [
        (say("账本", "Log"), found.checkpoint.origin),
        (say("规模", "Size"), found.checkpoint.size),
        (say("根", "Root"), found.checkpoint.root.hex()),
        (say("签名时间", "Signed"), signed),
        (say("见证", "Witnesses"), witnessed),
    ]


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
