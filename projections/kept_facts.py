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
        "TeacherSubstituted": ("session", "teacher", "reason"),
        "SessionRecordingStored": ("session", "from_us", "to_us", "gap_seconds"),
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


def restored(row: Document, stream: bytes, home: bytes) -> RecordedEvent:
    """Return a kept fact as an event: with the kept fields, and no others.

    Args:
        row: As `keep` returned it.
        stream: Its stream.
        home: Its home cohort.
    """
    entered, approved, approver = row.get("persons") or ("", "", "")
    name = row["type"]
    header: Any = SimpleNamespace(
        event_id=bytes.fromhex(row["id"]),
        occurred_us=row["at"],
        device=row.get("device", ""),
        clock=SimpleNamespace(boot_id=bytes.fromhex(row.get("boot", ""))),
        cohorts=[home, *map(bytes.fromhex, row.get("hosts", ()))],
        entered_by=bytes.fromhex(entered),
        approved_by=bytes.fromhex(approved),
        approver_key=bytes.fromhex(approver),
    )
    fields = {
        field: value if field in _PLAIN else _restored(field, value)
        for field, value in zip(_FIELDS[name], row["body"], strict=True)
    }
    body: Any = SimpleNamespace(**fields)
    return RecordedEvent(row["index"], 0, name, stream, row["recorded"], header, body)


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
        return bytes.fromhex(value)
    if field == "credited":
        return [SimpleNamespace(component=part, hours=hours) for part, hours in value]
    return value
