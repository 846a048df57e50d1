"""Multibase and Multikey: published examples and their opposites."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.log.errors import FormatError
from ledger.log.multikey import (
    decode_ed25519,
    decode_multibase,
    did_document,
    encode_ed25519,
    encode_multibase,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32))).public_key()
DID = "did:web:cert.example.org:institutions:JG-320599-0001"


# draft-msporny-base58-03, section 5.
@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"Hello World!", "z2NEpo7TZRRrLZSi2U"),
        (
            b"The quick brown fox jumps over the lazy dog.",
            "zUSm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z",
        ),
        (bytes.fromhex("0000287fb4cd"), "z11233QC4"),
        (b"", "z"),
    ],
)
def test_published_base58_examples(data: bytes, text: str) -> None:
    assert encode_multibase(data) == text
    assert decode_multibase(text) == data


@given(st.binary(max_size=64))
def test_every_byte_string_comes_back(data: bytes) -> None:
    assert decode_multibase(encode_multibase(data)) == data


@pytest.mark.parametrize("text", ["", "2NEpo7", "uAAAA", "z0", "zO", "zI", "zl", "z é", "z" * 129])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        decode_multibase(text)


def test_the_multikey_of_the_w3c_vector_comes_back() -> None:
    text = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
    assert encode_ed25519(decode_ed25519(text)) == text


@pytest.mark.parametrize("prefix", [b"\xed\x02", b"\x80\x24", b""])
def test_a_key_of_another_kind_is_refused(prefix: bytes) -> None:
    with pytest.raises(FormatError):
        decode_ed25519(encode_multibase(prefix + bytes(32)))


@pytest.mark.parametrize("size", [31, 33])
def test_a_key_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(FormatError):
        decode_ed25519(encode_multibase(b"\xed\x01" + bytes(size)))


def test_a_did_document_lists_every_key_for_assertion() -> None:
    document = did_document(DID, {"key-2026-1": KEY, "key-2027-1": KEY})
    assert document["id"] == DID
    assert document["assertionMethod"] == [f"{DID}#key-2026-1", f"{DID}#key-2027-1"]
    methods = document["verificationMethod"]
    assert isinstance(methods, list)
    assert methods[0] == {
        "id": f"{DID}#key-2026-1",
        "type": "Multikey",
        "controller": DID,
        "publicKeyMultibase": encode_ed25519(KEY),
    }


@pytest.mark.parametrize("fragment", ["z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2", "", "#1"])
def test_a_fragment_that_could_be_read_as_a_key_is_refused(fragment: str) -> None:
    with pytest.raises(FormatError):
        did_document(DID, {fragment: KEY})


@pytest.mark.parametrize(("did", "keys"), [("https://example.org", {"key-1": KEY}), (DID, {})])
def test_a_did_document_needs_a_did_and_a_key(did: str, keys: dict[str, object]) -> None:
    with pytest.raises(FormatError):
        did_document(did, keys)  # type: ignore[arg-type]
