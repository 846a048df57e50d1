"""The history of one certificate with the proof of its issue, both at one checkpoint.

docs/formats.md section 8: the two items of evidence in a certificate file.
"""

from dataclasses import dataclass
from typing import Final

from ledger.application.errors import NotFoundError, OverloadedError
from ledger.application.events import recorded_event
from ledger.application.ports import CertificateStore, LogReader
from ledger.application.proofs import ProofService
from ledger.log.tlog_proof import TlogProof

_TRIES: Final = 8


@dataclass(frozen=True, slots=True)
class CertificateStream:
    """A certificate's stream as recorded.

    Attributes:
        stream: The stream.
        issue_index: Log index of its first entry.
        last_index: Log index of its last entry.
    """

    stream: bytes
    issue_index: int
    last_index: int


@dataclass(frozen=True, slots=True)
class ProvedCertificate:
    """What GetHistory answers.

    Attributes:
        history_proof: Canonical JSON of the history proof.
        issue_proof: tlog-proof of the issue, at the same checkpoint.
    """

    history_proof: bytes
    issue_proof: str


class CertificateHistories:
    """Finds and proves the histories of certificates. Blocking; safe to call from any thread."""

    def __init__(self, *, reader: LogReader, store: CertificateStore, proofs: ProofService) -> None:
        """Find through `reader` and `store`, prove with `proofs`."""
        self._reader = reader
        self._store = store
        self._proofs = proofs

    def find(self, number: str) -> CertificateStream:
        """Return the stream of the certificate with a number.

        Raises:
            NotFoundError: when none was issued with it.
        """
        prepared = self._store.by_number(number)
        rows = [] if prepared is None else self._reader.stream_rows(prepared.certificate)
        if not rows or recorded_event(rows[0]).body.number != number:
            raise NotFoundError("certificate")
        return CertificateStream(rows[0].stream, rows[0].index, rows[-1].index)

    def prove(self, certificate: CertificateStream) -> ProvedCertificate:
        """Return the history at the newest checkpoint.

        Raises:
            IntegrityBreachError: when stored rows do not lead to the published heads.
            OverloadedError: when checkpoints come faster than the two can be made.
            RefusedError: NOT_PUBLISHED when no checkpoint holds the issue yet.
        """
        for _ in range(_TRIES):
            # The issue first: it says NOT_PUBLISHED where the history would find nothing.
            issue = self._proofs.inclusion(certificate.issue_index)
            history = self._proofs.certificate_history(certificate.stream)
            if _checkpoint(history.commit_proof) == _checkpoint(issue.proof):
                return ProvedCertificate(history.to_bytes(), issue.proof)
        raise OverloadedError("checkpoints come faster than a history is made")


def _checkpoint(proof: str) -> str:
    return TlogProof.parse(proof).checkpoint
