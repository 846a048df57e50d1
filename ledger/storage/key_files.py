"""The operator's secrets on disk: the log's own keys and those of the person vault.

One folder, one secret to a file. The checkpoint keys stand in the private key form that C2SP
signed-note implementations share, `PRIVATE+KEY+<name>+<hex key ID>+base64(type ‖ seed)`; the
acknowledgement key is PKCS #8 in PEM; the vault's keys are base64. Custody: whoever holds the log
keys should not be the superuser of the database.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.log.checkpoints import check_log_key, check_origin
from ledger.log.errors import FormatError, LogError
from ledger.log.notes import SEED_SIZE, SignatureType, SigningKey, decode_base64, encode_base64
from ledger.storage.private_files import (
    KeyFileError,
    KeyFileProblem,
    check_private_folder,
    make_private_folder,
    read_private_file,
    write_new_file,
)
from ledger.storage.vault_keys import KEY_SIZE, VaultKeys

CHECKPOINT_ED25519: Final = "checkpoint-ed25519.key"
CHECKPOINT_ML_DSA_44: Final = "checkpoint-ml-dsa-44.key"
ACKNOWLEDGEMENT: Final = "acknowledgement.pem"
VAULT_KEY_ENCRYPTION_KEY: Final = "vault-key-encryption.key"
VAULT_PEPPER: Final = "vault-pepper.key"
_PREFIX: Final = "PRIVATE+KEY+"
_TYPES: Final = (SignatureType.ED25519, SignatureType.ML_DSA_44_COSIGNATURE)

Secret = TypeVar("Secret")


@dataclass(frozen=True, slots=True)
class LogSecrets:
    """All secrets of one log.

    Attributes:
        checkpoint_keys: Ed25519 and then ML-DSA-44, named like the log's origin.
        acknowledgement_key: Signs acknowledgements of this log alone.
        vault: Keys of the person vault.

    Raises:
        FormatError: when the checkpoint keys are not those two, under one origin.
    """

    checkpoint_keys: tuple[SigningKey, ...]
    acknowledgement_key: Ed25519PrivateKey = field(repr=False)
    vault: VaultKeys

    def __post_init__(self) -> None:
        if tuple(key.type for key in self.checkpoint_keys) != _TYPES:
            raise FormatError("the checkpoint keys are not one Ed25519 and one ML-DSA-44 key")
        check_origin(self.origin)
        for key in self.checkpoint_keys:
            check_log_key(key, self.origin)

    @property
    def origin(self) -> str:
        """The origin of the log whose keys these are."""
        return self.checkpoint_keys[0].name


def private_key_text(key: SigningKey) -> str:
    """Return `PRIVATE+KEY+<name>+<hex key ID>+base64(type ‖ seed)`."""
    material = encode_base64(bytes((key.type,)) + key.seed)
    return f"{_PREFIX}{key.name}+{key.verifier_key().key_id.hex()}+{material}"


def parse_private_key(text: str) -> SigningKey:
    """Parse the private key form, canonical form only.

    Raises:
        FormatError: when it is malformed, of an unknown type, or its key ID does not fit. The
            message does not repeat the text.
    """
    name, _, rest = text.removeprefix(_PREFIX).partition("+")
    material = decode_base64(rest.partition("+")[2])
    if material[:1] not in {bytes((known,)) for known in SignatureType}:
        raise FormatError("a private key has an unknown signature type")
    key = SigningKey(name, SignatureType(material[0]), material[1:])
    if private_key_text(key) != text:
        raise FormatError(f"the private key of {name!r} has a wrong key ID or form")
    return key


def create_secrets(folder: Path, origin: str) -> LogSecrets:
    """Make new secrets for a log and write them into a folder of mode 0700.

    Nothing is overwritten: where one of the files exists, nothing is written.

    Raises:
        FormatError: when `origin` is no origin.
        KeyFileError: when a file exists or cannot be written, or the folder is open to others.
    """
    check_origin(origin)
    made = LogSecrets(
        tuple(SigningKey(origin, kind, secrets.token_bytes(SEED_SIZE)) for kind in _TYPES),
        Ed25519PrivateKey.generate(),
        VaultKeys(secrets.token_bytes(KEY_SIZE), secrets.token_bytes(KEY_SIZE)),
    )
    make_private_folder(folder)
    contents = _contents(made)
    for taken in folder.iterdir():
        if taken.name in contents:
            raise KeyFileError(taken, KeyFileProblem.EXISTS)
    for name, data in contents.items():
        write_new_file(folder / name, data)
    return made


def load_secrets(folder: Path) -> LogSecrets:
    """Read the secrets of a log.

    Raises:
        KeyFileError: when folder or file is missing, unreadable, open to others, or does not hold
            what it should.
    """
    check_private_folder(folder)
    keys = tuple(
        _read(folder / name, _checkpoint_key) for name in (CHECKPOINT_ED25519, CHECKPOINT_ML_DSA_44)
    )
    acknowledgement = _read(folder / ACKNOWLEDGEMENT, _ed25519_key)
    vault = VaultKeys(
        _read(folder / VAULT_KEY_ENCRYPTION_KEY, _vault_key),
        _read(folder / VAULT_PEPPER, _vault_key),
    )
    try:
        return LogSecrets(keys, acknowledgement, vault)
    except FormatError as error:
        raise KeyFileError(folder / CHECKPOINT_ML_DSA_44, KeyFileProblem.MALFORMED) from error


def _contents(made: LogSecrets) -> dict[str, bytes]:
    ed25519, ml_dsa_44 = made.checkpoint_keys
    return {
        CHECKPOINT_ED25519: private_key_text(ed25519).encode() + b"\n",
        CHECKPOINT_ML_DSA_44: private_key_text(ml_dsa_44).encode() + b"\n",
        ACKNOWLEDGEMENT: made.acknowledgement_key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        VAULT_KEY_ENCRYPTION_KEY: encode_base64(made.vault.key_encryption_key).encode() + b"\n",
        VAULT_PEPPER: encode_base64(made.vault.pepper).encode() + b"\n",
    }


def _read(path: Path, parse: Callable[[bytes], Secret]) -> Secret:
    data = read_private_file(path)
    try:
        return parse(data)
    except (LogError, TypeError, ValueError, UnsupportedAlgorithm):
        # Not with the cause: a parser's message may repeat what it read.
        raise KeyFileError(path, KeyFileProblem.MALFORMED) from None


def _checkpoint_key(data: bytes) -> SigningKey:
    return parse_private_key(data.decode("ascii").removesuffix("\n"))


def _ed25519_key(data: bytes) -> Ed25519PrivateKey:
    key = serialization.load_pem_private_key(data, password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise FormatError("not an Ed25519 key")
    return key


def _vault_key(data: bytes) -> bytes:
    key = decode_base64(data.decode("ascii").removesuffix("\n"))
    if len(key) != KEY_SIZE:
        raise FormatError(f"a key of the vault has {KEY_SIZE} bytes")
    return key
