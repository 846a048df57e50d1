"""Example lines of every event type: made-up values that `tledger append` takes as they are."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from clients.cli.event_texts import EVENT_TEXTS

COHORT: Final = "8a6e0804-2bd0-4672-b79d-d97027f9071a"
SESSION: Final = "056511f5-bafe-439b-ac08-ffe69141a3ac"
PERSON_REF: Final = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
CERTIFICATE: Final = "c920adca-87df-5b60-9649-d803059ae681"
PARTY: Final = "6fa1b0d6-3c39-5a4f-8e55-0d0f3c4b7a21"
TEACHER: Final = "5c1d2f9e-7f0a-4c38-8a55-6f2d6d6f7c11"
DIGEST: Final = "ab" * 32
# A P-256 key would do as well; these are the 44 bytes of an Ed25519 SubjectPublicKeyInfo.
_PUBLIC_KEY: Final = "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
_POLICY: Final = "Zm9ybWF0ID0gMQo="
_OCCURRED: Final = "2026-03-02T09:00:00+08:00"
_PLACES: Final = {
    "cohort": COHORT,
    "person_ref": PERSON_REF,
    "certificate": CERTIFICATE,
    "key": DIGEST,
    "holder": PARTY,
}
_BODIES: Final[Mapping[str, dict[str, Any]]] = MappingProxyType(
    {
        "InstitutionRegistered": {
            "kind": "INSTITUTION",
            "credit_code": "91320500MA1XK0TW1J",
            "name": "示例安全生产培训中心",
            "area": "320599",
            "directory_number": "17",
        },
        "KeyRegistered": {
            "public_key": _PUBLIC_KEY,
            "holder": PARTY,
            "use": "DEVICE",
            "device": "TERM-0001",
        },
        "KeyEnded": {"ending": "ROTATED", "accepted_until_us": "2026-04-01T00:00:00+08:00"},
        "PolicyAdopted": {"document": _POLICY},
        "CohortPlanned": {
            "trade": "2010-1.2",
            "trade_name": "低压电工作业",
            "policy": DIGEST,
            "capacity": 30,
            "first_day": "2026-03-02",
            "last_day": "2026-04-01",
            "number": "2026-03",
        },
        "CohortOpened": {"enrolled": 30},
        "SessionScheduled": {
            "session": SESSION,
            "start_us": "2026-03-02T09:00:00+08:00",
            "end_us": "2026-03-02T11:30:00+08:00",
            "component": "THEORY_OFFLINE",
            "room": "R-301",
            "teacher": TEACHER,
        },
        "SessionStarted": {"session": SESSION, "present": 29},
        "SessionEnded": {"session": SESSION, "break_minutes": 10},
        "ArchiveItemAdded": {
            "item_class": "04-roster",
            "salted_digest": DIGEST,
            "media_type": "application/pdf",
            "size": 48213,
            "place": "CABINET-3",
        },
        "CohortClosed": {"completed": 28},
        "LearnerEnrolled": {"identity_commitment": DIGEST, "basis": "LOCAL-EMPLOYMENT"},
        "LearnerSignedIn": {"session": SESSION, "method": "FACE"},
        "LearnerSignedOut": {"session": SESSION, "method": "ID_CARD"},
        "OnlineLessonCompleted": {
            "lesson": "L-01.2",
            "started_us": "2026-03-03T19:00:00+08:00",
            "watched_minutes": 45,
        },
        "CourseTestRecorded": {"score_hundredths": 8650},
        "TheoryExamResultRecorded": {"attempt": 1, "score_hundredths": 8600},
        "PracticalExamResultRecorded": {"attempt": 1, "score_hundredths": 9000},
        "LearnerWithdrew": {"reason": "PERSONAL"},
        "TrainingCertificateIssued": {
            "number": "PXZM-320599-2026-K7Q2-M4XB-9T3H-T",
            "edition": 1,
            "core_digest": DIGEST,
            "enrolment_digest": DIGEST,
            "policy": DIGEST,
            "evaluator_version": 1,
            "credited": [{"component": "PRACTICAL", "hours": 60}],
        },
        "TrainingCertificateRevoked": {"reason": "ERROR"},
    }
)


def example_line(event_type: str) -> dict[str, Any]:
    """Return the example of an event type as the members of its line."""
    places = {member: _PLACES[member] for member in EVENT_TEXTS[event_type].beside}
    return {
        "type": event_type,
        **places,
        "occurred": _OCCURRED,
        "origin": "ENTERED",
        "body": _BODIES[event_type],
    }
