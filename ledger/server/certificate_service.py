"""CertificateService: the life of a training certificate 培训证明 (certificate_service.proto).

Who knows a number may ask for the history behind it, as whoever relies on a certificate must: it
names no person, and numbers cannot be guessed. The register's view with the file is for the
issuing institution and its bureaus.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import grpc

from ledger.api.v1 import certificate_service_pb2 as pb
from ledger.api.v1.certificate_service_pb2_grpc import CertificateServiceServicer
from ledger.api.v1.recording_service_pb2 import AppendEventsResponse
from ledger.application.certificates import CertificatePreparation
from ledger.application.errors import NotFoundError
from ledger.application.ports import CertificateStore
from ledger.server.access import Access
from ledger.server.certain_events import require_events
from ledger.server.certificate_histories import CertificateHistories
from ledger.server.certificate_messages import certificate_message
from ledger.server.certificate_register import CertificateRegister
from ledger.server.identifiers import id_bytes, id_text
from ledger.server.publication_waiting import WaitPublished, wait_until_published
from ledger.server.recording import EventRecorder
from ledger.server.request_context import Caller, current_caller

Context = grpc.aio.ServicerContext[Any, Any]
VerifyFile = Callable[[bytes], pb.VerifyCertificateResponse]
"""Gives the verdict on a certificate file; blocking."""

ISSUED: Final = "TrainingCertificateIssued"
REVOKED: Final = "TrainingCertificateRevoked"
SUPERSEDED: Final = "TrainingCertificateSuperseded"


class CertificateService(CertificateServiceServicer):
    """Prepares, records, shows and verifies certificates."""

    def __init__(
        self,
        *,
        preparation: CertificatePreparation,
        recorder: EventRecorder,
        store: CertificateStore,
        histories: CertificateHistories,
        register: CertificateRegister,
        access: Access,
        wait_published: WaitPublished,
        verify: VerifyFile,
    ) -> None:
        """Serve from these.

        Args:
            preparation: The use cases around a certificate's file.
            recorder: Records batches.
            store: Attached files.
            histories: Makes history proofs.
            register: The register, as callers may see it.
            access: Who may see what.
            wait_published: Waits for publications.
            verify: Gives the server's verdict on a file.
        """
        self._preparation = preparation
        self._recorder = recorder
        self._store = store
        self._histories = histories
        self._register = register
        self._access = access
        self._wait_published = wait_published
        self._verify = verify

    async def PrepareCertificate(
        self, request: pb.PrepareCertificateRequest, context: Context
    ) -> pb.PrepareCertificateResponse:
        """Make and keep the certificate's core."""
        institution = await self._institution()
        prepared = await asyncio.to_thread(
            self._preparation.prepare,
            institution,
            id_bytes(request.enrolment),
            supersede=request.supersede,
        )
        return pb.PrepareCertificateResponse(
            certificate=id_text(prepared.certificate),
            cohort=id_text(prepared.cohort),
            issue=prepared.body,
            core=prepared.core,
        )

    async def IssueCertificate(
        self, request: pb.IssueCertificateRequest, context: Context
    ) -> pb.IssueCertificateResponse:
        """Record the issue that the institution signed."""
        require_events(request.batch, ISSUED)
        recorded = AppendEventsResponse()
        await self._recorder.record([request.batch], recorded, atomic=True)
        return pb.IssueCertificateResponse(
            result=recorded.results[0], acknowledgement=_acknowledgement(recorded)
        )

    async def AttachCredential(
        self, request: pb.AttachCredentialRequest, context: Context
    ) -> pb.AttachCredentialResponse:
        """Check and keep the file that the institution signed."""
        institution = await self._institution()
        digest = await asyncio.to_thread(
            self._preparation.attach, institution, request.number, request.credential
        )
        return pb.AttachCredentialResponse(digest=digest)

    async def GetCertificate(
        self, request: pb.GetCertificateRequest, context: Context
    ) -> pb.GetCertificateResponse:
        """Return the register's view of a certificate, with its file."""
        return await asyncio.to_thread(self._certificate, current_caller(), request.number)

    async def ListCertificates(
        self, request: pb.ListCertificatesRequest, context: Context
    ) -> pb.ListCertificatesResponse:
        """List the certificates that the caller may see."""
        page = await asyncio.to_thread(self._register.page, current_caller(), request)
        return pb.ListCertificatesResponse(
            certificates=[certificate_message(row, page.as_of_size) for row in page.rows],
            next_page_token=page.token,
            as_of_size=page.as_of_size,
        )

    async def GetHistory(
        self, request: pb.GetHistoryRequest, context: Context
    ) -> pb.GetHistoryResponse:
        """Return the history proof at the newest checkpoint."""
        stream = await asyncio.to_thread(self._histories.find, request.number)
        if request.wait:
            await wait_until_published(self._wait_published, stream.last_index)
        history = await asyncio.to_thread(self._histories.prove, stream)
        return pb.GetHistoryResponse(
            history_proof=history.history_proof, issue_proof=history.issue_proof
        )

    async def VerifyCertificate(
        self, request: pb.VerifyCertificateRequest, context: Context
    ) -> pb.VerifyCertificateResponse:
        """Return the server's verdict on a file."""
        return await asyncio.to_thread(self._verify, request.credential)

    async def RevokeCertificate(
        self, request: pb.RevokeCertificateRequest, context: Context
    ) -> pb.RevokeCertificateResponse:
        """Record the revocation that the institution or the regulator signed."""
        require_events(request.batch, REVOKED)
        recorded = AppendEventsResponse()
        await self._recorder.record([request.batch], recorded, atomic=True)
        return pb.RevokeCertificateResponse(
            result=recorded.results[0], acknowledgement=_acknowledgement(recorded)
        )

    async def SupersedeCertificate(
        self, request: pb.SupersedeCertificateRequest, context: Context
    ) -> pb.SupersedeCertificateResponse:
        """Record a replacement with the issue of what replaces it, both or neither."""
        require_events(request.batch, SUPERSEDED, ISSUED)
        response = pb.SupersedeCertificateResponse()
        await self._recorder.record([request.batch], response, atomic=True)
        return response

    async def _institution(self) -> bytes:
        view = self._access.of(current_caller())
        return await asyncio.to_thread(view.require_institution_role)

    def _certificate(self, caller: Caller, number: str) -> pb.GetCertificateResponse:
        answer = self._register.certificate(caller, number)
        found = answer.value
        return pb.GetCertificateResponse(
            certificate=certificate_message(found, answer.as_of_size),
            credential=self._store.attached(number) or b"",
            core=self._core(number) if caller.party == found.institution else b"",
        )

    def _core(self, number: str) -> bytes:
        caller = current_caller()
        try:
            return self._preparation.core(caller.party or b"", number)
        except NotFoundError:
            # The person was erased: the register's view stays.
            return b""


def _acknowledgement(recorded: AppendEventsResponse) -> Any:  # noqa: ANN401 - message or None
    return recorded.acknowledgement if recorded.HasField("acknowledgement") else None
