"""From the read side's certificates to the contract's message (certificate_service.proto)."""

from ledger.api.v1 import certificate_service_pb2 as pb
from ledger.api.v1 import events_pb2
from ledger.server.identifiers import id_text
from projections.answers import Certificate


def certificate_message(found: Certificate, as_of_size: int) -> pb.Certificate:
    """Return a certificate as the register shows it."""
    return pb.Certificate(
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
    )
