"""Facts as documents keep them: the few fields that folds and evaluators read, and back again.

What counts of them is said by the domain when a file is read (`ledger.domain.amendments`), because
later events move it: a correction, a stated clock offset, a make-up plan. So nothing is rewritten,
and a document holds each fact once, in log order.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType, SimpleNamespace
from typing import Any, Final

from ledger.domain.recorded_event import RecordedEvent
from projections.documents import Document

_CORRECTION: Final = ("target", "field", "number", "id", "commitment", "reason", "evidence_digest")
_VOIDING: Final = ("target", "reason", "evidence_digest", "attributed_to")
_SCORE: Final = ("attempt", "score_hundredths")

COHORT_FACTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "SessionScheduled": ("session", "start_us", "end_us", "component", "room", "teacher"),
        "SessionRescheduled": ("session", "start_us", "end_us", "room", "teacher", "reason"),
        "SessionCancelled": ("session", "reason"),
        "SessionStarted": ("session", "present"),
        "SessionInterrupted": ("session", "reason"),
        "SessionResumed": ("session",),
        "SessionEnded": ("session", "break_minutes", "recording_digest"),
        "TeacherSignedIn": ("session", "teacher"),
        "TeacherSignedOut": ("session", "teacher"),
        "UnlistedSignedIn": ("session", "ticket"),
        "UnlistedSignedOut": ("session", "ticket"),
        "UnlistedPresenceAttributed": ("session", "ticket", "enrolment"),
        "TeacherSubstituted": ("session", "teacher", "reason"),
        "SessionRecordingStored": (
            "session",
            "from_us",
            "to_us",
            "gap_seconds",
            "channel",
            "recording_digest",
        ),
        "CoursewareReviewed": ("courseware", "version", "document_digest", "reviewer"),
        "TrainingEvaluationSubmitted": ("respondents", "score_hundredths", "teacher"),
        "ArchiveItemAdded": (
            "item_class",
            "media_type",
            "size",
            "salted_digest",
            "place",
            "custodian",
        ),
        "ClockOffsetStated": ("device", "boot_id", "offset_us", "first_us", "last_us", "reason"),
        "CohortRecordCorrected": _CORRECTION,
        "CohortEventVoided": _VOIDING,
    }
)
"""Facts of a cohort's stream that are kept, and the fields of their bodies."""

ENROLMENT_FACTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        # Kept because a correction of the identity names it.
        "LearnerEnrolled": ("identity_commitment",),
        "LearnerSignedIn": ("session",),
        "LearnerSignedOut": ("session",),
        "PresenceSpotChecked": ("session", "present"),
        "OnlineLessonCompleted": ("lesson", "started_us", "watched_minutes"),
        "AbsenceRecorded": ("session", "reason"),
        "MakeUpScheduled": ("missed", "session", "cohort", "due_day"),
        "MakeUpCompleted": ("session",),
        "CreditsCarriedOver": ("from_cohort", "credited"),
        "CourseTestRecorded": ("score_hundredths",),
        "ExamRegistered": ("sitting", "edition", "other_proof_digest", "exemption_digest"),
        "TheoryExamResultRecorded": _SCORE,
        "PracticalExamResultRecorded": _SCORE,
        "ExamAttemptVoided": ("subject", "attempt", "reason"),
        "ExamCheatingRecorded": ("subject", "attempt", "reason"),
        "EnrolmentEligibilityVerified": ("reviewer",),
        "IdentityVerified": ("method",),
        "IdentityMismatchDetected": ("session", "method"),
        "RecordCorrected": _CORRECTION,
        "EventVoided": _VOIDING,
    }
)
"""Facts of an enrolment's stream that are kept, and the fields of their bodies."""

_FIELDS: Final = {**COHORT_FACTS, **ENROLMENT_FACTS}
_PLACES: Final = {
    type_name: {name: place for place, name in enumerate(names)}
    for type_name, names in _FIELDS.items()
}


def keep(event: RecordedEvent) -> Document:
    """Return a fact as a document keeps it; members that are empty are left out."""
    header = event.header
    clock = header.clock
    row: Document = {
        "at": header.occurred_us,
        "body": [_kept(getattr(event.body, name)) for name in _FIELDS[event.type]],
        "id": header.event_id.hex(),
        "index": event.index,
        "recorded": event.recorded_us,
        "type": event.type,
    }
    persons = [header.entered_by.hex(), header.approved_by.hex(), header.approver_key.hex()]
    for member, value in (
        ("boot", b"" if clock is None else clock.boot_id),
        ("device", header.device),
        ("hosts", list(header.cohorts[1:])),
        ("persons", persons if any(persons) else []),
    ):
        if value:
            row[member] = _kept(value)
    return row


class _Clock:
    """The clock of a kept fact: its boot alone."""

    __slots__ = ("boot_id",)

    def __init__(self, boot_id: bytes) -> None:
        self.boot_id = boot_id


class _Header:
    """The header of a kept fact, read from its row as it is asked for: a file has thousands."""

    __slots__ = ("_home", "_row", "occurred_us")

    def __init__(self, row: Document, home: bytes) -> None:
        self._row = row
        self._home = home
        self.occurred_us: int = row["at"]

    @property
    def event_id(self) -> bytes:
        return bytes.fromhex(self._row["id"])

    @property
    def device(self) -> str:
        device: str = self._row.get("device", "")
        return device

    @property
    def clock(self) -> _Clock:
        return _Clock(bytes.fromhex(self._row.get("boot", "")))

    @property
    def cohorts(self) -> list[bytes]:
        hosts = self._row.get("hosts")
        return [self._home, *map(bytes.fromhex, hosts)] if hosts else [self._home]

    @property
    def entered_by(self) -> bytes:
        return self._person(0)

    @property
    def approved_by(self) -> bytes:
        return self._person(1)

    @property
    def approver_key(self) -> bytes:
        return self._person(2)

    def _person(self, number: int) -> bytes:
        persons = self._row.get("persons")
        return bytes.fromhex(persons[number]) if persons else b""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - see Message
        raise AttributeError(name)


class _Body:
    """The kept fields of a body, read as they are asked for."""

    __slots__ = ("_places", "_values")

    def __init__(self, places: Mapping[str, int], values: list[Any]) -> None:
        self._places = places
        self._values = values

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - see Message
        place = self._places.get(name)
        if place is None:
            raise AttributeError(name)
        value = self._values[place]
        # Most are numbers, and there are thousands.
        return value if type(value) is int else _restored(name, value)


def restored(row: Document, stream: bytes, home: bytes) -> RecordedEvent:
    """Return a kept fact as an event: with the kept fields, and no others.

    Args:
        row: As `keep` returned it.
        stream: Its stream.
        home: Its home cohort.
    """
    name = row["type"]
    body = _Body(_PLACES[name], row["body"])
    return RecordedEvent(row["index"], 0, name, stream, row["recorded"], _Header(row, home), body)


def restored_all(rows: Iterable[Document], stream: bytes, home: bytes) -> list[RecordedEvent]:
    """Return kept facts as events."""
    return [restored(row, stream, home) for row in rows]


_PLAIN: Final = frozenset(
    {
        "item_class",
        "media_type",
        "place",
        "courseware",
        "room",
        "reason",
        "lesson",
        "sitting",
        "device",
        "channel",
    }
)
"""Fields that are text; every other text in a document is bytes in hex."""


def _kept(value: Any) -> Any:  # noqa: ANN401 - a field's value, and a JSON value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, bool | int | str):
        return value
    return [
        [each.component, each.hours] if hasattr(each, "hours") else _kept(each) for each in value
    ]


def _restored(field: str, value: Any) -> Any:  # noqa: ANN401 - a JSON value, and a field's value
    if isinstance(value, str):
        return value if field in _PLAIN else bytes.fromhex(value)
    if field == "credited":
        return [SimpleNamespace(component=part, hours=hours) for part, hours in value]
    return value
