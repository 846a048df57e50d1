"""A small issuer of TLS certificates, for a log that has no other (X.509-SVID, RFC 5280).

It issues what `ledger.server` asks of a client: P-256, `cA` false, one SPIFFE ID as its only URI.
SPIRE or another authority can take its place; the server looks at the certificates alone.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ledger.log.errors import FormatError
from ledger.storage.private_files import (
    KeyFileError,
    KeyFileProblem,
    make_private_folder,
    read_private_file,
    write_new_file,
)
from ledger.storage.spiffe_ids import check_trust_domain, domain_uri, parse_client_uri

CA_YEARS: Final = 10
LEAF_DAYS: Final = 397
# What `cryptography.x509` raises on bytes that are no certificate; the last four are no ValueError.
CERTIFICATE_ERRORS: Final = (
    ValueError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
_PUBLIC_MODE: Final = 0o644
# A terminal's clock may be behind the issuer's.
_BACKDATED: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class CertificateAuthority:
    """The issuer of one trust domain.

    Attributes:
        trust_domain: The log's origin up to the first slash.
        certificate: Its own certificate, which clients and server trust.
        key: Its private key.
    """

    trust_domain: str
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey = field(repr=False)

    def certificate_pem(self) -> bytes:
        """Return the certificate."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def save(self, folder: Path) -> None:
        """Write `ca.crt` and `ca.key` into a folder of mode 0700.

        Raises:
            KeyFileError: when one of them exists or cannot be written.
        """
        save_pair(folder, "ca", (self.certificate_pem(), _key_pem(self.key)))


def create_ca(trust_domain: str, now: datetime) -> CertificateAuthority:
    """Make an issuer whose certificate is valid for ten years.

    Args:
        trust_domain: See `ledger.storage.spiffe_ids.trust_domain`.
        now: With a time zone.

    Raises:
        FormatError: when the trust domain is malformed.
    """
    check_trust_domain(trust_domain)
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("training ledger CA")
    builder = (
        _builder(name, name, key.public_key(), now, now + timedelta(days=365 * CA_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(_names([x509.UniformResourceIdentifier(domain_uri(trust_domain))]), False)
    )
    return CertificateAuthority(trust_domain, builder.sign(key, hashes.SHA256()), key)


def load_ca(folder: Path) -> CertificateAuthority:
    """Read `ca.crt` and `ca.key`.

    Raises:
        KeyFileError: when one is missing, unreadable, open to others (the key), or malformed.
    """
    key_path, certificate_path = folder / "ca.key", folder / "ca.crt"
    key_data = read_private_file(key_path)
    try:
        key = serialization.load_pem_private_key(key_data, password=None)
    except (TypeError, ValueError, UnsupportedAlgorithm):
        raise KeyFileError(key_path, KeyFileProblem.MALFORMED) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise KeyFileError(key_path, KeyFileProblem.MALFORMED)
    try:
        certificate = x509.load_pem_x509_certificate(certificate_path.read_bytes())
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        (uri,) = names.get_values_for_type(x509.UniformResourceIdentifier)
        domain = uri.removeprefix(domain_uri(""))
        check_trust_domain(domain)
        same_key = certificate.public_key() == key.public_key()
    except FileNotFoundError as error:
        raise KeyFileError(certificate_path, KeyFileProblem.MISSING) from error
    except OSError as error:
        raise KeyFileError(certificate_path, KeyFileProblem.UNREADABLE) from error
    except (FormatError, x509.ExtensionNotFound, *CERTIFICATE_ERRORS) as error:
        raise KeyFileError(certificate_path, KeyFileProblem.MALFORMED) from error
    if not same_key:
        raise KeyFileError(certificate_path, KeyFileProblem.MALFORMED)
    return CertificateAuthority(domain, certificate, key)


def issue_server(
    ca: CertificateAuthority, hosts: tuple[str, ...], now: datetime, days: int = LEAF_DAYS
) -> tuple[bytes, bytes]:
    """Return a server's certificate and key in PEM.

    Args:
        ca: The issuer.
        hosts: DNS names and IP addresses beside localhost and 127.0.0.1.
        now: With a time zone.
        days: How long it is valid.

    Raises:
        FormatError: when a host is neither an address nor a DNS name in ASCII.
    """
    hosts = tuple(dict.fromkeys((*hosts, "localhost", "127.0.0.1")))
    return _issue(ca, [_host(host) for host in hosts], ExtendedKeyUsageOID.SERVER_AUTH, now, days)


def issue_client(
    ca: CertificateAuthority, uri: str, now: datetime, days: int = LEAF_DAYS
) -> tuple[bytes, bytes]:
    """Return a client's certificate and key in PEM.

    Args:
        ca: The issuer.
        uri: SPIFFE ID of a party or of the operator, in the issuer's trust domain.
        now: With a time zone.
        days: How long it is valid.

    Raises:
        FormatError: when the server would not accept `uri`.
    """
    parse_client_uri(uri, ca.trust_domain)
    names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(uri)]
    return _issue(ca, names, ExtendedKeyUsageOID.CLIENT_AUTH, now, days)


def save_pair(folder: Path, stem: str, pair: tuple[bytes, bytes]) -> None:
    """Write `<stem>.crt` and, with mode 0600, `<stem>.key` into a folder of mode 0700.

    Raises:
        KeyFileError: when one of them exists or cannot be written.
    """
    make_private_folder(folder)
    certificate, key = pair
    write_new_file(folder / f"{stem}.key", key)
    write_new_file(folder / f"{stem}.crt", certificate, _PUBLIC_MODE)


def _issue(
    ca: CertificateAuthority,
    names: list[x509.GeneralName],
    purpose: x509.ObjectIdentifier,
    now: datetime,
    days: int,
) -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    end = min(now + timedelta(days=days), ca.certificate.not_valid_after_utc)
    builder = (
        _builder(ca.certificate.subject, _name("training ledger"), key.public_key(), now, end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(_names(names), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.key.public_key()), critical=False
        )
    )
    certificate = builder.sign(ca.key, hashes.SHA256())
    return certificate.public_bytes(serialization.Encoding.PEM), _key_pem(key)


def _builder(
    issuer: x509.Name,
    subject: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime,
    end: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _names(names: list[x509.GeneralName]) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName(names)


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        pass
    try:
        return x509.DNSName(host)
    except ValueError as error:
        raise FormatError(f"{host!r} is neither an IP address nor a DNS name in ASCII") from error


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
