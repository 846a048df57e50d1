"""Sealing in the person vault (DESIGN section 6): AES-256-GCM, and the keys above all persons.

Every sealing takes a fresh random 96-bit nonce, which stands before the ciphertext: a machine that
was restored from a snapshot must not count on from an old counter.
"""

import hmac
import secrets
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.application.errors import IntegrityBreachError

KEY_SIZE: Final = 32
_NONCE_SIZE: Final = 12


def seal(key: bytes, plain: bytes, bound_to: bytes) -> bytes:
    """Return nonce ‖ ciphertext ‖ tag.

    Args:
        key: 32 bytes.
        plain: What is sealed.
        bound_to: Associated data: where the ciphertext belongs.
    """
    nonce = secrets.token_bytes(_NONCE_SIZE)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound_to)


def unseal(key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
    """Return what was sealed with `key` for the place `bound_to`.

    Raises:
        IntegrityBreachError: when it was changed, or sealed with another key or for another place.
    """
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_SIZE], sealed[_NONCE_SIZE:], bound_to)
    except (InvalidTag, TypeError, ValueError) as error:
        message = "a row of the person vault is not what was sealed there"
        raise IntegrityBreachError(message) from error


@dataclass(frozen=True, slots=True)
class VaultKeys:
    """The two secrets of a vault, kept outside its database.

    Attributes:
        key_encryption_key: 32 bytes; wraps each person's own key.
        pepper: 32 bytes; without it nobody finds a person by trying ID numbers.

    Raises:
        ValueError: when one has another length.
    """

    key_encryption_key: bytes = field(repr=False)
    pepper: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key_encryption_key) != KEY_SIZE or len(self.pepper) != KEY_SIZE:
            message = f"the keys of a vault have {KEY_SIZE} bytes each"
            raise ValueError(message)

    def lookup(self, id_type: int, id_number: str) -> bytes:
        """Return where the vault keeps a person: HMAC-SHA-256 under the pepper, 32 bytes.

        Never a bare hash: all ID numbers of a county are tried in a quarter of a second.
        """
        return self._mac(b"person", f"{id_type}/{id_number}".encode())

    def fingerprint(self) -> bytes:
        """Return what tells these keys from others and tells nothing else, 32 bytes."""
        return self._mac(b"keys", self.key_encryption_key)

    def asked(self, question: bytes) -> bytes:
        """Return what the trace log keeps of a question, 32 bytes: HMAC-SHA-256 under the pepper.

        It names nobody; whoever holds the pepper and knows the question can find it.
        """
        return self._mac(b"trace", question)

    def wrap(self, person_key: bytes, lookup: bytes) -> bytes:
        """Return a person's key under the key-encryption key, bound to the person."""
        return seal(self.key_encryption_key, person_key, lookup)

    def unwrap(self, wrapped: bytes, lookup: bytes) -> bytes:
        """Return a person's key.

        Raises:
            IntegrityBreachError: when it was changed, or is another person's.
        """
        return unseal(self.key_encryption_key, wrapped, lookup)

    def _mac(self, label: bytes, data: bytes) -> bytes:
        return hmac.digest(self.pepper, label + b"\0" + data, "sha256")
