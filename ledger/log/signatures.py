"""Author signatures: Ed25519 (RFC 8032) and ECDSA P-256 with SHA-256 in DER, by registered key.

The registered key fixes the algorithm; a signature is never tried with another.
"""

from dataclasses import dataclass
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from ledger.log.errors import FormatError, ProofError
from ledger.log.identifiers import key_id

AlgorithmName = Literal["ed25519", "ecdsa-p256"]
PrivateKey = Ed25519PrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A registered public key, parsed once.

    Attributes:
        key_id: SHA-256 of the SubjectPublicKeyInfo.
        spki: The SubjectPublicKeyInfo in DER.
        algorithm: Fixed by the kind of key.
    """

    key_id: bytes
    spki: bytes
    algorithm: AlgorithmName
    _key: Ed25519PublicKey | ec.EllipticCurvePublicKey

    def verify(self, signature: bytes, data: bytes) -> None:
        """Check a signature over `data`.

        Raises:
            ProofError: when it does not verify.
        """
        try:
            if isinstance(self._key, Ed25519PublicKey):
                self._key.verify(signature, data)
            else:
                self._key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature as error:
            message = "the signature does not verify"
            raise ProofError(message) from error

    def ed25519_bytes(self) -> bytes:
        """Return the raw 32 bytes of an Ed25519 key.

        Raises:
            FormatError: when the key is of another algorithm.
        """
        if not isinstance(self._key, Ed25519PublicKey):
            message = "not an Ed25519 key"
            raise FormatError(message)
        return self._key.public_bytes_raw()


def load_public_key(spki: bytes) -> PublicKey:
    """Read a SubjectPublicKeyInfo in DER.

    Raises:
        FormatError: when it is malformed, not canonical DER, or of no admitted algorithm.
    """
    try:
        key = serialization.load_der_public_key(spki)
    except Exception as error:
        message = "not a SubjectPublicKeyInfo in DER"
        raise FormatError(message) from error
    algorithm: AlgorithmName
    if isinstance(key, Ed25519PublicKey):
        algorithm = "ed25519"
    elif isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        algorithm = "ecdsa-p256"
    else:
        message = "the key is neither Ed25519 nor ECDSA P-256"
        raise FormatError(message)
    if public_bytes(key) != spki:
        message = "the SubjectPublicKeyInfo is not in canonical DER"
        raise FormatError(message)
    return PublicKey(key_id(spki), spki, algorithm, key)


def public_bytes(key: Ed25519PublicKey | ec.EllipticCurvePublicKey) -> bytes:
    """Return the SubjectPublicKeyInfo of a key in DER."""
    return key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def sign(key: PrivateKey, data: bytes) -> bytes:
    """Sign `data` with the algorithm of the key."""
    if isinstance(key, Ed25519PrivateKey):
        return key.sign(data)
    return key.sign(data, ec.ECDSA(hashes.SHA256()))
