"""Identities and events for tests that need no server."""

from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clients.sdk import CapturedEvent, ClockReading, Emitter, Identity
from ledger.log.signatures import PrivateKey
from tests.unit.clients.sdk.tls_files import tls_files
from tests.unit.clients.verifier.small_log import COHORT, INSTITUTION, ORIGIN, trust_file

SESSION = UUID("056511f5-bafe-439b-ac08-ffe69141a3ac")
NOW_US = 1_772_413_800_000_000


def identity_of(
    key: PrivateKey, *, origin: str = ORIGIN, party: UUID = INSTITUTION, address: str = "[::1]:1"
) -> Identity:
    """Return an identity; its trust file is of the small log, whatever the origin."""
    return Identity(origin, party, address, "localhost", key, tls_files("client"), trust_file())


def private_key(algorithm: str, private_hex: str) -> PrivateKey:
    """Return the key of a vector."""
    if algorithm == "ed25519":
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private_hex))
    return ec.derive_private_key(int(private_hex, 16), ec.SECP256R1())


def sessions_started(identity: Identity, number: int) -> list[CapturedEvent]:
    """Return so many different events of one author."""
    emitter = Emitter(identity, synthetic=True, clock=lambda: ClockReading(NOW_US))
    return [
        emitter.session_started(cohort=COHORT, session=SESSION, present=present)
        for present in range(number)
    ]
