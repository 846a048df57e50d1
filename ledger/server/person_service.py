"""PersonService: references to persons, outside the chain (person_service.proto, DESIGN section 6).

What is handed in is personal data: it goes to the vault and nowhere else, no log line included.
"""

import asyncio
from typing import Any
from uuid import UUID

import grpc

from ledger.api.v1 import person_service_pb2 as pb
from ledger.api.v1.person_service_pb2_grpc import PersonServiceServicer
from ledger.server.access import Access
from ledger.server.request_context import Caller, current_caller
from ledger.storage.vault import PersonVault, Reference

Context = grpc.aio.ServicerContext[Any, Any]


class PersonService(PersonServiceServicer):
    """Gives institutions their references for persons."""

    def __init__(self, *, vault: PersonVault, access: Access) -> None:
        """Keep persons in `vault`; `access` knows who is an institution."""
        self._vault = vault
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
