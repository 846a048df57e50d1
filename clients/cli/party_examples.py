"""Example bodies of the events of parties, their staff, their keys, and of policies."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from clients.cli.example_values import BUREAU, DIGEST, EVENT, PARTY

# A P-256 key would do as well; these are the 44 bytes of an Ed25519 SubjectPublicKeyInfo.
_PUBLIC_KEY: Final = "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
_POLICY: Final = "Zm9ybWF0ID0gMQo="

PARTY_EXAMPLES: Final[Mapping[str, dict[str, Any]]] = MappingProxyType(
    {
        "InstitutionRegistered": {
            "kind": "INSTITUTION",
            # Of a region that is not assigned, with the right check character.
            "credit_code": "91320599000000017X",
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
        "InstitutionImported": {
            "trades": ["2010-1.2", "2010-2.1"],
            "listed_since": "2019-06-01",
            "document_digest": DIGEST,
        },
        "InitialReportSubmitted": {"trades": ["2010-1.2"], "document_digest": DIGEST},
        "ScopeExtensionReported": {"trades": ["2010-2.1"], "document_digest": DIGEST},
        "ReportReviewed": {
            "report": EVENT,
            "stage": "COUNTY",
            "approved": True,
            "reason": "CONDITIONS-MET",
        },
        "ProvincialDirectoryListed": {"directory_number": "JS-320599-017"},
        "StandingReportSubmitted": {"day": "2026-03-31", "document_digest": DIGEST},
        "AnnualReportSubmitted": {"year": 2025, "document_digest": DIGEST},
        "ChangeReportSubmitted": {"subject": "PREMISES", "document_digest": DIGEST},
        "RecruitmentSuspended": {"decision_number": "2026-0041", "reason": "ABSENT-TEACHERS"},
        "RecruitmentResumed": {"decision_number": "2026-0057"},
        "InstitutionDelisted": {"decision_number": "2026-0063", "reason": "FALSE-RECORDS"},
        "ExitReportSubmitted": {
            "reason": "CLOSING",
            "custodian": BUREAU,
            "document_digest": DIGEST,
        },
        "ArchiveCustodyTransferred": {"custodian": BUREAU, "document_digest": DIGEST},
        "StaffAppointed": {
            "role": "FULL_TIME_TEACHER",
            "identity_commitment": DIGEST,
            "subject": "2010-1.2",
            "from_day": "2024-09-01",
        },
        "StaffQualificationRecorded": {
            "qualification": "TEACHER-LV",
            "document_digest": DIGEST,
            "valid_until": "2028-08-31",
        },
        "ContinuingEducationRecorded": {"year": 2025, "hours": 24, "evidence_digest": DIGEST},
        "StaffExited": {"reason": "RESIGNED"},
    }
)
