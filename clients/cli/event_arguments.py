"""Bodies of events as what the SDK's methods take: UUIDs, moments, days, lists, corrections."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, TypeAlias
from uuid import UUID

from google.protobuf.message import Message

from clients.cli.event_json import DAYS, DURATIONS, BodyError
from clients.sdk import Correction
from ledger.api.v1 import events_pb2 as pb

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_IDS: Final = frozenset(
    {
        "attributed_to",
        "boot_id",
        "bureau",
        "cohort",
        "custodian",
        "enrolment",
        "exam_body",
        "from_cohort",
        "holder",
        "missed",
        "platform",
        "report",
        "reviewer",
        "session",
        "target",
        "teacher",
        "ticket",
        "to_cohort",
    }
)
_OPTIONAL_IDS: Final = frozenset(
    {
        ("ArchiveItemAdded", "custodian"),
        ("ClockOffsetStated", "boot_id"),
        ("CohortEventVoided", "attributed_to"),
        ("CohortPlanned", "exam_body"),
        ("CohortPlanned", "platform"),
        ("EventVoided", "attributed_to"),
        ("IdentityMismatchDetected", "session"),
        ("TrainingEvaluationSubmitted", "teacher"),
    }
)
# Where the SDK's word is not the field's.
_WORDS: Final[Mapping[tuple[str, str], str]] = {
    ("MakeUpScheduled", "cohort"): "host_cohort",
    ("SessionRecordingStored", "from_us"): "first",
    ("SessionRecordingStored", "to_us"): "last",
    ("StandingReportSubmitted", "day"): "day_described",
}
# What the SDK adds by itself.
_DERIVED: Final[Mapping[str, str]] = {"KeyRegistered": "algorithm", "PolicyAdopted": "digest"}
_CORRECTION: Final = ("field", "number", "id", "commitment")

Arguments: TypeAlias = dict[str, Any]


def arguments(body: Message) -> Arguments:
    """Return a body as the arguments of the SDK's method for its type.

    Raises:
        BodyError: when a member is missing, or has a value that the SDK has no word for.
        DraftError: when a correction's value does not belong to its field.
    """
    name = type(body).__name__
    if isinstance(body, pb.TrainingCertificateIssued):
        return {"issue": body}
    said = {
        _WORDS.get((name, field.name), field.name.removesuffix("_us")): _value(
            name, field.name, getattr(body, field.name)
        )
        for field in body.DESCRIPTOR.fields
        if field.name != _DERIVED.get(name)
    }
    if isinstance(body, (pb.RecordCorrected, pb.CohortRecordCorrected)):
        number, identity = body.number, _optional_id("id", body.id)
        said = {word: value for word, value in said.items() if word not in _CORRECTION}
        said["correction"] = Correction(body.field, number, identity, body.commitment)
    return said


def moment(microseconds: int) -> datetime:
    """Return a moment.

    Raises:
        BodyError: when it is beyond the calendar.
    """
    try:
        return _EPOCH + timedelta(microseconds=microseconds)
    except OverflowError as error:
        raise BodyError(f"{microseconds} microseconds are beyond the calendar") from error


def _value(event_type: str, name: str, value: Any) -> Any:  # noqa: ANN401 - any field
    if (event_type, name) in _OPTIONAL_IDS:
        return _optional_id(name, value)
    if name == "accepted_until_us":
        return moment(value) if value else None
    if name in DURATIONS:
        return timedelta(microseconds=value)
    if name.endswith("_us"):
        if not value:
            raise BodyError(f"{name} is missing")
        return moment(value)
    for names, convert in _CONVERSIONS:
        if name in names:
            return convert(name, value)
    return value


def _id(name: str, value: bytes) -> UUID:
    try:
        return UUID(bytes=value)
    except ValueError as error:
        raise BodyError(f"{name} is no UUID") from error


def _optional_id(name: str, value: bytes) -> UUID | None:
    return _id(name, value) if value else None


def _day(name: str, value: int) -> date:
    try:
        return date(value // 10_000, value // 100 % 100, value % 100)
    except ValueError as error:
        raise BodyError(f"{name}: {value} is no day such as 2026-03-02") from error


def _ids(name: str, values: Any) -> tuple[UUID, ...]:  # noqa: ANN401 - a repeated field
    return tuple(_id(name, value) for value in values)


def _texts(name: str, values: Any) -> tuple[str, ...]:  # noqa: ANN401, ARG001 - a repeated field
    return tuple(values)


def _hours(name: str, values: Any) -> dict[int, int]:  # noqa: ANN401 - a repeated field
    hours = {each.component: each.hours for each in values}
    if len(hours) != len(values):
        raise BodyError(f"{name}: a component stands twice")
    return hours


_CONVERSIONS: Final[tuple[tuple[frozenset[str], Callable[[str, Any], Any]], ...]] = (
    (_IDS, _id),
    (DAYS, _day),
    (frozenset({"teachers"}), _ids),
    (frozenset({"rooms", "trades"}), _texts),
    (frozenset({"credited"}), _hours),
)
