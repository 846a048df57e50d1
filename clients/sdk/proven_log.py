"""What a reader of the log gets: checkpoints, entries and heads that were verified."""

from dataclasses import dataclass

from ledger.log.checkpoints import Checkpoint
from ledger.log.entries import MapCommitEntry
from ledger.log.head_proof import AbsenceProof, HeadProof


@dataclass(frozen=True, slots=True)
class VerifiedCheckpoint:
    """A tree head that the log signed.

    Attributes:
        checkpoint: Origin, size and root.
        note: The signed note.
        signed_at: When the log signed it, POSIX seconds.
        witnesses: Names of the witnesses that cosigned, sorted.
        quorum_met: Whether they are those that the trust file asks for.
    """

    checkpoint: Checkpoint
    note: str
    signed_at: int | None
    witnesses: tuple[str, ...]
    quorum_met: bool


@dataclass(frozen=True, slots=True)
class ProvenEntry:
    """An entry that stands in the log.

    Attributes:
        index: Its index.
        entry: Its bytes.
        proof: Its tlog-proof, for anyone with the trust file.
        checkpoint: The checkpoint of the proof.
    """

    index: int
    entry: bytes
    proof: str
    checkpoint: VerifiedCheckpoint


@dataclass(frozen=True, slots=True)
class ProvenHead:
    """What the head map holds under a key at a checkpoint.

    Attributes:
        proof: Count and head of the key's entries, or the proof that there is none.
        commit: The map-commit that names the map.
        proven: That map-commit, with its proof and checkpoint.
    """

    proof: HeadProof | AbsenceProof
    commit: MapCommitEntry
    proven: ProvenEntry


@dataclass(frozen=True, slots=True)
class LogRow:
    """An entry as listed; nothing proves it yet."""

    index: int
    entry: bytes
