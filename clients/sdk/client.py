"""The client: one connection to a ledger, in the name of one identity.

    with Ledger.open(Path("identity")) as ledger:
        emitter = Emitter(ledger.identity)
        event = emitter.session_started(cohort=cohort, session=session, present=29)
        (outcome,) = ledger.append([event])

Writing is DESIGN section 7 and docs/emitter.md seen from outside: the same bytes until an outcome
is known, and no acknowledgement believed that was not checked.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias
from uuid import UUID

import grpc

from clients.sdk.batches import SignedBatch, sign_batch
from clients.sdk.calls import Caller
from clients.sdk.captured_events import CapturedEvent
from clients.sdk.certificates import Certificates
from clients.sdk.channel import open_channel
from clients.sdk.errors import DraftError, RejectedError
from clients.sdk.following import Follower, WatchedEvent
from clients.sdk.identity import Identity
from clients.sdk.log_reader import LogReader
from clients.sdk.outcomes import Accepted, Outcome, Rejected
from clients.sdk.receipts import Receipt, Receipts
from clients.sdk.recording import WINDOW, Recorder
from clients.sdk.registers import Registers
from clients.sdk.retries import DEFAULT_TIMEOUT, Retries
from clients.sdk.supervision import Supervision
from ledger.api.v1.certificate_service_pb2_grpc import CertificateServiceStub
from ledger.api.v1.log_service_pb2_grpc import LogServiceStub
from ledger.api.v1.recording_service_pb2_grpc import RecordingServiceStub

Recordable: TypeAlias = SignedBatch | Sequence[SignedBatch] | Sequence[CapturedEvent]
"""A batch, batches, or events that the identity signs as one batch."""


class Ledger:
    """A connection to a ledger. Safe to use from several threads.

    Attributes:
        identity: In whose name.
        log: Checkpoints, proofs and entries of the log, verified.
        registers: Persons, cohorts, parties, keys and held events.
        supervision: Sessions of a day, irregular records and traces, across cohorts.
        certificates: Issuing, replacing, revoking, suspending and looking up certificates.

    Args:
        identity: In whose name.
        channel: The connection; closed with the client.
        timeout: Seconds that a call may take with all its attempts, unless it names its own.
        retries: How often calls are tried again.
    """

    def __init__(
        self,
        identity: Identity,
        channel: grpc.Channel,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        retries: Retries | None = None,
    ) -> None:
        retries = retries or Retries()
        recording = RecordingServiceStub(channel)
        caller = Caller(retries, timeout)
        self.identity = identity
        self.log = LogReader(LogServiceStub(channel), caller, identity.trust)
        self.registers = Registers(channel, caller)
        self.supervision = Supervision(channel, caller)
        self.certificates = Certificates(
            CertificateServiceStub(channel),
            recording,
            self.registers,
            caller,
            self.log,
            identity,
            retries,
        )
        self._channel = channel
        self._recorder = Recorder(recording, self.log, retries)
        self._receipts = Receipts(recording, caller, self.log)
        self._follower = Follower(recording, retries)

    @classmethod
    def open(
        cls,
        identity: Identity | Path,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        retries: Retries | None = None,
        known_checkpoint: str = "",
    ) -> Self:
        """Connect as an identity.

        Args:
            identity: The identity, or its folder.
            timeout: Seconds that a call may take with all its attempts, unless it names its own.
            retries: How often calls are tried again.
            known_checkpoint: Note of the newest checkpoint that was seen before, if one was kept.

        Raises:
            CheckpointError: when the checkpoint that was kept does not verify.
            IdentityError: when a file of the folder is missing or wrong.
        """
        if isinstance(identity, Path):
            identity = Identity.load(identity)
        ledger = cls(identity, open_channel(identity), timeout=timeout, retries=retries)
        if known_checkpoint:
            ledger.log.remember(ledger.log.open_note(known_checkpoint))
        return ledger

    def close(self) -> None:
        """Close the connection; calls under way end."""
        self._follower.close()
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def append(
        self, what: Recordable, *, atomic: bool = False, timeout: float = DEFAULT_TIMEOUT
    ) -> tuple[Outcome, ...]:
        """Record a request's events; return what became of each, in their order.

        The same bytes are sent until every outcome is known, of a partly answered batch only the
        events still unknown. Refused events are not sent again.

        Args:
            what: A batch, batches of one request, or events to sign as one batch.
            atomic: Record all events or none.
            timeout: Seconds for all attempts.

        Raises:
            AcknowledgementError: when an answer does not verify: an alarm.
            CheckpointError: when the log's own keys do not verify: an alarm. Nothing was sent.
            DraftError: when they are no batch, or do not fit one request.
            RefusedError: when the ledger refuses the request as a whole.
            StillUnknownError: when the deadline passes; it carries what is known.
            UnreachableError: when the log's keys could not be read. Nothing was sent.
        """
        return self._recorder.append(self._batches(what), atomic=atomic, timeout=timeout)

    def accepted(
        self, what: Recordable, *, atomic: bool = True, timeout: float = DEFAULT_TIMEOUT
    ) -> tuple[Accepted, ...]:
        """Record a request's events where all of them have to be accepted.

        Raises:
            RejectedError: when an event is refused; with `atomic`, none is recorded then.
            LedgerClientError: as `append` does.
        """
        return all_accepted(self.append(what, atomic=atomic, timeout=timeout))

    def record(
        self,
        batches: Iterable[SignedBatch],
        *,
        window: int = WINDOW,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> Iterator[tuple[Outcome, ...]]:
        """Record batches over one connection; yield the outcomes of each, in order.

        Args:
            batches: The batches; they are read up to `window` ahead of what is yielded.
            window: Requests under way at once, at least 1. With 1 each batch is answered before
                the next is read.
            timeout: Seconds to wait for the next answer, and for finishing a batch whose
                connection was lost.

        Raises:
            AcknowledgementError: when an answer does not verify: an alarm.
            StillUnknownError: when a batch could not be finished. Of the batches behind it that
                were read, nothing is known either.
        """
        return self._recorder.record(batches, window=max(1, window), timeout=timeout)

    def get_receipt(
        self, event: UUID | Accepted, *, wait: bool = False, timeout: float | None = None
    ) -> Receipt:
        """Fetch and verify the receipt of an event.

        Args:
            event: The event's id, or its acceptance: then the receipt must show the same place.
            wait: Wait until the event is published.
            timeout: Seconds.

        Raises:
            CheckpointError: when the receipt does not verify: an alarm.
            QuorumMissingError: when the witnesses have not cosigned yet.
            RefusedError: when the event is unknown, or not published yet.
        """
        return self._receipts.get(event, wait=wait, timeout=timeout)

    def watch(self, start: int = 0, *, cohort: UUID | None = None) -> Iterator[WatchedEvent]:
        """Follow the log from an index on, without end, over lost connections.

        Args:
            start: First index wanted; resume with the last index received plus one.
            cohort: Only of this cohort.

        Raises:
            EvidenceError: when an event is not the one that its entry commits to.
            RefusedError: when the ledger refuses the call.
        """
        return self._follower.watch(start, cohort)

    def _batches(self, what: Recordable) -> list[SignedBatch]:
        if isinstance(what, SignedBatch):
            return [what]
        batches = [each for each in what if isinstance(each, SignedBatch)]
        if batches and len(batches) == len(what):
            return batches
        return [sign_batch(self.identity, _events(what))]


def all_accepted(outcomes: Sequence[Outcome]) -> tuple[Accepted, ...]:
    """Return the outcomes when all are accepted.

    Raises:
        RejectedError: when one is refused.
    """
    rejected = tuple(each for each in outcomes if isinstance(each, Rejected))
    if rejected:
        raise RejectedError(rejected, tuple(outcomes))
    return tuple(each for each in outcomes if isinstance(each, Accepted))


def _events(what: Sequence[SignedBatch] | Sequence[CapturedEvent]) -> list[CapturedEvent]:
    events = [each for each in what if isinstance(each, CapturedEvent)]
    if len(events) != len(what):
        raise DraftError("batches and events do not go together in one request")
    return events
