"""Read model of staff files 一人一档: appointments, qualifications, continuing education, exit.

A staff file names nobody: the identity is a commitment whose opening lies in the vault.
"""

from typing import Final

from ledger.domain.recorded_event import RecordedEvent
from projections.documents import Document
from projections.fold import Documents, Projection, Ref, kind_of
from projections.ports import Change

VIEW: Final = "staff"


def _touches(event: RecordedEvent) -> list[Ref]:
    return [(VIEW, event.stream)] if kind_of(event) == "staff" else []


def _apply(documents: Documents, event: RecordedEvent, held: str) -> list[Change]:
    if kind_of(event) != "staff":
        return []
    before = documents.get((VIEW, event.stream)) or _blank(event.header.institution)
    moved = {"held": before["held"] + 1} if held else _moved(before, event)
    after = {**before, **moved, "events": before["events"] + 1}
    return [Change(VIEW, event.stream, after, bytes.fromhex(after["institution"]), event.stream)]


def _blank(institution: bytes) -> Document:
    return {
        "institution": institution.hex(),
        "appointments": [],
        "qualifications": [],
        "education": [],
        "exit": None,
        "events": 0,
        "held": 0,
    }


def _moved(document: Document, event: RecordedEvent) -> Document:
    """Return the members that a counted fact changes."""
    body, index = event.body, event.index
    match event.type:
        case "StaffAppointed":
            appointment = {
                "role": body.role,
                "subject": body.subject,
                "from_day": body.from_day,
                "index": index,
            }
            return {"appointments": [*document["appointments"], appointment], "exit": None}
        case "StaffQualificationRecorded":
            qualification = {
                "qualification": body.qualification,
                "valid_until": body.valid_until,
                "document_digest": body.document_digest.hex(),
                "index": index,
            }
            return {"qualifications": [*document["qualifications"], qualification]}
        case "ContinuingEducationRecorded":
            entry = {"year": body.year, "hours": body.hours, "index": index}
            return {"education": [*document["education"], entry]}
        case "StaffExited":
            left = {"reason": body.reason, "recorded_us": event.recorded_us, "index": index}
            return {"exit": left}
    return {}


PROJECTION: Final = Projection((VIEW,), _touches, _apply)
