"""Delivery: the same bytes, again and again, until it is known what became of each event.

docs/emitter.md section 8: a retry repeats a batch with all its leaves and, of its events, only
those still unknown. Refused events are never sent again here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import grpc

from clients.sdk.batches import SignedBatch, check_request
from clients.sdk.checks import LogKeys, check_answer
from clients.sdk.errors import AcknowledgementError, RefusedError, StillUnknownError
from clients.sdk.failures import Failure, read_failure
from clients.sdk.outcomes import Outcome
from clients.sdk.retries import Retries
from ledger.api.v1 import recording_service_pb2 as pb


@dataclass(frozen=True, slots=True)
class Answer:
    """What the ledger answered to one request.

    Attributes:
        results: One for each event sent.
        acknowledgement: The signature over the accepted ones, if there is one.
        request: The request, serialised; evidence.
        response: The answer, serialised; evidence.
    """

    results: Sequence[pb.EventResult]
    acknowledgement: pb.Acknowledgement | None
    request: bytes
    response: bytes


Send: TypeAlias = Callable[[list[pb.Batch], float], Answer]
"""Sends batches once, with a timeout in seconds; raises grpc.RpcError."""


class Parcel:
    """The events of one request and what is known of each."""

    def __init__(self, batches: Sequence[SignedBatch]) -> None:
        """Start with nothing known.

        Raises:
            DraftError: when the batches do not fit one request.
        """
        check_request(batches)
        self._batches = tuple(batches)
        self._events = tuple(event for batch in batches for event in batch.events)
        self._known: list[Outcome | None] = [None] * len(self._events)

    @property
    def known(self) -> tuple[Outcome | None, ...]:
        """What is known, one for each event in its order."""
        return tuple(self._known)

    def complete(self) -> tuple[Outcome, ...] | None:
        """Return all outcomes, None while one is unknown."""
        outcomes = tuple(outcome for outcome in self._known if outcome is not None)
        return outcomes if len(outcomes) == len(self._known) else None

    def unknown_batches(self) -> list[pb.Batch]:
        """Return the batches that still have unknown events, with these alone."""
        messages, start = [], 0
        for batch in self._batches:
            known = self._known[start : start + len(batch.events)]
            unknown = [index for index, outcome in enumerate(known) if outcome is None]
            if unknown:
                messages.append(batch.resend(unknown))
            start += len(batch.events)
        return messages

    def take(self, keys: LogKeys, answer: Answer) -> None:
        """Check an answer to `unknown_batches` and keep what it says.

        Raises:
            AcknowledgementError: when it does not verify; it carries the evidence.
        """
        places = [place for place, outcome in enumerate(self._known) if outcome is None]
        sent = [self._events[place] for place in places]
        try:
            outcomes = check_answer(keys, sent, answer.results, answer.acknowledgement)
        except AcknowledgementError as error:
            raise AcknowledgementError(
                str(error), request=answer.request, response=answer.response, outcomes=self.known
            ) from error
        for place, outcome in zip(places, outcomes, strict=True):
            self._known[place] = outcome


def deliver(
    parcel: Parcel, send: Send, keys: LogKeys, retries: Retries, timeout: float
) -> tuple[Outcome, ...]:
    """Send until the outcome of every event is known.

    Args:
        parcel: The events; what is known of them stays.
        send: Sends batches once.
        keys: The keys of the log.
        retries: How often.
        timeout: Seconds for all attempts.

    Raises:
        AcknowledgementError: when an answer does not verify.
        RefusedError: when the ledger refuses the request, and had not seen it before.
        StillUnknownError: when the deadline passes, or the request is refused after an attempt
            whose outcome is not known.
    """
    trial, doubtful = retries.begin(timeout), False
    while True:
        failure: Failure | None = None
        try:
            answer = send(parcel.unknown_batches(), trial.attempt_timeout())
        except grpc.RpcError as error:
            failure = read_failure(error)
            if failure.refused and doubtful:
                raise StillUnknownError(parcel.known, failure) from error
            if failure.refused:
                raise RefusedError(failure) from error
            doubtful = doubtful or not failure.passing
        else:
            parcel.take(keys, answer)
            outcomes = parcel.complete()
            if outcomes is not None:
                return outcomes
            doubtful = True
        if not trial.wait(0.0 if failure is None else failure.retry_after):
            raise StillUnknownError(parcel.known, failure)
