"""Derived identifiers: name-based UUIDs of RFC 9562, key ids and masked certificate numbers."""

import hashlib
import hmac
from uuid import NAMESPACE_DNS, NAMESPACE_URL, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.log import identifiers
from ledger.log.entries import EventEntry, read_entry
from ledger.log.event_reader import Event, read_event
from tests.independent.vectors import LOG, VECTORS

ORIGIN = LOG["origin"]
OTHER = "log.example/320598"
NUMBER = "PXZM-320599-2026-K7Q2-M4XB-9T3H-T"


def name_based(namespace: UUID, name: bytes) -> UUID:
    """RFC 9562 section 5.5, word for word."""
    digest = bytearray(hashlib.sha1(namespace.bytes + name, usedforsecurity=False).digest()[:16])
    digest[6] = 0x50 | digest[6] & 0x0F
    digest[8] = 0x80 | digest[8] & 0x3F
    return UUID(bytes=bytes(digest))


def pbkdf2(password: bytes, salt: bytes, rounds: int) -> bytes:
    """RFC 8018 section 5.2 for one block of HMAC-SHA-256."""
    block = hmac.digest(password, salt + b"\x00\x00\x00\x01", "sha256")
    result = int.from_bytes(block, "big")
    for _ in range(rounds - 1):
        block = hmac.digest(password, block, "sha256")
        result ^= int.from_bytes(block, "big")
    return result.to_bytes(32, "big")


def event_of(name: str) -> Event:
    return read_event(bytes.fromhex(VECTORS[name]["events"][0]["event_hex"]))


def entry_of(name: str) -> EventEntry:
    entry = read_entry(VECTORS[name]["entries"][0]["text"].encode())
    assert isinstance(entry, EventEntry)
    return entry


def test_a_name_based_uuid_is_that_of_the_rfc() -> None:
    # RFC 9562 appendix A.4, then the same rule in the namespace of URLs.
    example = "2ed6657d-e927-568b-95e1-2665a8aea6a2"
    assert str(name_based(NAMESPACE_DNS, b"www.example.com")) == example
    assert str(NAMESPACE_URL) == "6ba7b811-9dad-11d1-80b4-00c04fd430c8"
    namespace = identifiers.log_namespace(ORIGIN)
    assert namespace == name_based(NAMESPACE_URL, b"log.example/320599")
    assert namespace != identifiers.log_namespace(OTHER)


def test_identifiers_of_a_log_follow_from_their_names() -> None:
    namespace = name_based(NAMESPACE_URL, ORIGIN.encode())
    code, key = "91320599000000001A", bytes(range(32))
    party = name_based(namespace, b"institution/91320599000000001A")
    stream = name_based(namespace, b"key/" + key.hex().encode())
    assert identifiers.party_id(ORIGIN, code) == party != identifiers.party_id(OTHER, code)
    assert identifiers.key_stream(ORIGIN, key) == stream != identifiers.key_stream(OTHER, key)
    assert identifiers.policy_stream(ORIGIN) == name_based(namespace, b"policy")
    assert identifiers.party_id(ORIGIN, "91320599000000001a") != party


@given(st.uuids(), st.uuids(), st.integers(1, 1_000))
def test_enrolment_and_certificate_follow_from_the_text_of_their_ids(
    first: UUID, second: UUID, edition: int
) -> None:
    enrolment = name_based(first, str(second).encode())
    assert identifiers.enrolment_id(first, second) == enrolment
    name = f"{first}/{edition}".encode()
    assert identifiers.certificate_id(second, first, edition) == name_based(second, name)
    assert enrolment != identifiers.enrolment_id(first, enrolment)
    following = identifiers.certificate_id(second, first, edition + 1)
    assert following != identifiers.certificate_id(second, first, edition)


def test_the_streams_of_the_vectors_are_derived() -> None:
    registered = event_of("event-InstitutionRegistered")
    party = identifiers.party_id(ORIGIN, registered.body.credit_code)
    assert party.bytes == registered.header.stream
    key = event_of("event-KeyRegistered")
    key_id = identifiers.key_id(key.body.public_key)
    assert identifiers.key_stream(ORIGIN, key_id).bytes == key.header.stream
    assert identifiers.policy_stream(ORIGIN).bytes == event_of("event-PolicyAdopted").header.stream
    enrolled = event_of("event-LearnerEnrolled").header
    cohort, person = UUID(bytes=enrolled.cohorts[0]), UUID(bytes=enrolled.person_ref)
    enrolment = identifiers.enrolment_id(cohort, person)
    assert enrolment.bytes == enrolled.stream
    assert identifiers.enrolment_id(person, cohort).bytes != enrolled.stream


def test_a_key_id_is_the_digest_of_the_whole_public_key() -> None:
    batch = VECTORS["first-event"]["batch"]
    public = bytes.fromhex(batch["public_key_hex"])
    assert identifiers.key_id(public).hex() == batch["key_id_hex"]
    assert identifiers.key_id(public) == hashlib.sha256(public).digest()
    assert identifiers.key_id(public) != identifiers.key_id(public[12:])


def test_a_number_stands_in_the_map_under_pbkdf2_of_100000_rounds() -> None:
    # RFC 7914 section 11: PBKDF2-HMAC-SHA-256 (P="passwd", S="salt", c=1).
    assert pbkdf2(b"passwd", b"salt", 1).hex() == (
        "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
    )
    masked = pbkdf2(NUMBER.encode(), ORIGIN.encode(), 100_000)
    assert identifiers.number_map_id(NUMBER, ORIGIN) == masked
    key = hashlib.sha256(b"certificate\x00" + masked).hexdigest()
    assert key in entry_of("event-TrainingCertificateIssued").keys


def test_another_number_or_origin_is_masked_otherwise() -> None:
    masked = identifiers.number_map_id(NUMBER, ORIGIN)
    assert masked != identifiers.number_map_id(NUMBER[:-1] + "U", ORIGIN)
    assert masked != identifiers.number_map_id(NUMBER, OTHER)


@given(st.uuids())
def test_the_text_of_a_uuid_has_36_characters_in_lower_case(value: UUID) -> None:
    text = identifiers.uuid_text(value.bytes)
    assert text == str(value) == text.lower()
    assert len(text) == 36


@pytest.mark.parametrize("name", ["first-event", "event-LearnerSignedIn", "event-CohortPlanned"])
def test_an_entry_names_event_and_stream_by_their_text(name: str) -> None:
    header, entry = event_of(name).header, entry_of(name)
    assert identifiers.uuid_text(header.event_id) == entry.event
    assert identifiers.uuid_text(header.stream) == entry.stream
    assert entry.event != entry.stream
