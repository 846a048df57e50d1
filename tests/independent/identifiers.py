"""Derived identifiers, certificate numbers and head-map keys (docs/formats.md sections 2 and 6)."""

import hashlib
import re
from typing import Final
from uuid import NAMESPACE_URL, UUID

_ALPHABET_36: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NUMBER: Final = re.compile(
    r"PXZM-([0-9]{6})-([0-9]{4})-([0-9A-HJKMNP-TV-Z]{4})-([0-9A-HJKMNP-TV-Z]{4})"
    r"-([0-9A-HJKMNP-TV-Z]{4})-([0-9A-Z])"
)
_MASKING_ROUNDS: Final = 100_000


def uuid5(namespace: UUID, name: str) -> UUID:
    """Return the name-based UUID of RFC 9562 section 5.5, computed from its text."""
    digest = bytearray(
        hashlib.sha1(namespace.bytes + name.encode(), usedforsecurity=False).digest()[:16]
    )
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    return UUID(bytes=bytes(digest))


def log_namespace(origin: str) -> UUID:
    """Return the namespace of a log."""
    return uuid5(NAMESPACE_URL, origin)


def party_id(origin: str, credit_code: str) -> UUID:
    """Return the id and stream of an institution, bureau, exam body or platform."""
    return uuid5(log_namespace(origin), "institution/" + credit_code)


def key_stream(origin: str, key_id: bytes) -> UUID:
    """Return the stream of a key."""
    return uuid5(log_namespace(origin), "key/" + key_id.hex())


def policy_stream(origin: str) -> UUID:
    """Return the stream of the policies."""
    return uuid5(log_namespace(origin), "policy")


def enrolment_stream(cohort: UUID, person_ref: UUID) -> UUID:
    """Return the stream of a learner in a cohort."""
    return uuid5(cohort, str(person_ref))


def certificate_stream(person_ref: UUID, enrolment: UUID, edition: int) -> UUID:
    """Return the stream of one edition of a certificate."""
    return uuid5(person_ref, f"{enrolment}/{edition}")


def check_character(text: str) -> str:
    """Return the ISO/IEC 7064 MOD 37,36 check character of text over 0-9A-Z."""
    product = 36
    for character in text:
        total = (product + _ALPHABET_36.index(character)) % 36 or 36
        product = total * 2 % 37
    return _ALPHABET_36[(37 - product) % 36]


def is_certificate_number(text: str) -> bool:
    """Tell whether text is a certificate number with the right check character."""
    match = _NUMBER.fullmatch(text)
    return match is not None and check_character("".join(match.groups()[:-1])) == match[6]


def map_key(namespace: str, identifier: bytes) -> bytes:
    """Return SHA-256(namespace ‖ 0x00 ‖ id)."""
    return hashlib.sha256(namespace.encode("ascii") + b"\x00" + identifier).digest()


def uuid_map_key(namespace: str, identifier: UUID) -> bytes:
    """Return the head-map key of a stream, cohort or institution."""
    return map_key(namespace, str(identifier).encode())


def certificate_map_key(origin: str, number: str) -> bytes:
    """Return the head-map key of a certificate number, which cannot be guessed cheaply."""
    masked = hashlib.pbkdf2_hmac(
        "sha256", number.encode(), origin.encode(), _MASKING_ROUNDS, dklen=32
    )
    return map_key("certificate", masked)
