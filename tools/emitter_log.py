"""A log as small as docs/formats.md allows: entries, tree, head map. Nothing of `ledger.log`.

Used by `tools.make_emitter_vectors`.
"""

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from ledger.api.v1 import events_pb2 as pb
from tools.emitter_story import KINDS, ORIGIN, START_US, leaf_of


def tree(leaves: Sequence[bytes]) -> tuple[bytes, list[list[bytes]]]:
    """Return the RFC 6962 root over leaf hashes and the audit path of each."""
    if len(leaves) == 1:
        return leaves[0], [[]]
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    left, left_paths = tree(leaves[:middle])
    right, right_paths = tree(leaves[middle:])
    paths = [[*path, right] for path in left_paths] + [[*path, left] for path in right_paths]
    return hashlib.sha256(b"\1" + left + right).digest(), paths


def canonical(value: dict[str, object]) -> bytes:
    """Return canonical JSON."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def dsse(payload_type: str, body: bytes) -> bytes:
    """Return the bytes that DSSE signs."""
    return f"DSSEv1 {len(payload_type)} {payload_type} {len(body)} ".encode() + body


def map_key(namespace: str, identifier: bytes) -> str:
    """Return a head-map key in hex."""
    return hashlib.sha256(namespace.encode() + b"\0" + identifier).hexdigest()


@dataclass
class MiniLog:
    """A log that grows with the cases, so that entries chain as they do in a real one."""

    entries: list[bytes] = field(default_factory=list)
    touched: dict[str, list[int]] = field(default_factory=dict)
    recorded: int = START_US

    def add_own(self, **members: object) -> None:
        """Append an entry of the log itself."""
        entry = {"kind": "log-key", "recorded": self.recorded, "v": 1} | members
        self.entries.append(canonical(entry))

    def add(self, event: pb.TrainingEvent, data: bytes) -> int:
        """Append the entry of an event and return its index."""
        header, index = event.header, len(self.entries)
        kind = KINDS.get(header.type, "enrolment" if header.person_ref else "cohort")
        stream = uuid.UUID(bytes=header.stream)
        own = map_key("stream", str(stream).encode())
        seq = len(self.touched.get(own, ())) + 1
        keys = [map_key("cohort", str(uuid.UUID(bytes=one)).encode()) for one in header.cohorts]
        if seq == 1 and kind in ("cohort", "key"):
            party = uuid.UUID(bytes=header.institution)
            keys.append(map_key("institution", str(party).encode()))
        if header.type == "TrainingCertificateIssued":
            number = event.training_certificate_issued.number.encode()
            masked = hashlib.pbkdf2_hmac("sha256", number, ORIGIN.encode(), 100_000)
            keys.append(map_key("certificate", masked))
        self.recorded = max(self.recorded, header.occurred_us + 250_000)
        entry: dict[str, object] = {
            "event": str(uuid.UUID(bytes=header.event_id)),
            "keys": sorted(keys),
            "kind": kind,
            "payload": leaf_of(data).hex(),
            "recorded": self.recorded,
            "seq": seq,
            "stream": str(stream),
            "v": 1,
        }
        if seq > 1:
            entry["prev"] = leaf_of(self.entries[self.touched[own][-1]]).hex()
        self.entries.append(canonical(entry))
        for key in (own, *keys):
            self.touched.setdefault(key, []).append(index)
        return index

    def datum(self, index: int) -> bytes:
        """Return the leaf over index and entry hash."""
        return leaf_of(index.to_bytes(8) + leaf_of(self.entries[index]))

    def head_map(self) -> dict[str, str]:
        """Return the head map, value by key, in hex."""
        values = {}
        for key, indices in sorted(self.touched.items()):
            last = indices[-1]
            root, _ = tree([self.datum(index) for index in indices])
            counts = len(indices).to_bytes(8) + last.to_bytes(8)
            value = b"head/v1\n" + counts + leaf_of(self.entries[last]) + root
            values[key] = hashlib.sha256(value).hexdigest()
        return values


def map_root(items: Sequence[tuple[str, str]]) -> bytes:
    """Return the root of a sorted, non-empty head map."""
    if len(items) == 1:
        return hashlib.sha256(bytes.fromhex(items[0][0] + items[0][1])).digest()
    bit = 256 - (int(items[0][0], 16) ^ int(items[-1][0], 16)).bit_length()
    sides: tuple[list[tuple[str, str]], list[tuple[str, str]]] = ([], [])
    for key, value in items:
        sides[int(key, 16) >> (255 - bit) & 1].append((key, value))
    return hashlib.sha256(map_root(sides[0]) + map_root(sides[1]) + bytes([bit])).digest()
