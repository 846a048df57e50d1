"""Requests that hold exactly certain events: issue, revocation and replacement."""

from google.protobuf.message import DecodeError

from ledger.api.v1 import events_pb2
from ledger.api.v1 import recording_service_pb2 as pb
from ledger.application.errors import RefusedError
from ledger.domain.refusals import Refusal


def require_events(batch: pb.Batch, *type_names: str) -> None:
    """Check that a batch sends exactly these types, in this order.

    What else is wrong with it, admission says.

    Raises:
        RefusedError: INVALID_REQUEST.
    """
    sent = [_type_of(event) for event in batch.events]
    if len(sent) == len(type_names) and all(
        found in {"", wanted} for found, wanted in zip(sent, type_names, strict=True)
    ):
        return
    wanted = " and one ".join(type_names)
    detail = f"it must hold exactly one {wanted}"
    raise RefusedError([Refusal("INVALID_REQUEST", "batch.events", {"detail": detail})])


def _type_of(data: bytes) -> str:
    """Return the type that an event names, an empty string when it cannot be read."""
    try:
        return events_pb2.TrainingEvent.FromString(data).header.type
    except DecodeError:
        return ""
