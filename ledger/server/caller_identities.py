"""From the certificate of a connection to the caller, on every call.

Reading a certificate costs more than many calls, so what was read is kept by the certificate's
hash. Its dates are looked at every time: a connection may outlive its certificate.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from cryptography import x509

from ledger.server.peer_identity import PeerError, read_peer
from ledger.server.request_context import Caller

_CAPACITY: Final = 4_096
_PEM: Final = "x509_pem_cert"


@dataclass(frozen=True, slots=True)
class _Known:
    """What a certificate says, and from when to when."""

    caller: Caller
    begins: datetime
    ends: datetime


def _now() -> datetime:
    return datetime.now(UTC)


class CallerIdentities:
    """Knows callers by their certificates."""

    def __init__(self, trust_domain: str, clock: Callable[[], datetime] = _now) -> None:
        """Accept certificates of this trust domain.

        Args:
            trust_domain: The log's origin up to the first slash.
            clock: Tells the time, with a time zone.
        """
        self._trust_domain = trust_domain
        self._clock = clock
        self._known: dict[bytes, _Known] = {}

    def identify(self, auth_context: Mapping[str, Iterable[bytes]]) -> Caller:
        """Return who is at the other end of a connection.

        Args:
            auth_context: As gRPC gives it.

        Raises:
            PeerError: when there is no certificate, it is not in force, or does not name a caller.
        """
        certificates = tuple(auth_context.get(_PEM, ()))
        if len(certificates) != 1:
            raise PeerError("the connection has no client certificate")
        known = self._read(certificates[0])
        if not known.begins <= self._clock() <= known.ends:
            raise PeerError("the client certificate is not in force")
        return known.caller

    def _read(self, pem: bytes) -> _Known:
        digest = sha256(pem).digest()
        known = self._known.get(digest)
        if known is None:
            peer = read_peer(pem, self._trust_domain)
            certificate = x509.load_pem_x509_certificate(pem)
            known = _Known(
                Caller(None if peer.party is None else peer.party.bytes),
                certificate.not_valid_before_utc,
                certificate.not_valid_after_utc,
            )
            if len(self._known) >= _CAPACITY:
                del self._known[next(iter(self._known))]
            self._known[digest] = known
        return known
