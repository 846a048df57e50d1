"""The server's own verdict on a certificate file: the verifier, with the log's trust file."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from clients.verifier import verify_certificate
from ledger.api.v1 import certificate_service_pb2 as pb
from ledger.log.data_integrity import verify_proof
from ledger.log.trust_file import TrustFile


def server_verdict(trust: TrustFile) -> Callable[[bytes], pb.VerifyCertificateResponse]:
    """Return what answers VerifyCertificate for the log of a trust file."""

    def verify(file: bytes) -> pb.VerifyCertificateResponse:
        verdict = verify_certificate(
            file, trust, status=None, now=datetime.now(UTC), max_age=None, rdf_check=_check_rdf
        )
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
        )

    return verify


def _check_rdf(document: dict[str, Any], key: bytes, method: str) -> None:
    verify_proof(document, Ed25519PublicKey.from_public_bytes(key), method)
