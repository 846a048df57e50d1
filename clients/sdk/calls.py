"""Calls that may be repeated: tried again while nobody answers, given up when the answer is no."""

from typing import Protocol, TypeVar

import grpc
from google.protobuf.message import Message

from clients.sdk.errors import RefusedError, UnreachableError
from clients.sdk.failures import read_failure
from clients.sdk.retries import DEFAULT_TIMEOUT, Retries

Request_contra = TypeVar("Request_contra", bound=Message, contravariant=True)
Response_co = TypeVar("Response_co", bound=Message, covariant=True)
Asked = TypeVar("Asked", bound=Message)
Answer = TypeVar("Answer", bound=Message)


class Method(Protocol[Request_contra, Response_co]):
    """A unary method of a stub."""

    def __call__(self, request: Request_contra, /, timeout: float | None = None) -> Response_co:
        """Call it; `timeout` in seconds."""


class Caller:
    """Makes calls that change nothing, or may be repeated at will.

    Args:
        retries: How often and how long.
        timeout: Seconds that a call may take where none are named.
    """

    def __init__(self, retries: Retries, timeout: float = DEFAULT_TIMEOUT) -> None:
        self._retries = retries
        self._timeout = timeout

    def call(
        self,
        method: Method[Asked, Answer],
        request: Asked,
        *,
        timeout: float | None = None,
        waits: bool = False,
        awaited: str = "",
    ) -> Answer:
        """Call until there is an answer.

        Args:
            method: The method of a stub.
            request: Its request.
            timeout: Seconds for all attempts; None for the usual.
            waits: The server may answer as late as the deadline: one attempt has all the time.
            awaited: Code of a refusal that passes by itself: it is waited out, as far as there is
                time.

        Raises:
            RefusedError: when the ledger refuses the call.
            UnreachableError: when it does not answer in time.
        """
        trial = self._retries.begin(self._timeout if timeout is None else timeout)
        while True:
            try:
                return method(
                    request, timeout=trial.remaining() if waits else trial.attempt_timeout()
                )
            except grpc.RpcError as error:
                failure = read_failure(error)
                refused = failure.refused
                if refused and (not awaited or failure.code != awaited):
                    raise RefusedError(failure) from error
                if not trial.wait(failure.retry_after):
                    raise (RefusedError if refused else UnreachableError)(failure) from error
