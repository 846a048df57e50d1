"""Batch signatures against registered keys: authentic, or why not."""

from typing import Final

from ledger.application.admission import ALGORITHMS, SignedBatch
from ledger.domain.refusals import Refusal
from ledger.domain.states import KeyState
from ledger.log.errors import ProofError
from ledger.log.signatures import PublicKey, load_public_key

_CACHED_KEYS: Final = 100_000


class BatchSignatures:
    """Verifies batch signatures; parses each registered key once."""

    def __init__(self) -> None:
        """Start with no key parsed."""
        self._parsed: dict[bytes, PublicKey] = {}

    def refusal(
        self, batch: SignedBatch, author: KeyState | None, approver: KeyState | None
    ) -> Refusal | None:
        """Return why a batch is not authentic.

        Args:
            batch: The batch.
            author: Its author's key, None when it is not registered.
            approver: The key that its events name as approver's, None when it is not registered.
        """
        if author is None:
            return Refusal("UNKNOWN_KEY", "header.author_key", {"key": batch.key_id.hex()})
        expected = ALGORITHMS[author.algorithm]
        if batch.algorithm != expected:
            return Refusal("WRONG_ALGORITHM", "algorithm", {"expected": expected})
        if not self._verifies(author, batch.signature, batch.message):
            return Refusal("BAD_SIGNATURE", "signature")
        if not batch.approver_key:
            if batch.approver_signature:
                detail = "an approver's signature without an approver's key in the events"
                return Refusal("BAD_BATCH", "approver_signature", {"detail": detail})
            return None
        if approver is None:
            values = {"key": batch.approver_key.hex()}
            return Refusal("UNKNOWN_KEY", "header.approver_key", values)
        if approver.key_id == author.key_id:
            detail = "the approver's key is the author's own"
            return Refusal("BAD_BATCH", "header.approver_key", {"detail": detail})
        if not self._verifies(approver, batch.approver_signature, batch.message):
            return Refusal("BAD_SIGNATURE", "approver_signature")
        return None

    def _verifies(self, key: KeyState, signature: bytes, message: bytes) -> bool:
        parsed = self._parsed.get(key.key_id)
        if parsed is None:
            if len(self._parsed) >= _CACHED_KEYS:
                self._parsed.clear()
            parsed = self._parsed[key.key_id] = load_public_key(key.public_key)
        try:
            parsed.verify(signature, message)
        except ProofError:
            return False
        return True
