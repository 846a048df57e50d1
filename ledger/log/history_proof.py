"""History proofs (docs/formats.md section 7): whole streams, complete as of one checkpoint.

A history proof holds a map-commit entry with its tlog-proof and, for each stream, every entry and
the path of its head in the head map, so nothing of the stream can be left out. Entries may be
opened: then they come with their event and the author's signature over it.

Completeness rests on the map being right, which an auditor's cosignature vouches for; under a
policy without one it is the operator's word.
"""

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from ledger.log import canonical_json
from ledger.log.checkpoints import Checkpoint
from ledger.log.entries import EventEntry, MapCommitEntry, entry_hash, read_entry
from ledger.log.errors import FormatError, ProofError
from ledger.log.head_map import Head, MapProof, map_key, verify_presence
from ledger.log.key_tree import KeyTree, TreeKey
from ledger.log.merkle import CompactRange
from ledger.log.notes import decode_base64
from ledger.log.opened_event import (
    OpenedEvent,
    SignedEvent,
    expect_members,
    open_event,
    read_number,
    read_text,
)
from ledger.log.tlog_policy import satisfied
from ledger.log.tlog_proof import TlogProof
from ledger.log.trust_file import TrustFile

__all__ = [
    "HISTORY_PROOF_LIMIT",
    "HistoryProof",
    "OpenedEvent",
    "ProvedEntry",
    "ProvedStream",
    "QuorumError",
    "VerifiedEntry",
    "VerifiedHistory",
    "VerifiedStream",
    "verify_history",
]

# A cohort of a hundred learners with every event opened; certificates need some ten kilobytes.
HISTORY_PROOF_LIMIT: Final = 64 * 1024 * 1024
_MEMBERS: Final = frozenset({"commit", "commit_proof", "streams", "v"})
_STREAM_MEMBERS: Final = frozenset({"entries", "kind", "path", "stream"})
_ENTRY_MEMBERS: Final = frozenset({"entry", "index"})
# An unopened entry in these streams could hide the end of a key or another party.
_OPENED_KINDS: Final = frozenset({"key", "institution"})


class QuorumError(ProofError):
    """The checkpoint verifies, but the witnesses that the policy asks for have not cosigned."""


@dataclass(frozen=True, slots=True)
class ProvedEntry:
    """One entry of a stream: its index in the log, its bytes and, when opened, its event."""

    index: int
    entry: bytes
    opened: OpenedEvent | None = None


@dataclass(frozen=True, slots=True)
class ProvedStream:
    """Every entry of one stream.

    Attributes:
        stream: UUID text.
        kind: Kind of the stream.
        path: Presence proof of the stream's key in the head map (`MapProof.to_bytes`).
        entries: All entries in order, at least one.
    """

    stream: str
    kind: str
    path: bytes
    entries: tuple[ProvedEntry, ...]


@dataclass(frozen=True, slots=True)
class HistoryProof:
    """Streams with the map-commit that they are complete at.

    Attributes:
        commit: Bytes of the map-commit entry.
        commit_proof: Its tlog-proof.
        streams: The streams.
    """

    commit: bytes
    commit_proof: str
    streams: tuple[ProvedStream, ...]

    def to_document(self) -> dict[str, Any]:
        """Return the proof as a JSON object, to stand in another document."""
        return {
            "v": 1,
            "commit": self.commit.decode("ascii"),
            "commit_proof": self.commit_proof,
            "streams": [_stream_document(stream) for stream in self.streams],
        }

    def to_bytes(self) -> bytes:
        """Return the canonical JSON."""
        return canonical_json.encode(self.to_document())

    @classmethod
    def from_document(cls, document: Any) -> "HistoryProof":  # noqa: ANN401 - any JSON
        """Read a proof from a JSON value; nothing in it is verified.

        Raises:
            FormatError: when it is not exactly what `to_document` returns.
        """
        try:
            expect_members(document, _MEMBERS)
            streams = tuple(_read_stream(stream) for stream in document["streams"])
            commit, inclusion = document["commit"].encode("ascii"), document["commit_proof"]
            proof = cls(commit, read_text(inclusion), streams)
            canonical = canonical_json.encode(proof.to_document())
            exact = canonical == canonical_json.encode(document)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise FormatError(f"not a history proof: {error!r}") from error
        if not exact:
            raise FormatError("not a history proof in canonical form")
        return proof

    @classmethod
    def from_bytes(cls, data: bytes) -> "HistoryProof":
        """Read a proof from its canonical JSON; nothing in it is verified.

        Raises:
            FormatError: when the bytes are not exactly one history proof, or too many.
        """
        return cls.from_document(canonical_json.decode(data, HISTORY_PROOF_LIMIT))


def _stream_document(stream: ProvedStream) -> dict[str, Any]:
    return {
        "stream": stream.stream,
        "kind": stream.kind,
        "path": b64encode(stream.path).decode(),
        "entries": [_entry_document(entry) for entry in stream.entries],
    }


def _entry_document(entry: ProvedEntry) -> dict[str, Any]:
    document: dict[str, Any] = {"index": entry.index, "entry": entry.entry.decode("ascii")}
    if entry.opened is not None:
        document["opened"] = entry.opened.to_document()
    return document


def _read_stream(document: Any) -> ProvedStream:  # noqa: ANN401 - any JSON
    expect_members(document, _STREAM_MEMBERS)
    entries = tuple(_read_entry(entry) for entry in document["entries"])
    path = decode_base64(document["path"])
    return ProvedStream(read_text(document["stream"]), read_text(document["kind"]), path, entries)


def _read_entry(document: Any) -> ProvedEntry:  # noqa: ANN401 - any JSON
    opened = None
    if isinstance(document, dict) and "opened" in document:
        expect_members(document, _ENTRY_MEMBERS | {"opened"})
        opened = OpenedEvent.from_document(document["opened"])
    else:
        expect_members(document, _ENTRY_MEMBERS)
    return ProvedEntry(read_number(document["index"]), document["entry"].encode("ascii"), opened)


@dataclass(frozen=True, slots=True)
class VerifiedEntry:
    """An entry that stands in the log.

    Attributes:
        index: Its index in the log.
        hash: Its entry hash.
        entry: What it says.
        event: Its event, when opened: type, header and body as attributes.
        author: The key that signed the event, when opened.
        contested: Why the signature no longer counts (the key had ended), or nothing.
    """

    index: int
    hash: bytes
    entry: EventEntry
    event: SignedEvent | None
    author: TreeKey | None
    contested: str


@dataclass(frozen=True, slots=True)
class VerifiedStream:
    """A stream with every entry that it had at the checkpoint, in order."""

    stream: str
    kind: str
    entries: tuple[VerifiedEntry, ...]


@dataclass(frozen=True, slots=True)
class VerifiedHistory:
    """What a history proof shows.

    Attributes:
        checkpoint: The tree head.
        signed_at: When the log signed it, POSIX seconds.
        commit: The map-commit entry, last of that tree.
        quorum: Name of the quorum that the policy asks for; None for `quorum none`.
        witnesses: Names of the witnesses that cosigned, sorted.
        quorum_met: Whether they suffice; true for `quorum none`.
        streams: The streams, in the order of the proof.
        tree: The keys and parties that the proof registers.
    """

    checkpoint: Checkpoint
    signed_at: int | None
    commit: MapCommitEntry
    quorum: str | None
    witnesses: tuple[str, ...]
    quorum_met: bool
    streams: tuple[VerifiedStream, ...]
    tree: KeyTree

    @property
    def as_of_us(self) -> int:
        """The moment up to which the streams are complete, microseconds since 1970 UTC."""
        return self.commit.recorded

    def stream(self, stream: str) -> VerifiedStream | None:
        """Return the stream with this UUID text, if the proof holds it."""
        return next((each for each in self.streams if each.stream == stream), None)


@dataclass(frozen=True, slots=True)
class _ReadEntry:
    """An entry whose place in its stream is proven."""

    index: int
    hash: bytes
    entry: EventEntry
    opened: OpenedEvent | None


def verify_history(
    proof: HistoryProof, trust: TrustFile, *, require_quorum: bool = True
) -> VerifiedHistory:
    """Check everything that a history proof claims.

    Args:
        proof: The proof.
        trust: Whom to believe.
        require_quorum: Refuse a checkpoint without the witnesses that the policy asks for. A caller
            that passes False looks at `quorum_met` itself.

    Raises:
        AuthorityError: when an event is signed by a key that is not in the tree or may not sign it.
        FormatError: when a part is malformed.
        ProofError: when anything does not verify.
        QuorumError: when everything verifies but the quorum is missing.
    """
    commit, checkpoint, signed_at, witnesses = _verify_commit(proof, trust)
    policy = trust.parsed_policy()
    quorum_met = satisfied(policy, witnesses)
    if require_quorum and not quorum_met:
        raise QuorumError(f"the quorum {policy.quorum!r} has not cosigned the checkpoint")
    if len({stream.stream for stream in proof.streams}) != len(proof.streams):
        raise ProofError("a stream stands twice in the proof")
    read = [(stream, _verify_stream(stream, commit)) for stream in proof.streams]
    _check_order([entry for _, entries in read for entry in entries], commit)
    events = {
        entry.index: open_event(entry.index, entry.entry, entry.opened, trust.origin)
        for _, entries in read
        for entry in entries
        if entry.opened is not None
    }
    tree = KeyTree(trust.origin, trust.root_key_id)
    authors = tree.replay(events.values())
    streams = tuple(
        VerifiedStream(
            stream.stream,
            stream.kind,
            tuple(_verified(entry, events, authors, tree) for entry in entries),
        )
        for stream, entries in read
    )
    return VerifiedHistory(
        checkpoint,
        signed_at,
        commit,
        policy.quorum,
        tuple(sorted(witnesses)),
        quorum_met,
        streams,
        tree,
    )


def _verify_commit(
    proof: HistoryProof, trust: TrustFile
) -> tuple[MapCommitEntry, Checkpoint, int | None, frozenset[str]]:
    """Check that the map-commit is the last entry of a checkpoint of the log."""
    commit = read_entry(proof.commit)
    if not isinstance(commit, MapCommitEntry):
        raise ProofError("the commit of a history proof is not a map-commit entry")
    inclusion = TlogProof.parse(proof.commit_proof)
    opened = inclusion.verify(entry_hash(proof.commit), trust.verifiers())
    size = opened.checkpoint.size
    if not inclusion.index == commit.covers == size - 1:
        raise ProofError(
            f"the map-commit at {inclusion.index} covers {commit.covers} entries, not all of {size}"
        )
    # The path of a tree's last leaf is the right edge of the tree before it, smallest part first.
    if CompactRange.from_hashes(commit.covers, inclusion.path[::-1]).root() != commit.tree:
        raise ProofError("the map-commit names another tree than the one before it")
    witnesses = trust.parsed_policy().witness_names(opened)
    return commit, opened.checkpoint, opened.timestamp, witnesses


def _verify_stream(proved: ProvedStream, commit: MapCommitEntry) -> tuple[_ReadEntry, ...]:
    """Check that a stream's entries are chained, and exactly those that the head map counts."""
    entries: list[_ReadEntry] = []
    head: Head | None = None
    for seq, item in enumerate(proved.entries, start=1):
        entry = read_entry(item.entry)
        if not isinstance(entry, EventEntry):
            raise ProofError(f"entry {item.index} belongs to no stream")
        if (entry.stream, entry.kind, entry.seq) != (proved.stream, proved.kind, seq):
            raise ProofError(f"entry {item.index} is not number {seq} of stream {proved.stream}")
        if entry.prev != (entries[-1].hash if entries else None):
            raise ProofError(f"entry {item.index} does not follow the one before it in its stream")
        if item.opened is None and entry.kind in _OPENED_KINDS:
            raise ProofError(f"entry {item.index} of a {entry.kind} stream is not opened")
        digest = entry_hash(item.entry)
        head = Head.first(item.index, digest) if head is None else head.advance(item.index, digest)
        entries.append(_ReadEntry(item.index, digest, entry, item.opened))
    if head is None:
        raise ProofError(f"stream {proved.stream} has no entry")
    key = map_key("stream", proved.stream.encode())
    verify_presence(commit.head_map, key, head.value(), MapProof.from_bytes(proved.path))
    return tuple(entries)


def _check_order(entries: Iterable[_ReadEntry], commit: MapCommitEntry) -> None:
    """Check that recorded times follow the order of the log, across all streams."""
    ordered = sorted(entries, key=lambda entry: entry.index)
    for before, after in pairwise(ordered):
        if before.index == after.index or before.entry.recorded > after.entry.recorded:
            raise ProofError(f"entry {after.index} is recorded before the one in front of it")
    if ordered and (
        ordered[-1].index >= commit.covers or ordered[-1].entry.recorded > commit.recorded
    ):
        raise ProofError(f"entry {ordered[-1].index} lies behind the map-commit")


def _verified(
    read: _ReadEntry, events: dict[int, SignedEvent], authors: dict[int, TreeKey], tree: KeyTree
) -> VerifiedEntry:
    event = events.get(read.index)
    contested = "" if event is None else tree.contested(event)
    return VerifiedEntry(
        read.index, read.hash, read.entry, event, authors.get(read.index), contested
    )
