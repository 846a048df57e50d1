"""The wire: a channel with mutual TLS, bytes out, bytes in, read strictly.

An emitter in the field passes over fields that a later version adds to an answer; here a field that
proto/ does not declare is a fault.
"""

from pathlib import Path

import grpc

from tests.independent.fields import MESSAGES
from tests.independent.reader import Message, RefusedError, read_message


class ResponseError(Exception):
    """The bytes are no answer to the request."""


def connect(address: str, identity: Path) -> grpc.Channel:
    """Return a channel as the party whose `tls.pem`, `tls-key.pem` and `ca.pem` are in a folder."""
    authority, key, certificate = (
        (identity / name).read_bytes() for name in ("ca.pem", "tls-key.pem", "tls.pem")
    )
    return grpc.secure_channel(address, grpc.ssl_channel_credentials(authority, key, certificate))


def call(channel: grpc.Channel, method: str, request: bytes, timeout: float) -> bytes:
    """Call `/package.Service/Method` and return the bytes of its answer.

    Raises:
        grpc.RpcError: The call failed.
    """
    method_call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(
        method, request_serializer=None, response_deserializer=None
    )
    return method_call(request, timeout=timeout)


def read_answer(name: str, data: bytes) -> Message:
    """Read an answer by the name of its message.

    Raises:
        ResponseError: The bytes are none.
    """
    try:
        return read_message(data, MESSAGES[name])
    except RefusedError as error:
        raise ResponseError(f"{name}: {error}") from error
