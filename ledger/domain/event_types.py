"""The event types: stream kind, fact or decision, who may write them, labels and sources.

Facts are recorded whatever the state, order or time; decisions are refused unless the rules hold
(DESIGN section 4). Sources: guidance sections （一）–（十六）, AQ 8011-2023 and
考试与证书管理暂行办法.
"""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Role(StrEnum):
    """Who a party is; values as in `PartyKind`."""

    INSTITUTION = "institution"
    BUREAU = "bureau"
    EXAM_BODY = "exam_body"
    PLATFORM = "platform"


class KeyUse(StrEnum):
    """What a key may sign; values as in the proto enum `KeyUse`."""

    PARTY = "party"
    SYSTEM = "system"
    DEVICE = "device"


ROLE_BY_NUMBER: Final = MappingProxyType(
    {1: Role.INSTITUTION, 2: Role.BUREAU, 3: Role.EXAM_BODY, 4: Role.PLATFORM}
)
USE_BY_NUMBER: Final = MappingProxyType({1: KeyUse.PARTY, 2: KeyUse.SYSTEM, 3: KeyUse.DEVICE})


@dataclass(frozen=True, slots=True)
class EventType:
    """One event type.

    Attributes:
        name: Name of the body's message.
        kind: Kind of the stream that it belongs to.
        decision: Refused unless the rules hold; a fact otherwise.
        writers: Roles that may write it, before the rules of `authority`.
        uses: Key uses that may sign it.
        label_zh: Chinese label.
        label_en: English label.
        source: Where the obligation comes from.
    """

    name: str
    kind: str
    decision: bool
    writers: frozenset[Role]
    uses: frozenset[KeyUse]
    label_zh: str
    label_en: str
    source: str


_I, _B, _X, _O = Role.INSTITUTION, Role.BUREAU, Role.EXAM_BODY, Role.PLATFORM
_PARTY: Final = frozenset({KeyUse.PARTY})
_OFFICE: Final = frozenset({KeyUse.PARTY, KeyUse.SYSTEM})
_ANY: Final = frozenset(KeyUse)
_FACT, _DECISION = False, True


_ROWS: Final = (
    ("InstitutionRegistered", "institution", _DECISION, (_B,), _PARTY,
     "机构入册", "Party registered", "guidance 11.1"),
    ("KeyRegistered", "key", _DECISION, (_I, _B, _X, _O), _PARTY,
     "密钥登记", "Key registered", "电子签名法 Art. 13"),
    ("KeyEnded", "key", _DECISION, (_I, _B, _X, _O), _PARTY,
     "密钥终止", "Key ended", "电子签名法 Art. 15"),
    ("PolicyAdopted", "policy", _DECISION, (_B,), _PARTY,
     "政策采用", "Policy adopted", "guidance 13.1"),
    ("CohortPlanned", "cohort", _DECISION, (_I,), _OFFICE,
     "开班计划", "Cohort planned", "guidance 13.1"),
    ("CohortOpened", "cohort", _DECISION, (_I,), _OFFICE,
     "开班", "Cohort opened", "guidance 13.1"),
    ("CohortClosed", "cohort", _DECISION, (_I,), _OFFICE,
     "结班", "Cohort closed", "guidance 13.1"),
    ("SessionScheduled", "cohort", _FACT, (_I,), _OFFICE,
     "排课", "Session scheduled", "guidance 6.5"),
    ("SessionStarted", "cohort", _FACT, (_I,), _ANY,
     "上课", "Session started", "guidance 6.5"),
    ("SessionEnded", "cohort", _FACT, (_I,), _ANY,
     "下课", "Session ended", "guidance 6.5"),
    ("ArchiveItemAdded", "cohort", _FACT, (_I,), _OFFICE,
     "归档材料入档", "Archive item added", "guidance 9.2"),
    ("LearnerEnrolled", "enrolment", _DECISION, (_I,), _OFFICE,
     "学员报名", "Learner enrolled", "guidance 10.2"),
    ("LearnerWithdrew", "enrolment", _DECISION, (_I,), _OFFICE,
     "学员退学", "Learner withdrew", "guidance 10.2"),
    ("LearnerSignedIn", "enrolment", _FACT, (_I,), _ANY,
     "学员签到", "Learner signed in", "guidance 6.1"),
    ("LearnerSignedOut", "enrolment", _FACT, (_I,), _ANY,
     "学员签退", "Learner signed out", "guidance 6.1"),
    ("OnlineLessonCompleted", "enrolment", _FACT, (_O,), _OFFICE,
     "线上课时完成", "Online lesson completed", "guidance 8.1"),
    ("CourseTestRecorded", "enrolment", _FACT, (_I,), _OFFICE,
     "结业考核登记", "Course test recorded", "guidance 7.1"),
    ("TheoryExamResultRecorded", "enrolment", _FACT, (_X,), _OFFICE,
     "理论考试成绩登记", "Theory exam result recorded", "考试与证书管理暂行办法"),
    ("PracticalExamResultRecorded", "enrolment", _FACT, (_X,), _OFFICE,
     "实操考试成绩登记", "Practical exam result recorded", "考试与证书管理暂行办法"),
    ("TrainingCertificateIssued", "certificate", _DECISION, (_I,), _PARTY,
     "培训证明签发", "Training certificate issued", "考培分离, 考试与证书管理暂行办法"),
    ("TrainingCertificateRevoked", "certificate", _DECISION, (_I, _B), _PARTY,
     "培训证明撤销", "Training certificate revoked", "guidance 16.1"),
)  # fmt: skip

EVENT_TYPES: Final = MappingProxyType(
    {
        name: EventType(name, kind, decision, frozenset(writers), uses, zh, en, source)
        for name, kind, decision, writers, uses, zh, en, source in _ROWS
    }
)

DECISION_RELEVANT: Final = frozenset(
    {
        "InstitutionRegistered",
        "KeyRegistered",
        "KeyEnded",
        "PolicyAdopted",
        "CohortPlanned",
        "CohortOpened",
        "CohortClosed",
        "LearnerEnrolled",
        "LearnerWithdrew",
        "TrainingCertificateIssued",
        "TrainingCertificateRevoked",
    }
)
"""Types that the decision state of a stream is folded from; the rest only move its head."""
