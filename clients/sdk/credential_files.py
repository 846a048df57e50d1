"""Certificate files from their parts (docs/formats.md section 8), always the same from the same."""

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid5

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clients.sdk.errors import CertificateError
from clients.sdk.identity import Identity
from ledger.log.certificate_file import Evidence, assemble, core_bytes, parse_file, to_file
from ledger.log.data_integrity import add_proof
from ledger.log.errors import LogError
from ledger.log.history_proof import HistoryProof, VerifiedHistory

TLOG_PROOF_GENRE: Final = "https://c2sp.org/tlog-proof@v1"
HISTORY_PROOF_GENRE: Final = "urn:tledger:history-proof:v1"
_TITLES: Final = {TLOG_PROOF_GENRE: "账本证明", HISTORY_PROOF_GENRE: "完整履历"}
_KEY_ID_DIGITS: Final = 16


def require_ed25519(identity: Identity) -> Ed25519PrivateKey:
    """Return the key that signs Open Badges.

    Raises:
        CertificateError: when the identity's key is of another algorithm.
    """
    if not isinstance(identity.key, Ed25519PrivateKey):
        raise CertificateError(
            f"Open Badges are signed with Ed25519; the author key is {identity.algorithm}"
        )
    return identity.key


def read_core(core: bytes) -> dict[str, Any]:
    """Read a core from its canonical bytes.

    Raises:
        CertificateError: when they are no core in canonical form.
    """
    try:
        document = parse_file(core)
        core_bytes(document)
        subject, issuer = document["credentialSubject"], document["issuer"]
        texts = subject["licenseNumber"], issuer["id"]
    except (LogError, KeyError, TypeError) as error:
        raise CertificateError(f"the core: {error}") from error
    if not all(isinstance(text, str) for text in texts):
        raise CertificateError("the core has no number or no issuer")
    return document


def verification_method(core: dict[str, Any], key_id: bytes) -> str:
    """Return the DID URL under which the issuer's key is found."""
    return f"{core['issuer']['id']}#key-{key_id.hex()[:_KEY_ID_DIGITS]}"


def build_credential(
    core: bytes,
    certificate: UUID,
    issue_proof: str,
    history: HistoryProof,
    verified: VerifiedHistory,
    identity: Identity,
) -> bytes:
    """Assemble and sign the Open Badges file of a certificate.

    Ids follow from the certificate and the time of signing from the history, so that the same parts
    give the same file.

    Args:
        core: The core's canonical bytes.
        certificate: The certificate.
        issue_proof: tlog-proof of the issue entry.
        history: History proof at the same checkpoint.
        verified: The same, verified.
        identity: The issuer.

    Raises:
        CertificateError: when the parts make no file, or the key cannot sign it.
    """
    key = require_ed25519(identity)
    document = read_core(core)
    narratives = {
        TLOG_PROOF_GENRE: issue_proof,
        HISTORY_PROOF_GENRE: history.to_bytes().decode(),
    }
    evidence = [
        Evidence(uuid5(certificate, genre).urn, _TITLES[genre], genre, narrative)
        for genre, narrative in narratives.items()
    ]
    created = datetime.fromtimestamp(verified.as_of_us // 1_000_000, UTC)
    method = verification_method(document, identity.key_id)
    try:
        whole = assemble(document, evidence)
        return to_file(add_proof(whole, key, method, created.strftime("%Y-%m-%dT%H:%M:%SZ")))
    except LogError as error:
        raise CertificateError(f"the certificate file: {error}") from error
