"""Example bodies of a cohort's events."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from clients.cli.example_values import (
    BUREAU,
    DIGEST,
    ENROLMENT,
    EVENT,
    OTHER_EVENT,
    SESSION,
    STAFF,
    TICKET,
)

COHORT_EXAMPLES: Final[Mapping[str, dict[str, Any]]] = MappingProxyType(
    {
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
            "teacher": STAFF,
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
        "CohortFiled": {"bureau": BUREAU, "rooms": ["R-301", "P-LV-1"], "teachers": [STAFF]},
        "CohortPolicyRepinned": {"policy": DIGEST, "reason": "NEW-CATALOGUE"},
        "SessionRescheduled": {
            "session": SESSION,
            "start_us": "2026-03-03T13:00:00+08:00",
            "end_us": "2026-03-03T15:30:00+08:00",
            "room": "R-302",
            "teacher": STAFF,
            "reason": "ROOM-CLOSED",
        },
        "SessionCancelled": {"session": SESSION, "reason": "TYPHOON"},
        "SessionInterrupted": {"session": SESSION, "reason": "POWER-CUT"},
        "SessionResumed": {"session": SESSION},
        "TeacherSignedIn": {"session": SESSION, "teacher": STAFF, "method": "ID_CARD"},
        "TeacherSignedOut": {"session": SESSION, "teacher": STAFF, "method": "ID_CARD"},
        "UnlistedSignedIn": {"session": SESSION, "method": "STAFF_WITNESS", "ticket": TICKET},
        "UnlistedSignedOut": {"session": SESSION, "method": "STAFF_WITNESS", "ticket": TICKET},
        "UnlistedPresenceAttributed": {
            "session": SESSION,
            "ticket": TICKET,
            "enrolment": ENROLMENT,
        },
        "TeacherSubstituted": {"session": SESSION, "teacher": STAFF, "reason": "ILLNESS"},
        "SessionRecordingStored": {
            "session": SESSION,
            "channel": "CAM-301-1",
            "from_us": "2026-03-02T08:58:00+08:00",
            "to_us": "2026-03-02T11:32:00+08:00",
            "recording_digest": DIGEST,
            "gap_seconds": 12,
        },
        "CoursewareReviewed": {
            "courseware": "LV-01",
            "version": 2,
            "document_digest": DIGEST,
            "reviewer": STAFF,
        },
        "TrainingEvaluationSubmitted": {"respondents": 27, "score_hundredths": 455},
        "CohortArchiveSealed": {
            "version": 1,
            "items": 18,
            "items_root": DIGEST,
            "retain_until": "2036-04-30",
        },
        "ClockOffsetStated": {
            "device": "TERM-0001",
            "offset_us": -3600000000,
            "first_us": "2026-03-02T10:00:00+08:00",
            "last_us": "2026-03-02T12:35:00+08:00",
            "reason": "TIME-ZONE",
        },
        "CohortRecordCorrected": {
            "target": EVENT,
            "field": "MINUTES",
            "number": 15,
            "reason": "TYPED-WRONG",
            "evidence_digest": DIGEST,
        },
        "CohortEventVoided": {
            "target": EVENT,
            "reason": "OTHER-SESSION",
            "evidence_digest": DIGEST,
            "attributed_to": OTHER_EVENT,
        },
    }
)
