"""Mutual TLS on a real gRPC server: who gets in, and as whom."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import grpc
import pytest
from cryptography.hazmat.primitives import serialization

from ledger.server.peer_identity import PeerError, read_peer
from ledger.storage.spiffe_ids import operator_uri, party_uri
from ledger.storage.tls_files import CertificateAuthority, create_ca, issue_client, issue_server

DOMAIN: Final = "ledger.example"
PARTY: Final = UUID("7c9e6679-7425-40de-944b-e07fc1f90ae7")
METHOD: Final = "/synthetic.WhoAmI/Ask"
# TLS looks at the machine's own clock: what is valid now is made now.
NOW: Final = datetime.now(UTC)
CA: Final = create_ca(DOMAIN, NOW)
OTHER_CA: Final = create_ca(DOMAIN, NOW)
Pair = tuple[bytes, bytes]


class _WhoAmI(grpc.GenericRpcHandler):
    """Answers with the peer, and counts the calls that came through."""

    def __init__(self) -> None:
        self.calls = 0

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> "grpc.RpcMethodHandler[bytes, bytes]":
        return grpc.unary_unary_rpc_method_handler(self._ask)

    async def _ask(self, request: bytes, context: grpc.aio.ServicerContext[bytes, bytes]) -> bytes:
        self.calls += 1
        (pem,) = context.auth_context()["x509_pem_cert"]
        try:
            peer = read_peer(pem, DOMAIN)
        except PeerError:
            await context.abort(grpc.StatusCode.UNAUTHENTICATED)
        return f"{peer.kind} {peer.party}".encode()


@asynccontextmanager
async def _server(handler: _WhoAmI) -> AsyncIterator[int]:
    """A server on loopback; yields its port."""
    certificate, key = issue_server(CA, (), NOW)
    credentials = grpc.ssl_server_credentials(
        [(key, certificate)],
        root_certificates=CA.certificate_pem(),
        require_client_auth=True,
    )
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((handler,))
    port = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    try:
        yield port
    finally:
        await server.stop(grace=None)


async def _call(port: int, client: Pair | None, trusted: CertificateAuthority, host: str) -> bytes:
    certificate, key = client or (None, None)
    credentials = grpc.ssl_channel_credentials(trusted.certificate_pem(), key, certificate)
    async with grpc.aio.secure_channel(f"{host}:{port}", credentials) as channel:
        ask: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(METHOD)
        return await ask(b"", timeout=20)


def _ask(
    client: Pair | None, *, trusted: CertificateAuthority = CA, host: str = "127.0.0.1"
) -> tuple[bytes | grpc.StatusCode, int]:
    """Return the answer or the status, and how many calls reached the handler."""

    async def scene() -> bytes | grpc.StatusCode:
        async with _server(handler) as port:
            try:
                return await _call(port, client, trusted, host)
            except grpc.aio.AioRpcError as error:
                return error.code()

    handler = _WhoAmI()
    return asyncio.run(scene()), handler.calls


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_party_gets_in_as_itself(host: str) -> None:
    client = issue_client(CA, party_uri(DOMAIN, PARTY), NOW)
    assert _ask(client, host=host) == (f"party {PARTY}".encode(), 1)


def test_the_operator_gets_in_as_the_operator() -> None:
    assert _ask(issue_client(CA, operator_uri(DOMAIN), NOW)) == (b"operator None", 1)


def test_who_shows_no_certificate_is_refused_at_the_handshake() -> None:
    assert _ask(None) == (grpc.StatusCode.UNAVAILABLE, 0)


def test_another_authoritys_certificate_with_the_same_name_is_refused_at_the_handshake() -> None:
    client = issue_client(OTHER_CA, party_uri(DOMAIN, PARTY), NOW)
    assert _ask(client) == (grpc.StatusCode.UNAVAILABLE, 0)


@pytest.mark.parametrize(
    "made", [NOW - timedelta(days=30), NOW + timedelta(days=30)], ids=["expired", "not-yet-valid"]
)
def test_a_certificate_outside_its_time_is_refused_at_the_handshake(made: datetime) -> None:
    client = issue_client(CA, party_uri(DOMAIN, PARTY), made, days=3)
    assert _ask(client) == (grpc.StatusCode.UNAVAILABLE, 0)


def test_a_certificate_made_for_servers_gets_no_answer() -> None:
    answer, _ = _ask(issue_server(CA, (), NOW))
    assert answer in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.UNAUTHENTICATED}


def test_the_issuers_own_certificate_gets_no_answer() -> None:
    # Whoever signs certificates must not pass as a client by the same key.
    answer, _ = _ask((CA.certificate_pem(), _ca_key()))
    assert answer in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.UNAUTHENTICATED}


def test_a_client_refuses_a_server_of_another_authority() -> None:
    client = issue_client(CA, party_uri(DOMAIN, PARTY), NOW)
    assert _ask(client, trusted=OTHER_CA) == (grpc.StatusCode.UNAVAILABLE, 0)


def _ca_key() -> bytes:
    return CA.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
