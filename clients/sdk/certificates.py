"""Certificates: prepared by the ledger, issued and signed here (docs/formats.md section 8).

`issue` does all of it. Whoever has to survive a crash in between takes the steps one by one:
`prepare`, `sign_issue` (keep the batch), `record`, `complete`; the last can be repeated at will.
"""

from hashlib import sha256
from typing import Final
from uuid import UUID

from clients.sdk.batches import SignedBatch, sign_batch
from clients.sdk.calls import Caller
from clients.sdk.capture import USUAL, Circumstances
from clients.sdk.certificate_parts import (
    CertificateHistory,
    IssuedCertificate,
    PreparedCertificate,
    check_core,
    find_issue,
)
from clients.sdk.credential_files import build_credential, read_core, require_ed25519
from clients.sdk.delivery import Answer, Parcel, deliver
from clients.sdk.emitter import Emitter
from clients.sdk.errors import (
    CertificateError,
    CheckpointError,
    EvidenceError,
    QuorumMissingError,
    RejectedError,
)
from clients.sdk.identity import Identity
from clients.sdk.log_reader import LogReader
from clients.sdk.outcomes import Accepted, Outcome, Rejected
from clients.sdk.registers import read_uuid
from clients.sdk.retries import Retries
from ledger.api.v1 import certificate_service_pb2 as pb
from ledger.api.v1 import events_pb2
from ledger.api.v1 import recording_service_pb2 as recording_pb
from ledger.api.v1.certificate_service_pb2_grpc import CertificateServiceStub
from ledger.log.errors import LogError
from ledger.log.history_proof import (
    HistoryProof,
    QuorumError,
    verify_history,
)
from ledger.log.status_file import StatusFile

PUBLICATION_TIMEOUT: Final = 60.0
"""Seconds to wait until what was recorded is published."""


class Certificates:
    """Issues, revokes and looks up certificates.

    Args:
        stub: The certificate service.
        caller: Makes the calls that may be repeated.
        log: Verifies proofs and knows the log's keys.
        identity: The institution, or a bureau that revokes.
        retries: How often.
    """

    def __init__(
        self,
        stub: CertificateServiceStub,
        caller: Caller,
        log: LogReader,
        identity: Identity,
        retries: Retries,
    ) -> None:
        self._stub = stub
        self._caller = caller
        self._log = log
        self._identity = identity
        self._retries = retries

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

    def prepare(self, enrolment: UUID) -> PreparedCertificate:
        """Have the core of a certificate made, and check that it says what the event will sign.

        Raises:
            CertificateError: when it does not, or is not in the identity's name.
            RefusedError: when the rules do not allow a certificate, with every reason.
        """
        answer = self._caller.call(
            self._stub.PrepareCertificate, pb.PrepareCertificateRequest(enrolment=str(enrolment))
        )
        issue, document = answer.issue, read_core(answer.core)
        if sha256(answer.core).digest() != issue.core_digest:
            raise CertificateError("the core has another digest than the issue event states")
        check_core(document, issue, self._identity)
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
            return _answer(request, self._stub.IssueCertificate(request, timeout=seconds))

        keys = self._log.keys(timeout=timeout)
        return _single(deliver(Parcel([batch]), send, keys, self._retries, timeout))

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

    def get(self, number: str) -> pb.GetCertificateResponse:
        """Return the register's view of a certificate and its file."""
        request = pb.GetCertificateRequest(number=number)
        return self._caller.call(self._stub.GetCertificate, request)

    def revoke(
        self,
        number: str,
        reason: events_pb2.RevocationReason.ValueType,
        *,
        emitter: Emitter | None = None,
        timeout: float = 10.0,
    ) -> Accepted:
        """Revoke a certificate.

        Raises:
            RejectedError: when the ledger refuses the event.
            StillUnknownError: when it is not known whether it was recorded.
            AcknowledgementError: when the acknowledgement does not verify.
        """
        found = self.get(number).certificate
        institution = read_uuid(found.institution)
        how = (
            USUAL
            if institution == self._identity.party
            else Circumstances(recorded_for=institution)
        )
        event = (emitter or Emitter(self._identity)).training_certificate_revoked(
            certificate=read_uuid(found.certificate),
            cohort=read_uuid(found.cohort),
            reason=reason,
            how=how,
        )

        def send(batches: list[recording_pb.Batch], seconds: float) -> Answer:
            request = pb.RevokeCertificateRequest(batch=batches[0])
            return _answer(request, self._stub.RevokeCertificate(request, timeout=seconds))

        parcel = Parcel([sign_batch(self._identity, [event])])
        keys = self._log.keys(timeout=timeout)
        return _single(deliver(parcel, send, keys, self._retries, timeout))

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


def _answer(
    request: pb.IssueCertificateRequest | pb.RevokeCertificateRequest,
    response: pb.IssueCertificateResponse | pb.RevokeCertificateResponse,
) -> Answer:
    return Answer(
        [response.result] if response.HasField("result") else [],
        response.acknowledgement if response.HasField("acknowledgement") else None,
        request.SerializeToString(),
        response.SerializeToString(),
    )


def _single(outcomes: tuple[Outcome, ...]) -> Accepted:
    (outcome,) = outcomes
    if isinstance(outcome, Rejected):
        raise RejectedError((outcome,), outcomes)
    return outcome
