"""The parts of a certificate on its way: prepared, issued, proven; and what is checked of them."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from clients.sdk.errors import CertificateError, EvidenceError
from clients.sdk.identity import Identity
from ledger.api.v1 import events_pb2
from ledger.log.history_proof import HistoryProof, VerifiedEntry, VerifiedHistory
from ledger.log.identifiers import party_id


@dataclass(frozen=True, slots=True)
class PreparedCertificate:
    """What PrepareCertificate returned, checked.

    Attributes:
        number: The certificate's number.
        certificate: The certificate's stream.
        cohort: Its home cohort.
        issue: Body of the issue event.
        core: Canonical bytes of the credential without proof and evidence.
    """

    number: str
    certificate: UUID
    cohort: UUID
    issue: events_pb2.TrainingCertificateIssued
    core: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class IssuedCertificate:
    """A certificate as its holder gets it.

    Attributes:
        number: Its number.
        certificate: Its stream.
        core: Canonical bytes of the credential without proof and evidence.
        file: The Open Badges file.
    """

    number: str
    certificate: UUID
    core: bytes = field(repr=False)
    file: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class CertificateHistory:
    """A certificate's history, verified.

    Attributes:
        proof: The history proof.
        issue_proof: tlog-proof of the issue entry at the same checkpoint.
        verified: What the history proof shows.
        issue: The issue.
    """

    proof: HistoryProof
    issue_proof: str
    verified: VerifiedHistory
    issue: VerifiedEntry


def check_core(
    core: dict[str, Any], issue: events_pb2.TrainingCertificateIssued, identity: Identity
) -> None:
    """Check what an institution puts its name to.

    Args:
        core: The core.
        issue: The body of the issue event.
        identity: Who is to sign it.

    Raises:
        CertificateError: when the two do not agree, or the core is in another's name.
    """
    try:
        subject, (identifier,) = core["credentialSubject"], core["issuer"]["otherIdentifier"]
        number, hours = subject["licenseNumber"], subject["creditsEarned"]
        issuer = party_id(identity.origin, identifier["identifier"])
    except (KeyError, TypeError, ValueError) as error:
        raise CertificateError(
            f"the core has not the members of a certificate: {error!r}"
        ) from error
    if number != issue.number:
        raise CertificateError(f"the core is of {number}, the issue event of {issue.number}")
    total = sum(part.hours for part in issue.credited)
    if hours != total:
        raise CertificateError(f"the core states {hours} hours, the issue event {total}")
    if issuer != identity.party:
        raise CertificateError(f"the core is in the name of {issuer}, not of {identity.party}")


def check_replaced(issue: events_pb2.TrainingCertificateIssued, supersedes: str) -> None:
    """Check that an issue replaces what its institution means it to, and nothing else.

    Args:
        issue: The body of the issue event.
        supersedes: Number of the certificate that is to be replaced; empty for none.

    Raises:
        CertificateError: when it replaces another, or itself, or none where one is meant.
    """
    if issue.supersedes != supersedes:
        prepared = issue.supersedes or "no certificate"
        meant = supersedes or "none"
        raise CertificateError(f"what was prepared replaces {prepared}, and {meant} is meant")
    if supersedes and issue.number == supersedes:
        raise CertificateError(f"what was prepared has the number {supersedes} that it replaces")


def find_issue(history: VerifiedHistory, number: str) -> VerifiedEntry:
    """Return the entry that issued a certificate.

    Raises:
        EvidenceError: when the history holds none.
    """
    for stream in history.streams:
        first = stream.entries[0]
        if (
            stream.kind == "certificate"
            and first.event is not None
            and first.event.type == "TrainingCertificateIssued"
            and first.event.body.number == number
        ):
            return first
    raise EvidenceError(f"the history holds no issue of {number}")
