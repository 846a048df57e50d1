"""Log entries (docs/formats.md section 5): what the tree is made of.

An entry commits to an event by its salted leaf and to its stream's previous entry by hash. Entries
are canonical JSON in ASCII; the builder writes the members in sorted order by hand, since it runs
for each event, and the tests compare it with RFC 8785.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from ledger.log import canonical_json
from ledger.log.errors import FormatError
from ledger.log.event_reader import Event
from ledger.log.head_map import map_key
from ledger.log.identifiers import number_map_id, uuid_text

ENTRY_LIMIT: Final = 4096
KINDS: Final = frozenset(
    {"institution", "staff", "key", "policy", "cohort", "enrolment", "certificate"}
)
_NAMED_AT_START: Final = frozenset({"cohort", "key"})
_EVENT_MEMBERS: Final = frozenset(
    {"event", "keys", "kind", "payload", "recorded", "seq", "stream", "v"}
)
_LOG_MEMBERS: Final = {
    "log-key": frozenset({"algorithm", "key", "kind", "recorded", "role", "v"}),
    "map-commit": frozenset({"covers", "keys_total", "kind", "map", "recorded", "tree", "v"}),
    "log-closed": frozenset({"kind", "recorded", "v"}),
}
# Absent in the first of a chain, never null.
_CHAINED_BY: Final = {"log-key": None, "map-commit": "previous", "log-closed": None}
_LOG_KEYS: Final = frozenset(
    {
        ("checkpoint", "ed25519"),
        ("checkpoint", "ml-dsa-44"),
        ("acknowledgement", "ed25519"),
    }
)
_HEX: Final = frozenset("0123456789abcdef")


def entry_hash(entry: bytes) -> bytes:
    """Return the hash of an entry, its RFC 6962 leaf hash."""
    return sha256(b"\x00" + entry).digest()


def event_keys(
    kind: str, seq: int, cohorts: Iterable[str], institution: str, number_id: bytes | None
) -> tuple[str, ...]:
    """Return the map keys that an event touches beside its stream's own, as sorted hex.

    Args:
        kind: Kind of the stream.
        seq: Number of the entry in its stream, from 1.
        cohorts: UUID texts of the header's cohorts.
        institution: UUID text of the header's institution.
        number_id: `identifiers.number_map_id` of the number that the event issues, if any.
    """
    keys = {map_key("cohort", cohort.encode()).hex() for cohort in cohorts}
    if seq == 1 and kind in _NAMED_AT_START:
        keys.add(map_key("institution", institution.encode()).hex())
    if number_id is not None:
        keys.add(map_key("certificate", number_id).hex())
    return tuple(sorted(keys))


def recomputed_keys(entry: "EventEntry", event: Event, origin: str) -> tuple[str, ...]:
    """Return the keys that `entry` must carry for the opened `event`."""
    number = event.body.number if event.type == "TrainingCertificateIssued" else None
    return event_keys(
        entry.kind,
        entry.seq,
        [uuid_text(cohort) for cohort in event.header.cohorts],
        uuid_text(event.header.institution),
        None if number is None else number_map_id(number, origin),
    )


def build_event_entry(
    *,
    event: str,
    keys: tuple[str, ...],
    kind: str,
    payload: bytes,
    prev: bytes | None,
    recorded: int,
    seq: int,
    stream: str,
) -> bytes:
    """Return the entry of an event; all arguments are taken as valid."""
    listed = '","'.join(keys)
    quoted = f'"{listed}"' if keys else ""
    chained = "" if prev is None else f'"prev":"{prev.hex()}",'
    return (
        f'{{"event":"{event}","keys":[{quoted}],"kind":"{kind}","payload":"{payload.hex()}",'
        f'{chained}"recorded":{recorded},"seq":{seq},"stream":"{stream}","v":1}}'
    ).encode("ascii")


def build_log_key(*, role: str, algorithm: str, key: bytes, recorded: int) -> bytes:
    """Return the entry that names one of the log's own keys (raw public key bytes)."""
    return canonical_json.encode(
        {
            "v": 1,
            "kind": "log-key",
            "role": role,
            "algorithm": algorithm,
            "key": key.hex(),
            "recorded": recorded,
        }
    )


def build_map_commit(
    *,
    covers: int,
    tree: bytes,
    head_map: bytes,
    keys_total: int,
    previous: int | None,
    recorded: int,
) -> bytes:
    """Return the map-commit entry that stands at index `covers`."""
    document: dict[str, object] = {
        "v": 1,
        "kind": "map-commit",
        "covers": covers,
        "tree": tree.hex(),
        "map": head_map.hex(),
        "keys_total": keys_total,
        "recorded": recorded,
    }
    if previous is not None:
        document["previous"] = previous
    return canonical_json.encode(document)


@dataclass(frozen=True, slots=True)
class EventEntry:
    """An event's entry as read from its bytes; hashes as bytes, ids as UUID text."""

    event: str
    keys: tuple[str, ...]
    kind: str
    payload: bytes
    prev: bytes | None
    recorded: int
    seq: int
    stream: str


@dataclass(frozen=True, slots=True)
class LogKeyEntry:
    """An entry that names one of the log's own keys."""

    role: str
    algorithm: str
    key: bytes
    recorded: int


@dataclass(frozen=True, slots=True)
class MapCommitEntry:
    """An entry that commits to tree and head map of everything before it."""

    covers: int
    tree: bytes
    head_map: bytes
    keys_total: int
    previous: int | None
    recorded: int


@dataclass(frozen=True, slots=True)
class LogClosedEntry:
    """The entry that ends a log."""

    recorded: int


Entry = EventEntry | LogKeyEntry | MapCommitEntry | LogClosedEntry


def read_entry(data: bytes) -> Entry:
    """Read an entry from its bytes.

    Raises:
        FormatError: when the bytes are not exactly one entry in canonical form.
    """
    if not data.isascii():
        message = "an entry is ASCII"
        raise FormatError(message)
    document = canonical_json.decode(data, ENTRY_LIMIT)
    try:
        return _read_members(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"not an entry: {error!r}"
        raise FormatError(message) from error


def _read_members(document: dict[str, Any]) -> Entry:
    kind = document["kind"]
    wanted = _LOG_MEMBERS.get(kind, _EVENT_MEMBERS)
    chained_by = _CHAINED_BY.get(kind, "prev")
    if document.keys() - {chained_by} != wanted or _count(document["v"]) != 1:
        message = f"members {sorted(document)} of v {document['v']!r}"
        raise ValueError(message)
    recorded = _count(document["recorded"])
    if kind == "log-key":
        role, algorithm = document["role"], document["algorithm"]
        if (role, algorithm) not in _LOG_KEYS or not document["key"]:
            message = f"role {role!r}, algorithm {algorithm!r}, key {document['key']!r}"
            raise ValueError(message)
        return LogKeyEntry(role, algorithm, _hex(document["key"]), recorded)
    if kind == "map-commit":
        return MapCommitEntry(
            _count(document["covers"]),
            _hash(document["tree"]),
            _hash(document["map"]),
            _count(document["keys_total"]),
            _count(document["previous"]) if "previous" in document else None,
            recorded,
        )
    if kind == "log-closed":
        return LogClosedEntry(recorded)
    return _read_event_entry(document, recorded)


def _read_event_entry(document: dict[str, Any], recorded: int) -> EventEntry:
    kind, seq, keys = document["kind"], _count(document["seq"]), document["keys"]
    if kind not in KINDS or seq < 1 or ("prev" in document) != (seq > 1):
        message = f"kind {kind!r}, seq {seq}, members {sorted(document)}"
        raise ValueError(message)
    if not isinstance(keys, list) or sorted(set(keys)) != keys:
        message = "keys are not sorted and distinct"
        raise ValueError(message)
    for key in keys:
        _hash(key)
    return EventEntry(
        _uuid(document["event"]),
        tuple(keys),
        kind,
        _hash(document["payload"]),
        _hash(document["prev"]) if seq > 1 else None,
        recorded,
        seq,
        _uuid(document["stream"]),
    )


def _count(value: object) -> int:
    if type(value) is not int or not 0 <= value < 2**53:
        message = f"not an integer below 2^53: {value!r}"
        raise ValueError(message)
    return value


def _hex(value: str) -> bytes:
    if not _HEX.issuperset(value):
        message = "not lower-case hex"
        raise ValueError(message)
    return bytes.fromhex(value)


def _hash(value: str) -> bytes:
    data = _hex(value)
    if len(data) != 32:  # noqa: PLR2004 - SHA-256
        message = "not 32 bytes of hex"
        raise ValueError(message)
    return data


def _uuid(value: str) -> str:
    raw = _hex(value.replace("-", ""))
    if len(raw) != 16 or uuid_text(raw) != value:  # noqa: PLR2004 - 128 bits
        message = f"not a UUID in text form: {value!r}"
        raise ValueError(message)
    return value
