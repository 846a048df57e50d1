"""What happens around every call of the ledger's services, in one interceptor.

In this order: who calls (mTLS), is there room, how long may it take, does the request obey the
contract's rules; then the service; then errors become statuses, and one line goes to the log. The
line holds no payload. Health and reflection are not the ledger's and pass untouched.
"""

import asyncio
import itertools
import logging
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any, Final

import grpc
import structlog
from google.protobuf.message import Message
from grpc_status import rpc_status

from ledger.server.call_limits import (
    DEFAULT_SECONDS,
    MOST_SECONDS,
    CallLimits,
    Places,
    within,
)
from ledger.server.caller_identities import CallerIdentities
from ledger.server.errors import for_the_operator, refusals_of, status_of
from ledger.server.peer_identity import PeerError
from ledger.server.request_context import Call, enter_call
from ledger.server.request_rules import read_request

SERVICES: Final = "/ledger.api.v1."
Context = grpc.aio.ServicerContext[Any, Any]
Parse = Callable[[bytes], Message]

_log = structlog.get_logger()
# A request id is the process's own name and a number: unique without a draw of entropy per call.
_PROCESS: Final = secrets.token_hex(4)
_numbers = itertools.count(1)


class CallInterceptor(grpc.aio.ServerInterceptor):
    """Stands around every call."""

    def __init__(
        self,
        identities: CallerIdentities,
        limits: CallLimits = CallLimits(),  # noqa: B008 - frozen
    ) -> None:
        """Identify callers by `identities`, within `limits`."""
        self._identities = identities
        self._calls = Places(limits.calls)
        self._streams = Places(limits.streams)
        self._wrapped: dict[str, Any] = {}

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:  # noqa: ANN401 - handlers differ by method
        """Return the handler of a method, wrapped; None when there is no such method."""
        method = handler_call_details.method
        if method in self._wrapped:
            return self._wrapped[method]
        handler = await continuation(handler_call_details)
        if handler is None or not method.startswith(SERVICES):
            return handler
        self._wrapped[method] = self._wrap(method, handler)
        return self._wrapped[method]

    def _wrap(self, method: str, handler: Any) -> Any:  # noqa: ANN401 - see above
        """Return a handler that takes bytes: a message that cannot be read is answered too."""
        parse, serialise = handler.request_deserializer, handler.response_serializer
        if handler.unary_unary:
            unary = self._unary(method, handler.unary_unary, parse)
            return grpc.unary_unary_rpc_method_handler(unary, None, serialise)
        if handler.unary_stream:
            answers = self._unary_stream(method, handler.unary_stream, parse)
            return grpc.unary_stream_rpc_method_handler(answers, None, serialise)
        if handler.stream_stream:
            dialogue = self._stream_stream(method, handler.stream_stream, parse)
            return grpc.stream_stream_rpc_method_handler(dialogue, None, serialise)
        message = f"{method} has a form that the contract does not use"
        raise NotImplementedError(message)

    def _unary(self, method: str, serve: Any, parse: Parse) -> Any:  # noqa: ANN401 - see above
        async def handle(data: bytes, context: Context) -> Any:  # noqa: ANN401 - see above
            seconds = min(context.time_remaining() or DEFAULT_SECONDS, MOST_SECONDS)
            async with self._around(method, context, self._calls, seconds):
                return await serve(read_request(data, parse), context)

        return handle

    def _unary_stream(self, method: str, serve: Any, parse: Parse) -> Any:  # noqa: ANN401
        async def handle(data: bytes, context: Context) -> AsyncIterator[Any]:
            async with (
                self._around(method, context, self._streams, None),
                aclosing(serve(read_request(data, parse), context)) as responses,
            ):
                async for response in responses:
                    yield response

        return handle

    def _stream_stream(self, method: str, serve: Any, parse: Parse) -> Any:  # noqa: ANN401
        async def handle(data: AsyncIterator[bytes], context: Context) -> AsyncIterator[Any]:
            async with (
                self._around(method, context, self._streams, None),
                aclosing(serve(_requests(data, parse), context)) as responses,
            ):
                async for response in responses:
                    yield response

        return handle

    @asynccontextmanager
    async def _around(
        self, method: str, context: Context, places: Places, seconds: float | None
    ) -> AsyncIterator[None]:
        """Do everything that is the same for all methods."""
        started = time.perf_counter()
        request_id = f"{_PROCESS}-{next(_numbers)}"
        caller, outcome = "", "OK"
        try:
            identity = self._identities.identify(context.auth_context())
            caller = identity.name
            ends = None if seconds is None else asyncio.get_running_loop().time() + seconds
            enter_call(Call(method, request_id, identity, ends))
            with places.taken():
                async with within(seconds):
                    yield
        except Exception as error:  # noqa: BLE001 - whatever happened becomes a status
            refusals = refusals_of(error)
            outcome = refusals[0].code
            if for_the_operator(outcome):
                _log.exception("call failed", method=method, request_id=request_id)
            elif isinstance(error, PeerError):
                _log.warning("caller refused", reason=str(error), request_id=request_id)
            status = rpc_status.to_status(status_of(refusals, request_id))
            await context.abort_with_status(status)
        except BaseException:
            outcome = "CANCELLED"
            raise
        finally:
            _log.log(
                logging.DEBUG if outcome == "OK" else logging.INFO,
                "call",
                method=method,
                request_id=request_id,
                caller=caller,
                outcome=outcome,
                milliseconds=round((time.perf_counter() - started) * 1_000, 1),
            )


async def _requests(data: AsyncIterator[bytes], parse: Parse) -> AsyncIterator[Message]:
    async for each in data:
        yield read_request(each, parse)
