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
    ("CohortFiled", "cohort", _DECISION, (_I,), _OFFICE,
     "开班报备", "Cohort filed", "guidance 13.1"),
    ("CohortPolicyRepinned", "cohort", _DECISION, (_I, _B), _OFFICE,
     "政策改钉", "Cohort policy repinned", "应急管理部令第19号"),
    ("SessionRescheduled", "cohort", _FACT, (_I,), _OFFICE,
     "调课", "Session rescheduled", "guidance 6.5"),
    ("SessionCancelled", "cohort", _FACT, (_I,), _OFFICE,
     "停课", "Session cancelled", "guidance 6.5"),
    ("SessionInterrupted", "cohort", _FACT, (_I,), _ANY,
     "课中中断", "Session interrupted", "guidance 6.5"),
    ("SessionResumed", "cohort", _FACT, (_I,), _ANY,
     "恢复上课", "Session resumed", "guidance 6.5"),
    ("TeacherSignedIn", "cohort", _FACT, (_I,), _ANY,
     "教师签到", "Teacher signed in", "guidance 6.1"),
    ("TeacherSignedOut", "cohort", _FACT, (_I,), _ANY,
     "教师签退", "Teacher signed out", "guidance 6.1"),
    ("UnlistedSignedIn", "cohort", _FACT, (_I,), _ANY,
     "未登记人员签到", "Unlisted person signed in", "guidance 6.1"),
    ("UnlistedSignedOut", "cohort", _FACT, (_I,), _ANY,
     "未登记人员签退", "Unlisted person signed out", "guidance 6.1"),
    ("UnlistedPresenceAttributed", "cohort", _FACT, (_I,), _OFFICE,
     "未登记人员归属", "Unlisted presence attributed", "guidance 6.1"),
    ("TeacherSubstituted", "cohort", _FACT, (_I,), _OFFICE,
     "教师替换", "Teacher substituted", "guidance 4.1"),
    ("SessionRecordingStored", "cohort", _FACT, (_I,), _ANY,
     "教学录像归档", "Session recording stored", "guidance 6.3"),
    ("CoursewareReviewed", "cohort", _FACT, (_I,), _OFFICE,
     "课件审核", "Courseware reviewed", "guidance 7.2"),
    ("TrainingEvaluationSubmitted", "cohort", _FACT, (_I,), _OFFICE,
     "教学评估提交", "Training evaluation submitted", "guidance 7.1"),
    ("CohortArchiveSealed", "cohort", _DECISION, (_I,), _OFFICE,
     "归档封存", "Cohort archive sealed", "guidance 9.2, DA/T 70-2018"),
    ("ClockOffsetStated", "cohort", _FACT, (_I,), _OFFICE,
     "时钟偏差说明", "Clock offset stated", "guidance 6.1"),
    ("CohortRecordCorrected", "cohort", _FACT, (_I,), _OFFICE,
     "班次记录更正", "Cohort record corrected", "安全生产法 Art. 28(4)"),
    ("CohortEventVoided", "cohort", _FACT, (_I,), _OFFICE,
     "班次记录作废", "Cohort event voided", "安全生产法 Art. 28(4)"),
    ("EnrolmentEligibilityVerified", "enrolment", _FACT, (_I,), _OFFICE,
     "资格审核通过", "Enrolment eligibility verified", "guidance 10.2"),
    ("EnrolmentRejected", "enrolment", _DECISION, (_I,), _OFFICE,
     "报名驳回", "Enrolment rejected", "guidance 10.2"),
    ("IdentityVerified", "enrolment", _FACT, (_I, _X), _ANY,
     "人证核验通过", "Identity verified", "guidance 6.2"),
    ("IdentityMismatchDetected", "enrolment", _FACT, (_I, _X), _ANY,
     "人证不符", "Identity mismatch detected", "guidance 6.2"),
    ("PresenceSpotChecked", "enrolment", _FACT, (_I,), _ANY,
     "在场抽检", "Presence spot-checked", "guidance 6.1"),
    ("AbsenceRecorded", "enrolment", _FACT, (_I,), _OFFICE,
     "缺课登记", "Absence recorded", "guidance 6.7"),
    ("MakeUpScheduled", "enrolment", _FACT, (_I,), _OFFICE,
     "补课安排", "Make-up scheduled", "guidance 6.7"),
    ("MakeUpCompleted", "enrolment", _FACT, (_I,), _OFFICE,
     "补课完成", "Make-up completed", "guidance 6.7"),
    ("LearnerTransferred", "enrolment", _DECISION, (_I,), _OFFICE,
     "转班", "Learner transferred", "guidance 10.2"),
    ("CreditsCarriedOver", "enrolment", _DECISION, (_I,), _OFFICE,
     "学时结转", "Credits carried over", "guidance 6.7"),
    ("ExamRegistered", "enrolment", _DECISION, (_X,), _OFFICE,
     "考试报名", "Exam registered", "考试与证书管理暂行办法"),
    ("ExamAttemptVoided", "enrolment", _FACT, (_X,), _OFFICE,
     "考试作废", "Exam attempt voided", "考试与证书管理暂行办法"),
    ("ExamCheatingRecorded", "enrolment", _FACT, (_X,), _OFFICE,
     "考试作弊登记", "Exam cheating recorded", "考试与证书管理暂行办法"),
    ("RecordCorrected", "enrolment", _FACT, (_I, _X, _O, _B), _OFFICE,
     "记录更正", "Record corrected", "安全生产法 Art. 28(4)"),
    ("EventVoided", "enrolment", _FACT, (_I, _X, _O, _B), _OFFICE,
     "记录作废", "Event voided", "安全生产法 Art. 28(4)"),
    ("TrainingCertificateSuperseded", "certificate", _DECISION, (_I,), _PARTY,
     "培训证明换发", "Training certificate superseded", "考试与证书管理暂行办法"),
    ("TrainingCertificateSuspended", "certificate", _DECISION, (_B,), _PARTY,
     "培训证明暂停", "Training certificate suspended", "guidance 16.1"),
    ("TrainingCertificateReinstated", "certificate", _DECISION, (_B,), _PARTY,
     "培训证明恢复", "Training certificate reinstated", "guidance 16.1"),
    ("OperationCertificateLinked", "certificate", _DECISION, (_B,), _PARTY,
     "操作证关联", "Operation certificate linked", "考试与证书管理暂行办法"),
    ("InstitutionImported", "institution", _DECISION, (_B,), _PARTY,
     "存量机构导入", "Institution imported", "guidance 11.1"),
    ("InitialReportSubmitted", "institution", _FACT, (_I,), _PARTY,
     "初始报告提交", "Initial report submitted", "guidance 11.1"),
    ("ScopeExtensionReported", "institution", _FACT, (_I,), _PARTY,
     "增项报告", "Scope extension reported", "guidance 11.2"),
    ("ReportReviewed", "institution", _DECISION, (_B,), _PARTY,
     "报告审核", "Report reviewed", "guidance 11.1"),
    ("ProvincialDirectoryListed", "institution", _DECISION, (_B,), _PARTY,
     "纳入省目录", "Provincial directory listed", "guidance 11.1"),
    ("StandingReportSubmitted", "institution", _FACT, (_I,), _PARTY,
     "常态报告提交", "Standing report submitted", "guidance 11.3"),
    ("AnnualReportSubmitted", "institution", _FACT, (_I,), _PARTY,
     "年度报告提交", "Annual report submitted", "guidance 11.4"),
    ("ChangeReportSubmitted", "institution", _FACT, (_I,), _PARTY,
     "变更报告提交", "Change report submitted", "guidance 11.5"),
    ("RecruitmentSuspended", "institution", _DECISION, (_B,), _PARTY,
     "暂停招生", "Recruitment suspended", "guidance 16.1"),
    ("RecruitmentResumed", "institution", _DECISION, (_B,), _PARTY,
     "恢复招生", "Recruitment resumed", "guidance 16.1"),
    ("InstitutionDelisted", "institution", _DECISION, (_B,), _PARTY,
     "取消资格", "Institution delisted", "guidance 16.1"),
    ("ExitReportSubmitted", "institution", _FACT, (_I,), _PARTY,
     "退出报告提交", "Exit report submitted", "guidance 11.6"),
    ("ArchiveCustodyTransferred", "institution", _FACT, (_I, _B), _PARTY,
     "档案移交", "Archive custody transferred", "guidance 11.6, 档案法"),
    ("StaffAppointed", "staff", _FACT, (_I,), _OFFICE,
     "人员聘任", "Staff appointed", "guidance 4.1, 9.1"),
    ("StaffQualificationRecorded", "staff", _FACT, (_I,), _OFFICE,
     "资质登记", "Staff qualification recorded", "guidance 4.1"),
    ("ContinuingEducationRecorded", "staff", _FACT, (_I,), _OFFICE,
     "继续教育登记", "Continuing education recorded", "guidance 4.1"),
    ("StaffExited", "staff", _FACT, (_I,), _OFFICE,
     "人员退出", "Staff exited", "guidance 4.3"),
)  # fmt: skip

EVENT_TYPES: Final = MappingProxyType(
    {
        name: EventType(name, kind, decision, frozenset(writers), uses, zh, en, source)
        for name, kind, decision, writers, uses, zh, en, source in _ROWS
    }
)

_STATING_FACTS: Final = frozenset(
    {
        "ClockOffsetStated",
        "MakeUpScheduled",
        "InitialReportSubmitted",
        "ScopeExtensionReported",
        "ExitReportSubmitted",
        "ArchiveCustodyTransferred",
        "StaffAppointed",
        "StaffQualificationRecorded",
        "ContinuingEducationRecorded",
        "StaffExited",
    }
)
"""Facts that later answers look at: what is held, what may be opened, who owns a staff file."""

DECISION_RELEVANT: Final = _STATING_FACTS | {
    name for name, event_type in EVENT_TYPES.items() if event_type.decision
}
"""Types that the decision state of a stream is folded from; the rest only move its head."""
