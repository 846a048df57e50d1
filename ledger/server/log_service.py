"""LogService: checkpoints, proofs and entries, for every caller (log_service.proto)."""

import asyncio
from typing import Any, Final

import grpc

from ledger.api.v1 import log_service_pb2 as pb
from ledger.api.v1.log_service_pb2_grpc import LogServiceServicer
from ledger.application.ports import LogReader
from ledger.application.proofs import ProofService

Context = grpc.aio.ServicerContext[Any, Any]

DEFAULT_ENTRIES: Final = 256
ANSWER_BYTES: Final = 3 * 1024 * 1024
"""Bytes of entries in one answer: clients take 4 MiB when nobody told them otherwise."""


class LogService(LogServiceServicer):
    """Lets anyone check the log. Nothing here names a person."""

    def __init__(self, *, proofs: ProofService, reader: LogReader) -> None:
        """Serve proofs from `proofs` and entries from `reader`."""
        self._proofs = proofs
        self._reader = reader

    async def GetCheckpoint(
        self, request: pb.GetCheckpointRequest, context: Context
    ) -> pb.GetCheckpointResponse:
        """Return the newest checkpoint."""
        _, note = await asyncio.to_thread(self._proofs.checkpoint)
        return pb.GetCheckpointResponse(checkpoint=note)

    async def GetInclusionProof(
        self, request: pb.GetInclusionProofRequest, context: Context
    ) -> pb.GetInclusionProofResponse:
        """Return an entry and its proof."""
        found = await asyncio.to_thread(self._proofs.inclusion, request.index)
        return pb.GetInclusionProofResponse(entry=found.entry, proof=found.proof)

    async def GetConsistencyProof(
        self, request: pb.GetConsistencyProofRequest, context: Context
    ) -> pb.GetConsistencyProofResponse:
        """Return the proof that one tree extends another."""
        found = await asyncio.to_thread(
            self._proofs.consistency, request.old_size, request.new_size or None
        )
        return pb.GetConsistencyProofResponse(path=found.path, checkpoint=found.note)

    async def ListEntries(
        self, request: pb.ListEntriesRequest, context: Context
    ) -> pb.ListEntriesResponse:
        """Return entries by index, none beyond the newest checkpoint."""
        return await asyncio.to_thread(self._entries, request)

    async def GetHeadProof(
        self, request: pb.GetHeadProofRequest, context: Context
    ) -> pb.GetHeadProofResponse:
        """Return what the head map holds under a key, or that it is absent."""
        found = await asyncio.to_thread(self._proofs.head_proof, request.map_key)
        return pb.GetHeadProofResponse(
            head_proof=found.proof.to_bytes(), map_commit=found.commit, proof=found.commit_proof
        )

    def _entries(self, request: pb.ListEntriesRequest) -> pb.ListEntriesResponse:
        size, _ = self._proofs.checkpoint()
        response = pb.ListEntriesResponse(size=size)
        wanted = min(request.page_size or DEFAULT_ENTRIES, max(0, size - request.start_index))
        if not wanted:
            return response
        room = ANSWER_BYTES
        for index, entry in self._reader.entries(request.start_index, wanted):
            room -= len(entry)
            if index >= size or room < 0:
                break
            response.entries.append(pb.LogEntry(index=index, entry=entry))
        return response
