"""Baselines (c) and (d): what a unary call costs before the ledger does anything.

    python -m tests.bench.call_server --home FOLDER --address HOST:PORT --key HEX

The same interpreter, event loop, gRPC options and mutual TLS as the ledger's, in a process of its
own, and no interceptor. Raw bytes in and out: Empty returns nothing; Signed verifies one Ed25519
signature over what it was sent and signs the same with a key of its own. It serves until it is
terminated.
"""

import argparse
import asyncio
import gc
from pathlib import Path
from typing import Any, Final, TypeAlias

import grpc
import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from ledger.commands.home import Home
from ledger.server.grpc_server import OPTIONS, mutual_tls

EMPTY: Final = "/bench.Calls/Empty"
SIGNED: Final = "/bench.Calls/Signed"
_SIGNATURE: Final = 64

Context = grpc.aio.ServicerContext[bytes, bytes]
Handler: TypeAlias = "grpc.RpcMethodHandler[bytes, bytes]"


class _Calls(grpc.GenericRpcHandler):
    """The two methods."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key
        self._own = Ed25519PrivateKey.generate()
        self._handlers: dict[str, Handler] = {
            EMPTY: grpc.unary_unary_rpc_method_handler(self._empty),
            SIGNED: grpc.unary_unary_rpc_method_handler(self._signed),
        }

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> "Handler | None":
        return self._handlers.get(handler_call_details.method)

    async def _empty(self, request: bytes, context: Context) -> bytes:
        return b""

    async def _signed(self, request: bytes, context: Context) -> bytes:
        message = request[_SIGNATURE:]
        self._key.verify(request[:_SIGNATURE], message)
        return self._own.sign(message)


async def _serve(home: Home, address: str, key: Ed25519PublicKey) -> None:
    tls = home.tls
    credentials = mutual_tls(
        certificate=(tls / "server.crt").read_bytes(),
        key=(tls / "server.key").read_bytes(),
        authority=(tls / "ca.crt").read_bytes(),
    )
    server: Any = grpc.aio.server(options=OPTIONS)
    server.add_generic_rpc_handlers((_Calls(key),))
    server.add_secure_port(address, credentials)
    await server.start()
    gc.collect()
    gc.freeze()
    await server.wait_for_termination()


def main() -> None:
    """Serve as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--address", required=True)
    parser.add_argument("--key", type=bytes.fromhex, required=True)
    options = parser.parse_args()
    key = Ed25519PublicKey.from_public_bytes(options.key)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(Home(options.home), options.address, key))


if __name__ == "__main__":
    main()
