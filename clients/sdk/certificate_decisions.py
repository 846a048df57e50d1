"""What is decided about an issued certificate: revocation, suspension, reinstatement, the link.

An institution revokes its own; all of it is a bureau's. Each decision is one event on the
certificate's stream, which the bureau records for the institution that issued it.
"""

from datetime import date
from uuid import UUID

from clients.sdk.batches import SignedBatch, sign_batch
from clients.sdk.calls import Caller
from clients.sdk.capture import USUAL, Circumstances
from clients.sdk.captured_events import CapturedEvent
from clients.sdk.delivery import Answer, Parcel, Send, deliver
from clients.sdk.emitter import Emitter
from clients.sdk.errors import RejectedError
from clients.sdk.identity import Identity
from clients.sdk.log_reader import LogReader
from clients.sdk.outcomes import Accepted, Rejected
from clients.sdk.recording import read_answer
from clients.sdk.registers import Registers, read_uuid
from clients.sdk.retries import Retries
from ledger.api.v1 import certificate_service_pb2 as pb
from ledger.api.v1 import events_pb2
from ledger.api.v1 import recording_service_pb2 as recording_pb
from ledger.api.v1.certificate_service_pb2_grpc import CertificateServiceStub
from ledger.api.v1.recording_service_pb2_grpc import RecordingServiceStub


class CertificateDecisions:
    """Looks up certificates and records what is decided about them.

    Every decision raises RejectedError when the ledger refuses the event, StillUnknownError when it
    is not known whether it was recorded, and AcknowledgementError when the acknowledgement does not
    verify.

    Args:
        stub: The certificate service.
        recording: The recording service.
        registers: Commits to official numbers.
        caller: Makes the calls that may be repeated.
        log: Verifies proofs and knows the log's keys.
        identity: The institution, or a bureau.
        retries: How often.
    """

    def __init__(
        self,
        stub: CertificateServiceStub,
        recording: RecordingServiceStub,
        registers: Registers,
        caller: Caller,
        log: LogReader,
        identity: Identity,
        retries: Retries,
    ) -> None:
        self._stub = stub
        self._recording = recording
        self._registers = registers
        self._caller = caller
        self._log = log
        self._identity = identity
        self._retries = retries

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
        """Revoke a certificate 撤销.

        Its institution does so for error or at the holder's request, a bureau for fraud or by
        order.
        """
        certificate, cohort, how = self._place(number)
        event = self._emitter(emitter).training_certificate_revoked(
            certificate=certificate, cohort=cohort, reason=reason, how=how
        )

        def send(batches: list[recording_pb.Batch], seconds: float) -> Answer:
            request = pb.RevokeCertificateRequest(batch=batches[0])
            return single_answer(request, self._stub.RevokeCertificate(request, timeout=seconds))

        return self._deliver(sign_batch(self._identity, [event]), send, timeout)[0]

    def suspend(
        self, number: str, reason: str, *, emitter: Emitter | None = None, timeout: float = 10.0
    ) -> Accepted:
        """Suspend a certificate 暂停, as a bureau, with a reason code."""
        certificate, cohort, how = self._place(number)
        event = self._emitter(emitter).training_certificate_suspended(
            certificate=certificate, cohort=cohort, reason=reason, how=how
        )
        return self._append(event, timeout)

    def reinstate(
        self, number: str, reason: str, *, emitter: Emitter | None = None, timeout: float = 10.0
    ) -> Accepted:
        """Lift a suspension 恢复, as a bureau, with a reason code: it is valid again."""
        certificate, cohort, how = self._place(number)
        event = self._emitter(emitter).training_certificate_reinstated(
            certificate=certificate, cohort=cohort, reason=reason, how=how
        )
        return self._append(event, timeout)

    def link_official(
        self,
        number: str,
        official_number: str,
        *,
        first_issued: date,
        review_due: date,
        valid_to: date,
        emitter: Emitter | None = None,
        timeout: float = 10.0,
    ) -> Accepted:
        """Link the official certificate 操作证, as a bureau; the log only commits to its number.

        Args:
            number: Number of the training certificate.
            official_number: Number of the official certificate; it goes to the person vault alone.
            first_issued: Day of first issue, Asia/Shanghai.
            review_due: Day by which it is reviewed.
            valid_to: Last day of validity.
            emitter: Makes the event; None for an ordinary one of the identity.
            timeout: Seconds for all attempts.
        """
        certificate, cohort, how = self._place(number)
        event = self._emitter(emitter).operation_certificate_linked(
            certificate=certificate,
            cohort=cohort,
            number_commitment=self._registers.commit_official_number(number, official_number),
            first_issued=first_issued,
            review_due=review_due,
            valid_to=valid_to,
            how=how,
        )
        return self._append(event, timeout)

    def _place(self, number: str) -> tuple[UUID, UUID, Circumstances]:
        """Return a certificate's stream and home cohort, and in whose name events about it are."""
        found = self.get(number).certificate
        institution = read_uuid(found.institution)
        own = institution == self._identity.party
        how = USUAL if own else Circumstances(recorded_for=institution)
        return read_uuid(found.certificate), read_uuid(found.cohort), how

    def _emitter(self, emitter: Emitter | None) -> Emitter:
        return emitter or Emitter(self._identity)

    def _append(self, event: CapturedEvent, timeout: float) -> Accepted:
        def send(batches: list[recording_pb.Batch], seconds: float) -> Answer:
            request = recording_pb.AppendEventsRequest(batches=batches, atomic=True)
            return read_answer(request, self._recording.AppendEvents(request, timeout=seconds))

        return self._deliver(sign_batch(self._identity, [event]), send, timeout)[0]

    def _deliver(self, batch: SignedBatch, send: Send, timeout: float) -> tuple[Accepted, ...]:
        """Send a batch until every outcome is known; all of it has to be accepted."""
        keys = self._log.keys(timeout=timeout)
        outcomes = deliver(Parcel([batch]), send, keys, self._retries, timeout)
        rejected = tuple(each for each in outcomes if isinstance(each, Rejected))
        if rejected:
            raise RejectedError(rejected, outcomes)
        return tuple(each for each in outcomes if isinstance(each, Accepted))


def single_answer(
    request: pb.IssueCertificateRequest | pb.RevokeCertificateRequest,
    response: pb.IssueCertificateResponse | pb.RevokeCertificateResponse,
) -> Answer:
    """Return the answer to a request of one event, with its evidence."""
    return Answer(
        [response.result] if response.HasField("result") else [],
        response.acknowledgement if response.HasField("acknowledgement") else None,
        request.SerializeToString(),
        response.SerializeToString(),
    )
