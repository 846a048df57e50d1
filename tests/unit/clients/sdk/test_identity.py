"""An identity comes back from its folder as it was saved; what is wrong is named by its file."""

import json
from base64 import b64decode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from clients.sdk import Identity, IdentityError, new_author_key
from ledger.log.errors import FormatError
from ledger.log.signatures import AlgorithmName
from tests.unit.clients.sdk.identities import identity_of
from tests.unit.clients.sdk.tls_files import tls_files
from tests.unit.clients.verifier.small_log import INSTITUTION, ISSUER, ORIGIN, STRANGER, spki

FILES = ("identity.json", "key.pem", "tls.pem", "tls-key.pem", "ca.pem", "trust.json")


@pytest.mark.parametrize("algorithm", ["ed25519", "ecdsa-p256"])
def test_what_is_saved_is_loaded(tmp_path: Path, algorithm: AlgorithmName) -> None:
    identity = identity_of(new_author_key(algorithm), address="log.example:8443")
    identity.save(tmp_path / "new" / "folder")
    loaded = Identity.load(tmp_path / "new" / "folder")
    assert loaded.algorithm == algorithm
    assert loaded.key_id == identity.key_id
    assert (loaded.origin, loaded.party) == (ORIGIN, INSTITUTION)
    assert (loaded.address, loaded.server_name) == ("log.example:8443", "localhost")
    assert (loaded.tls, loaded.trust) == (identity.tls, identity.trust)
    written = sorted(path.name for path in (tmp_path / "new" / "folder").iterdir())
    assert written == sorted([*FILES, "public.pem"])


def test_the_public_key_lies_beside_the_private_one_to_be_handed_over(tmp_path: Path) -> None:
    identity_of(ISSUER).save(tmp_path)
    pem = (tmp_path / "public.pem").read_text()
    assert pem.startswith("-----BEGIN PUBLIC KEY-----")
    assert b64decode("".join(pem.splitlines()[1:-1])) == spki(ISSUER)


def test_the_key_id_is_the_hash_of_the_public_key() -> None:
    assert identity_of(ISSUER).public_key.spki == spki(ISSUER)


def test_private_files_are_their_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "identity"
    identity_of(ISSUER).save(folder)
    modes = {name: (folder / name).stat().st_mode & 0o777 for name in FILES}
    assert (modes["key.pem"], modes["tls-key.pem"]) == (0o600, 0o600)
    assert folder.stat().st_mode & 0o777 == 0o700


def test_no_secret_shows_in_the_text_of_an_identity() -> None:
    assert "PRIVATE" not in repr(identity_of(ISSUER))
    assert "PRIVATE" not in repr(tls_files("client"))


def test_saving_again_is_harmless_and_never_replaces_another_key(tmp_path: Path) -> None:
    identity_of(ISSUER).save(tmp_path)
    identity_of(ISSUER, address="other.example:1").save(tmp_path)
    assert Identity.load(tmp_path).address == "other.example:1"
    with pytest.raises(IdentityError, match="another private key") as caught:
        identity_of(STRANGER, address="third.example:1").save(tmp_path)
    assert caught.value.path == tmp_path / "key.pem"
    assert Identity.load(tmp_path).address == "other.example:1"


@pytest.mark.parametrize("name", FILES)
def test_a_missing_or_broken_file_is_named(tmp_path: Path, name: str) -> None:
    identity_of(ISSUER).save(tmp_path)
    for spoil in (lambda path: path.write_bytes(b"\xff\xfe nonsense"), Path.unlink):
        spoil(tmp_path / name)
        with pytest.raises(IdentityError) as caught:
            Identity.load(tmp_path)
        assert caught.value.path == tmp_path / name
        assert str(caught.value).startswith(str(tmp_path / name))


@pytest.mark.parametrize(
    ("member", "value", "problem"),
    [
        ("v", 2, "v has a wrong value"),
        ("party", "42", "not a UUID"),
        ("party", 42, "party has a wrong value"),
        ("address", "localhost", "not host:port"),
        ("address", "localhost:grpc", "not host:port"),
        ("server_name", "", "server_name is empty"),
        ("extra", 1, "not an object with the members"),
    ],
)
def test_a_wrong_member_is_named(tmp_path: Path, member: str, value: object, problem: str) -> None:
    identity_of(ISSUER).save(tmp_path)
    path = tmp_path / "identity.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), member: value}))
    with pytest.raises(IdentityError, match=problem) as caught:
        Identity.load(tmp_path)
    assert caught.value.path == path


def test_files_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    identity_of(ISSUER).save(tmp_path)
    (tmp_path / "tls-key.pem").write_bytes(tls_files("another").key)
    with pytest.raises(IdentityError, match="does not belong to the certificate"):
        Identity.load(tmp_path)
    identity_of(ISSUER, origin="log.example/other").save(tmp_path / "other")
    with pytest.raises(IdentityError, match="it is for the log log"):
        Identity.load(tmp_path / "other")


OTHER_KEYS = [X25519PrivateKey.generate(), ec.generate_private_key(ec.SECP384R1())]


@pytest.mark.parametrize("key", OTHER_KEYS)
def test_a_key_of_another_algorithm_is_refused(
    tmp_path: Path, key: X25519PrivateKey | ec.EllipticCurvePrivateKey
) -> None:
    identity_of(ISSUER).save(tmp_path)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (tmp_path / "key.pem").write_bytes(pem)
    with pytest.raises(IdentityError, match="neither Ed25519 nor ECDSA P-256"):
        Identity.load(tmp_path)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        with pytest.raises(FormatError, match="neither"):
            identity_of(key)


def test_a_key_with_a_password_is_refused(tmp_path: Path) -> None:
    identity_of(ISSUER).save(tmp_path)
    pem = ISSUER.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    (tmp_path / "key.pem").write_bytes(pem)
    with pytest.raises(IdentityError, match="without a password"):
        Identity.load(tmp_path)
