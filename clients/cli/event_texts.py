"""The event types with stream and meaning, in the words of the contract (events.proto)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from clients.cli.language import Text


@dataclass(frozen=True, slots=True)
class EventText:
    """An event type.

    Attributes:
        kind: Kind of the stream that it belongs to.
        meaning: What it says.
        beside: Members that its line needs beside type and body.
    """

    kind: str
    meaning: Text
    beside: tuple[str, ...]


_COHORT: Final = ("cohort",)
_ENROLMENT: Final = ("cohort", "person_ref")
_CERTIFICATE: Final = ("cohort", "certificate")


def _text(kind: str, zh: str, en: str, beside: tuple[str, ...] = ()) -> EventText:
    return EventText(kind, Text(zh, en), beside)


EVENT_TEXTS: Final[Mapping[str, EventText]] = MappingProxyType(
    {
        "InstitutionRegistered": _text("institution", "机构入册", "A party enters the ledger"),
        "KeyRegistered": _text("key", "密钥登记", "A key is registered"),
        "KeyEnded": _text("key", "密钥终止", "A key ends", ("key", "holder")),
        "PolicyAdopted": _text("policy", "政策采用", "A policy file binds the log"),
        "CohortPlanned": _text("cohort", "开班计划", "Plan of a cohort", _COHORT),
        "CohortOpened": _text("cohort", "开班", "Opening of a cohort", _COHORT),
        "SessionScheduled": _text("cohort", "排课", "A session in the timetable", _COHORT),
        "SessionStarted": _text("cohort", "上课", "Teaching starts", _COHORT),
        "SessionEnded": _text("cohort", "下课", "Teaching ends", _COHORT),
        "ArchiveItemAdded": _text(
            "cohort", "归档材料入档", "A document enters the cohort file", _COHORT
        ),
        "CohortClosed": _text("cohort", "结班", "Closing of a cohort", _COHORT),
        "LearnerEnrolled": _text("enrolment", "学员报名", "Enrolment", _ENROLMENT),
        "LearnerSignedIn": _text("enrolment", "学员签到", "Sign-in", _ENROLMENT),
        "LearnerSignedOut": _text("enrolment", "学员签退", "Sign-out", _ENROLMENT),
        "OnlineLessonCompleted": _text(
            "enrolment", "线上课时完成", "An online lesson, by the platform", _ENROLMENT
        ),
        "CourseTestRecorded": _text(
            "enrolment", "结业考核", "The institution's end-of-course test", _ENROLMENT
        ),
        "TheoryExamResultRecorded": _text(
            "enrolment", "理论考试成绩登记", "Theory examination, by the exam body", _ENROLMENT
        ),
        "PracticalExamResultRecorded": _text(
            "enrolment", "实操考试成绩登记", "Practical examination, by the exam body", _ENROLMENT
        ),
        "LearnerWithdrew": _text("enrolment", "学员退学", "The learner leaves", _ENROLMENT),
        "TrainingCertificateIssued": _text(
            "certificate", "培训证明签发", "A training certificate is issued", _CERTIFICATE
        ),
        "TrainingCertificateRevoked": _text(
            "certificate", "培训证明撤销", "A training certificate is revoked", _CERTIFICATE
        ),
    }
)
