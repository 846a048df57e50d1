"""What somebody with the database's superuser does to a log (reliability-security G1 to G7).

Each change is plain SQL in either database, with constraints and columns kept in good order as far
as the attacker can: what gives the change away are hashes and signatures alone.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_bytes
from typing import Any
from uuid import UUID, uuid4, uuid5

from ledger.api.v1 import events_pb2 as pb
from ledger.application.ports import batch_name
from tests.faults.raw_database import execute, query
from tests.independent.entries import canonical_json
from tests.independent.trees import leaf_hash

Statement = tuple[str, Sequence[Any]]
_FAR = 1_000_000


@dataclass(frozen=True, slots=True)
class Marks:
    """Places in a log to tamper with; all but `size` and `published` are events.

    Attributes:
        first: First event of a batch.
        middle: An event within the same batch.
        last: Last event of the log.
        size: Size of the log, which is published whole.
        published: Size of the checkpoint before the newest.
    """

    first: int
    middle: int
    last: int
    size: int
    published: int


@dataclass(frozen=True, slots=True)
class Tampering:
    """One way to tamper.

    Attributes:
        apply: Does it to the database at a URL.
        due: The first bad entry that has to be named.
    """

    apply: Callable[[str, Marks], object]
    due: Callable[[Marks], int]


def flip(data: bytes, at: int = -1) -> bytes:
    """Return the bytes with one bit changed."""
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


def column(url: str, index: int, name: str) -> Any:  # noqa: ANN401 - whatever it holds
    """Return a column of a row of the log."""
    return query(url, f"SELECT {name} FROM log WHERE notification_id = ?", index + 1)[0][0]


def put(url: str, index: int, name: str, value: object) -> None:
    """Set a column of a row of the log."""
    query(url, f"UPDATE log SET {name} = ? WHERE notification_id = ?", value, index + 1)


def edit_event(url: str, index: int) -> None:
    """Change one bit of an event: the last byte of a sign-in is within its body."""
    put(url, index, "event", flip(column(url, index, "event")))


def edit_entry(url: str, index: int) -> None:
    """Change one hex digit of an entry: it stays a well-formed entry with another payload."""
    entry = column(url, index, "entry")
    place = entry.index(b'"payload":"') + len(b'"payload":"')
    digit = b"1" if entry[place : place + 1] == b"0" else b"0"
    put(url, index, "entry", entry[:place] + digit + entry[place + 1 :])


def edit_recorded(url: str, index: int) -> None:
    """Date an entry by a microsecond later, in its column alone."""
    put(url, index, "recorded", column(url, index, "recorded") + 1)


def edit_held(url: str, index: int) -> None:
    """Say of an event that counted why it did not."""
    assert column(url, index, "held") == ""
    put(url, index, "held", "CLOCK_AHEAD")


def backdate(url: str, index: int) -> None:
    """Date an entry back in its bytes and in its column, not before the entry in front of it."""
    document = json.loads(column(url, index, "entry"))
    document["recorded"] = column(url, index - 1, "recorded")
    put(url, index, "entry", canonical_json(document))
    put(url, index, "recorded", document["recorded"])


def edit_signature(url: str, index: int) -> None:
    """Change one bit of the signature of an event's batch."""
    name = column(url, index, "batch_name")
    (signature,) = query(url, "SELECT signature FROM batch WHERE name = ?", name)[0]
    query(url, "UPDATE batch SET signature = ? WHERE name = ?", flip(signature), name)


def delete_batch(url: str, index: int) -> None:
    """Remove the batch of an event."""
    query(url, "DELETE FROM batch WHERE name = ?", column(url, index, "batch_name"))


def edit_note(url: str, size: int, line: int) -> None:
    """Change one character of a line of a checkpoint: 2 is the root, -2 the last signature."""
    (note,) = query(url, "SELECT note FROM checkpoint WHERE size = ?", size)[0]
    lines = note.split("\n")
    text = lines[line]
    # Within the base64, whose last characters may hold bits that say nothing.
    at = len(text) - 10
    lines[line] = text[:at] + ("B" if text[at] == "A" else "A") + text[at + 1 :]
    query(url, "UPDATE checkpoint SET note = ? WHERE size = ?", "\n".join(lines), size)


def delete_note(url: str, size: int) -> None:
    """Take a checkpoint away."""
    query(url, "DELETE FROM checkpoint WHERE size = ?", size)


def edit_tile(url: str, level: int, number: int) -> None:
    """Change one bit of a hash in a tile."""
    n, at = divmod(number, 256)
    (hashes,) = query(url, "SELECT hashes FROM tile WHERE level = ? AND n = ?", level, n)[0]
    statement = "UPDATE tile SET hashes = ? WHERE level = ? AND n = ?"
    query(url, statement, flip(hashes, 32 * at), level, n)


def delete_row(url: str, index: int) -> None:
    """Remove a row and leave the gap."""
    query(url, "DELETE FROM log WHERE notification_id = ?", index + 1)


def close_gap(url: str, index: int) -> None:
    """Remove a row and count the rest anew."""
    execute(
        url,
        ("DELETE FROM log WHERE notification_id = ?", (index + 1,)),
        *_shift(index + 1, -1),
        ("UPDATE log_head SET size = size - 1", ()),
    )


def insert_row(url: str, index: int) -> None:
    """Put a forged event in place of an index, and count the rest anew."""
    execute(
        url,
        *_shift(index, 1),
        *_forged(url, index),
        ("UPDATE log_head SET size = size + 1", ()),
    )


def append_row(url: str, index: int) -> None:
    """Put a forged event behind the last, as if it had just been recorded."""
    execute(url, *_forged(url, index), ("UPDATE log_head SET size = size + 1", ()))


def append_stray_row(url: str, index: int) -> None:
    """Put a forged event behind the last, and forget the row that says where the log ends."""
    execute(url, *_forged(url, index))


def swap_rows(url: str, one: int, other: int) -> None:
    """Exchange two rows."""
    place = "UPDATE log SET notification_id = ? WHERE notification_id = ?"
    execute(
        url,
        (place, (_FAR, one + 1)),
        (place, (one + 1, other + 1)),
        (place, (other + 1, _FAR)),
    )


def truncate(url: str, size: int) -> None:
    """Cut the tail off, and say that the log ends there."""
    execute(
        url,
        ("DELETE FROM log WHERE notification_id > ?", (size,)),
        ("UPDATE log_head SET size = ?, slot = NULL", (size,)),
    )


def move_head_back(url: str, size: int) -> None:
    """Say that the log ends one entry earlier."""
    query(url, "UPDATE log_head SET size = ?", size - 1)


def move_slot(url: str, index: int) -> None:
    """Say that the publisher's empty slot is here."""
    query(url, "UPDATE log_head SET slot = ?", index)


def _shift(first: int, by: int) -> list[Statement]:
    """Count the rows from an index on anew; by way of far numbers, since numbers are unique."""
    place = "UPDATE log SET notification_id = notification_id + ? WHERE notification_id > ?"
    return [(place, (_FAR, first)), (place, (by - _FAR, _FAR))]


def _forged(url: str, index: int) -> list[Statement]:
    """Return what inserts an event of a learner who never was: the first entry of its stream.

    Row, entry, event and batch fit together and follow the log's rules. The institution's key did
    not sign it.
    """
    like = query(
        url,
        "SELECT recorded, event, cohort, batch_key, entry FROM log WHERE notification_id <= ?"
        " AND type = 'LearnerSignedIn' ORDER BY notification_id DESC LIMIT 1",
        index,
    )[0]
    recorded, event_bytes, cohort, key, entry_bytes = like
    event = pb.TrainingEvent.FromString(event_bytes)
    person, event_id = uuid4(), uuid4()
    stream = uuid5(UUID(bytes=cohort), str(person))
    event.header.event_id, event.header.salt = event_id.bytes, token_bytes(32)
    event.header.person_ref, event.header.stream = person.bytes, stream.bytes
    data = event.SerializeToString()
    leaf = leaf_hash(data)
    entry = json.loads(entry_bytes)
    del entry["prev"]
    entry |= {"event": str(event_id), "stream": str(stream), "seq": 1, "payload": leaf.hex()}
    entry["recorded"] = recorded
    name = batch_name(key, leaf, 1, b"")
    into_batch = (
        "INSERT INTO batch (name, root, key_id, algorithm, signature, approver_key,"
        " approver_signature, leaves) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    )
    into_log = (
        "INSERT INTO log (notification_id, entry, recorded, stream, seq, type, event, event_id,"
        " cohort, held, batch_key, batch_name, position, guests)"
        " VALUES (?, ?, ?, ?, 1, 'LearnerSignedIn', ?, ?, ?, '', ?, ?, 0, ?)"
    )
    signature = sha256(b"forged").digest() * 2
    row = (index + 1, canonical_json(entry), recorded, stream.bytes, data, event_id.bytes)
    return [
        (into_batch, (name, leaf, key, "ed25519", signature, b"", b"", leaf)),
        (into_log, (*row, cohort, key, name, b"")),
    ]


TAMPERINGS: dict[str, Tampering] = {
    "one bit of an event": Tampering(lambda u, m: edit_event(u, m.middle), lambda m: m.middle),
    "one bit of the last event": Tampering(lambda u, m: edit_event(u, m.last), lambda m: m.last),
    "one digit of an entry": Tampering(lambda u, m: edit_entry(u, m.middle), lambda m: m.middle),
    "the time in its column": Tampering(
        lambda u, m: edit_recorded(u, m.middle), lambda m: m.middle
    ),
    "why an event is held": Tampering(lambda u, m: edit_held(u, m.middle), lambda m: m.middle),
    "the time in entry and column": Tampering(lambda u, m: backdate(u, m.first), lambda m: m.first),
    "one bit of a batch's signature": Tampering(
        lambda u, m: edit_signature(u, m.middle), lambda m: m.first
    ),
    "a batch": Tampering(lambda u, m: delete_batch(u, m.middle), lambda m: m.first),
    "the root of the newest checkpoint": Tampering(
        lambda u, m: edit_note(u, m.size, 2), lambda m: m.size - 1
    ),
    "a signature of the newest checkpoint": Tampering(
        lambda u, m: edit_note(u, m.size, -2), lambda m: m.size - 1
    ),
    "a signature of an older checkpoint": Tampering(
        lambda u, m: edit_note(u, m.published, -2), lambda m: m.published - 1
    ),
    "an older checkpoint": Tampering(
        lambda u, m: delete_note(u, m.published), lambda m: m.published - 1
    ),
    "one bit of a tile": Tampering(lambda u, m: edit_tile(u, 0, m.middle), lambda m: m.middle),
    "one bit of a tile of the second level": Tampering(
        lambda u, _m: edit_tile(u, 1, 0), lambda _m: 0
    ),
    "a deleted row": Tampering(lambda u, m: delete_row(u, m.middle), lambda m: m.middle),
    "a deleted row, the rest renumbered": Tampering(
        lambda u, m: close_gap(u, m.middle), lambda m: m.middle
    ),
    "a forged row in the middle": Tampering(
        lambda u, m: insert_row(u, m.middle), lambda m: m.middle
    ),
    "a forged row at the end": Tampering(lambda u, m: append_row(u, m.size), lambda m: m.size),
    "a forged row behind the end": Tampering(
        lambda u, m: append_stray_row(u, m.size), lambda m: m.size
    ),
    "two rows exchanged": Tampering(
        lambda u, m: swap_rows(u, m.middle, m.middle + 1), lambda m: m.middle
    ),
    "two far rows exchanged": Tampering(
        lambda u, m: swap_rows(u, m.first, m.last), lambda m: m.first
    ),
    "the tail": Tampering(lambda u, m: truncate(u, m.middle), lambda m: m.middle),
    "the tail behind a checkpoint": Tampering(
        lambda u, m: truncate(u, m.published), lambda m: m.published
    ),
    "where the slot is": Tampering(lambda u, m: move_slot(u, m.middle), lambda m: m.middle),
    "a slot behind the end": Tampering(lambda u, m: move_slot(u, m.size), lambda m: m.size),
    "where the log ends": Tampering(lambda u, m: move_head_back(u, m.size), lambda m: m.size - 1),
}
