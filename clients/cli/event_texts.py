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
_INSTITUTION: Final = ("institution",)
_STAFF: Final = ("staff",)


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
        "CohortFiled": _text("cohort", "开班报备", "Filing of a cohort with the bureau", _COHORT),
        "CohortPolicyRepinned": _text(
            "cohort", "政策改钉", "Another policy binds a running cohort", _COHORT
        ),
        "SessionRescheduled": _text("cohort", "调课", "A session of the timetable moves", _COHORT),
        "SessionCancelled": _text("cohort", "停课", "A session does not take place", _COHORT),
        "SessionInterrupted": _text("cohort", "课中中断", "Teaching stops for a time", _COHORT),
        "SessionResumed": _text("cohort", "恢复上课", "Teaching goes on", _COHORT),
        "TeacherSignedIn": _text("cohort", "教师签到", "Sign-in of a teacher", _COHORT),
        "TeacherSubstituted": _text(
            "cohort", "教师替换", "Another teacher takes a session", _COHORT
        ),
        "SessionRecordingStored": _text(
            "cohort", "教学录像归档", "A recording of a session is stored", _COHORT
        ),
        "CoursewareReviewed": _text("cohort", "课件审核", "Courseware is reviewed", _COHORT),
        "TrainingEvaluationSubmitted": _text(
            "cohort", "教学评估提交", "The learners' evaluation", _COHORT
        ),
        "CohortArchiveSealed": _text("cohort", "归档封存", "The cohort file is sealed", _COHORT),
        "ClockOffsetStated": _text(
            "cohort", "时钟偏差说明", "How wrong a device's clock was", _COHORT
        ),
        "CohortRecordCorrected": _text(
            "cohort", "班次记录更正", "A record of the cohort is corrected", _COHORT
        ),
        "CohortEventVoided": _text(
            "cohort", "班次记录作废", "A record of the cohort is void", _COHORT
        ),
        "EnrolmentEligibilityVerified": _text(
            "enrolment", "资格审核通过", "The learner is eligible", _ENROLMENT
        ),
        "EnrolmentRejected": _text(
            "enrolment", "报名驳回", "The enrolment is rejected", _ENROLMENT
        ),
        "IdentityVerified": _text(
            "enrolment", "人证核验通过", "Person and document agree", _ENROLMENT
        ),
        "IdentityMismatchDetected": _text(
            "enrolment", "人证不符", "Person and document do not agree", _ENROLMENT
        ),
        "PresenceSpotChecked": _text(
            "enrolment", "在场抽检", "Spot check in a session", _ENROLMENT
        ),
        "AbsenceRecorded": _text("enrolment", "缺课登记", "Absence from a session", _ENROLMENT),
        "MakeUpScheduled": _text(
            "enrolment", "补课安排", "A session makes up for a missed one", _ENROLMENT
        ),
        "MakeUpCompleted": _text("enrolment", "补课完成", "A make-up was attended", _ENROLMENT),
        "LearnerTransferred": _text(
            "enrolment", "转班", "The learner goes to another cohort", _ENROLMENT
        ),
        "CreditsCarriedOver": _text(
            "enrolment", "学时结转", "Hours of the cohort that the learner left", _ENROLMENT
        ),
        "ExamRegistered": _text(
            "enrolment", "考试报名", "Registration for an examination, by the exam body", _ENROLMENT
        ),
        "ExamAttemptVoided": _text(
            "enrolment", "考试作废", "An attempt is void, by the exam body", _ENROLMENT
        ),
        "ExamCheatingRecorded": _text(
            "enrolment", "考试作弊登记", "Cheating in an examination, by the exam body", _ENROLMENT
        ),
        "RecordCorrected": _text(
            "enrolment", "记录更正", "A record of the enrolment is corrected", _ENROLMENT
        ),
        "EventVoided": _text(
            "enrolment", "记录作废", "A record of the enrolment is void", _ENROLMENT
        ),
        "TrainingCertificateSuperseded": _text(
            "certificate",
            "培训证明换发",
            "A training certificate is replaced by its next edition",
            _CERTIFICATE,
        ),
        "TrainingCertificateSuspended": _text(
            "certificate",
            "培训证明暂停",
            "A training certificate is suspended, by the bureau",
            _CERTIFICATE,
        ),
        "TrainingCertificateReinstated": _text(
            "certificate",
            "培训证明恢复",
            "A suspended certificate is valid again, by the bureau",
            _CERTIFICATE,
        ),
        "OperationCertificateLinked": _text(
            "certificate",
            "操作证关联",
            "The official certificate is linked, by the bureau",
            _CERTIFICATE,
        ),
        "InstitutionImported": _text(
            "institution",
            "存量机构导入",
            "Listed before the ledger began, by the bureau",
            _INSTITUTION,
        ),
        "InitialReportSubmitted": _text(
            "institution", "初始报告提交", "Initial report", _INSTITUTION
        ),
        "ScopeExtensionReported": _text(
            "institution", "增项报告", "Report of further trades", _INSTITUTION
        ),
        "ReportReviewed": _text(
            "institution", "报告审核", "Review of a report, by the bureau", _INSTITUTION
        ),
        "ProvincialDirectoryListed": _text(
            "institution",
            "纳入省目录",
            "Listing in the provincial directory, by the bureau",
            _INSTITUTION,
        ),
        "StandingReportSubmitted": _text(
            "institution", "常态报告提交", "Standing report", _INSTITUTION
        ),
        "AnnualReportSubmitted": _text(
            "institution", "年度报告提交", "Annual report", _INSTITUTION
        ),
        "ChangeReportSubmitted": _text(
            "institution", "变更报告提交", "Change report", _INSTITUTION
        ),
        "RecruitmentSuspended": _text(
            "institution", "暂停招生", "Recruitment is suspended, by the bureau", _INSTITUTION
        ),
        "RecruitmentResumed": _text(
            "institution", "恢复招生", "Recruitment is allowed again, by the bureau", _INSTITUTION
        ),
        "InstitutionDelisted": _text(
            "institution",
            "取消资格",
            "The institution leaves the directory, by the bureau",
            _INSTITUTION,
        ),
        "ExitReportSubmitted": _text("institution", "退出报告提交", "Exit report", _INSTITUTION),
        "ArchiveCustodyTransferred": _text(
            "institution", "档案移交", "The archives go to another custodian", _INSTITUTION
        ),
        "StaffAppointed": _text("staff", "教师聘任", "A teacher or manager is appointed", _STAFF),
        "StaffQualificationRecorded": _text("staff", "教师资质登记", "A qualification", _STAFF),
        "ContinuingEducationRecorded": _text(
            "staff", "继续教育登记", "Continuing education", _STAFF
        ),
        "StaffExited": _text("staff", "教师退出", "The person leaves", _STAFF),
        "TeacherSignedOut": _text("cohort", "教师签退", "Sign-out of a teacher", _COHORT),
        "UnlistedSignedIn": _text(
            "cohort", "未登记人员签到", "Sign-in of somebody on no list yet", _COHORT
        ),
        "UnlistedSignedOut": _text(
            "cohort", "未登记人员签退", "Sign-out of somebody on no list yet", _COHORT
        ),
        "UnlistedPresenceAttributed": _text(
            "cohort", "未登记人员归属", "Whose presence an unlisted person's was", _COHORT
        ),
    }
)
