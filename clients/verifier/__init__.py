"""For whoever doubts: checks proofs and evidence packs offline, without the ledger's service."""

from clients.verifier.certificate import verify_certificate
from clients.verifier.verdict import Check, CheckName, Outcome, SubState, Text, Verdict, Word

__all__ = [
    "Check",
    "CheckName",
    "Outcome",
    "SubState",
    "Text",
    "Verdict",
    "Word",
    "verify_certificate",
]
