"""Ed25519 keys and signatures as Multibase text, and the DID document that lists keys.

Multikey and Multibase of W3C Controlled Identifiers 1.0 (sections 2.2.2 and 2.4), as the
`eddsa-rdfc-2022` cryptosuite uses them (the letter `z`, then base58btc), and did.json of did:web.
"""

import re
from collections.abc import Mapping
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledger.log.errors import FormatError

_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGITS: Final = {letter: value for value, letter in enumerate(_ALPHABET)}
_BASE: Final = len(_ALPHABET)
_PREFIX: Final = "z"
# Base58 decoding is quadratic; keys and signatures are far below this many letters.
_MAX_TEXT: Final = 128
_ED25519_PUB: Final = b"\xed\x01"
_ED25519_PUB_SIZE: Final = 32
_DID: Final = re.compile(r"did:[a-z0-9]+:[A-Za-z0-9._:%-]+")
_FRAGMENT: Final = re.compile(r"key-[a-z0-9-]{1,40}")


def encode_multibase(data: bytes) -> str:
    """The multibase text of bytes: `z` and base58btc, one `1` for each leading zero byte."""
    number = int.from_bytes(data)
    letters: list[str] = []
    while number:
        number, digit = divmod(number, _BASE)
        letters.append(_ALPHABET[digit])
    zeros = len(data) - len(data.lstrip(b"\x00"))
    return _PREFIX + _ALPHABET[0] * zeros + "".join(reversed(letters))


def decode_multibase(text: str) -> bytes:
    """The bytes of a `z` multibase text.

    Raises:
        FormatError: another base, a letter outside base58btc, or more than 128 characters.
    """
    if len(text) > _MAX_TEXT or not text.startswith(_PREFIX):
        raise FormatError("multibase text must start with z and have at most 128 characters")
    body = text[len(_PREFIX) :]
    number = 0
    for letter in body:
        digit = _DIGITS.get(letter)
        if digit is None:
            raise FormatError("multibase text holds a character that base58btc does not have")
        number = number * _BASE + digit
    zeros = len(body) - len(body.lstrip(_ALPHABET[0]))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8)


def encode_ed25519(key: Ed25519PublicKey) -> str:
    """The Multikey text of an Ed25519 public key (`z6Mk…`)."""
    return encode_multibase(_ED25519_PUB + key.public_bytes_raw())


def decode_ed25519(text: str) -> Ed25519PublicKey:
    """The Ed25519 public key of a Multikey text.

    Raises:
        FormatError: not multibase, not an Ed25519 key, or not 32 bytes long.
    """
    data = decode_multibase(text)
    if not data.startswith(_ED25519_PUB) or len(data) != len(_ED25519_PUB) + _ED25519_PUB_SIZE:
        raise FormatError("the multikey is not an Ed25519 public key")
    return Ed25519PublicKey.from_public_bytes(data[len(_ED25519_PUB) :])


def did_document(did: str, keys: Mapping[str, Ed25519PublicKey]) -> dict[str, object]:
    """The did.json of an institution, which a `did:web` verifier fetches.

    Args:
        did: `did:web:cert.example.org:institutions:JG-320599-0001`.
        keys: public keys by fragment, `key-2026-1`. Rotated keys stay listed, else what they
            signed no longer verifies; which of them counted when is for the log to say.

    Raises:
        FormatError: no key, or a malformed DID or fragment.
    """
    if not _DID.fullmatch(did) or not keys:
        raise FormatError("a DID document needs a DID and at least one key")
    # A fragment that is itself a key lets careless verifiers skip the document altogether.
    if not all(_FRAGMENT.fullmatch(name) for name in keys):
        raise FormatError("key fragments must look like key-2026-1")
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": [
            {
                "id": f"{did}#{name}",
                "type": "Multikey",
                "controller": did,
                "publicKeyMultibase": encode_ed25519(key),
            }
            for name, key in keys.items()
        ],
        "assertionMethod": [f"{did}#{name}" for name in keys],
    }
