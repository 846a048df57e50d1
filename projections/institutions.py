"""Read model of the register of parties: institutions, bureaus, exam bodies, platforms; by name."""

from typing import Final

from ledger.domain.recorded_event import RecordedEvent
from projections.fold import Documents, Projection, Ref
from projections.ports import Change

VIEW: Final = "institutions"


def _touches(_event: RecordedEvent) -> list[Ref]:
    return []


def _apply(_documents: Documents, event: RecordedEvent, _held: str) -> list[Change]:
    if event.type != "InstitutionRegistered":
        return []
    body = event.body
    document = {
        "kind": body.kind,
        "credit_code": body.credit_code,
        "name": body.name,
        "area": body.area,
        "directory_number": body.directory_number,
    }
    # Names hold no control character, so the zero byte sorts a name before its extensions.
    place = body.name.encode() + b"\0" + event.stream
    return [Change(VIEW, event.stream, document, b"", place)]


PROJECTION: Final = Projection((VIEW,), _touches, _apply)
