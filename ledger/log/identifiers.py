"""Identifiers that follow from others (docs/formats.md section 2). UUIDs are RFC 9562."""

from hashlib import pbkdf2_hmac, sha256
from uuid import NAMESPACE_URL, UUID, uuid5

NUMBER_KEY_ROUNDS = 100_000


def key_id(public_key: bytes) -> bytes:
    """Return the id of a key: SHA-256 of its SubjectPublicKeyInfo in DER."""
    return sha256(public_key).digest()


def log_namespace(origin: str) -> UUID:
    """Return the namespace of all ids that are derived within one log."""
    return uuid5(NAMESPACE_URL, origin)


def party_id(origin: str, credit_code: str) -> UUID:
    """Return the id of an institution, bureau, exam body or platform, which is also its stream."""
    return uuid5(log_namespace(origin), f"institution/{credit_code}")


def key_stream(origin: str, key: bytes) -> UUID:
    """Return the stream of the key with id `key`."""
    return uuid5(log_namespace(origin), f"key/{key.hex()}")


def policy_stream(origin: str) -> UUID:
    """Return the stream of the log's policies."""
    return uuid5(log_namespace(origin), "policy")


def enrolment_id(cohort: UUID, person_ref: UUID) -> UUID:
    """Return the enrolment (and its stream) of a person in a cohort."""
    return uuid5(cohort, str(person_ref))


def certificate_id(person_ref: UUID, enrolment: UUID, edition: int) -> UUID:
    """Return the certificate (and its stream) of an edition of an enrolment's certificate."""
    return uuid5(person_ref, f"{enrolment}/{edition}")


def number_map_id(number: str, origin: str) -> bytes:
    """Return the id under which the head map holds a certificate number.

    PBKDF2-HMAC-SHA-256 with the origin as salt, so that numbers cannot be enumerated from the
    public tiles. About 30 ms on purpose.
    """
    return pbkdf2_hmac("sha256", number.encode(), origin.encode(), NUMBER_KEY_ROUNDS)


def uuid_text(raw: bytes) -> str:
    """Return the text form of a UUID of 16 bytes (faster than `str(UUID(bytes=raw))`)."""
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
