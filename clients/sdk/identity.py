"""Who writes: an identity as a folder of files.

| file | what |
|---|---|
| `identity.json` | `{"v":1,"origin","party","address","server_name"}` |
| `key.pem` | the author key, PKCS#8 without a password, Ed25519 or ECDSA P-256 |
| `public.pem` | its public half, for whoever registers it; nothing reads it here |
| `tls.pem`, `tls-key.pem`, `ca.pem` | mutual TLS: own certificate and key, the ledger's authority |
| `trust.json` | the trust file (docs/formats.md section 10) |

The TLS certificate says who carries a request; who writes is said by the author key.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clients.sdk.errors import IdentityError
from clients.sdk.private_files import write_private, write_public
from ledger.log.errors import FormatError
from ledger.log.signatures import (
    AlgorithmName,
    PrivateKey,
    PublicKey,
    load_public_key,
    public_bytes,
)
from ledger.log.trust_file import TrustFile

FILE_LIMIT: Final = 1024 * 1024
_MEMBERS: Final = {"v": int, "origin": str, "party": str, "address": str, "server_name": str}


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """What mutual TLS needs, in PEM.

    Attributes:
        authority: Certificates that the ledger's own certificate must lead up to.
        certificate: Own certificate, with those between it and the authority.
        key: Own private key.
    """

    authority: bytes
    certificate: bytes
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Identity:
    """An author with the ledger that it writes to.

    Attributes:
        origin: Origin of the log.
        party: The institution, bureau, exam body or platform that the key signs for.
        address: `host:port` of the ledger.
        server_name: Name that the ledger's certificate must carry.
        key: The author key.
        tls: What mutual TLS needs.
        trust: Whom to believe.
        public_key: The public half of `key`.

    Raises:
        FormatError: when the key is neither Ed25519 nor ECDSA P-256.
    """

    origin: str
    party: UUID
    address: str
    server_name: str
    key: PrivateKey = field(repr=False)
    tls: TlsFiles = field(repr=False)
    trust: TrustFile = field(repr=False)
    public_key: PublicKey = field(init=False, repr=False)

    def __post_init__(self) -> None:
        public_key = load_public_key(public_bytes(self.key.public_key()))
        object.__setattr__(self, "public_key", public_key)

    @property
    def key_id(self) -> bytes:
        """SHA-256 of the author key's SubjectPublicKeyInfo."""
        return self.public_key.key_id

    @property
    def algorithm(self) -> AlgorithmName:
        """The algorithm that the author key signs with."""
        return self.public_key.algorithm

    @classmethod
    def load(cls, folder: Path) -> "Identity":
        """Read an identity from its folder.

        Raises:
            IdentityError: when a file is missing or wrong; it names the file.
        """
        about = _read_about(folder / "identity.json")
        trust_path = folder / "trust.json"
        try:
            trust = TrustFile.from_bytes(_read(trust_path))
        except FormatError as error:
            raise IdentityError(trust_path, str(error)) from error
        if trust.origin != about["origin"]:
            raise IdentityError(
                trust_path, f"it is for the log {trust.origin}, the identity for {about['origin']}"
            )
        path = folder / "identity.json"
        try:
            party = UUID(about["party"])
        except ValueError as error:
            raise IdentityError(path, f"party {about['party']!r} is not a UUID") from error
        host, _, port = about["address"].rpartition(":")
        if not host or not port.isdecimal():
            raise IdentityError(path, f"address {about['address']!r} is not host:port")
        if not about["server_name"]:
            raise IdentityError(path, "server_name is empty")
        key = _read_key(folder / "key.pem")
        tls = _read_tls(folder)
        return cls(about["origin"], party, about["address"], about["server_name"], key, tls, trust)

    def save(self, folder: Path) -> None:
        """Write the identity as a folder; private files are readable by their owner alone.

        Raises:
            IdentityError: when the folder holds another private key, or cannot be written.
        """
        about = {
            "v": 1,
            "origin": self.origin,
            "party": str(self.party),
            "address": self.address,
            "server_name": self.server_name,
        }
        key = self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise IdentityError(folder, str(error)) from error
        # The key first: where another one stands, nothing of the folder is touched.
        write_private(folder / "key.pem", key)
        public = self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        write_public(folder / "public.pem", public)
        write_private(folder / "tls-key.pem", self.tls.key)
        write_public(folder / "tls.pem", self.tls.certificate)
        write_public(folder / "ca.pem", self.tls.authority)
        write_public(folder / "trust.json", self.trust.to_bytes())
        write_public(folder / "identity.json", json.dumps(about, indent=2).encode() + b"\n")


def new_author_key(algorithm: AlgorithmName = "ed25519") -> PrivateKey:
    """Return a new author key from the system's random generator."""
    if algorithm == "ed25519":
        return Ed25519PrivateKey.generate()
    return ec.generate_private_key(ec.SECP256R1())


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(FILE_LIMIT + 1)
    except FileNotFoundError as error:
        raise IdentityError(path, "there is no such file") from error
    except OSError as error:
        raise IdentityError(path, error.strerror or str(error)) from error
    if len(data) > FILE_LIMIT:
        raise IdentityError(path, f"more than {FILE_LIMIT} bytes")
    return data


def _read_about(path: Path) -> dict[str, str]:
    """Return the text members of identity.json."""
    try:
        document = json.loads(_read(path))
    except ValueError as error:
        raise IdentityError(path, f"not JSON: {error}") from error
    if not isinstance(document, dict) or document.keys() != _MEMBERS.keys():
        raise IdentityError(path, f"not an object with the members {', '.join(_MEMBERS)}")
    wrong = [name for name, kind in _MEMBERS.items() if type(document[name]) is not kind]
    if wrong or document["v"] != 1:
        raise IdentityError(path, f"{(wrong or ['v'])[0]} has a wrong value")
    return {name: value for name, value in document.items() if name != "v"}


def _read_key(path: Path) -> PrivateKey:
    try:
        key = serialization.load_pem_private_key(_read(path), password=None)
    except (ValueError, TypeError) as error:
        raise IdentityError(path, "not a PKCS#8 private key without a password") from error
    if isinstance(key, Ed25519PrivateKey):
        return key
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise IdentityError(path, "the key is neither Ed25519 nor ECDSA P-256")


def _read_tls(folder: Path) -> TlsFiles:
    tls = TlsFiles(*(_read(folder / name) for name in ("ca.pem", "tls.pem", "tls-key.pem")))
    certificates = {}
    for name, data in (("ca.pem", tls.authority), ("tls.pem", tls.certificate)):
        try:
            certificates[name] = x509.load_pem_x509_certificates(data)
        except ValueError as error:
            raise IdentityError(folder / name, "no certificate in PEM") from error
    path = folder / "tls-key.pem"
    try:
        key = serialization.load_pem_private_key(tls.key, password=None)
    except (ValueError, TypeError) as error:
        raise IdentityError(path, "not a private key without a password") from error
    if key.public_key() != certificates["tls.pem"][0].public_key():
        raise IdentityError(path, "the key does not belong to the certificate in tls.pem")
    return tls
