"""Batches: what one author key signs together, once and for good (docs/emitter.md section 4)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from clients.sdk.captured_events import CapturedEvent
from clients.sdk.errors import DraftError
from clients.sdk.identity import Identity
from clients.sdk.register_events import ALGORITHMS
from ledger.api.v1 import events_pb2, recording_service_pb2
from ledger.log import dsse, merkle
from ledger.log.identifiers import key_id
from ledger.log.signatures import PrivateKey, public_bytes, sign

MAX_EVENTS: Final = 1000
MAX_REQUEST_SIZE: Final = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class SignedBatch:
    """Events with the one signature over them. It is never cut or signed again on the way.

    Attributes:
        events: The events, 1 to 1,000.
        key_id: Id of the author's key.
        algorithm: Its algorithm.
        signature: Signature over the root of the events' leaves.
        approver_signature: The approver's over the same, empty where there is none.
    """

    events: tuple[CapturedEvent, ...]
    key_id: bytes = field(repr=False)
    algorithm: events_pb2.Algorithm.ValueType
    signature: bytes = field(repr=False)
    approver_signature: bytes = field(repr=False)

    @property
    def root(self) -> bytes:
        """RFC 6962 root of the leaves."""
        return merkle.root([event.leaf for event in self.events])

    def to_message(self) -> recording_service_pb2.Batch:
        """Return the batch with all its events; its bytes are what a spool keeps."""
        return self.resend(range(len(self.events)))

    def resend(self, indices: Collection[int]) -> recording_service_pb2.Batch:
        """Return the batch with all leaves and only some events, in the order of their leaves.

        Args:
            indices: Positions of the events to send, from 0.

        Raises:
            DraftError: when there is none, or one is not in the batch.
        """
        if not indices or not all(0 <= index < len(self.events) for index in indices):
            raise DraftError(f"positions {sorted(indices)} of a batch of {len(self.events)}")
        return recording_service_pb2.Batch(
            key_id=self.key_id,
            algorithm=self.algorithm,
            signature=self.signature,
            approver_signature=self.approver_signature,
            leaves=[event.leaf for event in self.events],
            events=[self.events[index].data for index in sorted(set(indices))],
        )

    @classmethod
    def from_message(cls, batch: recording_service_pb2.Batch) -> "SignedBatch":
        """Return a batch that was kept, with all its events.

        Raises:
            DraftError: when an event is missing or malformed.
        """
        events = tuple(CapturedEvent.from_bytes(data) for data in batch.events)
        if not events or [event.leaf for event in events] != list(batch.leaves):
            raise DraftError("the batch does not hold exactly the events of its leaves")
        return cls(events, batch.key_id, batch.algorithm, batch.signature, batch.approver_signature)


def sign_batch(
    identity: Identity, events: Sequence[CapturedEvent], approver: PrivateKey | None = None
) -> SignedBatch:
    """Sign events together.

    Args:
        identity: Their author.
        events: 1 to 1,000 events that fit one request of 2 MiB together.
        approver: The key that their headers name as the approver's; None where they name none.

    Raises:
        DraftError: when there are none or too many, or one names another author or approver.
    """
    if not 1 <= len(events) <= MAX_EVENTS:
        raise DraftError(f"{len(events)} events, a batch has 1 to {MAX_EVENTS}")
    if len({event.event_id for event in events}) != len(events):
        raise DraftError("an event stands twice in the batch")
    approver_id = b"" if approver is None else key_id(public_bytes(approver.public_key()))
    for event in events:
        if event.author_key != identity.key_id:
            raise DraftError(f"event {event.event_id} names another author's key")
        if event.approver_key != approver_id:
            raise DraftError(f"event {event.event_id} names another approver's key")
    message = dsse.batch_message(merkle.root([event.leaf for event in events]))
    batch = SignedBatch(
        tuple(events),
        identity.key_id,
        ALGORITHMS[identity.algorithm],
        sign(identity.key, message),
        b"" if approver is None else sign(approver, message),
    )
    check_request([batch])
    return batch


def check_request(batches: Sequence[SignedBatch]) -> None:
    """Check that batches fit one request.

    Raises:
        DraftError: when there are none, or they are more than 1,000 events or 2 MiB.
    """
    events = sum(len(batch.events) for batch in batches)
    if not 1 <= events <= MAX_EVENTS:
        raise DraftError(f"{events} events, a request has 1 to {MAX_EVENTS}")
    request = recording_service_pb2.AppendEventsRequest(
        batches=[batch.to_message() for batch in batches], atomic=True
    )
    size = request.ByteSize()
    if size > MAX_REQUEST_SIZE:
        raise DraftError(f"{size} bytes, a request has at most {MAX_REQUEST_SIZE}")
