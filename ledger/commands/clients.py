"""`tledger client`: an identity folder for a party, with a TLS certificate of the log's own CA."""

from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clients.sdk.identity import Identity, new_author_key
from ledger.commands.home import Home, HomeError
from ledger.commands.initialising import identity_folder, party_identity
from ledger.domain.check_digits import credit_code_ok
from ledger.log.signatures import PrivateKey
from ledger.storage.tls_files import load_ca


def make_client(home: Home, out: Path, credit_code: str, author_key: Path | None) -> Identity:
    """Write an identity folder.

    Args:
        home: The log's home.
        out: A folder that is empty or not there.
        credit_code: Credit code of the party.
        author_key: An author key in PKCS#8 PEM; None for a new one.

    Raises:
        HomeError: when a value is malformed or the folder is in use.
    """
    if not credit_code_ok(credit_code):
        raise HomeError(f"校验位错误 / the check character of {credit_code} does not fit")
    folder = identity_folder(out)
    key = new_author_key() if author_key is None else _read_key(author_key)
    identity = party_identity(home.settings(), home.trust(), load_ca(home.tls), key, credit_code)
    identity.save(folder)
    return identity


def _read_key(path: Path) -> PrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise HomeError(f"{path}: {error}") from error
    if not isinstance(key, Ed25519PrivateKey | ec.EllipticCurvePrivateKey):
        raise HomeError(f"{path}: 须为 Ed25519 或 P-256 / must be Ed25519 or P-256")
    return key
