"""The acknowledgement book: what clients did and were told, kept outside of the ledger.

reliability-security section 2: a line before each attempt and one after each answer, each flushed
to the disk before the client goes on. The oracle reads the file, not the clients' memory.
"""

import json
import os
import threading
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from clients.sdk import Accepted, CapturedEvent, Outcome, Rejected


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """An acknowledgement that a client holds."""

    index: int
    entry: bytes


@dataclass(frozen=True, slots=True)
class BookContents:
    """What a book says, all by event id.

    Attributes:
        attempted: Leaf of each event that was ever sent.
        acknowledged: The acknowledgements of an event, in order.
        rejected: Events that were refused.
    """

    attempted: dict[str, bytes] = field(default_factory=dict)
    acknowledged: dict[str, list[Acknowledged]] = field(default_factory=lambda: defaultdict(list))
    rejected: set[str] = field(default_factory=set)


class AcknowledgementBook:
    """Writes a book. Safe to use from several threads.

    Attributes:
        acknowledged: Acknowledgements so far.
        repeated: Of these, of events that had been recorded by an attempt without an answer.
        unanswered: Attempts of which the outcome is not known.
    """

    def __init__(self, path: Path) -> None:
        """Begin a book."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_SYNC
        self.path = path
        self._file = os.open(path, flags, 0o600)
        self._lock = threading.Lock()
        self.acknowledged = 0
        self.repeated = 0
        self.unanswered = 0

    def attempt(self, events: Iterable[CapturedEvent]) -> None:
        """Note that events are about to be sent."""
        self._write({"sent": [[str(each.event_id), each.leaf.hex()] for each in events]})

    def answer(self, outcomes: Iterable[Outcome | None]) -> None:
        """Note what is known after an attempt; nothing is written of what is not."""
        known = [outcome for outcome in outcomes if outcome is not None]
        accepted = [each for each in known if isinstance(each, Accepted)]
        self._write(
            {
                "accepted": [
                    [str(each.event_id), each.index, each.entry.hex()] for each in accepted
                ],
                "rejected": [str(each.event_id) for each in known if isinstance(each, Rejected)],
            }
        )
        with self._lock:
            self.acknowledged += len(accepted)
            self.repeated += sum(each.repeated for each in accepted)

    def no_answer(self) -> None:
        """Count an attempt whose outcome is not known."""
        with self._lock:
            self.unanswered += 1

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _write(self, line: object) -> None:
        data = json.dumps(line).encode() + b"\n"
        # One write of an O_APPEND file: lines of several threads do not mix.
        assert os.write(self._file, data) == len(data)


def read_book(path: Path) -> BookContents:
    """Read a book."""
    book = BookContents()
    for text in path.read_text("ascii").splitlines():
        line = json.loads(text)
        book.attempted.update((event, bytes.fromhex(leaf)) for event, leaf in line.get("sent", ()))
        for event, index, entry in line.get("accepted", ()):
            book.acknowledged[event].append(Acknowledged(index, bytes.fromhex(entry)))
        book.rejected.update(line.get("rejected", ()))
    return book
