"""The certificate service over the small log: prepares, records, proves, keeps the file."""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TypeAlias

import grpc

from ledger.api.v1 import certificate_service_pb2 as pb
from ledger.api.v1 import events_pb2
from ledger.api.v1 import recording_service_pb2 as recording_pb
from ledger.api.v1.certificate_service_pb2_grpc import CertificateServiceServicer
from ledger.log.certificate_file import core_bytes, core_digest
from tests.unit.clients.sdk.ledger_server import Recording
from tests.unit.clients.verifier.small_log import (
    CERTIFICATE,
    COHORT,
    INSTITUTION,
    NUMBER,
    OTHER_CERTIFICATE,
    OTHER_NUMBER,
    core,
    streams,
)

Call: TypeAlias = grpc.ServicerContext
STREAMS = {NUMBER: CERTIFICATE, OTHER_NUMBER: OTHER_CERTIFICATE}
Recorded: TypeAlias = pb.IssueCertificateResponse | pb.RevokeCertificateResponse


def prepared(*, supersede: bool = False) -> pb.PrepareCertificateResponse:
    """Return an honest preparation: of the first edition, or of the second in its place."""
    number = OTHER_NUMBER if supersede else NUMBER
    document = core(number)
    return pb.PrepareCertificateResponse(
        certificate=str(STREAMS[number]),
        cohort=str(COHORT),
        issue=events_pb2.TrainingCertificateIssued(
            number=number,
            edition=2 if supersede else 1,
            supersedes=NUMBER if supersede else "",
            core_digest=core_digest(document),
            enrolment_digest=bytes(32),
            policy=bytes(32),
            evaluator_version=1,
            credited=[
                events_pb2.CreditedHours(
                    component=events_pb2.HOUR_COMPONENT_THEORY_OFFLINE, hours=44
                ),
                events_pb2.CreditedHours(component=events_pb2.HOUR_COMPONENT_PRACTICAL, hours=104),
            ],
        ),
        core=core_bytes(document),
    )


def honest(answer: object) -> None:
    """Change nothing."""


@dataclass
class CertificateDesk(CertificateServiceServicer):
    """The service; each `forge_*` may change an answer."""

    recording: Recording
    forge_prepared: Callable[[pb.PrepareCertificateResponse], None] = honest
    forge_history: Callable[[pb.GetHistoryResponse], None] = honest
    forge_core: Callable[[pb.GetCertificateResponse], None] = honest
    publishes: bool = True
    files: list[bytes] = field(default_factory=list)
    listed: list[pb.ListCertificatesRequest] = field(default_factory=list)

    def PrepareCertificate(
        self, request: pb.PrepareCertificateRequest, context: Call
    ) -> pb.PrepareCertificateResponse:
        answer = prepared(supersede=request.supersede)
        self.forge_prepared(answer)
        return answer

    def IssueCertificate(
        self, request: pb.IssueCertificateRequest, context: Call
    ) -> pb.IssueCertificateResponse:
        response = pb.IssueCertificateResponse()
        self._record(request.batch, response, context)
        return response

    def RevokeCertificate(
        self, request: pb.RevokeCertificateRequest, context: Call
    ) -> pb.RevokeCertificateResponse:
        response = pb.RevokeCertificateResponse()
        self._record(request.batch, response, context)
        return response

    def SupersedeCertificate(
        self, request: pb.SupersedeCertificateRequest, context: Call
    ) -> pb.SupersedeCertificateResponse:
        many = recording_pb.AppendEventsResponse()
        asked = recording_pb.AppendEventsRequest(batches=[request.batch], atomic=True)
        self.recording.answer(asked, many, context)
        response = pb.SupersedeCertificateResponse(results=many.results)
        if many.HasField("acknowledgement"):
            response.acknowledgement.CopyFrom(many.acknowledgement)
        return response

    def _record(self, batch: recording_pb.Batch, response: Recorded, context: Call) -> None:
        many = recording_pb.AppendEventsResponse()
        request = recording_pb.AppendEventsRequest(batches=[batch])
        self.recording.answer(request, many, context)
        response.result.CopyFrom(many.results[0])
        if many.HasField("acknowledgement"):
            response.acknowledgement.CopyFrom(many.acknowledgement)

    def GetHistory(self, request: pb.GetHistoryRequest, context: Call) -> pb.GetHistoryResponse:
        log = self.recording.log
        certificate = STREAMS.get(request.number, CERTIFICATE)
        if str(certificate) not in log.streams:
            certificate = CERTIFICATE
        issue = log.streams[str(certificate)][0]
        published = self.recording.published
        if published is None or (request.wait and self.publishes):
            published = self.recording.published = log.publish()
        answer = pb.GetHistoryResponse(
            history_proof=log.history(published, streams(certificate=certificate)).to_bytes(),
            issue_proof=log.inclusion(issue, published),
        )
        self.forge_history(answer)
        return answer

    def GetCertificate(
        self, request: pb.GetCertificateRequest, context: Call
    ) -> pb.GetCertificateResponse:
        answer = pb.GetCertificateResponse(
            certificate=pb.Certificate(
                number=request.number,
                certificate=str(STREAMS.get(request.number, CERTIFICATE)),
                institution=str(INSTITUTION),
                cohort=str(COHORT),
                edition=1,
            ),
            core=core_bytes(core(request.number)),
        )
        self.forge_core(answer)
        return answer

    def ListCertificates(
        self, request: pb.ListCertificatesRequest, context: Call
    ) -> pb.ListCertificatesResponse:
        """Three certificates of what is asked for, in pages of two."""
        self.listed.append(request)
        rows = [
            pb.Certificate(
                number=number,
                institution=request.institution or str(INSTITUTION),
                institution_name="示例市高新区安全生产技术培训中心有限公司",
                cohort=request.cohort,
                trade_name="金属非金属矿山安全作业提升机操作作业",
                state=request.state or "superseded",
                # 2026-03-16T23:59:00+08:00.
                issued_us=1_773_676_740_000_000,
            )
            for number in (NUMBER, OTHER_NUMBER, NUMBER)
        ]
        start = int(request.page_token or "0")
        return pb.ListCertificatesResponse(
            certificates=rows[start : start + 2], next_page_token="" if start else "2"
        )

    def AttachCredential(
        self, request: pb.AttachCredentialRequest, context: Call
    ) -> pb.AttachCredentialResponse:
        self.files.append(request.credential)
        return pb.AttachCredentialResponse(digest=sha256(request.credential).digest())

    def VerifyCertificate(
        self, request: pb.VerifyCertificateRequest, context: Call
    ) -> pb.VerifyCertificateResponse:
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "verify with the trust file")
        raise AssertionError
