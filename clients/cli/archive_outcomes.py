"""What became of documents that were sent: a table for people, JSON documents for programs."""

from collections.abc import Iterable, Sequence
from typing import Any

from clients.cli.append import outcome_word
from clients.cli.archive_manifest import ArchivedFile
from clients.cli.output import echo, echo_json, table
from clients.cli.session import Session
from clients.sdk import Accepted, Outcome, Rejected


def show_outcomes(
    session: Session, files: Sequence[ArchivedFile], outcomes: Iterable[Outcome | None]
) -> None:
    """Print what became of documents; None is an outcome that is not known."""
    pairs = list(zip(files, outcomes, strict=True))
    if session.as_json:
        for file, outcome in pairs:
            echo_json(_json(file, outcome))
        return
    say = session.say
    heads = (
        say("结果", "Outcome"),
        say("账本序号", "Index"),
        say("类别", "Class"),
        say("字节", "Bytes"),
        say("文件", "File"),
        say("说明", "Remark"),
    )
    echo(table(heads, [_row(session, file, outcome) for file, outcome in pairs]))


def _row(session: Session, file: ArchivedFile, outcome: Outcome | None) -> tuple[object, ...]:
    words = {
        "counted": session.say("计入", "counted"),
        "held": session.say("挂起", "held"),
        "rejected": session.say("拒绝", "rejected"),
        "unknown": session.say("未知", "unknown"),
    }
    index, remark = "", ""
    match outcome:
        case Accepted():
            index, remark = f"#{outcome.index}", outcome.held
        case Rejected():
            reason = session.say(outcome.reason_zh, outcome.reason_en)
            fix = session.say(outcome.fix_zh, outcome.fix_en)
            remark = f"{outcome.code}: {reason}. {fix}"
    word = words[outcome_word(outcome)]
    return word, index, file.item_class, file.size, file.name, remark


def _json(file: ArchivedFile, outcome: Outcome | None) -> dict[str, Any]:
    document: dict[str, Any] = {
        "file": file.name,
        "class": file.item_class,
        "media_type": file.media_type,
        "size": file.size,
        "salted_digest": file.salted_digest.hex(),
        "event_id": str(file.event),
        "outcome": outcome_word(outcome),
    }
    match outcome:
        case Accepted():
            document |= {"index": outcome.index, "held": outcome.held}
        case Rejected():
            members = ("code", "field", "reason_zh", "reason_en", "fix_zh", "fix_en")
            document |= {member: getattr(outcome, member) for member in members}
    return document
