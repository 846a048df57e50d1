"""Receipts: proof for anyone that an event stands in a published, witnessed log."""

from dataclasses import dataclass
from uuid import UUID

from clients.sdk.calls import Caller
from clients.sdk.errors import CheckpointError
from clients.sdk.log_reader import LogReader
from clients.sdk.outcomes import Accepted
from clients.sdk.proven_log import ProvenEntry
from ledger.api.v1 import recording_service_pb2 as pb
from ledger.api.v1.recording_service_pb2_grpc import RecordingServiceStub
from ledger.log.entries import EventEntry, read_entry
from ledger.log.errors import LogError


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt; keep `proven.entry` and `proven.proof`.

    Attributes:
        event_id: The event.
        proven: Its entry, with inclusion proof and checkpoint.
        entry: The entry as read.
    """

    event_id: UUID
    proven: ProvenEntry
    entry: EventEntry


class Receipts:
    """Fetches and verifies receipts.

    Args:
        stub: The recording service.
        caller: Makes the calls.
        log: Verifies the proofs.
    """

    def __init__(self, stub: RecordingServiceStub, caller: Caller, log: LogReader) -> None:
        self._stub = stub
        self._caller = caller
        self._log = log

    def get(self, event: UUID | Accepted, *, wait: bool, timeout: float | None) -> Receipt:
        """Fetch the receipt of an event; see `Ledger.get_receipt`."""
        event_id = event.event_id if isinstance(event, Accepted) else event
        answer = self._caller.call(
            self._stub.GetReceipt,
            pb.GetReceiptRequest(event_id=str(event_id), wait=wait),
            timeout=timeout,
            waits=wait,
        )
        proven = self._log.open_proof(answer.entry, answer.proof, timeout=timeout)
        try:
            entry = read_entry(answer.entry)
        except LogError as error:
            raise CheckpointError(f"the receipt of event {event_id}: {error}") from error
        if not isinstance(entry, EventEntry) or entry.event != str(event_id):
            raise CheckpointError(f"the receipt of event {event_id} is about another entry")
        if isinstance(event, Accepted) and (event.index, event.entry) != (
            proven.index,
            proven.entry,
        ):
            # Both statements are signed: acknowledgement and receipt together are evidence.
            raise CheckpointError(
                f"event {event_id} was acknowledged at index {event.index} "
                f"and is now shown with another entry at index {proven.index}"
            )
        self._log.require_quorum(proven.checkpoint)
        return Receipt(event_id, proven, entry)
