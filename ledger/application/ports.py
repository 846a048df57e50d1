"""Ports: what the application asks of its storage. Two backends implement them behind one contract.

Writing is asynchronous and goes through one group transaction at a time. Reading is synchronous,
safe to call from any thread, and always sees committed rows only. Ids are raw bytes (UUIDs 16,
hashes 32), times microseconds since 1970 UTC, indexes those of the log from 0.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol
from uuid import UUID

from ledger.log.head_map import Head, Item
from ledger.log.merkle import HASH_SIZE


@dataclass(frozen=True, slots=True)
class LogRow:
    """An entry of the log with the event behind it.

    Attributes:
        index: Index of the entry in the log.
        entry: Bytes of the entry.
        recorded_us: The entry's `recorded`.
        stream: The stream.
        seq: Number in the stream, from 1.
        type: Name of the event's type.
        event: Bytes of the event.
        event_id: Id of the event.
        cohort: Home cohort, or None.
        held: Why the event counted for nothing when it was recorded; empty when it counted.
        batch_key: Id of the key that signed the event's batch.
        batch_name: Name of that batch, `StoredBatch.name`.
        position: Number of the event's leaf in it, from 0.
        guests: Ids of the further cohorts that its header names, concatenated.
    """

    index: int
    entry: bytes
    recorded_us: int
    stream: bytes
    seq: int
    type: str
    event: bytes
    event_id: bytes
    cohort: bytes | None
    held: str
    batch_key: bytes
    batch_name: bytes
    position: int
    guests: bytes = b""


@dataclass(frozen=True, slots=True)
class OwnRow:
    """An entry of the log itself: log-key, map-commit, log-closed. An empty slot has no bytes."""

    index: int
    entry: bytes | None
    recorded_us: int


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """What one key signed together, kept once under its name.

    Attributes:
        key_id: The author's key.
        root: Root over the leaves.
        algorithm: Name of the algorithm.
        signature: The author's signature.
        approver_key: The approver's key, or empty.
        approver_signature: The approver's signature, or empty.
        leaves: All leaves, concatenated; those of refused events included.
    """

    key_id: bytes
    root: bytes
    algorithm: str
    signature: bytes
    approver_key: bytes
    approver_signature: bytes
    leaves: bytes

    @property
    def name(self) -> bytes:
        """The name that these leaves and no others have, signed by these keys."""
        size = len(self.leaves) // HASH_SIZE
        return batch_name(self.key_id, self.root, size, self.approver_key)


def batch_name(key_id: bytes, root: bytes, size: int, approver_key: bytes) -> bytes:
    """Return the name of a batch.

    A signed root alone does not say how many leaves it has: a courier could hand in its upper nodes
    as leaves. A root and a size leave one list of leaves; the approver tells apart what was sent
    under one root for several approvers.
    """
    return sha256(b"".join((key_id, root, size.to_bytes(8, "big"), approver_key))).digest()


@dataclass(frozen=True, slots=True)
class LogHead:
    """Where the log ends.

    Attributes:
        size: Number of entries, the empty slot included.
        recorded_us: `recorded` of the last one; 0 in an empty log.
        slot: Index of the empty map-commit slot, or None.
        closed: A log-closed entry stands in the log.
    """

    size: int
    recorded_us: int
    slot: int | None
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a recorded event stands: what a retry is answered with."""

    index: int
    entry: bytes
    event: bytes
    held: str


@dataclass(frozen=True, slots=True)
class StreamTail:
    """The last entry of a stream."""

    seq: int
    entry: bytes


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a group needs to know and did not have at hand.

    Attributes:
        tails: Last entry by stream; streams without an entry are absent.
        histories: Rows by stream, of the types that decisions rest on, in order.
        cohorts: Rows by cohort: the first under the cohort's key, then those of the types that
            decisions rest on, in order, without doubles.
    """

    tails: Mapping[bytes, StreamTail]
    histories: Mapping[bytes, Sequence[LogRow]]
    cohorts: Mapping[bytes, Sequence[LogRow]]


@dataclass(frozen=True, slots=True)
class PreparedCertificate:
    """What PrepareCertificate stored, without what is sealed in the vault.

    Attributes:
        core_digest: SHA-256 of the core.
        certificate: Certificate stream.
        enrolment: Enrolment stream.
        cohort: Home cohort.
        institution: The issuing institution.
        edition: Edition, from 1.
        number: Certificate number.
        enrolment_digest: Salted digest of the enrolment's count and head.
        count: Entries of the enrolment that the totals rest on.
        body: Serialised TrainingCertificateIssued that the issue event must hold.
    """

    core_digest: bytes
    certificate: bytes
    enrolment: bytes
    cohort: bytes
    institution: bytes
    edition: int
    number: str
    enrolment_digest: bytes
    count: int
    body: bytes


class GroupTransaction(Protocol):
    """One group: the head row is locked from begin to commit, so nobody else numbers meanwhile."""

    head: LogHead
    known: Mapping[bytes, Place]

    async def rows_since(self, index: int) -> list[LogRow]:
        """Return the events' rows from `index` on, in order."""

    async def load(
        self,
        tails: Sequence[bytes],
        histories: Sequence[bytes],
        cohorts: Sequence[bytes],
        types: Sequence[str],
    ) -> Loaded:
        """Return what is known of these streams and cohorts; `types` are those for decisions."""

    async def stream_rows(self, stream: bytes) -> list[LogRow]:
        """Return all rows of a stream, in order."""

    async def prepared(self, core_digest: bytes) -> PreparedCertificate | None:
        """Return what was prepared under a digest."""

    async def insert(
        self, rows: Sequence[LogRow | OwnRow], batches: Sequence[StoredBatch], head: LogHead
    ) -> None:
        """Append rows and store batches that are not stored yet; `head` is the head behind them."""


class LogWriter(Protocol):
    """Writes groups. One group is under way at a time in a process."""

    def group(self, event_ids: Sequence[bytes]) -> AbstractAsyncContextManager[GroupTransaction]:
        """Lock the head and look up events; leaving commits, an exception rolls back.

        When the block is left without an exception, everything in it is durable.

        Raises:
            StorageFullError: nothing was written.
            StorageUnavailableError: whether the group was committed is not known.
        """

    async def flush(self) -> None:
        """Complete one synchronous commit, so that what is read afterwards is durable."""

    async def clock_us(self) -> int | None:
        """Return the database's clock; None where it is this machine's own."""

    async def close(self) -> None:
        """Close the connection."""


@dataclass(frozen=True, slots=True)
class Publication:
    """What one publication writes, all of it or nothing.

    Attributes:
        commit: The map-commit that fills the slot.
        tiles: Tiles, full or partial, by level and number.
        heads: Changed heads by map key.
        size: Size of the checkpoint.
        note: The signed checkpoint.
    """

    commit: OwnRow
    tiles: Mapping[tuple[int, int], bytes]
    heads: Mapping[bytes, Head]
    size: int
    note: str


class PublicationStore(Protocol):
    """The publisher's tables. The published state changes only by `publish`."""

    def publish(self, publication: Publication) -> None:
        """Store a publication. The same again changes nothing.

        Raises:
            IntegrityBreachError: the slot holds other bytes, or a larger size is published.
        """

    def published(self) -> tuple[int, str] | None:
        """Return size and note of the newest checkpoint."""

    def checkpoints(self, start: int, limit: int) -> list[tuple[int, str]]:
        """Return sizes and notes of the checkpoints from a size on, in order of size."""

    def tile(self, level: int, n: int) -> bytes:
        """Return a stored tile; empty when there is none."""

    def heads(self, keys: Iterable[bytes]) -> dict[bytes, Head]:
        """Return the heads of those keys that are in the map, as published."""

    def map_items(self) -> list[Item]:
        """Return all (key, map leaf hash) of the published map, sorted by key."""


class LogReader(Protocol):
    """Reads the log."""

    def head(self) -> LogHead:
        """Return where the log ends."""

    def entries(self, start: int, limit: int) -> list[tuple[int, bytes]]:
        """Return entries from an index on, filled slots included, empty ones not."""

    def rows(self, start: int, limit: int, cohort: bytes | None = None) -> list[LogRow]:
        """Return events' rows from an index on, of one home cohort or of all."""

    def cohort_rows(self, cohort: bytes, below: int) -> list[LogRow]:
        """Return the rows below an index of all events that name a cohort, as home or as guest."""

    def stream_rows(self, stream: bytes) -> list[LogRow]:
        """Return all rows of a stream, in order."""

    def size_at(self, recorded_us: int) -> int:
        """Return how many entries were recorded at a moment or before it."""

    def row(self, index: int) -> LogRow | None:
        """Return the row of an event at an index."""

    def find(self, event_id: bytes) -> LogRow | None:
        """Return the row of an event by its id."""

    def batch(self, name: bytes) -> StoredBatch | None:
        """Return a stored batch by its name."""


class CertificateStore(Protocol):
    """Prepared certificates and the files that institutions attached."""

    def save_prepared(self, prepared: PreparedCertificate) -> None:
        """Keep a prepared certificate. The same again changes nothing."""

    def prepared_for(self, certificate: bytes) -> list[PreparedCertificate]:
        """Return what was prepared for a certificate stream, the newest last."""

    def by_number(self, number: str) -> PreparedCertificate | None:
        """Return what was prepared under a number."""

    def attach(self, number: str, file: bytes) -> None:
        """Keep a certificate file, in place of an earlier one."""

    def attached(self, number: str) -> bytes | None:
        """Return the attached file."""


class KnownPerson(Protocol):
    """Whom a reference stands for; personal data."""

    @property
    def id_type(self) -> int:
        """Number of the contract's `IdType`."""

    @property
    def id_number(self) -> str:
        """Exactly as registered."""

    @property
    def name(self) -> str:
        """Exactly as registered."""

    @property
    def institution(self) -> UUID:
        """Whose reference it is."""

    def identity_commitment(self) -> bytes:
        """Return the commitment to ID type, number and name, 32 bytes."""


class Sealed(Protocol):
    """Content that was sealed under a person's key."""

    @property
    def content(self) -> bytes:
        """The content."""


class CertificateVault(Protocol):
    """What certificates need of the person vault."""

    def open(self, person_ref: UUID) -> KnownPerson:
        """Return whom a reference stands for.

        Raises:
            NotFoundError: nobody, or the person was erased.
        """

    def seal_certificate(self, person_ref: UUID, core_digest: bytes, content: bytes) -> Sealed:
        """Keep content sealed under the person's key, under its core's digest."""

    def open_certificate(self, core_digest: bytes) -> Sealed:
        """Return what was sealed.

        Raises:
            NotFoundError: nothing, or the person was erased.
        """
