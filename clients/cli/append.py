"""`tledger append`: events from a file, signed in batches, each answered and checked.

A batch is kept on disk before it is sent and until the outcome of every event is known
(docs/emitter.md, rules 2 and 4); `--pending` sends what was left over.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click

from clients.cli.append_files import LineEvent, cut, read_events
from clients.cli.command import Example, command
from clients.cli.keeping import kept_until_known, pending_files, read_pending
from clients.cli.language import Text
from clients.cli.output import echo, echo_json, note, one_line, pad
from clients.cli.problems import ExitCode, misuse
from clients.cli.session import Session
from clients.sdk import (
    Accepted,
    Emitter,
    Identity,
    Ledger,
    Outcome,
    Rejected,
    SignedBatch,
    StillUnknownError,
    sign_batch,
)

_OUTCOME_COLUMNS: Final = 10


class Tally:
    """Counts outcomes, prints a line for each, and shows progress where nobody sees the lines."""

    def __init__(self, session: Session, total: int) -> None:
        """Start with nothing printed."""
        self._session = session
        self._total = total
        self._counts = {"counted": 0, "held": 0, "rejected": 0, "unknown": 0}
        self._shows_progress = sys.stderr.isatty() and not sys.stdout.isatty()

    @property
    def exit_code(self) -> ExitCode:
        """How the command ends."""
        if self._counts["unknown"]:
            return ExitCode.UNCHECKED
        return ExitCode.NEGATIVE if self._counts["rejected"] else ExitCode.OK

    def take(self, events: Sequence[LineEvent], outcomes: Iterable[Outcome | None]) -> None:
        """Print what became of events."""
        for each, outcome in zip(events, outcomes, strict=True):
            word = outcome_word(outcome)
            self._counts[word] += 1
            if self._session.as_json:
                echo_json(_document(each, word, outcome))
            else:
                echo(_line(self._session, each, word, outcome))
        if self._shows_progress:
            done = sum(self._counts.values())
            click.echo(f"\r{done}/{self._total}", err=True, nl=done == self._total)

    def close(self) -> None:
        """Print the sums."""
        counts, say = self._counts, self._session.say
        if not self._session.as_json:
            note(
                say(
                    f"计入 {counts['counted']}，挂起 {counts['held']}，"
                    f"拒绝 {counts['rejected']}，未知 {counts['unknown']}",
                    f"counted {counts['counted']}, held {counts['held']}, "
                    f"rejected {counts['rejected']}, unknown {counts['unknown']}",
                )
            )


@command(
    "append",
    examples=[
        Example(
            "tledger append events.ndjson --identity school",
            "写入文件中的事件",
            "record the events of a file",
        ),
        Example(
            "tledger event example SessionStarted | tledger append - --synthetic",
            "从标准输入",
            "from standard input",
        ),
        Example(
            "tledger append corrections.ndjson --identity school --approver school/head",
            "逾期更正，审批人以本人密钥签名",
            "late corrections, which the approver's own key signs too",
        ),
        Example("tledger append --pending", "重发结果未知的批次", "send again what is open"),
    ],
    more=Text(
        "每行一个 JSON：type、cohort、person_ref、occurred、origin、body"
        "（样例：tledger event example 类型）。需要时另加：recorded_for（记录所属机构，"
        "代机构写入时必填）、guest_cohorts（他班学员所在课次的班次）、entered_by、approved_by"
        "（经办人、审批人的人员档案）、source_digest（纸质原件摘要）。"
        "先核对全部行再发送；每批最多 1,000 个事件、2 MiB。"
        "退出码：0 全部入账，1 有事件被拒绝，2 有事件结果未知。",
        "One JSON object a line: type, cohort, person_ref, occurred, origin, body (see tledger "
        "event example TYPE). Where needed: recorded_for (the institution whose record it is, when "
        "another party writes it), guest_cohorts (cohorts in whose session a guest was), "
        "entered_by and approved_by (staff files of two persons), source_digest (of a paper "
        "original). All lines are checked before anything is sent; a batch has at most 1,000 "
        "events and 2 MiB. Exit code 0: all recorded, 1: some refused, 2: some not known.",
    ),
)
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--atomic",
    is_flag=True,
    help="全部入账或全部不入账（须在一批之内）  All or none; has to fit one batch.",
)
@click.option("--synthetic", is_flag=True, help="标记为虚构数据  Mark the events as made-up data.")
@click.option("--pending", is_flag=True, help="重发结果未知的批次  Send again what is open.")
@click.option(
    "--approver",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIRECTORY",
    help="审批人的身份目录，一并签名  Folder of the approver's identity, which signs too.",
)
def append(
    session: Session,
    file: Path | None,
    *,
    atomic: bool,
    synthetic: bool,
    pending: bool,
    approver: Path | None,
) -> None:
    """Record events."""
    if file is not None and not pending:
        second = None if approver is None else Identity.load(approver)
        code = _append(session, file, second, atomic=atomic, synthetic=synthetic)
    elif pending and file is None and approver is None:
        code = _resend(session)
    else:
        raise misuse("给出文件或 --pending 之一", "give either a file or --pending")
    click.get_current_context().exit(code)


def _append(
    session: Session, file: Path, approver: Identity | None, *, atomic: bool, synthetic: bool
) -> ExitCode:
    identity, folder = session.identity(), session.identity_folder()
    emitter = Emitter(identity, synthetic=synthetic)
    events = read_events(file, emitter, b"" if approver is None else approver.key_id)
    batches = list(cut(events))
    if atomic and len(batches) > 1:
        raise misuse(
            f"--atomic 要求一批之内，{len(events)} 个事件需 {len(batches)} 批",
            f"--atomic needs one batch; {len(events)} events take {len(batches)}",
            code="INPUT_WRONG",
            fixes=[Text("分成几个文件", "split the file")],
        )
    left = len(pending_files(folder))
    if left:
        note(
            session.say(
                f"另有 {left} 批结果未知：tledger append --pending",
                f"{left} earlier batches are open: tledger append --pending",
            )
        )
    tally = Tally(session, len(events))
    with session.ledger() as ledger, _closing(tally):
        for batch in batches:
            signed = sign_batch(
                identity,
                [each.event for each in batch],
                None if approver is None else approver.key,
            )
            with kept_until_known(folder, signed), _unknown_counted(tally, batch):
                tally.take(batch, _send(session, ledger, signed, atomic=atomic))
    return tally.exit_code


def _resend(session: Session) -> ExitCode:
    files = pending_files(session.identity_folder())
    kept = [(path, read_pending(path)) for path in files]
    tally = Tally(session, sum(len(batch.events) for _, batch in kept))
    with session.ledger() as ledger, _closing(tally):
        for path, signed in kept:
            batch = [LineEvent(0, event) for event in signed.events]
            with _unknown_counted(tally, batch):
                tally.take(batch, _send(session, ledger, signed, atomic=False))
            path.unlink(missing_ok=True)
    return tally.exit_code


def _send(
    session: Session, ledger: Ledger, batch: SignedBatch, *, atomic: bool
) -> tuple[Outcome, ...]:
    return ledger.append(batch, atomic=atomic, timeout=session.timeout)


@contextmanager
def _unknown_counted(tally: Tally, batch: Sequence[LineEvent]) -> Iterator[None]:
    """Print what is known of a batch when the rest stays unknown."""
    try:
        yield
    except StillUnknownError as error:
        tally.take(batch, error.outcomes)
        raise


@contextmanager
def _closing(tally: Tally) -> Iterator[None]:
    try:
        yield
    finally:
        tally.close()


def outcome_word(outcome: Outcome | None) -> str:
    """Return what became of an event: counted, held, rejected or unknown."""
    match outcome:
        case Accepted():
            return "held" if outcome.held else "counted"
        case Rejected():
            return "rejected"
    return "unknown"


def _line(session: Session, each: LineEvent, word: str, outcome: Outcome | None) -> str:
    words = {
        "counted": session.say("计入", "counted"),
        "held": session.say("挂起", "held"),
        "rejected": session.say("拒绝", "rejected"),
        "unknown": session.say("未知", "unknown"),
    }
    place = str(each.line) if each.line else ""
    start = f"{place:>6}  {pad(words[word], _OUTCOME_COLUMNS)}"
    end = f"{each.event.event_id}  {each.event.type}"
    match outcome:
        case Accepted():
            repeated = session.say("  早已入账", "  recorded before") if outcome.repeated else ""
            held = f"  {outcome.held}" if outcome.held else ""
            return f"{start}  #{outcome.index:<10}  {end}{held}{repeated}"
        case Rejected():
            said = (
                f"{one.code}{f' ({one.field})' if one.field else ''}: "
                f"{session.say(one.reason_zh, one.reason_en)}. "
                f"{session.say(one.fix_zh, one.fix_en)}"
                for one in outcome.reasons
            )
            return one_line(f"{start}  {'':<11}  {end}  {'; '.join(said)}")
    return f"{start}  {'':<11}  {end}"


def _document(each: LineEvent, word: str, outcome: Outcome | None) -> dict[str, Any]:
    document: dict[str, Any] = {
        "line": each.line or None,
        "event_id": str(each.event.event_id),
        "type": each.event.type,
        "outcome": word,
    }
    match outcome:
        case Accepted():
            document |= {
                "index": outcome.index,
                "held": outcome.held,
                "repeated": outcome.repeated,
            }
        case Rejected():
            names = ("code", "field", "reason_zh", "reason_en", "fix_zh", "fix_en")
            document |= {name: getattr(outcome, name) for name in names}
            document["further"] = [
                {name: getattr(one, name) for name in names} for one in outcome.further
            ]
    return document
