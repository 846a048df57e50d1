"""Who is at the other end of a connection, by the client certificate (DESIGN section 7, "mTLS").

TLS has checked chain, time and possession of the key. What X.509-SVID section 5 asks beyond that
is checked here, since gRPC checks none of it: a leaf that is no issuer, made for clients, with
exactly one URI, a SPIFFE ID of this log's trust domain. The peer is only the courier: authority is
judged on the author of each event.
"""

from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from ledger.application.errors import ApplicationError
from ledger.log.errors import FormatError
from ledger.storage.spiffe_ids import parse_client_uri
from ledger.storage.tls_files import CERTIFICATE_ERRORS

PEM_LIMIT: Final = 16 * 1024


class PeerError(ApplicationError):
    """A client certificate that does not say who the client is; the message is for the log."""


@dataclass(frozen=True, slots=True)
class Peer:
    """The other end of a connection.

    Attributes:
        kind: `party`, or `operator`.
        party: The party's id; None for the operator.
    """

    kind: Literal["party", "operator"]
    party: UUID | None


def read_peer(pem: bytes, trust_domain: str) -> Peer:
    """Return whom a client certificate names.

    Args:
        pem: The leaf certificate, `x509_pem_cert` of gRPC's `auth_context`; its chain is verified.
        trust_domain: The log's origin up to the first slash.

    Raises:
        PeerError: when it is no client certificate of this trust domain, of the form above.
    """
    if len(pem) > PEM_LIMIT:
        raise PeerError(f"a certificate of more than {PEM_LIMIT} bytes")
    try:
        certificates = x509.load_pem_x509_certificates(pem)
        if len(certificates) != 1:
            raise PeerError(f"{len(certificates)} certificates where one is due")
        extensions = certificates[0].extensions
        constraints = extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
        purposes = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound as error:
        raise PeerError(f"the certificate has no extension {error.oid.dotted_string}") from error
    except CERTIFICATE_ERRORS as error:
        raise PeerError("not a certificate in PEM") from error
    if constraints.ca or usage.key_cert_sign or usage.crl_sign:
        raise PeerError("an issuer's certificate is not a client's")
    if not usage.digital_signature or ExtendedKeyUsageOID.CLIENT_AUTH not in purposes:
        raise PeerError("the certificate is not made for clients")
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    if len(uris) != 1:
        raise PeerError(f"the certificate has {len(uris)} URIs where one is due")
    try:
        party = parse_client_uri(uris[0], trust_domain)
    except FormatError as error:
        raise PeerError(str(error)) from error
    return Peer("operator", None) if party is None else Peer("party", party)
