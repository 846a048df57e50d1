"""The log service of the small ledger."""

from dataclasses import dataclass, field
from typing import TypeAlias

import grpc
from grpc_status import rpc_status

from ledger.api.v1 import log_service_pb2 as pb
from ledger.api.v1.log_service_pb2_grpc import LogServiceServicer
from ledger.domain.refusals import Refusal
from ledger.log import merkle
from ledger.log.entries import entry_hash
from ledger.log.head_map import MapProof, bucket_proof
from ledger.log.head_proof import AbsenceProof, HeadProof
from ledger.server.errors import status_of
from tests.unit.clients.verifier.small_log import Published, SmallLog

Call: TypeAlias = grpc.ServicerContext


@dataclass
class LogView(LogServiceServicer):
    """The log's public side; `shown` is the checkpoint that it shows, another log's if told so.

    So many calls as `unpublished` says find that there is no checkpoint yet.
    """

    shown: Published
    log: SmallLog
    calls: list[str] = field(default_factory=list)
    head_of: bytes | None = None
    unpublished: int = 0

    def GetCheckpoint(
        self, request: pb.GetCheckpointRequest, context: Call
    ) -> pb.GetCheckpointResponse:
        if self.unpublished:
            self.unpublished -= 1
            refusal = status_of([Refusal("NOT_PUBLISHED", values={"size": 0})], "")
            context.abort_with_status(rpc_status.to_status(refusal))
        return pb.GetCheckpointResponse(checkpoint=self.shown.note)

    def GetInclusionProof(
        self, request: pb.GetInclusionProofRequest, context: Call
    ) -> pb.GetInclusionProofResponse:
        self.calls.append("GetInclusionProof")
        return pb.GetInclusionProofResponse(
            entry=self.shown.rows[request.index].entry,
            proof=self.log.inclusion(request.index, self.shown),
        )

    def GetConsistencyProof(
        self, request: pb.GetConsistencyProofRequest, context: Call
    ) -> pb.GetConsistencyProofResponse:
        self.calls.append("GetConsistencyProof")
        rows = self.log.rows[: request.new_size or self.shown.size]
        hashes = [entry_hash(row.entry) for row in rows]
        return pb.GetConsistencyProofResponse(
            path=merkle.consistency_path(hashes, request.old_size), checkpoint=self.shown.note
        )

    def GetHeadProof(
        self, request: pb.GetHeadProofRequest, context: Call
    ) -> pb.GetHeadProofResponse:
        shown, key = self.shown, self.head_of or request.map_key
        found, steps = bucket_proof(shown.items, key)
        proof = MapProof(steps)
        head: HeadProof | AbsenceProof
        if found == key:
            known = self.log.heads[key]
            head = HeadProof(key, known.count, known.last_index, known.head_hash, known.root, proof)
        else:
            value = self.log.heads[found].value()
            head = AbsenceProof(key, MapProof(steps, (found, value)))
        return pb.GetHeadProofResponse(
            head_proof=head.to_bytes(),
            map_commit=shown.rows[shown.size - 1].entry,
            proof=self.log.inclusion(shown.size - 1, shown),
        )

    def ListEntries(self, request: pb.ListEntriesRequest, context: Call) -> pb.ListEntriesResponse:
        self.calls.append("ListEntries")
        stop = min(request.start_index + request.page_size, self.shown.size)
        return pb.ListEntriesResponse(
            entries=[
                pb.LogEntry(index=index, entry=self.shown.rows[index].entry)
                for index in range(request.start_index, stop)
            ],
            size=self.shown.size,
        )
