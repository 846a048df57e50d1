"""Requests that hold exactly one event of a certain type: issue and revocation."""

from google.protobuf.message import DecodeError

from ledger.api.v1 import events_pb2
from ledger.api.v1 import recording_service_pb2 as pb
from ledger.application.errors import RefusedError
from ledger.domain.refusals import Refusal


def require_single_event(batch: pb.Batch, type_name: str) -> None:
    """Check that a batch sends one event of a type. What else is wrong with it, admission says.

    Raises:
        RefusedError: INVALID_REQUEST.
    """
    if len(batch.events) == 1 and _type_of(batch.events[0]) in {"", type_name}:
        return
    detail = f"it must hold exactly one {type_name}"
    raise RefusedError([Refusal("INVALID_REQUEST", "batch.events", {"detail": detail})])


def _type_of(data: bytes) -> str:
    """Return the type that an event names, an empty string when it cannot be read."""
    try:
        return events_pb2.TrainingEvent.FromString(data).header.type
    except DecodeError:
        return ""
