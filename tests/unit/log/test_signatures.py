"""Author signatures: vectors of RFC 8032 and RFC 6979, and keys that are not admitted."""

from base64 import b64encode
from dataclasses import dataclass

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.log.errors import FormatError, ProofError
from ledger.log.signatures import PublicKey, load_public_key, public_bytes, sign
from tests.independent.vectors import VECTORS

ED25519_PREFIX = bytes.fromhex("302a300506032b6570032100")
P256_PREFIX = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
P256_COMPRESSED = bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200")
SEED = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")


@dataclass(frozen=True)
class Signed:
    algorithm: str
    spki: bytes
    message: bytes
    signature: bytes


# RFC 8032 section 7.1, TEST 2.
ED25519 = Signed(
    "ed25519",
    ED25519_PREFIX
    + bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"),
    b"\x72",
    bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    ),
)
# RFC 6979 appendix A.2.5, SHA-256, message "sample"; r and s in DER.
POINT_X = bytes.fromhex("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6")
POINT_Y = bytes.fromhex("7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299")
R = bytes.fromhex("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716")
S = bytes.fromhex("f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8")
ECDSA = Signed(
    "ecdsa-p256",
    P256_PREFIX + POINT_X + POINT_Y,
    b"sample",
    bytes.fromhex("3046022100") + R + bytes.fromhex("022100") + S,
)
BOTH = pytest.mark.parametrize("signed", [ED25519, ECDSA], ids=lambda signed: signed.algorithm)


def refuses(key: PublicKey, signature: bytes, data: bytes) -> None:
    with pytest.raises(ProofError):
        key.verify(signature, data)


@BOTH
def test_the_signature_of_the_rfc_verifies_and_nothing_beside_it(signed: Signed) -> None:
    key = load_public_key(signed.spki)
    assert (key.algorithm, key.spki) == (signed.algorithm, signed.spki)
    key.verify(signed.signature, signed.message)
    refuses(key, signed.signature, signed.message + b"\x00")
    refuses(key, signed.signature, b"")
    refuses(key, signed.signature + b"\x00", signed.message)
    refuses(key, signed.signature[:-1], signed.message)
    refuses(key, b"", signed.message)


@given(st.sampled_from([ED25519, ECDSA]), st.data())
def test_no_flipped_bit_of_a_signature_verifies(signed: Signed, data: st.DataObject) -> None:
    bit = data.draw(st.integers(0, len(signed.signature) * 8 - 1))
    flipped = bytearray(signed.signature)
    flipped[bit // 8] ^= 1 << bit % 8
    refuses(load_public_key(signed.spki), bytes(flipped), signed.message)


def test_a_signature_is_not_tried_with_another_algorithm_or_encoding() -> None:
    refuses(load_public_key(ECDSA.spki), ED25519.signature, ED25519.message)
    refuses(load_public_key(ED25519.spki), ECDSA.signature, ECDSA.message)
    refuses(load_public_key(ECDSA.spki), R + S, ECDSA.message)


def test_the_ed25519_signature_of_the_rfc_is_made_from_its_seed() -> None:
    private = Ed25519PrivateKey.from_private_bytes(SEED)
    assert public_bytes(private.public_key()) == ED25519.spki
    assert sign(private, ED25519.message) == ED25519.signature
    assert load_public_key(ED25519.spki).ed25519_bytes() == ED25519.spki[12:]


def test_an_ecdsa_signature_made_here_verifies_with_its_own_key_alone() -> None:
    scalar = int("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721", 16)
    private = ec.derive_private_key(scalar, ec.SECP256R1())
    assert public_bytes(private.public_key()) == ECDSA.spki
    signature = sign(private, b"other")
    load_public_key(ECDSA.spki).verify(signature, b"other")
    stranger = bytes.fromhex(VECTORS["batch-ecdsa-p256"]["batch"]["public_key_hex"])
    refuses(load_public_key(stranger), signature, b"other")


def test_only_an_ed25519_key_has_raw_ed25519_bytes() -> None:
    with pytest.raises(FormatError):
        load_public_key(ECDSA.spki).ed25519_bytes()


@pytest.mark.parametrize("name", ["first-event", "batch-ecdsa-p256", "batch-approved"])
def test_keys_of_the_vectors_have_their_ids(name: str) -> None:
    batch = VECTORS[name]["batch"]
    for stated in (batch, *([batch["approver"]] if "approver" in batch else [])):
        key = load_public_key(bytes.fromhex(stated["public_key_hex"]))
        assert key.key_id.hex() == stated["key_id_hex"]
        assert key.algorithm == stated["algorithm"]


def der(key: x25519.X25519PublicKey | ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


@pytest.mark.parametrize(
    "spki",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(ED25519.spki[12:], id="raw bytes"),
        pytest.param(ED25519.spki[:-1], id="cut"),
        pytest.param(ED25519.spki + b"\x00", id="a byte behind"),
        pytest.param(b"\x30\x81\x2a" + ED25519.spki[2:], id="a length in two bytes"),
        pytest.param(P256_COMPRESSED + b"\x03" + POINT_X, id="a compressed point"),
        pytest.param(P256_PREFIX + POINT_X + POINT_X, id="a point beside the curve"),
        pytest.param(P256_PREFIX + bytes(64), id="no point"),
        pytest.param(
            der(ec.derive_private_key(7, ec.SECP384R1()).public_key()), id="another curve"
        ),
        pytest.param(
            der(x25519.X25519PrivateKey.from_private_bytes(SEED).public_key()), id="key agreement"
        ),
        pytest.param(
            b"-----BEGIN PUBLIC KEY-----\n"
            + b64encode(ED25519.spki)
            + b"\n-----END PUBLIC KEY-----\n",
            id="PEM",
        ),
    ],
)
def test_a_key_that_is_not_admitted_is_refused(spki: bytes) -> None:
    with pytest.raises(FormatError):
        load_public_key(spki)


@given(st.binary(max_size=100))
def test_no_other_exception_escapes_from_a_key(spki: bytes) -> None:
    with pytest.raises(FormatError):
        load_public_key(spki)
