"""Following the log: every event that the caller may see, as it comes, over lost connections."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import grpc

from clients.sdk.errors import EvidenceError, RefusedError
from clients.sdk.failures import read_failure
from clients.sdk.retries import Retries
from ledger.api.v1 import recording_service_pb2 as pb
from ledger.api.v1.recording_service_pb2_grpc import RecordingServiceStub
from ledger.log.entries import EventEntry, read_entry
from ledger.log.errors import LogError
from ledger.log.merkle import leaf_hash

# One lost connection after another is waited for without end.
_FOR_EVER = float("inf")


@dataclass(frozen=True, slots=True)
class WatchedEvent:
    """One recorded event.

    Attributes:
        index: Index of its entry; resume with the next one.
        entry: The entry as read.
        entry_bytes: Bytes of the entry.
        event: Bytes of the event; they are those that the entry commits to.
    """

    index: int
    entry: EventEntry
    entry_bytes: bytes
    event: bytes


class Follower:
    """Follows the log.

    Args:
        stub: The recording service.
        retries: How long to wait after a lost connection.
    """

    def __init__(self, stub: RecordingServiceStub, retries: Retries) -> None:
        self._stub = stub
        self._retries = retries
        self._closed = False

    def watch(self, start: int, cohort: UUID | None) -> Iterator[WatchedEvent]:
        """Yield events from an index on; see `Ledger.watch`."""
        following = start
        trial = self._retries.begin(_FOR_EVER)
        while not self._closed:
            request = pb.WatchRequest(
                start_index=following, cohort="" if cohort is None else str(cohort)
            )
            call = self._stub.Watch(request)
            pause = 0.0
            try:
                for response in call:
                    event = _read(response, following)
                    following = event.index + 1
                    trial = self._retries.begin(_FOR_EVER)
                    yield event
            except grpc.RpcError as error:
                failure = read_failure(error)
                if failure.refused:
                    raise RefusedError(failure) from error
                pause = failure.retry_after
            finally:
                call.cancel()
            if not self._closed:
                trial.wait(pause)

    def close(self) -> None:
        """Let every `watch` end instead of connecting again."""
        self._closed = True


def _read(response: pb.WatchResponse, least: int) -> WatchedEvent:
    if response.index < least:
        raise EvidenceError(f"entry {response.index} is shown where {least} or later is due")
    try:
        entry = read_entry(response.entry)
    except LogError as error:
        raise EvidenceError(f"entry {response.index}: {error}") from error
    if not isinstance(entry, EventEntry) or leaf_hash(response.event) != entry.payload:
        raise EvidenceError(f"entry {response.index} is shown with another event than its own")
    return WatchedEvent(response.index, entry, response.entry, response.event)
