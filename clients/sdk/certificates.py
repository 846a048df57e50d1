"""Certificates: prepared by the ledger, issued and signed here (docs/formats.md section 8).

`issue` does all of it. Whoever has to survive a crash in between takes the steps one by one:
`prepare`, `sign_issue` (keep the batch), `record`, `complete`; the last can be repeated at will.
"""

from hashlib import sha256
from typing import Final
from uuid import UUID

from clients.sdk.batches import SignedBatch, sign_batch
from clients.sdk.certificate_decisions import CertificateDecisions, single_answer
from clients.sdk.certificate_parts import (
    CertificateHistory,
    IssuedCertificate,
    PreparedCertificate,
    check_core,
    check_replaced,
    find_issue,
)
from clients.sdk.credential_files import build_credential, read_core, require_ed25519
from clients.sdk.delivery import Answer
from clients.sdk.emitter import Emitter
from clients.sdk.errors import (
    CertificateError,
    CheckpointError,
    EvidenceError,
    QuorumMissingError,
)
from clients.sdk.outcomes import Accepted
from clients.sdk.recording import read_answer
from clients.sdk.registers import read_uuid
from ledger.api.v1 import certificate_service_pb2 as pb
from ledger.api.v1 import recording_service_pb2 as recording_pb
from ledger.log.errors import LogError
from ledger.log.history_proof import (
    HistoryProof,
    QuorumError,
    verify_history,
)
from ledger.log.status_file import StatusFile

PUBLICATION_TIMEOUT: Final = 60.0
"""Seconds to wait until what was recorded is published."""


class Certificates(CertificateDecisions):
    """Issues, replaces and looks up certificates; what else is decided about them is inherited."""

    def issue(self, enrolment: UUID, *, emitter: Emitter | None = None) -> IssuedCertificate:
        """Prepare, record and complete a certificate.

        Args:
            enrolment: The enrolment.
            emitter: Makes the issue event; None for an ordinary one of the identity.

        Raises:
            CertificateError: when the identity's key is not Ed25519, or the core is not sound.
            RefusedError: when the rules do not allow a certificate, with every reason.
            RejectedError: when the issue event was refused.
            StillUnknownError: when it is not known whether it was recorded.
            AcknowledgementError: when the acknowledgement does not verify.
            EvidenceError: when the history does not verify.
            QuorumMissingError: when the witnesses have not cosigned it yet.
        """
        require_ed25519(self._identity)
        prepared = self.prepare(enrolment)
        self.record(self.sign_issue(prepared, emitter=emitter))
        return self._complete(prepared.number, prepared.certificate, prepared.core)

    def prepare(self, enrolment: UUID, *, supersedes: str = "") -> PreparedCertificate:
        """Have the core of a certificate made, and check that it says what the event will sign.

        Args:
            enrolment: The enrolment.
            supersedes: Number of the live certificate that it is to replace; empty for none.

        Raises:
            CertificateError: when it does not, is not in the identity's name, or replaces another
                certificate than it should.
            RefusedError: when the rules do not allow a certificate, with every reason.
        """
        answer = self._caller.call(
            self._stub.PrepareCertificate,
            pb.PrepareCertificateRequest(enrolment=str(enrolment), supersede=bool(supersedes)),
        )
        issue, document = answer.issue, read_core(answer.core)
        if sha256(answer.core).digest() != issue.core_digest:
            raise CertificateError("the core has another digest than the issue event states")
        check_core(document, issue, self._identity)
        check_replaced(issue, supersedes)
        return PreparedCertificate(
            issue.number,
            read_uuid(answer.certificate),
            read_uuid(answer.cohort),
            issue,
            answer.core,
        )

    def sign_issue(
        self, prepared: PreparedCertificate, *, emitter: Emitter | None = None
    ) -> SignedBatch:
        """Return the signed batch with the issue event; keep it before it is recorded."""
        event = (emitter or Emitter(self._identity)).training_certificate_issued(
            certificate=prepared.certificate, cohort=prepared.cohort, issue=prepared.issue
        )
        return sign_batch(self._identity, [event])

    def record(self, batch: SignedBatch, *, timeout: float = 10.0) -> Accepted:
        """Record an issue; repeating it with the same batch returns the original place.

        Raises:
            RejectedError: when the ledger refuses the event.
            StillUnknownError: when the deadline passes.
            AcknowledgementError: when the acknowledgement does not verify.
        """

        def send(batches: list[recording_pb.Batch], seconds: float) -> Answer:
            request = pb.IssueCertificateRequest(batch=batches[0])
            return single_answer(request, self._stub.IssueCertificate(request, timeout=seconds))

        return self._deliver(batch, send, timeout)[0]

    def supersede(
        self, number: str, enrolment: UUID, reason: str, *, emitter: Emitter | None = None
    ) -> IssuedCertificate:
        """Replace a certificate 换发 by its next edition: prepare, record both, complete the new.

        Whoever has to survive a crash in between takes the steps one by one, as for an issue:
        `prepare` with `supersedes`, `sign_superseding`, `record_superseding`, `complete`.

        Args:
            number: The live certificate that is replaced.
            enrolment: Its enrolment.
            reason: Reason code, for instance NAME-CORRECTED.
            emitter: Makes the events; None for an ordinary one of the identity.

        Raises:
            CertificateError: when the identity's key is not Ed25519, the core is not sound, or what
                was prepared replaces another certificate.
            RefusedError: when the rules do not allow a certificate, with every reason.
            RejectedError: when the events were refused; neither is recorded then.
            StillUnknownError: when it is not known whether they were recorded.
            AcknowledgementError: when the acknowledgement does not verify.
            EvidenceError: when the history does not verify.
            QuorumMissingError: when the witnesses have not cosigned it yet.
        """
        require_ed25519(self._identity)
        prepared = self.prepare(enrolment, supersedes=number)
        self.record_superseding(self.sign_superseding(prepared, reason, emitter=emitter))
        return self._complete(prepared.number, prepared.certificate, prepared.core)

    def sign_superseding(
        self, prepared: PreparedCertificate, reason: str, *, emitter: Emitter | None = None
    ) -> SignedBatch:
        """Return the signed batch of a replacement and the issue; keep it before it is recorded."""
        emitter = emitter or Emitter(self._identity)
        old = self.get(prepared.issue.supersedes).certificate
        superseded = emitter.training_certificate_superseded(
            certificate=read_uuid(old.certificate),
            cohort=prepared.cohort,
            number=prepared.number,
            reason=reason,
        )
        issued = emitter.training_certificate_issued(
            certificate=prepared.certificate, cohort=prepared.cohort, issue=prepared.issue
        )
        return sign_batch(self._identity, [superseded, issued])

    def record_superseding(
        self, batch: SignedBatch, *, timeout: float = 10.0
    ) -> tuple[Accepted, ...]:
        """Record a replacement and the issue, both or neither; see `record`."""

        def send(batches: list[recording_pb.Batch], seconds: float) -> Answer:
            request = pb.SupersedeCertificateRequest(batch=batches[0])
            response = self._stub.SupersedeCertificate(request, timeout=seconds)
            return read_answer(request, response)

        return self._deliver(batch, send, timeout)

    def complete(self, number: str) -> IssuedCertificate:
        """Make, sign and hand in the file of a recorded certificate. Can be repeated.

        Raises:
            CertificateError: when the caller may not have the core, or it is not what was issued.
            EvidenceError: when the history does not verify.
            QuorumMissingError: when the witnesses have not cosigned it yet.
        """
        found = self.get(number)
        if not found.core:
            raise CertificateError(f"the core of {number} is for its issuing institution alone")
        return self._complete(number, read_uuid(found.certificate.certificate), found.core)

    def status(self, number: str, *, wait: bool = False) -> bytes:
        """Return the status file of a certificate at the newest checkpoint, verified.

        Args:
            number: Its number.
            wait: Wait until everything recorded of it is published.

        Raises:
            EvidenceError: when the history does not verify.
            QuorumMissingError: when the witnesses have not cosigned it.
        """
        return StatusFile(number, self.history(number, wait=wait).proof).to_bytes()

    def history(self, number: str, *, wait: bool = False) -> CertificateHistory:
        """Return the history of a certificate, verified.

        Raises:
            EvidenceError: when it does not verify, or is another certificate's.
            QuorumMissingError: when the witnesses have not cosigned it.
        """
        answer = self._caller.call(
            self._stub.GetHistory,
            pb.GetHistoryRequest(number=number, wait=wait),
            timeout=PUBLICATION_TIMEOUT,
            waits=wait,
        )
        try:
            proof = HistoryProof.from_bytes(answer.history_proof)
            verified = verify_history(proof, self._identity.trust)
        except QuorumError as error:
            raise QuorumMissingError(str(error)) from error
        except LogError as error:
            raise EvidenceError(f"the history of {number}: {error}") from error
        issue = find_issue(verified, number)
        entry = next(
            item.entry
            for stream in proof.streams
            for item in stream.entries
            if item.index == issue.index
        )
        proven = self._log.open_proof(entry, answer.issue_proof)
        if (proven.index, proven.checkpoint.checkpoint) != (issue.index, verified.checkpoint):
            raise CheckpointError(f"the issue of {number} is proven at another place or checkpoint")
        return CertificateHistory(proof, answer.issue_proof, verified, issue)

    def _complete(self, number: str, certificate: UUID, core: bytes) -> IssuedCertificate:
        history = self.history(number, wait=True)
        event = history.issue.event
        if event is None or sha256(core).digest() != event.body.core_digest:
            raise CertificateError(f"the core of {number} is not the one that was issued")
        if history.issue.entry.stream != str(certificate):
            raise EvidenceError(f"{number} was issued in another stream than {certificate}")
        file = build_credential(
            core,
            certificate,
            history.issue_proof,
            history.proof,
            history.verified,
            self._identity,
        )
        answer = self._caller.call(
            self._stub.AttachCredential,
            pb.AttachCredentialRequest(number=number, credential=file),
        )
        if answer.digest != sha256(file).digest():
            raise EvidenceError(f"the ledger stored another file for {number} than was handed in")
        return IssuedCertificate(number, certificate, core, file)
