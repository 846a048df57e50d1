"""Walking a log entry by entry: what each has to be by itself and after the one before it.

Shared by the publisher, before it signs, and by the full check. The rules are those of
docs/formats.md sections 3, 5 and 6; nothing is taken from a column that an entry or an event says.
"""

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Final, NoReturn

from ledger.application.breaches import LogBreachError
from ledger.application.log_pages import StoredEntry, touched_keys
from ledger.application.ports import LogRow
from ledger.log.entries import (
    Entry,
    EventEntry,
    LogClosedEntry,
    LogKeyEntry,
    MapCommitEntry,
    entry_hash,
    read_entry,
)
from ledger.log.errors import FormatError, LogError
from ledger.log.head_map import Head
from ledger.log.identifiers import uuid_text
from ledger.log.opened_event import OpenedEvent, SignedEvent, open_event

_COLUMNS_ZH: Final = {
    "entry": "条目字节",
    "recorded_us": "记录时间",
    "stream": "流",
    "seq": "流内序号",
    "type": "事件类型",
    "event_id": "事件编号",
    "cohort": "主班次",
    "guests": "客班次",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One entry that is in order.

    Attributes:
        index: Its index.
        data: Its bytes.
        hash: Its entry hash.
        entry: What it says.
        row: The row of its event, for an event's entry.
        event: The event, for an event's entry that was read the long way; its signature is not
            checked.
    """

    index: int
    data: bytes
    hash: bytes
    entry: Entry
    row: LogRow | None
    event: SignedEvent | None


@dataclass(slots=True)
class LogWalk:
    """Where a walk stands: all entries before `next_index` are in order.

    Attributes:
        origin: Origin of the log.
        next_index: Index of the entry that comes next.
        recorded_us: `recorded` of the one before it; 0 at the start.
        previous_commit: Index of the last map-commit, or None.
        closed_at: Index of the log-closed entry, or None.
        opening: Every entry so far names a key of the log.
    """

    origin: str
    next_index: int = 0
    recorded_us: int = 0
    previous_commit: int | None = None
    closed_at: int | None = None
    opening: bool = True

    def take(self, stored: StoredEntry) -> Step:
        """Check the next entry and step over it.

        Raises:
            LogBreachError: when it is not what it has to be.
        """
        if stored.index != self.next_index:
            index = min(stored.index, self.next_index)
            _wrong(
                index,
                f"第 {index} 条缺失或多余（应为 {self.next_index}，读到 {stored.index}）",
                f"entry {index} is missing or one too many: "
                f"{self.next_index} is due, {stored.index} was read",
            )
        index, row = stored.index, stored.row
        try:
            entry = read_entry(stored.entry)
        except FormatError as error:
            _wrong(
                index, f"第 {index} 条不合格式（{error}）", f"entry {index} is malformed: {error}"
            )
        if entry.recorded < self.recorded_us:
            _wrong(
                index,
                f"第 {index} 条的记录时间 {entry.recorded} 早于前一条 {self.recorded_us}",
                f"entry {index} is recorded at {entry.recorded}, before the one in front of it "
                f"({self.recorded_us})",
            )
        self._check_place(index, entry)
        event = None
        if isinstance(entry, EventEntry):
            event = _open(index, stored.entry, entry, row, self.origin)
        elif row is not None:
            _wrong(
                index,
                f"第 {index} 条属于账本自身，却有事件",
                f"entry {index} is the log's own and has an event",
            )
        self._pass(index, entry)
        return Step(index, stored.entry, entry_hash(stored.entry), entry, row, event)

    def take_known(self, stored: StoredEntry, entry: EventEntry) -> Step | None:
        """Step over an event's entry that was built again and compared (`usual_entries`).

        None when its place in the log is not in order: `take` says what is wrong.
        """
        if (
            stored.index != self.next_index
            or entry.recorded < self.recorded_us
            or self.closed_at is not None
            or stored.index == 0
        ):
            return None
        self._pass(stored.index, entry)
        return Step(stored.index, stored.entry, entry_hash(stored.entry), entry, stored.row, None)

    def skip_slot(self) -> None:
        """Step over an empty map-commit slot, whose bytes are not written yet."""
        self.opening = False
        self.next_index += 1

    def _check_place(self, index: int, entry: Entry) -> None:
        if self.closed_at is not None and not (
            isinstance(entry, MapCommitEntry) and index == self.closed_at + 1
        ):
            _wrong(
                index,
                f"第 {index} 条位于账本关闭（第 {self.closed_at} 条）之后",
                f"entry {index} stands behind the end of the log at entry {self.closed_at}",
            )
        is_key = isinstance(entry, LogKeyEntry)
        if (is_key and not self.opening) or (index == 0 and not is_key):
            _wrong(
                index,
                f"第 {index} 条：账本密钥须列于且仅列于账本之首",
                f"entry {index}: the log's keys are named by its first entries and by no others",
            )
        if isinstance(entry, MapCommitEntry) and (
            (entry.covers, entry.previous, entry.recorded)
            != (index, self.previous_commit, self.recorded_us)
        ):
            _wrong(
                index,
                f"第 {index} 条 map-commit 的 covers、previous 或 recorded 与其位置不符",
                f"covers, previous or recorded of the map-commit {index} do not fit its place",
            )

    def _pass(self, index: int, entry: Entry) -> None:
        self.next_index, self.recorded_us = index + 1, entry.recorded
        self.opening = self.opening and isinstance(entry, LogKeyEntry)
        if isinstance(entry, MapCommitEntry):
            self.previous_commit = index
        elif isinstance(entry, LogClosedEntry):
            self.closed_at = index


def follow_heads(
    heads: MutableMapping[bytes, Head], step: Step, touched: tuple[bytes, ...] | None = None
) -> None:
    """Check that an event's entry continues its stream, and advance every head it touches.

    Args:
        heads: The heads before the entry, those that it touches at least; changed in place.
        step: The entry; entries of the log itself touch nothing.
        touched: Its map keys, where they are at hand.

    Raises:
        LogBreachError: when `seq` or `prev` are not those that follow.
    """
    entry = step.entry
    if not isinstance(entry, EventEntry):
        return
    own, *others = touched_keys(entry) if touched is None else touched
    head = heads.get(own)
    due = (1, None) if head is None else (head.count + 1, head.head_hash)
    if (entry.seq, entry.prev) != due:
        _wrong(
            step.index,
            f"第 {step.index} 条不接续其流：序号 {entry.seq}，应为 {due[0]}，"
            f"或前一条的哈希不符（流 {entry.stream}）",
            f"entry {step.index} does not continue its stream {entry.stream}: "
            f"seq is {entry.seq}, {due[0]} is due, or prev is another hash",
        )
    for key in (own, *others):
        known = heads.get(key)
        heads[key] = (
            Head.first(step.index, step.hash)
            if known is None
            else known.advance(step.index, step.hash)
        )


def _open(
    index: int, data: bytes, entry: EventEntry, row: LogRow | None, origin: str
) -> SignedEvent:
    """Check the event behind an entry and the columns of its row."""
    if row is None:
        _wrong(index, f"第 {index} 条的事件缺失", f"the event of entry {index} is missing")
    # Whether the batch holds it under a good signature is a question of its own.
    opened = OpenedEvent(row.event, row.batch_key, "", 0, 1, (), b"")
    try:
        event = open_event(index, entry, opened, origin)
    except LogError as error:
        _wrong(
            index,
            f"第 {index} 条的事件与条目不符（{error}）",
            f"the event of entry {index} is not that of its entry: {error}",
        )
    cohorts = event.header.cohorts
    due: dict[str, object] = {
        "entry": data,
        "recorded_us": entry.recorded,
        "stream": entry.stream,
        "seq": entry.seq,
        "type": event.type,
        "event_id": entry.event,
        "cohort": uuid_text(cohorts[0]) if cohorts else None,
        "guests": b"".join(cohorts[1:]),
    }
    stored: dict[str, object] = {
        "entry": row.entry,
        "recorded_us": row.recorded_us,
        "stream": uuid_text(row.stream),
        "seq": row.seq,
        "type": row.type,
        "event_id": uuid_text(row.event_id),
        "cohort": None if row.cohort is None else uuid_text(row.cohort),
        "guests": row.guests,
    }
    for name, value in due.items():
        if stored[name] != value:
            _wrong(
                index,
                f"第 {index} 条的列“{_COLUMNS_ZH[name]}”与条目或事件不符",
                f"the column {name} of entry {index} is not what entry and event say",
            )
    return event


def _wrong(index: int, zh: str, en: str) -> NoReturn:
    raise LogBreachError(index, zh, en)
