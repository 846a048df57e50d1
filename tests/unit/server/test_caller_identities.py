"""From certificates to callers, on every call."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from ledger.server.caller_identities import CallerIdentities
from ledger.server.peer_identity import PeerError
from ledger.server.request_context import Caller
from ledger.storage.spiffe_ids import operator_uri, party_uri
from ledger.storage.tls_files import create_ca, issue_client

DOMAIN = "ledger.example"
MADE = datetime(2026, 3, 2, 1, tzinfo=UTC)
PARTY = UUID("7c9e6679-7425-40de-944b-e07fc1f90ae7")
CA = create_ca(DOMAIN, MADE)
PEM, _ = issue_client(CA, party_uri(DOMAIN, PARTY), MADE, days=3)
OPERATOR_PEM, _ = issue_client(CA, operator_uri(DOMAIN), MADE)


def identities(now: datetime, domain: str = DOMAIN) -> CallerIdentities:
    return CallerIdentities(domain, lambda: now)


def test_a_certificate_names_its_party_and_the_operators_none() -> None:
    known = identities(MADE)
    assert known.identify({"x509_pem_cert": [PEM]}) == Caller(PARTY.bytes)
    assert known.identify({"x509_pem_cert": [OPERATOR_PEM]}) == Caller(None)
    assert known.identify({"x509_pem_cert": [PEM]}).name == f"party/{PARTY}"


@pytest.mark.parametrize("context", [{}, {"x509_pem_cert": []}, {"x509_pem_cert": [PEM, PEM]}])
def test_none_and_two_certificates_are_refused(context: dict[str, list[bytes]]) -> None:
    with pytest.raises(PeerError):
        identities(MADE).identify(context)


@pytest.mark.parametrize("other", [timedelta(days=4), timedelta(days=-1)])
def test_a_known_certificate_is_refused_outside_its_time(other: timedelta) -> None:
    now = [MADE]
    known = CallerIdentities(DOMAIN, lambda: now[0])
    assert known.identify({"x509_pem_cert": [PEM]}) == Caller(PARTY.bytes)
    now[0] = MADE + other
    with pytest.raises(PeerError):
        known.identify({"x509_pem_cert": [PEM]})


def test_another_trust_domains_certificate_is_refused_every_time() -> None:
    known = identities(MADE, "other.example")
    for _ in range(2):
        with pytest.raises(PeerError):
            known.identify({"x509_pem_cert": [PEM]})
