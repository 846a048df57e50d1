"""Rows as the sequencer makes them, for the contract tests of the storage."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from ledger.application.ports import LogHead, LogRow, LogWriter, OwnRow, StoredBatch
from ledger.log.entries import build_event_entry, entry_hash
from ledger.log.merkle import leaf_hash

SECOND = 1_000_000
START_US = 1_790_000_000 * SECOND
COHORT, OTHER_COHORT = UUID(int=0xC0, version=4).bytes, UUID(int=0xC1, version=4).bytes


def stream(number: int) -> bytes:
    """Return the id of a stream of the tests."""
    return UUID(int=number, version=5).bytes


@dataclass(frozen=True, slots=True)
class Wish:
    """An event that a test wants to be recorded."""

    stream: bytes
    type: str = "LearnerSignedIn"
    cohort: bytes | None = COHORT
    held: str = ""
    guests: tuple[bytes, ...] = ()


def event_row(index: int, seq: int, prev: bytes | None, wish: Wish) -> LogRow:
    """Return the row of an event that no other row has."""
    event = b"event %d of " % index + wish.stream
    event_id = hashlib.sha256(event).digest()[:16]
    key, root = hashlib.sha256(b"key").digest(), hashlib.sha256(b"root").digest()
    entry = build_event_entry(
        event=str(UUID(bytes=event_id)),
        keys=(),
        kind="enrolment",
        payload=leaf_hash(event),
        prev=prev,
        recorded=START_US + index,
        seq=seq,
        stream=str(UUID(bytes=wish.stream)),
    )
    return LogRow(
        index,
        entry,
        START_US + index,
        wish.stream,
        seq,
        wish.type,
        event,
        event_id,
        wish.cohort,
        wish.held,
        key,
        root,
        index,
        b"".join(wish.guests),
    )


def rows_behind(head: LogHead, wishes: Sequence[Wish], tails: dict[bytes, LogRow]) -> list[LogRow]:
    """Return rows behind a head; `tails` are the last rows of the streams and moved on."""
    rows = []
    for index, wish in enumerate(wishes, head.size):
        tail = tails.get(wish.stream)
        row = event_row(
            index,
            1 if tail is None else tail.seq + 1,
            None if tail is None else entry_hash(tail.entry),
            wish,
        )
        tails[wish.stream] = row
        rows.append(row)
    return rows


def head_behind(before: LogHead, rows: Sequence[LogRow | OwnRow]) -> LogHead:
    """Return the head behind rows that go on from another."""
    slots = [row.index for row in rows if isinstance(row, OwnRow) and row.entry is None]
    recorded = rows[-1].recorded_us if rows else before.recorded_us
    return LogHead(before.size + len(rows), recorded, slots[0] if slots else before.slot)


async def append(
    writer: LogWriter, wishes: Sequence[Wish], batches: Sequence[StoredBatch] = ()
) -> list[LogRow]:
    """Record events in one group; return their rows."""
    async with writer.group(()) as group:
        tails: dict[bytes, LogRow] = {}
        for wish in wishes:
            of_stream = await group.stream_rows(wish.stream)
            if of_stream:
                tails[wish.stream] = of_stream[-1]
        rows = rows_behind(group.head, wishes, tails)
        await group.insert(rows, batches, head_behind(group.head, rows))
    return rows


async def append_own(writer: LogWriter, entry: bytes | None) -> OwnRow:
    """Append an entry of the log itself; None for an empty slot."""
    async with writer.group(()) as group:
        row = OwnRow(group.head.size, entry, group.head.recorded_us)
        await group.insert([row], (), head_behind(group.head, [row]))
    return row


def batch(key: int, root: int) -> StoredBatch:
    """Return a batch that no other one is equal to."""
    return StoredBatch(
        bytes([key]) * 32, bytes([root]) * 32, "ed25519", b"s" * 64, b"", b"", b"l" * 96
    )
