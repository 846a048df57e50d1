"""The server's own verdict on a certificate file: the verifier, with the log's trust file."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from clients.verifier import Verdict, Word, verify_certificate
from ledger.api.v1 import certificate_service_pb2 as pb
from ledger.application.errors import NotFoundError, OverloadedError, RefusedError
from ledger.log.data_integrity import verify_proof
from ledger.log.history_proof import HistoryProof
from ledger.log.status_file import StatusFile
from ledger.log.trust_file import TrustFile
from ledger.server.certificate_histories import CertificateHistories


def server_verdict(
    trust: TrustFile, histories: CertificateHistories
) -> Callable[[bytes], pb.VerifyCertificateResponse]:
    """Return what answers VerifyCertificate for a log.

    Args:
        trust: Its trust file.
        histories: Gives the newest status of the certificate that a file names.
    """

    def verify(file: bytes) -> pb.VerifyCertificateResponse:
        verdict = _verdict(file, trust, None)
        status = _newest_status(histories, verdict)
        return _response(verdict if status is None else _verdict(file, trust, status))

    return verify


def _verdict(file: bytes, trust: TrustFile, status: bytes | None) -> Verdict:
    now = datetime.now(UTC)
    return verify_certificate(
        file, trust, status=status, now=now, max_age=None, rdf_check=_check_rdf
    )


def _newest_status(histories: CertificateHistories, verdict: Verdict) -> bytes | None:
    """Return the status file of a certificate at the newest checkpoint, if there is one."""
    if verdict.number is None or verdict.word is Word.FORGED:
        return None
    try:
        history = histories.prove(histories.find(verdict.number))
    except (NotFoundError, OverloadedError, RefusedError):
        # What the file itself proves stands, with its own date.
        return None
    return StatusFile(verdict.number, HistoryProof.from_bytes(history.history_proof)).to_bytes()


def _response(verdict: Verdict) -> pb.VerifyCertificateResponse:
    return pb.VerifyCertificateResponse(
        verdict=verdict.word.value,
        verdict_zh=verdict.text.zh,
        verdict_en=verdict.text.en,
        checks=[
            pb.VerificationCheck(
                name=check.name.value,
                outcome=check.outcome.value,
                detail_zh=check.text.zh,
                detail_en=check.text.en,
            )
            for check in verdict.checks
        ],
        status_as_of_us=verdict.as_of_us or 0,
        sub_state=verdict.sub_state or "",
        successor=verdict.successor or "",
    )


def _check_rdf(document: dict[str, Any], key: bytes, method: str) -> None:
    verify_proof(document, Ed25519PublicKey.from_public_bytes(key), method)
