"""A small log as the sequencer leaves it behind: rows, batches and empty slots in a storage.

The entries are those of `small_log`; here each event also gets its row and its batch, and a slot is
made without bytes, for the publisher under test to fill.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.message import Message

from ledger.api.v1 import events_pb2 as pb
from ledger.application.ports import LogRow, OwnRow, StoredBatch
from ledger.application.proofs import ProofService
from ledger.application.published_map import PublishedMap
from ledger.application.publisher import Published, Publisher
from ledger.log import dsse
from ledger.log.entries import EventEntry, read_entry
from ledger.log.event_reader import read_event
from ledger.log.identifiers import enrolment_id, key_id
from ledger.log.merkle import leaf_hash, root
from tests.independent.entries import canonical_json
from tests.unit.application.memory_storage import MemoryRegister, MemoryStorage
from tests.unit.clients.verifier.small_log import (
    COHORT,
    ISSUER,
    LOG_KEYS,
    ORIGIN,
    START,
    Row,
    SmallLog,
    spki,
)

NOW_US = int((START + timedelta(days=1)).timestamp()) * 1_000_000


@dataclass
class Slotted(SmallLog):
    """A small log whose map-commits are written later, by somebody else."""

    storage: MemoryStorage = field(default_factory=MemoryStorage)

    def __post_init__(self) -> None:
        super().__post_init__()
        for index, row in enumerate(self.rows):
            recorded = read_entry(row.entry).recorded
            self.storage.rows_by_index[index] = OwnRow(index, row.entry, recorded)

    def slot(self) -> int:
        """Append an empty slot and return its index."""
        index = len(self.rows)
        self.rows.append(Row(b""))
        recorded = self.storage.rows_by_index[index - 1].recorded_us
        self.storage.rows_by_index[index] = OwnRow(index, None, recorded)
        return index

    def append(
        self,
        kind: str,
        stream: UUID,
        body: Message,
        by: Ed25519PrivateKey,
        **how: object,
    ) -> int:
        """Append an event and store its row and batch."""
        index = super().append(kind, stream, body, by, **how)  # type: ignore[arg-type]
        row = self.rows[index]
        assert row.event is not None
        assert row.opened is not None
        leaves = [sha256(b"n %d %d" % (index, n)).digest() for n in range(row.opened.size - 1)]
        self._store(index, row.event, row.opened.signature, leaves)
        return index

    def approved_sign_in(self, learner: int, approver: Ed25519PrivateKey) -> int:
        """A sign-in whose header names an approver, who signs the batch as well."""
        index = self.sign_in(learner)
        event = pb.TrainingEvent.FromString(self.rows[index].event or b"")
        event.header.approver_key = key_id(spki(approver))
        data = event.SerializeToString()
        message = dsse.batch_message(leaf_hash(data))
        document = {**json.loads(self.rows[index].entry), "payload": leaf_hash(data).hex()}
        self.rows[index] = Row(canonical_json(document), data)
        self._store(index, data, ISSUER.sign(message), [])
        row = self.storage.row(index)
        assert row is not None
        approved = replace(
            self.storage.batches.pop(row.batch_name),
            approver_key=key_id(spki(approver)),
            approver_signature=approver.sign(message),
        )
        self.storage.batches[approved.name] = approved
        self.storage.rows_by_index[index] = replace(row, batch_name=approved.name)
        return index

    def rebatch(self, *indexes: int) -> bytes:
        """Sign events of the institution's key as one batch instead; return its root."""
        rows = [row for index in indexes if (row := self.storage.row(index)) is not None]
        leaves = [leaf_hash(row.event) for row in rows]
        key, batch_root = key_id(spki(ISSUER)), root(leaves)
        signature = ISSUER.sign(dsse.batch_message(batch_root))
        stored = StoredBatch(key, batch_root, "ed25519", signature, b"", b"", b"".join(leaves))
        self.storage.batches[stored.name] = stored
        for position, row in enumerate(rows):
            self.storage.rows_by_index[row.index] = replace(
                row, batch_name=stored.name, position=position
            )
        return batch_root

    def _store(self, index: int, event: bytes, signature: bytes, neighbours: list[bytes]) -> None:
        """Store the row of an event and the batch that it leads."""
        entry = read_entry(self.rows[index].entry)
        assert isinstance(entry, EventEntry)
        header = read_event(event).header
        leaves = [leaf_hash(event), *neighbours]
        key, batch_root = header.author_key, root(leaves)
        stored = StoredBatch(key, batch_root, "ed25519", signature, b"", b"", b"".join(leaves))
        self.storage.batches[stored.name] = stored
        self.storage.rows_by_index[index] = LogRow(
            index,
            self.rows[index].entry,
            entry.recorded,
            header.stream,
            entry.seq,
            header.type,
            event,
            header.event_id,
            header.cohorts[0] if header.cohorts else None,
            # Nobody is enrolled in this log.
            "ENROLMENT_NOT_OPEN" if header.type == "LearnerSignedIn" else "",
            key,
            stored.name,
            0,
        )

    def sign_in(self, learner: int) -> int:
        """A learner signs in: the most frequent event."""
        person = UUID(int=0x3F2504E04F8941D39A0C0305E82C0000 + learner)
        body = pb.LearnerSignedIn(session=bytes(16))
        return self.append("enrolment", enrolment_id(COHORT, person), body, ISSUER)

    def fill(self, index: int) -> None:
        """Take over the bytes of a slot that the publisher filled."""
        entry = self.storage.rows_by_index[index].entry
        assert entry is not None
        self.rows[index] = Row(entry)


def started() -> Slotted:
    """The log's keys, the bureau, the institution and its key: entries 0 to 4."""
    log = Slotted()
    log.start()
    return log


@dataclass
class Ledger:
    """A log with its publisher and proofs."""

    log: Slotted = field(default_factory=started)
    register: MemoryRegister = field(default_factory=MemoryRegister)
    clock: Callable[[], int] = lambda: NOW_US

    def __post_init__(self) -> None:
        self.storage = self.log.storage
        self.register.faults = self.storage.faults
        self.publisher = self.restarted()
        self.proofs = ProofService(ORIGIN, self.storage, self.storage, self.publisher.published_map)

    def restarted(self) -> Publisher:
        """Return a publisher as a new process has it."""
        return Publisher(ORIGIN, LOG_KEYS, self.storage, self.storage, self.register, self.clock)

    def publish(self) -> Published:
        """Make a slot and publish it."""
        self.log.slot()
        published = self.publisher.publish_once()
        assert published is not None
        return published

    def own_map(self) -> PublishedMap:
        """Return a map as another process has it."""
        return PublishedMap(self.storage, self.storage)
