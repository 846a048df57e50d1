"""Checks of a certificate file before it is kept: what any verifier would find later."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledger.application.errors import RefusedError
from ledger.application.ports import LogRow, PreparedCertificate
from ledger.domain.refusals import Refusal
from ledger.log.certificate_file import core_digest, parse_file, split
from ledger.log.data_integrity import verify_proof
from ledger.log.errors import LogError, ProofError
from ledger.log.history_proof import HistoryProof, verify_history
from ledger.log.identifiers import uuid_text
from ledger.log.trust_file import TrustFile

HISTORY_GENRE = "urn:tledger:history-proof:v1"


def check_credential(
    file: bytes, prepared: PreparedCertificate, issue: LogRow, trust: TrustFile
) -> None:
    """Check a certificate file against what was prepared and issued.

    Raises:
        RefusedError: CREDENTIAL_INVALID, with what does not hold.
    """
    try:
        _check(file, prepared, issue, trust)
    except LogError as error:
        refusal = Refusal("CREDENTIAL_INVALID", "credential", {"detail": str(error)})
        raise RefusedError([refusal]) from error


def _check(file: bytes, prepared: PreparedCertificate, issue: LogRow, trust: TrustFile) -> None:
    document = parse_file(file)
    core, evidence, _ = split(document)
    if core_digest(core) != prepared.core_digest:
        raise ProofError("the core is not the one that was prepared")
    texts = [piece.narrative for piece in evidence if piece.genre == HISTORY_GENRE]
    if len(texts) != 1:
        raise ProofError("the evidence holds not exactly one history proof")
    history = verify_history(HistoryProof.from_bytes(texts[0].encode()), trust)
    stream = history.stream(uuid_text(prepared.certificate))
    if stream is None or stream.entries[0].index != issue.index:
        raise ProofError("the history proof is not of this certificate")
    author = stream.entries[0].author
    if author is None:
        raise ProofError("the issue is not opened in the history proof")
    verify_proof(document, Ed25519PublicKey.from_public_bytes(author.key.ed25519_bytes()))
