"""Whom a client certificate names, and every certificate that names nobody."""

from base64 import encodebytes
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from ledger.server.peer_identity import Peer, PeerError, read_peer
from ledger.storage.tls_files import create_ca, issue_client, issue_server

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
DOMAIN = "ledger.example"
PARTY = UUID("7c9e6679-7425-40de-944b-e07fc1f90ae7")
PARTY_URI = f"spiffe://{DOMAIN}/party/{PARTY}"
CA = create_ca(DOMAIN, NOW)
KEY = ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A client certificate in which one thing can be wrong; None leaves the extension out."""

    names: tuple[x509.GeneralName, ...] | None = (x509.UniformResourceIdentifier(PARTY_URI),)
    ca: bool | None = False
    purposes: tuple[x509.ObjectIdentifier, ...] | None = (ExtendedKeyUsageOID.CLIENT_AUTH,)
    usage: dict[str, bool] | None = None
    no_usage: bool = False

    def pem(self) -> bytes:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "synthetic")])
        builder = (
            x509.CertificateBuilder()
            .issuer_name(name)
            .subject_name(name)
            .public_key(KEY.public_key())
            .serial_number(1)
            .not_valid_before(NOW)
            .not_valid_after(NOW + timedelta(days=1))
        )
        for extension in self._extensions():
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(KEY, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def _extensions(self) -> list[x509.ExtensionType]:
        found: list[x509.ExtensionType] = []
        if self.names is not None:
            found.append(x509.SubjectAlternativeName(self.names))
        if self.ca is not None:
            found.append(x509.BasicConstraints(ca=self.ca, path_length=None))
        if self.purposes is not None:
            found.append(x509.ExtendedKeyUsage(self.purposes))
        if not self.no_usage:
            bits: dict[str, Any] = {
                "digital_signature": True,
                "content_commitment": False,
                "key_encipherment": False,
                "data_encipherment": False,
                "key_agreement": False,
                "key_cert_sign": False,
                "crl_sign": False,
                "encipher_only": False,
                "decipher_only": False,
            }
            found.append(x509.KeyUsage(**{**bits, **(self.usage or {})}))
        return found


LEAF = x509.load_pem_x509_certificate(_Leaf().pem()).public_bytes(serialization.Encoding.DER)


def _uris(*uris: str) -> tuple[x509.GeneralName, ...]:
    return tuple(x509.UniformResourceIdentifier(uri) for uri in uris)


def test_a_party_and_the_operator_are_read() -> None:
    party, _ = issue_client(CA, PARTY_URI, NOW)
    operator, _ = issue_client(CA, f"spiffe://{DOMAIN}/operator", NOW)
    assert read_peer(party, DOMAIN) == Peer("party", PARTY)
    assert read_peer(operator, DOMAIN) == Peer("operator", None)


def test_the_leaf_of_the_bad_cases_is_good_when_nothing_is_wrong() -> None:
    assert read_peer(_Leaf().pem(), DOMAIN) == Peer("party", PARTY)


def test_a_dns_name_beside_the_uri_is_allowed() -> None:
    # X.509-SVID section 2: any number of other names, exactly one URI.
    leaf = _Leaf(names=(x509.DNSName("terminal.example"), *_uris(PARTY_URI)))
    assert read_peer(leaf.pem(), DOMAIN).party == PARTY


@pytest.mark.parametrize(
    ("leaf", "reason"),
    [
        pytest.param(_Leaf(names=None), "2.5.29.17", id="no-san"),
        pytest.param(_Leaf(names=(x509.DNSName("a.example"),)), "0 URIs", id="no-uri"),
        pytest.param(
            _Leaf(names=_uris(PARTY_URI, f"spiffe://{DOMAIN}/operator")), "2 URIs", id="two-uris"
        ),
        pytest.param(_Leaf(names=_uris(PARTY_URI, PARTY_URI)), "2 URIs", id="one-uri-twice"),
        pytest.param(
            _Leaf(names=_uris(PARTY_URI, "https://a.example/")), "2 URIs", id="another-uri"
        ),
        pytest.param(_Leaf(ca=True), "issuer", id="ca-leaf"),
        pytest.param(_Leaf(ca=None), "2.5.29.19", id="no-basic-constraints"),
        pytest.param(
            _Leaf(ca=True, usage={"key_cert_sign": True}), "issuer", id="ca-leaf-that-signs"
        ),
        pytest.param(_Leaf(usage={"key_cert_sign": True}), "issuer", id="key-cert-sign"),
        pytest.param(_Leaf(usage={"crl_sign": True}), "issuer", id="crl-sign"),
        pytest.param(
            _Leaf(usage={"digital_signature": False, "key_agreement": True}),
            "clients",
            id="no-digital-signature",
        ),
        pytest.param(_Leaf(no_usage=True), "2.5.29.15", id="no-key-usage"),
        pytest.param(
            _Leaf(purposes=(ExtendedKeyUsageOID.SERVER_AUTH,)), "clients", id="server-eku"
        ),
        pytest.param(
            _Leaf(purposes=(ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,)), "clients", id="any-eku"
        ),
        pytest.param(_Leaf(purposes=None), "2.5.29.37", id="no-eku"),
        pytest.param(
            _Leaf(names=_uris(f"spiffe://other.example/party/{PARTY}")),
            "trust domain",
            id="other-domain",
        ),
        pytest.param(
            _Leaf(names=_uris(f"spiffe://{DOMAIN}.evil.example/operator")),
            "trust domain",
            id="domain-as-prefix",
        ),
        pytest.param(_Leaf(names=_uris(f"spiffe://{DOMAIN}")), "trust domain", id="root-path"),
        pytest.param(
            _Leaf(names=_uris(f"spiffe://{DOMAIN}/operators")), "neither", id="other-path"
        ),
        pytest.param(
            _Leaf(names=_uris(f"spiffe://{DOMAIN}/party/{str(PARTY).upper()}")),
            "neither",
            id="upper-case",
        ),
    ],
)
def test_a_certificate_that_names_nobody_is_refused(leaf: _Leaf, reason: str) -> None:
    with pytest.raises(PeerError, match=reason):
        read_peer(leaf.pem(), DOMAIN)


def test_a_servers_and_the_issuers_certificate_are_no_clients() -> None:
    server, _ = issue_server(CA, ("ledger.example",), NOW)
    for pem in (server, CA.certificate_pem()):
        with pytest.raises(PeerError):
            read_peer(pem, DOMAIN)


def test_another_log_does_not_know_the_client() -> None:
    pem, _ = issue_client(CA, PARTY_URI, NOW)
    for domain in ("other.example", "ledger", "ledger.exampl", "example", ""):
        with pytest.raises(PeerError):
            read_peer(pem, domain)


def test_what_is_not_one_certificate_is_refused() -> None:
    pem, key = issue_client(CA, PARTY_URI, NOW)
    for data in (b"", b"\n", key, pem[:-40], pem + pem, pem + b"\n" * 20_000, b"\xff" * 100):
        with pytest.raises(PeerError):
            read_peer(data, DOMAIN)


def _as_pem(der: bytes) -> bytes:
    return b"-----BEGIN CERTIFICATE-----\n" + encodebytes(der) + b"-----END CERTIFICATE-----\n"


# The library warns of what RFC 5280 forbids and it still reads; a server shows warnings to nobody.
@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_changed_byte_lets_another_error_escape(position: int, change: int) -> None:
    body = bytearray(LEAF)
    body[position % len(body)] ^= change
    try:
        peer = read_peer(_as_pem(bytes(body)), DOMAIN)
    except PeerError:
        return
    assert peer.kind == "party"
