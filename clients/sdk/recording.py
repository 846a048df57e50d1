"""Writing: single requests, and many over one connection (docs/emitter.md section 5)."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final

import grpc

from clients.sdk.batches import SignedBatch
from clients.sdk.checks import LogKeys
from clients.sdk.delivery import Answer, Parcel, deliver
from clients.sdk.log_reader import LogReader
from clients.sdk.outcomes import Outcome
from clients.sdk.retries import Retries
from ledger.api.v1 import recording_service_pb2 as pb
from ledger.api.v1.certificate_service_pb2 import (
    SupersedeCertificateRequest,
    SupersedeCertificateResponse,
)
from ledger.api.v1.recording_service_pb2_grpc import RecordingServiceStub

WINDOW: Final = 16


class Recorder:
    """Sends batches and checks what comes back.

    Args:
        stub: The recording service.
        log: Knows the log's keys.
        retries: How often and how long.
    """

    def __init__(self, stub: RecordingServiceStub, log: LogReader, retries: Retries) -> None:
        self._stub = stub
        self._log = log
        self._retries = retries

    def append(
        self, batches: Sequence[SignedBatch], *, atomic: bool, timeout: float
    ) -> tuple[Outcome, ...]:
        """Record the batches of one request.

        Raises:
            AcknowledgementError: when an answer does not verify.
            DraftError: when they do not fit one request.
            RefusedError: when the ledger refuses the request.
            StillUnknownError: when the deadline passes.
        """
        return self._finish(Parcel(batches), atomic=atomic, timeout=timeout)

    def record(
        self, batches: Iterable[SignedBatch], *, window: int, timeout: float
    ) -> Iterator[tuple[Outcome, ...]]:
        """Record batches over one connection, each a request; see `Ledger.record`."""
        keys = self._log.keys(timeout=timeout)
        waiting = iter(batches)
        under_way: deque[Parcel] = deque()
        stream: _Stream | None = None
        try:
            while True:
                stream = stream or _Stream(self._stub)
                for batch in _take(waiting, window - len(under_way)):
                    under_way.append(Parcel([batch]))
                    stream.send(under_way[-1])
                if not under_way:
                    return
                answer = stream.receive(timeout)
                if answer is None:
                    # The connection is gone: finish what was under way, then open another.
                    stream.close()
                    stream = None
                    while under_way:
                        yield self._finish(under_way.popleft(), timeout=timeout)
                else:
                    yield self._answered(under_way.popleft(), keys, answer, timeout)
        finally:
            if stream is not None:
                stream.close()

    def _answered(
        self, parcel: Parcel, keys: LogKeys, answer: Answer, timeout: float
    ) -> tuple[Outcome, ...]:
        parcel.take(keys, answer)
        return parcel.complete() or self._finish(parcel, timeout=timeout)

    def _finish(
        self, parcel: Parcel, *, timeout: float, atomic: bool = False
    ) -> tuple[Outcome, ...]:
        def send(batches: list[pb.Batch], seconds: float) -> Answer:
            request = pb.AppendEventsRequest(batches=batches, atomic=atomic)
            response = self._stub.AppendEvents(request, timeout=seconds)
            return read_answer(request, response)

        started = self._retries.clock()
        keys = self._log.keys(timeout=timeout)
        left = timeout - (self._retries.clock() - started)
        return deliver(parcel, send, keys, self._retries, left)


def read_answer(
    request: pb.AppendEventsRequest | pb.RecordEventsRequest | SupersedeCertificateRequest,
    response: pb.AppendEventsResponse | pb.RecordEventsResponse | SupersedeCertificateResponse,
) -> Answer:
    """Return an answer with its evidence."""
    return Answer(
        response.results,
        response.acknowledgement if response.HasField("acknowledgement") else None,
        request.SerializeToString(),
        response.SerializeToString(),
    )


def _take(batches: Iterator[SignedBatch], number: int) -> Iterator[SignedBatch]:
    for _ in range(number):
        batch = next(batches, None)
        if batch is None:
            return
        yield batch


class _Stream:
    """One RecordEvents call; its answers are read beside, so that waiting for one can end."""

    def __init__(self, stub: RecordingServiceStub) -> None:
        self._requests: SimpleQueue[pb.RecordEventsRequest | None] = SimpleQueue()
        self._sent: deque[pb.RecordEventsRequest] = deque()
        self._answers: SimpleQueue[pb.RecordEventsResponse | None] = SimpleQueue()
        self._call = stub.RecordEvents(iter(self._requests.get, None))
        Thread(target=self._read, name="record-events", daemon=True).start()

    def send(self, parcel: Parcel) -> None:
        request = pb.RecordEventsRequest(batches=parcel.unknown_batches())
        self._sent.append(request)
        self._requests.put(request)

    def receive(self, timeout: float) -> Answer | None:
        """Return the next answer, None when there will be none."""
        try:
            response = self._answers.get(timeout=timeout)
        except Empty:
            return None
        return None if response is None else read_answer(self._sent.popleft(), response)

    def close(self) -> None:
        self._requests.put(None)
        self._call.cancel()

    def _read(self) -> None:
        try:
            for response in self._call:
                self._answers.put(response)
        except grpc.RpcError:
            # Whatever ended the stream, what it did with unanswered requests is not known.
            pass
        finally:
            self._answers.put(None)
