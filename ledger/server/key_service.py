"""KeyService: the key tree, open to every caller (key_service.proto)."""

import asyncio
from typing import Any

import grpc

from ledger.api.v1 import events_pb2
from ledger.api.v1 import key_service_pb2 as pb
from ledger.api.v1.key_service_pb2_grpc import KeyServiceServicer
from ledger.application.errors import NotFoundError
from ledger.server.identifiers import id_bytes, id_text
from ledger.server.page_tokens import PageTokens
from ledger.server.paging import Listing, PageRequest, ShownPage, show_page
from projections.answers import Key
from projections.queries import Queries

Context = grpc.aio.ServicerContext[Any, Any]


class KeyService(KeyServiceServicer):
    """Reads the key tree."""

    def __init__(self, *, queries: Queries, tokens: PageTokens) -> None:
        """Serve from the read models; `tokens` makes page tokens."""
        self._queries = queries
        self._tokens = tokens

    async def GetKey(self, request: pb.GetKeyRequest, context: Context) -> pb.GetKeyResponse:
        """Return one key."""
        answer = await asyncio.to_thread(self._queries.key, request.key_id)
        if answer.value is None:
            raise NotFoundError("key")
        return pb.GetKeyResponse(key=_key(answer.value))

    async def ListKeys(self, request: pb.ListKeysRequest, context: Context) -> pb.ListKeysResponse:
        """List the keys of a party by registration."""
        page = await asyncio.to_thread(self._keys, request)
        return pb.ListKeysResponse(
            keys=[_key(row) for row in page.rows], next_page_token=page.token
        )

    def _keys(self, request: pb.ListKeysRequest) -> ShownPage[Key]:
        institution = id_bytes(request.institution)
        return show_page(
            self._tokens,
            PageRequest(
                request.page_size, request.page_token, {"institution": request.institution}
            ),
            Listing(
                fetch=lambda after, limit: self._queries.keys(institution, after, limit),
                place=lambda row: row.registered_index.to_bytes(8, "big"),
                visible=lambda _: True,
            ),
        )


def _key(key: Key) -> pb.Key:
    return pb.Key(
        key_id=key.key_id,
        public_key=key.public_key,
        algorithm=events_pb2.Algorithm.ValueType(key.algorithm),
        holder=id_text(key.holder),
        use=events_pb2.KeyUse.ValueType(key.use),
        device=key.device,
        ending=events_pb2.KeyEnding.ValueType(key.ending),
        registered_index=key.registered_index,
    )
