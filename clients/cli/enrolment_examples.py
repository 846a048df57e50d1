"""Example bodies of the events of an enrolment and of its certificate."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from clients.cli.example_values import (
    DIGEST,
    EVENT,
    MAKE_UP_SESSION,
    OTHER_COHORT,
    OTHER_EVENT,
    SESSION,
    STAFF,
)

ENROLMENT_EXAMPLES: Final[Mapping[str, dict[str, Any]]] = MappingProxyType(
    {
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
        "EnrolmentEligibilityVerified": {"reviewer": STAFF, "evidence_digest": DIGEST},
        "EnrolmentRejected": {"reason": "NO-LOCAL-BASIS"},
        "IdentityVerified": {"method": "FACE", "score_band": "A", "consent": "CONSENT-2026-0317"},
        "IdentityMismatchDetected": {"session": SESSION, "method": "FACE"},
        "PresenceSpotChecked": {"session": SESSION, "present": True, "method": "STAFF_WITNESS"},
        "AbsenceRecorded": {"session": SESSION, "reason": "ILLNESS", "evidence_digest": DIGEST},
        "MakeUpScheduled": {
            "missed": SESSION,
            "session": MAKE_UP_SESSION,
            "cohort": OTHER_COHORT,
            "due_day": "2026-03-16",
        },
        "MakeUpCompleted": {"session": MAKE_UP_SESSION},
        "LearnerTransferred": {"to_cohort": OTHER_COHORT, "reason": "WORK-SHIFT"},
        "CreditsCarriedOver": {
            "from_cohort": OTHER_COHORT,
            "up_to_index": 4210,
            "credited": [
                {"component": "THEORY_OFFLINE", "hours": 24},
                {"component": "PRACTICAL", "hours": 8},
            ],
        },
        "ExamRegistered": {"sitting": "SZ-2026-04-B", "edition": 1},
        "ExamAttemptVoided": {"subject": "THEORY", "attempt": 1, "reason": "SYSTEM-FAILURE"},
        "ExamCheatingRecorded": {"subject": "PRACTICAL", "attempt": 1, "reason": "SUBSTITUTE"},
        "RecordCorrected": {
            "target": EVENT,
            "field": "SIGNED_OUT",
            "number": "2026-03-02T11:30:00+08:00",
            "reason": "TERMINAL-DOWN",
            "evidence_digest": DIGEST,
        },
        "EventVoided": {
            "target": EVENT,
            "reason": "OTHER-LEARNER",
            "evidence_digest": DIGEST,
            "attributed_to": OTHER_EVENT,
        },
        "TrainingCertificateSuperseded": {
            "number": "PXZM-320599-2026-K7Q2-M4XB-9T3H-D",
            "reason": "NAME-CORRECTED",
        },
        "TrainingCertificateSuspended": {"reason": "UNDER-INVESTIGATION"},
        "TrainingCertificateReinstated": {"reason": "CLEARED"},
        "OperationCertificateLinked": {
            "number_commitment": DIGEST,
            "first_issued": "2026-05-11",
            "review_due": "2029-05-10",
            "valid_to": "2032-05-10",
        },
    }
)
