"""What a caller of the SDK says to record an event that stands in the vectors."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from clients.sdk import Correction
from ledger.api.v1 import events_pb2 as pb
from ledger.log.event_reader import Event
from tests.independent.fields import STREAM_KINDS
from tests.independent.vectors import VECTORS


def moment(micros: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)


def calendar_day(number: int) -> date:
    return datetime.strptime(str(number), "%Y%m%d").replace(tzinfo=UTC).date()


def uid(raw: bytes) -> UUID:
    return UUID(bytes=raw)


def optional(raw: bytes) -> UUID | None:
    return UUID(bytes=raw) if raw else None


UIDS = {
    "bureau", "cohort", "custodian", "enrolment", "from_cohort", "holder", "missed", "report",
    "reviewer", "session", "target", "teacher", "ticket", "to_cohort",
}  # fmt: skip
OPTIONAL_UIDS = {"attributed_to", "boot_id", "exam_body", "platform"}
DAYS = {
    "day", "due_day", "first_day", "first_issued", "from_day", "last_day", "listed_since",
    "retain_until", "review_due", "valid_to", "valid_until",
}  # fmt: skip
# What the SDK calls a field, where that is not the field's name.
WORDS = {
    ("MakeUpScheduled", "cohort"): "host_cohort",
    ("SessionRecordingStored", "from_us"): "first",
    ("SessionRecordingStored", "to_us"): "last",
    ("StandingReportSubmitted", "day"): "day_described",
}
# What the SDK adds by itself, what stands in a correction, and what this ending has none of.
VALUE = ("field", "number", "id", "commitment")
LEFT_OUT = {
    "CohortRecordCorrected": VALUE,
    "KeyEnded": ("accepted_until",),
    "KeyRegistered": ("algorithm",),
    "PolicyAdopted": ("digest",),
    "RecordCorrected": VALUE,
}
CORRECTIONS: dict[int, Callable[[Any], Correction]] = {
    pb.CORRECTED_FIELD_SIGNED_OUT: lambda body: Correction.signed_out(moment(body.number)),
    pb.CORRECTED_FIELD_TEACHER: lambda body: Correction.teacher(uid(body.id)),
}


def said_value(event_type: str, name: str, value: Any) -> Any:  # noqa: ANN401 - any field
    if name in OPTIONAL_UIDS or (event_type, name) == ("ArchiveItemAdded", "custodian"):
        return optional(value)
    if name in UIDS:
        return uid(value)
    if name in DAYS:
        return calendar_day(value)
    if name == "offset_us":
        return timedelta(microseconds=value)
    if name.endswith("_us"):
        return moment(value)
    if name == "teachers":
        return [uid(each) for each in value]
    if name == "credited":
        return {each.component: each.hours for each in value}
    return value


def arguments(event: Event) -> dict[str, Any]:
    """Return what a caller would say to record this event."""
    body, header = event.body, event.header
    values: dict[str, Any] = dict(vars(body))
    said = {
        WORDS.get((event.type, name), name.removesuffix("_us")): said_value(event.type, name, value)
        for name, value in values.items()
    }
    for name in LEFT_OUT.get(event.type, ()):
        del said[name]
    if event.type == "KeyEnded":
        said["key_id"] = bytes.fromhex(
            VECTORS["event-LearnerSignedIn"]["batch"]["key_id_hex"]  # the device's
        )
        said["holder"] = uid(header.institution)
    if event.type == "TrainingCertificateIssued":
        issue = {**values, "credited": [pb.CreditedHours(**vars(c)) for c in values["credited"]]}
        said = {"issue": pb.TrainingCertificateIssued(**issue)}
    if event.type in ("RecordCorrected", "CohortRecordCorrected"):
        said["correction"] = CORRECTIONS[body.field](body)
    return said | place(event)


def place(event: Event) -> dict[str, UUID]:
    """Return what a caller would say about where this event belongs."""
    header = event.header
    said = {}
    match STREAM_KINDS[event.type]:
        case "certificate":
            said["certificate"] = uid(header.stream)
        case "staff":
            said["staff"] = uid(header.stream)
        case "institution" if event.type != "InstitutionRegistered":
            said["institution"] = uid(header.stream)
    if header.cohorts:
        said["cohort"] = uid(header.cohorts[0])
    if header.person_ref:
        said["person_ref"] = uid(header.person_ref)
    return said
