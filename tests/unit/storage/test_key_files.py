"""The operator's secrets on disk: what is written, and every file that must not be used."""

import base64
import hashlib
import os
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.log.errors import FormatError
from ledger.log.notes import SignatureType, SigningKey
from ledger.storage import key_files
from ledger.storage.key_files import (
    LogSecrets,
    create_secrets,
    load_secrets,
    parse_private_key,
    private_key_text,
)
from ledger.storage.private_files import KeyFileError, KeyFileProblem
from ledger.storage.vault_keys import VaultKeys

ORIGIN = "ledger.example/synthetic-city"
NAMES = [
    key_files.CHECKPOINT_ED25519,
    key_files.CHECKPOINT_ML_DSA_44,
    key_files.ACKNOWLEDGEMENT,
    key_files.VAULT_KEY_ENCRYPTION_KEY,
    key_files.VAULT_PEPPER,
]
SEED = bytes(range(32))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "keys"
    create_secrets(made, ORIGIN)
    return made


def _parts(secrets: LogSecrets) -> tuple[object, ...]:
    return (secrets.checkpoint_keys, secrets.acknowledgement_key.private_bytes_raw(), secrets.vault)


def _problem(folder: Path, path: Path) -> KeyFileProblem:
    with pytest.raises(KeyFileError) as caught:
        load_secrets(folder)
    assert caught.value.path == path
    assert str(path) in str(caught.value)
    return caught.value.problem


# --- Private key text ----------------------------------------------------------------------------


def test_an_ed25519_key_has_the_c2sp_form() -> None:
    # The public key of this seed, from `openssl pkey -pubout`; the key id by its definition.
    public = bytes.fromhex("03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8")
    key_id = hashlib.sha256(b"example.com/log\n\x01" + public).hexdigest()[:8]
    material = base64.b64encode(b"\x01" + SEED).decode()
    text = private_key_text(SigningKey("example.com/log", SignatureType.ED25519, SEED))
    assert text == f"PRIVATE+KEY+example.com/log+{key_id}+{material}"


def test_the_example_of_gos_note_package_is_read() -> None:
    # golang.org/x/mod/sumdb/note, documentation of the package.
    text = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
    key = parse_private_key(text)
    assert key.verifier_key().vkey() == (
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    )
    assert private_key_text(key) == text


@given(st.binary(min_size=32, max_size=32), st.sampled_from(SignatureType))
def test_a_private_key_comes_back_from_its_text(seed: bytes, kind: SignatureType) -> None:
    key = SigningKey(ORIGIN, kind, seed)
    assert parse_private_key(private_key_text(key)) == key


@pytest.mark.parametrize(
    "change",
    [
        ("PRIVATE+KEY+", ""),
        ("PRIVATE+KEY+", "PRIVATE+KEY+PRIVATE+KEY+"),
        ("ledger.example", "other.example"),
        ("+AQAB", "+AQEB"),
        ("+AQAB", "+AgAB"),
        ("HR4f", "HR4"),
        ("HR4f", "HR4="),
        ("HR4f", "HR4f\n"),
        ("HR4f", ""),
        ("HR4f", "HR4fAA=="),
    ],
)
def test_another_private_key_text_is_refused(change: tuple[str, str]) -> None:
    text = private_key_text(SigningKey(ORIGIN, SignatureType.ED25519, SEED))
    assert change[0] in text
    changed = text.replace(*change)
    with pytest.raises(FormatError) as caught:
        parse_private_key(changed)
    assert "AQAB" not in str(caught.value)


# --- Writing -------------------------------------------------------------------------------------


def test_secrets_come_back_from_their_files(tmp_path: Path) -> None:
    made = create_secrets(tmp_path / "deep" / "keys", ORIGIN)
    loaded = load_secrets(tmp_path / "deep" / "keys")
    assert _parts(loaded) == _parts(made)
    assert loaded.origin == ORIGIN
    assert [key.name for key in loaded.checkpoint_keys] == [ORIGIN, ORIGIN]


def test_all_secrets_of_all_logs_differ(tmp_path: Path) -> None:
    found = set[bytes]()
    for city in ("one", "two"):
        made = create_secrets(tmp_path / city, f"ledger.example/{city}")
        found |= {key.seed for key in made.checkpoint_keys}
        found |= {made.acknowledgement_key.private_bytes_raw()}
        found |= {made.vault.key_encryption_key, made.vault.pepper}
    assert len(found) == 10


def test_files_are_for_the_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        create_secrets(tmp_path / "keys", ORIGIN)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    files = list((tmp_path / "keys").iterdir())
    assert sorted(path.name for path in files) == sorted(NAMES)
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_every_file_and_its_folder_is_flushed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed, fsync = list[str](), os.fsync

    def record(descriptor: int) -> None:
        flushed.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", record)
    create_secrets(tmp_path / "keys", ORIGIN)
    assert sorted(flushed) == sorted([*NAMES, *["keys"] * len(NAMES)])


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_overwritten(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o700)
    (folder / name).write_bytes(b"old")
    with pytest.raises(KeyFileError) as caught:
        create_secrets(folder, ORIGIN)
    assert (caught.value.path, caught.value.problem) == (folder / name, KeyFileProblem.EXISTS)
    assert [path.name for path in folder.iterdir()] == [name]
    assert (folder / name).read_bytes() == b"old"


def test_secrets_are_not_written_through_a_link(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o700)
    (folder / key_files.VAULT_PEPPER).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KeyFileError) as caught:
        create_secrets(folder, ORIGIN)
    assert caught.value.problem is KeyFileProblem.EXISTS
    assert not (tmp_path / "elsewhere").exists()
    assert len(list(folder.iterdir())) == 1


def test_a_folder_open_to_others_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    folder.mkdir()
    folder.chmod(0o755)
    with pytest.raises(KeyFileError) as caught:
        create_secrets(folder, ORIGIN)
    assert caught.value.problem is KeyFileProblem.OPEN_TO_OTHERS
    assert list(folder.iterdir()) == []


def test_a_file_where_the_folder_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(b"")
    with pytest.raises(KeyFileError) as caught:
        create_secrets(tmp_path / "keys", ORIGIN)
    assert caught.value.problem is KeyFileProblem.NOT_A_FILE
    with pytest.raises(KeyFileError):
        create_secrets(tmp_path / "keys" / "below", ORIGIN)


@pytest.mark.parametrize("origin", ["", "https://ledger.example", "two words", "a+b"])
def test_what_is_no_origin_gets_no_keys(tmp_path: Path, origin: str) -> None:
    with pytest.raises(FormatError):
        create_secrets(tmp_path / "keys", origin)
    assert not (tmp_path / "keys").exists()


# --- Reading -------------------------------------------------------------------------------------


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    assert _problem(tmp_path / "keys", tmp_path / "keys") is KeyFileProblem.MISSING


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert _problem(folder, folder / name) is KeyFileProblem.MISSING


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
def test_a_file_open_to_others_is_refused(folder: Path, name: str, mode: int) -> None:
    (folder / name).chmod(mode)
    assert _problem(folder, folder / name) is KeyFileProblem.OPEN_TO_OTHERS
    (folder / name).chmod(0o400)
    load_secrets(folder)


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o710])
def test_a_folder_that_became_open_to_others_is_refused(folder: Path, mode: int) -> None:
    folder.chmod(mode)
    assert _problem(folder, folder) is KeyFileProblem.OPEN_TO_OTHERS


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_or_a_pipe_in_place_of_a_file_is_refused(folder: Path, name: str) -> None:
    (folder / name).unlink()
    (folder / name).mkdir(mode=0o700)
    assert _problem(folder, folder / name) is KeyFileProblem.NOT_A_FILE
    (folder / name).rmdir()
    os.mkfifo(folder / name, 0o600)
    assert _problem(folder, folder / name) is KeyFileProblem.NOT_A_FILE


def test_a_file_that_cannot_be_read_is_named(folder: Path) -> None:
    # A link that leads to itself: root, who may read everything, cannot read it either.
    (folder / NAMES[0]).unlink()
    (folder / NAMES[0]).symlink_to(NAMES[0])
    assert _problem(folder, folder / NAMES[0]) is KeyFileProblem.UNREADABLE


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("data", [b"", b"\n", b"\xff\xfe", b"AAAA\n", b"A" * 65537])
def test_a_file_with_other_content_is_refused(folder: Path, name: str, data: bytes) -> None:
    (folder / name).write_bytes(data)
    assert _problem(folder, folder / name) is KeyFileProblem.MALFORMED


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_is_cut_short_is_refused(folder: Path, name: str) -> None:
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data[: len(data) // 2])
    assert _problem(folder, folder / name) is KeyFileProblem.MALFORMED


def test_a_checkpoint_key_of_another_log_or_type_is_refused(folder: Path, tmp_path: Path) -> None:
    create_secrets(tmp_path / "other", "ledger.example/other")
    ml_dsa = folder / key_files.CHECKPOINT_ML_DSA_44
    ml_dsa.write_bytes((tmp_path / "other" / ml_dsa.name).read_bytes())
    assert _problem(folder, ml_dsa) is KeyFileProblem.MALFORMED
    ml_dsa.write_bytes((folder / key_files.CHECKPOINT_ED25519).read_bytes())
    assert _problem(folder, ml_dsa) is KeyFileProblem.MALFORMED


def test_an_acknowledgement_key_of_another_kind_is_refused(folder: Path) -> None:
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / key_files.ACKNOWLEDGEMENT
    path.write_bytes(pem)
    assert _problem(folder, path) is KeyFileProblem.MALFORMED


def test_an_error_says_reason_and_fix_in_two_languages(folder: Path) -> None:
    path = folder / key_files.VAULT_PEPPER
    path.chmod(0o644)
    with pytest.raises(KeyFileError) as caught:
        load_secrets(folder)
    for language, words in (("zh", "其他用户"), ("en", "other users")):
        assert words in caught.value.reason(language)
        assert f"chmod go-rwx '{path}'" in caught.value.fix(language)
        assert caught.value.reason(language) in str(caught.value)
        assert caught.value.fix(language) in str(caught.value)


def test_no_secret_is_printed(folder: Path) -> None:
    secrets = load_secrets(folder)
    shown = repr(secrets)
    for secret in (
        *(key.seed for key in secrets.checkpoint_keys),
        secrets.acknowledgement_key.private_bytes_raw(),
        secrets.vault.key_encryption_key,
        secrets.vault.pepper,
    ):
        assert repr(secret) not in shown
        assert secret.hex() not in shown


def test_secrets_of_two_logs_are_not_one_logs() -> None:
    keys = [
        SigningKey(name, kind, SEED)
        for name, kind in [
            (ORIGIN, SignatureType.ED25519),
            (ORIGIN, SignatureType.ML_DSA_44_COSIGNATURE),
            ("ledger.example/other", SignatureType.ML_DSA_44_COSIGNATURE),
            (ORIGIN, SignatureType.ED25519_COSIGNATURE),
        ]
    ]
    acknowledgement, vault = Ed25519PrivateKey.generate(), VaultKeys(bytes(32), bytes(32))
    assert LogSecrets((keys[0], keys[1]), acknowledgement, vault).origin == ORIGIN
    for wrong in ((keys[0], keys[2]), (keys[3], keys[1]), (keys[1], keys[0]), (keys[0],), ()):
        with pytest.raises(FormatError):
            LogSecrets(wrong, acknowledgement, vault)
