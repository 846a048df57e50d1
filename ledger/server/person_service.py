"""PersonService: references to persons, outside the chain (person_service.proto, DESIGN section 6).

What is handed in is personal data: it goes to the vault and nowhere else, no log line included.
"""

import asyncio
from typing import Any
from uuid import UUID

import grpc
import structlog

from ledger.api.v1 import person_service_pb2 as pb
from ledger.api.v1.person_service_pb2_grpc import PersonServiceServicer
from ledger.application.errors import NotFoundError, RefusedError
from ledger.domain.event_types import Role
from ledger.domain.refusals import Refusal
from ledger.server.access import Access
from ledger.server.certificate_holders import CertificateHolders
from ledger.server.identifiers import id_bytes
from ledger.server.learner_histories import LearnerHistories
from ledger.server.request_context import Caller, current_caller
from ledger.storage.vault import PersonVault
from ledger.storage.vault_persons import Correction, Reference

Context = grpc.aio.ServicerContext[Any, Any]

_log = structlog.get_logger()


class PersonService(PersonServiceServicer):
    """Gives institutions their references for persons, and what is recorded under them."""

    def __init__(
        self,
        *,
        vault: PersonVault,
        holders: CertificateHolders,
        histories: LearnerHistories,
        access: Access,
    ) -> None:
        """Keep persons in `vault`.

        Args:
            vault: The persons.
            holders: Knows whose a certificate is.
            histories: Shows learners' histories.
            access: Knows who is an institution, and which bureau is over whom.
        """
        self._vault = vault
        self._holders = holders
        self._histories = histories
        self._access = access

    async def RegisterPerson(
        self, request: pb.RegisterPersonRequest, context: Context
    ) -> pb.RegisterPersonResponse:
        """Return the calling institution's reference for a person."""
        reference = await asyncio.to_thread(self._register, current_caller(), request)
        return pb.RegisterPersonResponse(
            person_ref=str(reference.person_ref),
            identity_commitment=reference.identity_commitment,
        )

    def _register(self, caller: Caller, request: pb.RegisterPersonRequest) -> Reference:
        institution = self._access.of(caller).require_institution_role()
        return self._vault.register(
            UUID(bytes=institution), request.id_type, request.id_number, request.name
        )

    async def CorrectPerson(
        self, request: pb.CorrectPersonRequest, context: Context
    ) -> pb.CorrectPersonResponse:
        """Correct who stands behind the calling institution's reference."""
        caller = current_caller()
        reference = await asyncio.to_thread(self._correct, caller, request)
        # Who did it to which reference, and nothing of what was handed in.
        _log.info("person corrected", caller=caller.name, person_ref=str(reference.person_ref))
        return pb.CorrectPersonResponse(identity_commitment=reference.identity_commitment)

    def _correct(self, caller: Caller, request: pb.CorrectPersonRequest) -> Reference:
        institution = self._access.of(caller).require_institution_role()
        if bool(request.id_type) != bool(request.id_number):
            raise _invalid("id_number", "an ID number and its kind are given together")
        document = (request.id_type, request.id_number) if request.id_number else None
        correction = Correction(document, request.name or None)
        if correction == Correction():
            raise _invalid("name", "nothing is corrected: give a name or an ID number")
        person_ref = UUID(bytes=id_bytes(request.person_ref))
        return self._vault.correct(UUID(bytes=institution), person_ref, correction)

    async def GetLearnerHistory(
        self, request: pb.GetLearnerHistoryRequest, context: Context
    ) -> pb.GetLearnerHistoryResponse:
        """Return the enrolments under the calling institution's reference."""
        return await asyncio.to_thread(self._histories.page, current_caller(), request)

    async def CommitOfficialNumber(
        self, request: pb.CommitOfficialNumberRequest, context: Context
    ) -> pb.CommitOfficialNumberResponse:
        """Commit to the number of an official certificate."""
        commitment = await asyncio.to_thread(self._commit, current_caller(), request)
        return pb.CommitOfficialNumberResponse(number_commitment=commitment)

    def _commit(self, caller: Caller, request: pb.CommitOfficialNumberRequest) -> bytes:
        view = self._access.of(caller)
        if view.role() is not Role.BUREAU:
            raise RefusedError([Refusal("PERMISSION_DENIED")])
        holder = self._holders.find(request.number)
        if not view.institution(holder.institution):
            raise NotFoundError("certificate")
        return self._vault.commit_official_number(holder.person_ref, request.official_number)


def _invalid(field: str, detail: str) -> RefusedError:
    return RefusedError([Refusal("INVALID_REQUEST", field, {"detail": detail})])
