"""The small issuer: what its certificates say, and what it does not issue."""

import stat
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from ledger.log.errors import FormatError
from ledger.storage.private_files import KeyFileError, KeyFileProblem
from ledger.storage.spiffe_ids import operator_uri, parse_client_uri, party_uri, trust_domain
from ledger.storage.tls_files import (
    CertificateAuthority,
    create_ca,
    issue_client,
    issue_server,
    load_ca,
    save_pair,
)

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
DOMAIN = "ledger.example"
PARTY = UUID("7c9e6679-7425-40de-944b-e07fc1f90ae7")


@pytest.fixture(scope="module")
def ca() -> CertificateAuthority:
    return create_ca(DOMAIN, NOW)


def _certificate(pem: bytes) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem)


def _names(certificate: x509.Certificate) -> x509.SubjectAlternativeName:
    return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value


# --- SPIFFE IDs ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("origin", "domain"),
    [("ledger.example/city", "ledger.example"), ("log.example", "log.example"), ("a/b/c", "a")],
)
def test_the_trust_domain_is_the_origin_up_to_the_first_slash(origin: str, domain: str) -> None:
    assert trust_domain(origin) == domain


@pytest.mark.parametrize("origin", ["", "/city", "Ledger.example/city", "host:8080/x", "局/x"])
def test_an_origin_without_trust_domain_is_refused(origin: str) -> None:
    with pytest.raises(FormatError):
        trust_domain(origin)


def test_spiffe_ids_name_a_party_or_the_operator() -> None:
    party = "spiffe://ledger.example/party/7c9e6679-7425-40de-944b-e07fc1f90ae7"
    assert party_uri(DOMAIN, PARTY) == party
    assert operator_uri(DOMAIN) == "spiffe://ledger.example/operator"
    assert parse_client_uri(party, DOMAIN) == PARTY
    assert parse_client_uri("spiffe://ledger.example/operator", DOMAIN) is None


BAD_URIS = [
    "",
    "spiffe://ledger.example",
    "spiffe://ledger.example/",
    "spiffe://ledger.example/operator/",
    "spiffe://ledger.example/operator?",
    "spiffe://ledger.example//operator",
    "spiffe://other.example/operator",
    "spiffe://ledger.example.evil/operator",
    "spiffe://evil@ledger.example/operator",
    "SPIFFE://ledger.example/operator",
    "https://ledger.example/operator",
    "spiffe://ledger.example/party/",
    f"spiffe://ledger.example/party/{PARTY}/",
    f"spiffe://ledger.example/party/{PARTY}\n",
    f"spiffe://ledger.example/party/{str(PARTY).upper()}",
    f"spiffe://ledger.example/party/{PARTY.hex}",
    f"spiffe://ledger.example/party/{{{PARTY}}}",
    f"spiffe://ledger.example/{PARTY}",
    f"spiffe://ledger.example/party/party/{PARTY}",
    f"spiffe://ledger.example/x/../party/{PARTY}",
]


@pytest.mark.parametrize("uri", BAD_URIS)
def test_no_other_id_is_read_or_issued(ca: CertificateAuthority, uri: str) -> None:
    with pytest.raises(FormatError):
        parse_client_uri(uri, DOMAIN)
    with pytest.raises(FormatError):
        issue_client(ca, uri, NOW)


# --- Certificates --------------------------------------------------------------------------------


def test_the_issuers_certificate_signs_certificates_and_nothing_else(
    ca: CertificateAuthority,
) -> None:
    extensions = ca.certificate.extensions
    constraints = extensions.get_extension_for_class(x509.BasicConstraints)
    usage = extensions.get_extension_for_class(x509.KeyUsage)
    assert constraints.critical
    assert (constraints.value.ca, constraints.value.path_length) == (True, 0)
    assert usage.critical
    assert usage.value.key_cert_sign
    assert not usage.value.digital_signature
    assert isinstance(ca.key.curve, ec.SECP256R1)
    valid = ca.certificate.not_valid_after_utc - NOW
    assert valid == timedelta(days=3650)
    assert ca.certificate.not_valid_before_utc == datetime(2026, 11, 2, 7, 0, tzinfo=UTC)


def test_a_clients_certificate_has_one_uri_and_is_no_issuer(ca: CertificateAuthority) -> None:
    pem, key = issue_client(ca, party_uri(DOMAIN, PARTY), NOW)
    certificate = _certificate(pem)
    extensions = certificate.extensions
    assert list(_names(certificate)) == [
        x509.UniformResourceIdentifier(f"spiffe://ledger.example/party/{PARTY}")
    ]
    assert not extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    usage = extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature
    assert not usage.key_cert_sign
    purposes = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert certificate.not_valid_after_utc == datetime(2027, 12, 4, 8, 0, tzinfo=UTC)
    assert b"PRIVATE KEY" in key
    assert b"PRIVATE KEY" not in pem


def test_a_servers_certificate_names_its_hosts(ca: CertificateAuthority) -> None:
    pem, _ = issue_server(ca, ("ledger.example", "192.0.2.7"), NOW)
    names = _names(_certificate(pem))
    assert names.get_values_for_type(x509.DNSName) == ["ledger.example", "localhost"]
    assert names.get_values_for_type(x509.IPAddress) == [
        ip_address("192.0.2.7"),
        ip_address("127.0.0.1"),
    ]
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == []
    extensions = _certificate(pem).extensions
    purposes = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [ExtendedKeyUsageOID.SERVER_AUTH]


def test_a_host_that_is_not_ascii_is_refused(ca: CertificateAuthority) -> None:
    with pytest.raises(FormatError):
        issue_server(ca, ("账本.example",), NOW)


def test_the_chain_verifies_by_rfc_5280(ca: CertificateAuthority) -> None:
    policy = PolicyBuilder().store(Store([ca.certificate])).time(NOW)
    client, _ = issue_client(ca, operator_uri(DOMAIN), NOW)
    verified = policy.build_client_verifier().verify(_certificate(client), [])
    assert verified.subjects == [x509.UniformResourceIdentifier("spiffe://ledger.example/operator")]
    server, _ = issue_server(ca, ("ledger.example",), NOW)
    names = policy.build_server_verifier(x509.DNSName("ledger.example"))
    assert names.verify(_certificate(server), [])


def test_another_issuers_or_an_expired_certificate_does_not_verify(
    ca: CertificateAuthority,
) -> None:
    foreign, _ = issue_client(create_ca(DOMAIN, NOW), operator_uri(DOMAIN), NOW)
    own, _ = issue_client(ca, operator_uri(DOMAIN), NOW, days=3)
    store = PolicyBuilder().store(Store([ca.certificate]))
    with pytest.raises(VerificationError):
        store.time(NOW).build_client_verifier().verify(_certificate(foreign), [])
    store.time(NOW + timedelta(days=2)).build_client_verifier().verify(_certificate(own), [])
    with pytest.raises(VerificationError):
        store.time(NOW + timedelta(days=4)).build_client_verifier().verify(_certificate(own), [])


def test_no_certificate_outlives_its_issuer(ca: CertificateAuthority) -> None:
    late = NOW + timedelta(days=3600)
    pem, _ = issue_client(ca, operator_uri(DOMAIN), late)
    assert _certificate(pem).not_valid_after_utc == ca.certificate.not_valid_after_utc


# --- Files ---------------------------------------------------------------------------------------


def test_the_issuer_comes_back_from_its_files(ca: CertificateAuthority, tmp_path: Path) -> None:
    ca.save(tmp_path / "tls")
    loaded = load_ca(tmp_path / "tls")
    assert loaded.trust_domain == DOMAIN
    assert loaded.certificate == ca.certificate
    assert loaded.key.private_numbers() == ca.key.private_numbers()
    assert stat.S_IMODE((tmp_path / "tls" / "ca.key").stat().st_mode) == 0o600


def test_a_key_that_others_can_read_is_refused(ca: CertificateAuthority, tmp_path: Path) -> None:
    ca.save(tmp_path / "tls")
    (tmp_path / "tls" / "ca.key").chmod(0o644)
    with pytest.raises(KeyFileError) as caught:
        load_ca(tmp_path / "tls")
    assert caught.value.problem is KeyFileProblem.OPEN_TO_OTHERS


def test_no_pair_is_overwritten(ca: CertificateAuthority, tmp_path: Path) -> None:
    save_pair(tmp_path / "tls", "client", issue_client(ca, operator_uri(DOMAIN), NOW))
    before = (tmp_path / "tls" / "client.key").read_bytes()
    with pytest.raises(KeyFileError) as caught:
        save_pair(tmp_path / "tls", "client", issue_client(ca, operator_uri(DOMAIN), NOW))
    assert caught.value.problem is KeyFileProblem.EXISTS
    assert (tmp_path / "tls" / "client.key").read_bytes() == before


@pytest.mark.parametrize("name", ["ca.crt", "ca.key"])
def test_a_missing_or_spoilt_file_of_the_issuer_is_named(
    ca: CertificateAuthority, tmp_path: Path, name: str
) -> None:
    ca.save(tmp_path / "tls")
    path = tmp_path / "tls" / name
    path.write_bytes(b"-----BEGIN NOTHING-----")
    with pytest.raises(KeyFileError) as caught:
        load_ca(tmp_path / "tls")
    assert (caught.value.path, caught.value.problem) == (path, KeyFileProblem.MALFORMED)
    path.unlink()
    with pytest.raises(KeyFileError) as caught:
        load_ca(tmp_path / "tls")
    assert (caught.value.path, caught.value.problem) == (path, KeyFileProblem.MISSING)


def test_certificate_and_key_of_two_issuers_are_refused(
    ca: CertificateAuthority, tmp_path: Path
) -> None:
    ca.save(tmp_path / "tls")
    other = create_ca(DOMAIN, NOW)
    (tmp_path / "tls" / "ca.crt").write_bytes(other.certificate_pem())
    with pytest.raises(KeyFileError) as caught:
        load_ca(tmp_path / "tls")
    assert caught.value.problem is KeyFileProblem.MALFORMED
