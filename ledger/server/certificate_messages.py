"""The register's view of a certificate as a message of the contract."""

from ledger.api.v1 import certificate_service_pb2 as pb
from ledger.api.v1 import events_pb2
from ledger.server.identifiers import id_text
from projections.answers import Certificate, OfficialCertificate


def certificate_message(found: Certificate, as_of_size: int) -> pb.Certificate:
    """Return a certificate.

    Args:
        found: What the read model answers.
        as_of_size: Log size that the answer rests on.
    """
    message = pb.Certificate(
        number=found.number,
        certificate=id_text(found.certificate),
        edition=found.edition,
        institution=id_text(found.institution),
        institution_name=found.institution_name,
        cohort=id_text(found.cohort),
        trade_name=found.trade_name,
        state=found.state,
        revocation_reason=events_pb2.RevocationReason.ValueType(found.revocation_reason),
        issued_us=found.issued_us,
        revoked_us=found.revoked_us,
        credited=[
            events_pb2.CreditedHours(
                component=events_pb2.HourComponent.ValueType(component), hours=hours
            )
            for component, hours in found.credited
        ],
        as_of_size=as_of_size,
        supersedes=found.supersedes,
        successor=found.successor,
        superseded_us=found.superseded_us,
        superseding_reason=found.superseding_reason,
        suspended_us=found.suspended_us,
        suspension_reason=found.suspension_reason,
        reinstated_us=found.reinstated_us,
        reinstatement_reason=found.reinstatement_reason,
    )
    if found.official is not None:
        message.official.CopyFrom(_official(found.official))
    return message


def _official(linked: OfficialCertificate) -> pb.OfficialCertificate:
    return pb.OfficialCertificate(
        first_issued=linked.first_issued,
        review_due=linked.review_due,
        valid_to=linked.valid_to,
        linked_us=linked.linked_us,
    )
