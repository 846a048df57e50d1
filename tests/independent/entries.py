"""Canonical JSON and the entries of the log (docs/formats.md sections 5 and 6, `keys`)."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias
from uuid import UUID

from tests.independent.identifiers import certificate_map_key, uuid_map_key
from tests.independent.reader import Event
from tests.independent.trees import leaf_hash

MAX_ENTRY_SIZE: Final = 4_096
_MAX_INTEGER: Final = 2**53
_HASH: Final = re.compile("[0-9a-f]{64}")
_HEX: Final = re.compile("(?:[0-9a-f]{2})+")
_UUID: Final = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_KINDS: Final = (
    "institution",
    "staff",
    "key",
    "policy",
    "cohort",
    "enrolment",
    "certificate",
)
# A tuple: whatever JSON value a member has can be sought in it.
_LOG_KEYS: Final = (
    ("checkpoint", "ed25519"),
    ("checkpoint", "ml-dsa-44"),
    ("acknowledgement", "ed25519"),
)

Json: TypeAlias = dict[str, object]


class EntryError(Exception):
    """The bytes are no entry, or not the entry of this event."""


def canonical_json(value: Mapping[str, object]) -> bytes:
    """Return the canonical JSON of a value with ASCII names and integers below 2^53."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def entry_hash(entry: bytes) -> bytes:
    """Return the hash of an entry: leaf of the tree and link of the chain."""
    return leaf_hash(entry)


def keys_of(event: Event, seq: int) -> list[str]:
    """Return the head-map keys that an event touches beside its stream's, hex, sorted."""
    header = event.header
    keys = {uuid_map_key("cohort", UUID(bytes=cohort)) for cohort in header["cohorts"]}
    if seq == 1 and event.kind in ("cohort", "key"):
        keys.add(uuid_map_key("institution", UUID(bytes=header["institution"])))
    if event.type == "TrainingCertificateIssued":
        keys.add(certificate_map_key(header["origin"], event.body["number"]))
    return sorted(key.hex() for key in keys)


def build_entry(event: Event, seq: int, previous: bytes | None, recorded: int) -> bytes:
    """Return the entry of an event.

    Args:
        event: The event.
        seq: Its number in its stream, from 1.
        previous: Hash of the stream's previous entry, None at seq 1.
        recorded: Microseconds since 1970 UTC.
    """
    entry: Json = {
        "event": str(UUID(bytes=event.header["event_id"])),
        "keys": keys_of(event, seq),
        "kind": event.kind,
        "payload": event.leaf.hex(),
        "recorded": recorded,
        "seq": seq,
        "stream": str(UUID(bytes=event.header["stream"])),
        "v": 1,
    }
    if previous is not None:
        entry["prev"] = previous.hex()
    return canonical_json(entry)


def read_entry(data: bytes) -> Json:
    """Read an entry of any kind, in canonical form only.

    Raises:
        EntryError: The bytes are not an entry as section 5 has it.
    """
    if len(data) > MAX_ENTRY_SIZE:
        raise EntryError(f"{len(data)} bytes")
    try:
        value: object = json.loads(data.decode("ascii"))
        again = canonical_json(value) if isinstance(value, dict) else None
    except (ValueError, RecursionError):
        raise EntryError("not JSON") from None
    if not isinstance(value, dict) or again != data:
        raise EntryError("not a canonical object")
    rules = _rules_for(value)
    if value.keys() != rules.keys():
        raise EntryError(f"members {sorted(value)}")
    for name, holds in rules.items():
        if not holds(value[name]):
            raise EntryError(f"{name} is {value[name]!r}")
    return value


def check_entry(data: bytes, event: Event) -> Json:
    """Read an entry and check that it is this event's: what an emitter does with an answer.

    Raises:
        EntryError: The bytes are no entry, or not this event's.
    """
    entry = read_entry(data)
    seq, prev, recorded = entry.get("seq"), entry.get("prev"), entry["recorded"]
    if not isinstance(seq, int) or not isinstance(recorded, int):
        raise EntryError("an entry of the log itself")
    expected = build_entry(event, seq, bytes.fromhex(str(prev)) if prev else None, recorded)
    if data != expected:
        raise EntryError("another event's entry")
    return entry


def check_chain(entries: Iterable[bytes]) -> None:
    """Check that entries are one stream from its beginning: seq, prev, stream, recorded.

    Raises:
        EntryError: One of them does not follow the one before.
    """
    previous: bytes | None = None
    stream: object = None
    recorded = 0
    for seq, data in enumerate(entries, start=1):
        entry = read_entry(data)
        stream = entry.get("stream") if seq == 1 else stream
        link = None if previous is None else entry_hash(previous).hex()
        if (entry.get("seq"), entry.get("prev"), entry.get("stream")) != (seq, link, stream):
            raise EntryError(f"entry {seq} does not follow")
        time = entry["recorded"]
        if not isinstance(time, int) or time < recorded:
            raise EntryError(f"entry {seq} was recorded before the one before it")
        recorded = time
        previous = data


def _is_integer(value: object) -> bool:
    return type(value) is int and 0 <= value < _MAX_INTEGER


def _is_positive(value: object) -> bool:
    return _is_integer(value) and value != 0


def _is_one(value: object) -> bool:
    return type(value) is int and value == 1


def _matches(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_key_list(value: object) -> bool:
    if not isinstance(value, list) or not all(map(_matches(_HASH), value)):
        return False
    return value == sorted(set(value))


def _rules_for(entry: Json) -> dict[str, Callable[[object], bool]]:
    kind = entry.get("kind")
    rules: dict[str, Callable[[object], bool]] = {
        "kind": lambda value: isinstance(value, str),
        "recorded": _is_integer,
        "v": _is_one,
    }
    if kind == "log-key":
        named = (entry.get("role"), entry.get("algorithm"))
        return rules | {
            "algorithm": lambda _: named in _LOG_KEYS,
            "key": _matches(_HEX),
            "role": lambda _: named in _LOG_KEYS,
        }
    if kind == "map-commit":
        commit = {
            "covers": _is_integer,
            "keys_total": _is_integer,
            "map": _matches(_HASH),
            "tree": _matches(_HASH),
        }
        return rules | commit | ({"previous": _is_integer} if "previous" in entry else {})
    if kind == "log-closed":
        return rules
    if kind not in _KINDS:
        raise EntryError(f"kind {kind!r}")
    chain: dict[str, Callable[[object], bool]] = {"seq": _is_positive}
    if entry.get("seq") != 1:
        chain["prev"] = _matches(_HASH)
    return (
        rules
        | chain
        | {
            "event": _matches(_UUID),
            "keys": _is_key_list,
            "payload": _matches(_HASH),
            "stream": _matches(_UUID),
        }
    )
