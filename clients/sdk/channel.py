"""The connection: mutual TLS to the address of an identity."""

from typing import Final

import grpc

from clients.sdk.identity import Identity

# The history of a cohort may have 64 MiB (ledger.log.history_proof).
_MAX_ANSWER: Final = 64 * 1024 * 1024 + 1024 * 1024
_OPTIONS: Final = (
    # Attempts are counted and paced by clients.sdk.retries alone.
    ("grpc.enable_retries", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2000),
    ("grpc.max_receive_message_length", _MAX_ANSWER),
    # A connection that died silently is found; more often is refused by servers as abuse.
    ("grpc.keepalive_time_ms", 330_000),
    ("grpc.keepalive_timeout_ms", 20_000),
)


def open_channel(identity: Identity) -> grpc.Channel:
    """Return a channel; it connects when the first call is made."""
    tls = identity.tls
    credentials = grpc.ssl_channel_credentials(tls.authority, tls.key, tls.certificate)
    name = ("grpc.ssl_target_name_override", identity.server_name)
    return grpc.secure_channel(identity.address, credentials, (*_OPTIONS, name))
