"""Files of events for `tledger append`: read whole, checked whole, then cut into batches.

Nothing is sent while one line is wrong: a typing error in line 900 leaves nothing half done.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from clients.cli.event_lines import Draft, LineError, capture, read_line
from clients.cli.inputs import read_text
from clients.cli.language import Text
from clients.cli.problems import misuse
from clients.sdk import CapturedEvent, Emitter

FILE_LIMIT: Final = 64 * 1024 * 1024
MAX_EVENTS: Final = 1000
MAX_BYTES: Final = 2 * 1024 * 1024
# Tag and length of an event, and its leaf with tag and length.
_OVERHEAD: Final = 5 + 34
# Key id, signatures, tags and lengths of a batch.
_ENVELOPE: Final = 1024
_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class LineEvent:
    """An event with the number of its line; 0 where it comes from no file."""

    line: int
    event: CapturedEvent


def read_events(path: Path, emitter: Emitter, approver_key: bytes = b"") -> list[LineEvent]:
    """Return the events of a file, captured.

    Args:
        path: The file.
        emitter: Makes the events.
        approver_key: Id of the key that signs beside the author's; empty where none does. Each
            event then has to name who approved it.

    Raises:
        Problem: when a line is no event; it names all such lines.
    """
    events, wrong = [], {}
    for number, line in enumerate(read_text(path, FILE_LIMIT).splitlines(), 1):
        if not line.strip():
            continue
        try:
            draft = _approved(read_line(number, line), approver_key)
            events.append(LineEvent(number, capture(emitter, draft)))
        except LineError as error:
            wrong[number] = str(error)
    if wrong:
        raise misuse(
            f"{len(wrong)} 行不成立，未发送任何内容",
            f"{len(wrong)} lines are wrong; nothing was sent",
            code="INPUT_WRONG",
            values={f"line {number}:": wrong[number] for number in list(wrong)[:_SHOWN]},
            fixes=[
                Text(
                    "改正后重试；样例：tledger event example 类型",
                    "correct them and try again; see tledger event example TYPE",
                )
            ],
        )
    if not events:
        raise misuse("文件中没有事件", "the file holds no event", code="INPUT_WRONG")
    return events


def _approved(draft: Draft, approver_key: bytes) -> Draft:
    if approver_key and draft.how.approved_by is None:
        raise LineError("an approver signs it: it needs approved_by")
    return replace(draft, how=replace(draft.how, approver_key=approver_key))


def cut(events: Sequence[LineEvent]) -> Iterator[list[LineEvent]]:
    """Cut events into what one request carries: 1,000 events and 2 MiB."""
    batch: list[LineEvent] = []
    size = _ENVELOPE
    for each in events:
        more = len(each.event.data) + _OVERHEAD
        if batch and (len(batch) == MAX_EVENTS or size + more > MAX_BYTES):
            yield batch
            batch, size = [], _ENVELOPE
        batch.append(each)
        size += more
    if batch:
        yield batch
