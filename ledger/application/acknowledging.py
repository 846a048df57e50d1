"""Acknowledgements: one signature for a request, a path for each recorded event (DESIGN 3)."""

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.application.outcomes import Answer, Recorded
from ledger.log.acknowledgements import acknowledgement_message
from ledger.log.head_map import located_leaf
from ledger.log.identifiers import key_id
from ledger.log.merkle import all_inclusion_paths, root
from ledger.log.signatures import public_bytes


@dataclass(frozen=True, slots=True)
class SignedAcknowledgement:
    """A request's acknowledgement.

    Attributes:
        key_id: Id of the acknowledgement key.
        signature: Signature over origin and root.
        root: Root over (index, entry hash) of the recorded events.
        paths: Audit path of each recorded event, in order.
    """

    key_id: bytes
    signature: bytes
    root: bytes
    paths: tuple[tuple[bytes, ...], ...]


class Acknowledger:
    """Signs acknowledgements with the key that a log-key entry names."""

    def __init__(self, origin: str, key: Ed25519PrivateKey) -> None:
        """Sign for the log with this origin."""
        self._origin = origin
        self._key = key
        self.key_id = key_id(public_bytes(key.public_key()))

    def acknowledge(self, answers: Sequence[Answer]) -> SignedAcknowledgement | None:
        """Acknowledge the recorded events of a request, which are durable; None without any."""
        leaves = [
            located_leaf(answer.index, answer.hash)
            for answer in answers
            if isinstance(answer, Recorded)
        ]
        if not leaves:
            return None
        top = root(leaves)
        signature = self._key.sign(acknowledgement_message(self._origin, top))
        paths = tuple(all_inclusion_paths(leaves))
        return SignedAcknowledgement(self.key_id, signature, top, paths)
