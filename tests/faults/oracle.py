"""The oracle (reliability-security section 2): what must hold after every fault, from raw bytes.

It reads the acknowledgement book and the rows as the database's own driver gives them; hashes,
roots and signatures are computed by the verifier's formats. Nothing passes through the service.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from uuid import UUID

from ledger.log.checkpoints import Checkpoint, open_checkpoint
from ledger.log.errors import LogError
from ledger.log.merkle import CompactRange
from ledger.log.trust_file import TrustFile
from tests.faults.acknowledgement_book import BookContents
from tests.faults.raw_database import StoredRow
from tests.independent.trees import leaf_hash, root_of


def violations(
    rows: Sequence[StoredRow],
    book: BookContents,
    *,
    before: int,
    notes: Sequence[str],
    watched: Iterable[tuple[int, bytes]],
    trust: TrustFile,
) -> list[str]:
    """Return every invariant that does not hold, with what breaks it.

    Args:
        rows: The whole log.
        book: What the clients know.
        before: Size of the log before the clients began.
        notes: Every checkpoint that was seen; the last one is the newest.
        watched: Entries of events by index, as a reader saw them.
        trust: The trust file.
    """
    entries = [row.entry or b"" for row in rows]
    found = [*_gaps(rows), *_streams(rows)]
    found += _acknowledged(rows, book)
    found += _doubled(rows, book, before)
    found += _checkpoints(entries, book, notes, trust)
    found += [
        f"I5: a reader saw another entry {index}"
        for index, entry in watched
        if index >= len(entries) or entries[index] != entry
    ]
    return found


def _gaps(rows: Sequence[StoredRow]) -> list[str]:
    found = [
        f"I3: index {row.index} stands at place {place}"
        for place, row in enumerate(rows)
        if row.index != place
    ]
    return found + [f"I3: entry {row.index} has no bytes" for row in rows if not row.entry]


def _streams(rows: Sequence[StoredRow]) -> list[str]:
    """Check that each stream counts from 1 and is chained."""
    found, last = [], dict[bytes, tuple[int, str]]()
    for row in rows:
        if row.stream is None or not row.entry:
            continue
        seq, head = last.get(row.stream, (0, None))
        try:
            entry = json.loads(row.entry)
        except ValueError:
            found.append(f"I3: entry {row.index} is no JSON")
            continue
        if (row.seq, entry["seq"], entry.get("prev")) != (seq + 1, seq + 1, head):
            found.append(f"I3: entry {row.index} does not follow in its stream")
        if entry["stream"] != str(UUID(bytes=row.stream)) or entry["event"] != row.event_text:
            found.append(f"I3: entry {row.index} is of another stream or event than its row")
        if row.event is None or entry["payload"] != leaf_hash(row.event).hex():
            found.append(f"I3: entry {row.index} is not that of its event")
        last[row.stream] = (seq + 1, leaf_hash(row.entry).hex())
    return found


def _acknowledged(rows: Sequence[StoredRow], book: BookContents) -> list[str]:
    """Check that every acknowledged event is where the acknowledgement says, with its bytes."""
    found, by_index = [], {row.index: row for row in rows}
    for event, given in book.acknowledged.items():
        if any(each != given[0] for each in given):
            found.append(f"I1: event {event} was acknowledged at two places")
        row = by_index.get(given[0].index)
        if row is None or (row.event_text, row.entry) != (event, given[0].entry):
            found.append(f"I1: event {event} is not at {given[0].index}, where it was acknowledged")
        elif row.event is None or leaf_hash(row.event) != book.attempted.get(event):
            found.append(f"I1: event {event} is stored with other bytes than were sent")
    return found


def _doubled(rows: Sequence[StoredRow], book: BookContents, before: int) -> list[str]:
    counts = Counter(row.event_text for row in rows if row.event_id is not None)
    found = [f"I2: event {event} is stored {n} times" for event, n in counts.items() if n > 1]
    found += [
        f"I2: event {event} was refused and is stored" for event in book.rejected & set(counts)
    ]
    sent = book.attempted
    found += [
        f"I2: event {row.event_text} at {row.index} was sent by nobody"
        for row in rows
        if row.index >= before and row.event_id is not None and row.event_text not in sent
    ]
    return found


def _checkpoints(
    entries: Sequence[bytes], book: BookContents, notes: Sequence[str], trust: TrustFile
) -> list[str]:
    """Check that every checkpoint is of this one tree, and that the last covers what was promised.

    An entry under a signed root of its own tree is included in it: the proof is the tree itself.
    """
    found: list[str] = []
    seen: list[Checkpoint] = []
    for note in notes:
        try:
            seen.append(open_checkpoint(note, trust.verifiers()).checkpoint)
        except LogError as error:
            found.append(f"I4: a checkpoint does not verify: {error}")
    if [each.size for each in seen] != sorted(each.size for each in seen):
        found.append("I4: a smaller checkpoint was shown after a larger one")
    tree, due = CompactRange(), sorted(seen, key=lambda each: each.size)
    for checkpoint in due:
        if checkpoint.size > len(entries):
            found.append(f"I4: a checkpoint of size {checkpoint.size} was signed")
            continue
        tree = tree.extend(map(leaf_hash, entries[tree.size : checkpoint.size]))
        if tree.root() != checkpoint.root:
            found.append(f"I4: the checkpoint of size {checkpoint.size} is of another history")
    newest = due[-1] if due else None
    if newest is not None and root_of([*map(leaf_hash, entries[: newest.size])]) != newest.root:
        found.append("I4: the newest checkpoint is not that of the entries")
    size = 0 if newest is None else newest.size
    found += [
        f"I1: event {event} at {given[0].index} is in no checkpoint"
        for event, given in book.acknowledged.items()
        if given[0].index >= size
    ]
    return found
