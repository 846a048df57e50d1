"""The public side of the log, every answer verified under the trust file.

The reader remembers the newest checkpoint that it has seen and refuses a smaller one, or one of
another history: a log that shows two histories to one reader is caught here.
"""

import threading
from collections.abc import Iterator
from typing import Final

from clients.sdk.calls import Caller
from clients.sdk.checks import LogKeys
from clients.sdk.errors import CheckpointError, QuorumMissingError
from clients.sdk.proven_log import LogRow, ProvenEntry, ProvenHead, VerifiedCheckpoint
from ledger.api.v1 import log_service_pb2 as pb
from ledger.api.v1.log_service_pb2_grpc import LogServiceStub
from ledger.log.checkpoints import Checkpoint, OpenedCheckpoint, open_checkpoint
from ledger.log.entries import LogKeyEntry, MapCommitEntry, entry_hash, read_entry
from ledger.log.errors import LogError
from ledger.log.head_proof import read_head_proof
from ledger.log.merkle import verify_consistency
from ledger.log.signatures import load_public_key
from ledger.log.tlog_policy import satisfied
from ledger.log.tlog_proof import TlogProof
from ledger.log.trust_file import TrustFile

PAGE_SIZE: Final = 256
# The log's first entries name its keys: two for checkpoints, and those for acknowledgements.
_FIRST_ENTRIES: Final = 16
_ED25519_PREFIX: Final = bytes.fromhex("302a300506032b6570032100")


class LogReader:
    """Reads and checks the log. Safe to use from several threads.

    Args:
        stub: The log's service.
        caller: Makes the calls.
        trust: Whom to believe.
    """

    def __init__(self, stub: LogServiceStub, caller: Caller, trust: TrustFile) -> None:
        self._stub = stub
        self._caller = caller
        self._trust = trust
        self._newest: VerifiedCheckpoint | None = None
        self._keys: LogKeys | None = None
        self._lock = threading.RLock()

    @property
    def newest(self) -> VerifiedCheckpoint | None:
        """The newest checkpoint seen so far."""
        return self._newest

    def checkpoint(self, *, timeout: float | None = None) -> VerifiedCheckpoint:
        """Fetch the newest checkpoint.

        Raises:
            CheckpointError: when it does not verify, has shrunk, or belongs to another history.
            RefusedError: when the ledger refuses the call.
            UnreachableError: when it does not answer in time.
        """
        # A new log has its first checkpoint a moment after it starts.
        answer = self._caller.call(
            self._stub.GetCheckpoint,
            pb.GetCheckpointRequest(),
            timeout=timeout,
            awaited="NOT_PUBLISHED",
        )
        found = self.open_note(answer.checkpoint)
        with self._lock:
            known = self._newest
            if known is not None and found.checkpoint.size < known.checkpoint.size:
                raise CheckpointError(
                    f"the newest checkpoint has size {found.checkpoint.size}, "
                    f"but one of size {known.checkpoint.size} was seen before"
                )
        return self.remember(found, timeout=timeout)

    def open_note(self, note: str) -> VerifiedCheckpoint:
        """Verify the signatures of a checkpoint.

        Raises:
            CheckpointError: when they do not verify.
        """
        try:
            return self._verified(note, open_checkpoint(note, self._trust.verifiers()))
        except LogError as error:
            raise CheckpointError(f"the checkpoint: {error}") from error

    def remember(
        self, found: VerifiedCheckpoint, *, timeout: float | None = None
    ) -> VerifiedCheckpoint:
        """Check a checkpoint against the newest one seen, and keep it when it is newer.

        Raises:
            CheckpointError: when the two are not of one history.
        """
        with self._lock:
            known = self._newest
            if known is not None:
                smaller, larger = sorted(
                    (known.checkpoint, found.checkpoint), key=lambda each: each.size
                )
                self.check_consistency(smaller, larger, timeout=timeout)
            if known is None or found.checkpoint.size > known.checkpoint.size:
                self._newest = found
        return found

    def check_consistency(
        self, old: Checkpoint, new: Checkpoint, *, timeout: float | None = None
    ) -> None:
        """Check that one tree extends another, by the ledger's proof.

        Raises:
            CheckpointError: when it does not.
        """
        path: list[bytes] = []
        if 0 < old.size < new.size:
            answer = self._caller.call(
                self._stub.GetConsistencyProof,
                pb.GetConsistencyProofRequest(old_size=old.size, new_size=new.size),
                timeout=timeout,
            )
            path = list(answer.path)
        try:
            verify_consistency(old.size, old.root, new.size, new.root, path)
        except LogError as error:
            raise CheckpointError(str(error)) from error

    def inclusion(self, index: int, *, timeout: float | None = None) -> ProvenEntry:
        """Fetch an entry with the proof that it stands at an index.

        Raises:
            CheckpointError: when the proof does not verify.
            RefusedError: when there is no such entry in a published checkpoint.
        """
        answer = self._caller.call(
            self._stub.GetInclusionProof, pb.GetInclusionProofRequest(index=index), timeout=timeout
        )
        proven = self.open_proof(answer.entry, answer.proof, timeout=timeout)
        if proven.index != index:
            raise CheckpointError(f"the proof is of entry {proven.index}, not of entry {index}")
        return proven

    def open_proof(self, entry: bytes, proof: str, *, timeout: float | None = None) -> ProvenEntry:
        """Verify a tlog-proof of an entry, and that its checkpoint is of the known history.

        Raises:
            CheckpointError: when it does not verify.
        """
        try:
            parsed = TlogProof.parse(proof)
            opened = parsed.verify(entry_hash(entry), self._trust.verifiers())
        except LogError as error:
            raise CheckpointError(f"the inclusion proof: {error}") from error
        found = self.remember(self._verified(parsed.checkpoint, opened), timeout=timeout)
        return ProvenEntry(parsed.index, entry, proof, found)

    def entries(
        self, start: int = 0, stop: int | None = None, *, page_size: int = PAGE_SIZE
    ) -> Iterator[LogRow]:
        """List entries by index, up to the newest checkpoint or below `stop`.

        Raises:
            CheckpointError: when the list has a gap.
        """
        index = start
        while stop is None or index < stop:
            wanted = page_size if stop is None else min(page_size, stop - index)
            answer = self._caller.call(
                self._stub.ListEntries, pb.ListEntriesRequest(start_index=index, page_size=wanted)
            )
            for row in answer.entries:
                if row.index != index:
                    raise CheckpointError(f"entry {row.index} is listed where {index} is due")
                yield LogRow(row.index, row.entry)
                index += 1
                if index == stop:
                    return
            if not answer.entries or index >= answer.size:
                return

    def head(self, key: bytes, *, timeout: float | None = None) -> ProvenHead:
        """Fetch what the head map holds under a key, or the proof that it holds nothing.

        Args:
            key: The map key, 32 bytes (`ledger.log.head_map.map_key`).
            timeout: Seconds.

        Raises:
            CheckpointError: when a proof does not verify.
        """
        answer = self._caller.call(
            self._stub.GetHeadProof, pb.GetHeadProofRequest(map_key=key), timeout=timeout
        )
        proven = self.open_proof(answer.map_commit, answer.proof, timeout=timeout)
        try:
            commit, proof = read_entry(answer.map_commit), read_head_proof(answer.head_proof)
            if not isinstance(commit, MapCommitEntry) or proof.key != key:
                raise CheckpointError("the head proof is of another key or against no map-commit")
            proof.verify(commit.head_map)
        except LogError as error:
            raise CheckpointError(f"the head proof: {error}") from error
        if not proven.index == commit.covers == proven.checkpoint.checkpoint.size - 1:
            raise CheckpointError("the map-commit is not the last entry of its checkpoint")
        return ProvenHead(proof, commit, proven)

    def keys(self, *, timeout: float | None = None) -> LogKeys:
        """Return the log's acknowledgement keys, learnt once from its first entries.

        Raises:
            CheckpointError: when the first entries name none, or their proofs do not verify.
        """
        with self._lock:
            if self._keys is None:
                self._keys = self._learn_keys(timeout)
            return self._keys

    def require_quorum(self, found: VerifiedCheckpoint) -> None:
        """Check that the witnesses that the trust file asks for have cosigned.

        Raises:
            QuorumMissingError: when they have not.
        """
        if not found.quorum_met:
            raise QuorumMissingError(
                f"the checkpoint of size {found.checkpoint.size} is cosigned by "
                f"{', '.join(found.witnesses) or 'nobody'}, which is no quorum"
            )

    def _verified(self, note: str, opened: OpenedCheckpoint) -> VerifiedCheckpoint:
        policy = self._trust.parsed_policy()
        names = policy.witness_names(opened)
        return VerifiedCheckpoint(
            opened.checkpoint,
            note,
            opened.timestamp,
            tuple(sorted(names)),
            satisfied(policy, names),
        )

    def _learn_keys(self, timeout: float | None) -> LogKeys:
        answer = self._caller.call(
            self._stub.ListEntries,
            pb.ListEntriesRequest(start_index=0, page_size=_FIRST_ENTRIES),
            timeout=timeout,
        )
        keys = []
        for row in answer.entries:
            try:
                entry = read_entry(row.entry)
                if not isinstance(entry, LogKeyEntry):
                    break
                if (entry.role, entry.algorithm) != ("acknowledgement", "ed25519"):
                    continue
                key = load_public_key(_ED25519_PREFIX + entry.key)
            except LogError as error:
                raise CheckpointError(f"entry {row.index}: {error}") from error
            if self.inclusion(row.index, timeout=timeout).entry != row.entry:
                raise CheckpointError(f"entry {row.index} is listed and proven with other bytes")
            keys.append(key)
        if not keys:
            raise CheckpointError(
                f"the first entries of the log {self._trust.origin} name no acknowledgement key"
            )
        return LogKeys(self._trust.origin, tuple(keys))
