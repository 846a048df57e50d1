"""The certificate as a file: one way to write it, and every edit found."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.log.certificate_file import (
    MAX_FILE_SIZE,
    Evidence,
    assemble,
    core_bytes,
    core_digest,
    parse_file,
    split,
    to_file,
)
from ledger.log.data_integrity import add_proof, verify_proof
from ledger.log.errors import FormatError, LogError

GOLDEN = (Path(__file__).parents[2] / "vectors/open_badges/certificate.json").read_bytes()
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
METHOD = "did:web:cert.example.org:institutions:JG-320599-0001#key-2026-1"
PROOF = Evidence(
    "https://ledger.example.org/1", "账本收录证明", "https://c2sp.org/tlog-proof@v1", "1\n"
)
NOTE = Evidence("https://ledger.example.org/2", "说明", "text/plain", "2\n")


def golden() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(GOLDEN)
    return document


def is_genuine(data: bytes) -> bool:
    """What the verifier asks of a file, given the digest that the log holds."""
    document = parse_file(data)
    core, _, _ = split(document)
    verify_proof(document, KEY.public_key(), METHOD)
    return core_digest(core) == core_digest(split(golden())[0])


def test_signing_the_same_parts_gives_the_same_file() -> None:
    core, evidence, proof = split(golden())
    signed = add_proof(assemble(core, evidence), KEY, METHOD, str(proof["created"]))
    assert to_file(signed) == GOLDEN


def test_a_file_comes_back() -> None:
    assert parse_file(GOLDEN) == golden()
    assert is_genuine(GOLDEN)


@given(st.integers(0, len(GOLDEN) - 1), st.integers(1, 255))
def test_every_edited_byte_is_found(place: int, change: int) -> None:
    edited = bytearray(GOLDEN)
    edited[place] ^= change
    try:
        found = not is_genuine(bytes(edited))
    except LogError:
        found = True
    assert found


def swap_identities(document: dict[str, Any]) -> None:
    document["credentialSubject"]["identifier"].reverse()


def type_as_text(document: dict[str, Any]) -> None:
    document["issuer"]["type"] = "Profile"


def evidence_as_object(document: dict[str, Any]) -> None:
    document["evidence"] = document["evidence"][0]


def evidence_twice(document: dict[str, Any]) -> None:
    document["evidence"] *= 2


def evidence_type_twice(document: dict[str, Any]) -> None:
    document["evidence"][0]["type"] = ["Evidence", "Evidence"]


def no_evidence(document: dict[str, Any]) -> None:
    del document["evidence"]


@pytest.mark.parametrize(
    "edit",
    [
        swap_identities,
        type_as_text,
        evidence_as_object,
        evidence_twice,
        evidence_type_twice,
        no_evidence,
    ],
)
def test_an_edit_that_rdf_does_not_see_is_found(edit: Callable[[dict[str, Any]], None]) -> None:
    document = golden()
    edit(document)
    try:
        found = not is_genuine(to_file(document))
    except LogError:
        found = True
    assert found


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        b"\xff",
        GOLDEN + b"\n",
        b" " + GOLDEN,
        json.dumps(json.loads(GOLDEN)).encode(),
        GOLDEN.replace(b'"name":', b'"name":"x","name":', 1),
        b'{"a":NaN}',
        b'{"a":1.0}',
        b'{"a":1e400}',
        b'{"a":9007199254740993}',
        b'{"a":"\\ud800"}',
        b'{"a":"\\u0041"}',
        b'{"b":1,"a":2}',
        b'{"a":' + b"[" * 900 + b"]" * 900 + b"}",
        b"[" * 100_000,
    ],
)
def test_only_canonical_bytes_are_read(data: bytes) -> None:
    document: object = None
    with pytest.raises(FormatError):
        document = split(parse_file(data))
    assert document is None


def test_a_file_over_256_kib_is_refused_unread() -> None:
    with pytest.raises(FormatError, match="larger than"):
        parse_file(b"{" * (MAX_FILE_SIZE + 1))
    with pytest.raises(FormatError, match="larger than"):
        to_file({"a": "x" * MAX_FILE_SIZE})


@given(st.binary(max_size=64))
def test_other_bytes_raise_nothing_but_a_format_error(data: bytes) -> None:
    with pytest.raises(FormatError):
        split(parse_file(data))


@given(st.dictionaries(st.text(max_size=4), st.text(max_size=4) | st.integers(0, 2**53 - 1)))
def test_what_is_written_is_read_back(document: dict[str, object]) -> None:
    assert parse_file(to_file(document)) == document


def test_the_core_is_written_as_rfc_8785_says() -> None:
    core = split(golden())[0]
    assert core_bytes(core) == rfc8785.dumps(json.loads(json.dumps(core)))


@pytest.mark.parametrize("member", ["proof", "evidence"])
def test_a_core_has_neither_proof_nor_evidence(member: str) -> None:
    with pytest.raises(FormatError):
        core_bytes({member: []})


def test_evidence_is_written_in_the_order_of_its_ids() -> None:
    core = split(golden())[0]
    assert assemble(core, [NOTE, PROOF]) == assemble(core, [PROOF, NOTE])
    signed = add_proof(assemble(core, [NOTE, PROOF]), KEY, METHOD, "2026-11-20T08:00:00Z")
    assert split(signed)[1] == (PROOF, NOTE)


@pytest.mark.parametrize(
    "evidence",
    [
        [],
        [PROOF, PROOF],
        [Evidence("relative", "a", "b", "c")],
        [Evidence(f"urn:x:{number}", "a", "b", "c") for number in range(9)],
    ],
)
def test_malformed_evidence_is_refused(evidence: list[Evidence]) -> None:
    with pytest.raises(FormatError):
        assemble(split(golden())[0], evidence)


def test_a_certificate_by_a_key_of_somebody_else_is_refused() -> None:
    core, evidence, _ = split(golden())
    other = "did:web:other.example.org#key-2026-1"
    signed = add_proof(assemble(core, evidence), KEY, other, "2026-11-20T08:00:00Z")
    with pytest.raises(FormatError, match="issuer"):
        split(signed)


@pytest.mark.parametrize("member", ["credentialStatus", "termsOfUse"])
def test_a_further_member_is_refused(member: str) -> None:
    with pytest.raises(FormatError, match="other members"):
        split({**golden(), member: {}})


@pytest.mark.parametrize("member", ["proof", "evidence", "issuer", "credentialSubject"])
def test_a_missing_part_is_refused(member: str) -> None:
    document = golden()
    del document[member]
    with pytest.raises(FormatError):
        split(document)
