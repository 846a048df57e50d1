"""Who a certificate speaks for, as a SPIFFE ID (SPIFFE-ID standard section 2).

`spiffe://<trust domain>/party/<uuid>` is an institution, bureau, exam body or platform of the log;
`spiffe://<trust domain>/operator` is who runs it. The trust domain is the log's origin up to the
first slash. The ids name no person.
"""

import re
from typing import Final
from uuid import UUID

from ledger.log.errors import FormatError

_SCHEME: Final = "spiffe://"
_TRUST_DOMAIN: Final = re.compile(r"[a-z0-9._-]{1,255}")
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PARTY: Final = "party/"
_OPERATOR: Final = "operator"


def trust_domain(origin: str) -> str:
    """Return the trust domain of a log.

    Raises:
        FormatError: when the origin does not begin with one: lower-case letters, digits, `.-_`.
    """
    domain = origin.partition("/")[0]
    check_trust_domain(domain)
    return domain


def check_trust_domain(domain: str) -> None:
    """Check the form of a trust domain.

    Raises:
        FormatError: when it is none.
    """
    if not _TRUST_DOMAIN.fullmatch(domain):
        raise FormatError(f"{domain!r} is not a trust domain: lower-case letters, digits, .-_")


def domain_uri(domain: str) -> str:
    """Return the SPIFFE ID of a trust domain itself, which its issuer's certificate carries."""
    return f"{_SCHEME}{domain}"


def party_uri(domain: str, party: UUID) -> str:
    """Return the SPIFFE ID of a party."""
    return f"{_SCHEME}{domain}/{_PARTY}{party}"


def operator_uri(domain: str) -> str:
    """Return the SPIFFE ID of the operator."""
    return f"{_SCHEME}{domain}/{_OPERATOR}"


def parse_client_uri(uri: str, domain: str) -> UUID | None:
    """Return the party that a SPIFFE ID names, None for the operator.

    Raises:
        FormatError: when it is neither, in exactly these forms, or of another trust domain.
    """
    root = f"{_SCHEME}{domain}/"
    path = uri.removeprefix(root)
    if not uri.startswith(root):
        raise FormatError(f"not a SPIFFE ID of the trust domain {domain}")
    if path == _OPERATOR:
        return None
    party = path.removeprefix(_PARTY)
    if not path.startswith(_PARTY) or not _UUID.fullmatch(party):
        raise FormatError("the SPIFFE ID names neither a party nor the operator")
    return UUID(party)
