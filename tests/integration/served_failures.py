"""Failed calls, read by the SDK as its users read them."""

from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import pytest

from clients.sdk.failures import Failure, read_failure


async def failure(call: Awaitable[object]) -> Failure:
    """What the SDK makes of the error that a call ends with."""
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    return read_failure(_Call(raised.value))


class _Call(grpc.RpcError, grpc.Call):
    """The face of a synchronous call over an asynchronous error."""

    def __init__(self, error: grpc.aio.AioRpcError) -> None:
        super().__init__()
        self._error = error

    def code(self) -> grpc.StatusCode:
        return self._error.code()

    def details(self) -> str:
        return self._error.details() or ""

    def trailing_metadata(self) -> Any:  # noqa: ANN401 - a type private to the stubs
        return tuple(self._error.trailing_metadata())

    def initial_metadata(self) -> Any:  # noqa: ANN401 - a type private to the stubs
        return ()

    def is_active(self) -> bool:
        return False

    def time_remaining(self) -> float:
        return 0.0

    def cancel(self) -> bool:
        return False

    def add_callback(self, callback: Callable[[], None]) -> bool:
        return False
