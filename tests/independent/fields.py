"""The messages of events and answers, written by hand from proto/ledger/api/v1.

One line for each message: the name, then `number name kind`, `*` for repeated. A kind is a scalar
type of protobuf, `enum`, or the name of a message.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias


@dataclass(frozen=True, slots=True)
class Field:
    """One declared field."""

    number: int
    name: str
    kind: str
    repeated: bool


Table: TypeAlias = dict[int, Field]

_HEADER: Final = """
1 salt bytes, 2 origin string, 3 event_id bytes, 4 type string, 5 author_key bytes,
6 approver_key bytes, 7 institution bytes, 8 stream bytes, 9 cohorts bytes*, 10 occurred_us int64,
11 utc_offset_minutes sint32, 12 clock ClockState, 13 device string, 14 device_sequence uint64,
15 previous_leaf bytes, 16 record_origin enum, 17 source_digest bytes, 18 entered_by bytes,
19 approved_by bytes, 20 synthetic bool, 21 person_ref bytes
"""

# The bodies in the order of their field numbers in TrainingEvent, which start at 16.
_BODIES: Final = {
    "InstitutionRegistered": "1 kind enum, 2 credit_code string, 3 name string, 4 area string,"
    "5 directory_number string",
    "KeyRegistered": "1 public_key bytes, 2 algorithm enum, 3 holder bytes, 4 use enum,"
    "5 device string",
    "KeyEnded": "1 ending enum, 2 accepted_until_us int64, 3 from_index uint64",
    "PolicyAdopted": "1 digest bytes, 2 document bytes",
    "CohortPlanned": "1 trade string, 2 trade_name string, 3 policy bytes, 4 capacity uint32,"
    "5 first_day uint32, 6 last_day uint32, 7 number string, 8 platform bytes, 9 exam_body bytes",
    "CohortOpened": "1 enrolled uint32",
    "SessionScheduled": "1 session bytes, 2 start_us int64, 3 end_us int64, 4 component enum,"
    "5 room string, 6 teacher bytes",
    "SessionStarted": "1 session bytes, 2 present uint32",
    "SessionEnded": "1 session bytes, 2 break_minutes uint32, 3 recording_digest bytes",
    "ArchiveItemAdded": "1 item_class string, 2 salted_digest bytes, 3 media_type string,"
    "4 size uint64, 5 place string, 6 custodian bytes",
    "CohortClosed": "1 completed uint32",
    "LearnerEnrolled": "1 identity_commitment bytes, 2 basis string",
    "LearnerSignedIn": "1 session bytes, 2 method enum, 3 capture_hmac bytes",
    "LearnerSignedOut": "1 session bytes, 2 method enum",
    "OnlineLessonCompleted": "1 lesson string, 2 started_us int64, 3 watched_minutes uint32",
    "CourseTestRecorded": "1 score_hundredths uint32",
    "TheoryExamResultRecorded": "1 attempt uint32, 2 score_hundredths uint32",
    "PracticalExamResultRecorded": "1 attempt uint32, 2 score_hundredths uint32",
    "LearnerWithdrew": "1 reason string",
    "TrainingCertificateIssued": "1 number string, 2 edition uint32, 3 core_digest bytes,"
    "4 enrolment_digest bytes, 5 policy bytes, 6 evaluator_version uint32,"
    "7 credited CreditedHours*, 8 supersedes string",
    "TrainingCertificateRevoked": "1 reason enum",
    "CohortFiled": "1 bureau bytes, 2 rooms string*, 3 teachers bytes*",
    "CohortPolicyRepinned": "1 policy bytes, 2 reason string",
    "SessionRescheduled": "1 session bytes, 2 start_us int64, 3 end_us int64, 4 room string,"
    "5 teacher bytes, 6 reason string",
    "SessionCancelled": "1 session bytes, 2 reason string",
    "SessionInterrupted": "1 session bytes, 2 reason string",
    "SessionResumed": "1 session bytes",
    "TeacherSignedIn": "1 session bytes, 2 teacher bytes, 3 method enum",
    "TeacherSubstituted": "1 session bytes, 2 teacher bytes, 3 reason string",
    "SessionRecordingStored": "1 session bytes, 2 channel string, 3 from_us int64,"
    "4 to_us int64, 5 recording_digest bytes, 6 gap_seconds uint32",
    "CoursewareReviewed": "1 courseware string, 2 version uint32, 3 document_digest bytes,"
    "4 reviewer bytes",
    "TrainingEvaluationSubmitted": "1 respondents uint32, 2 score_hundredths uint32,"
    "3 teacher bytes",
    "CohortArchiveSealed": "1 version uint32, 2 items uint32, 3 items_root bytes,"
    "4 retain_until uint32",
    "ClockOffsetStated": "1 device string, 2 boot_id bytes, 3 offset_us int64, 4 first_us int64,"
    "5 last_us int64, 6 reason string",
    "CohortRecordCorrected": "1 target bytes, 2 field enum, 3 number uint64, 4 id bytes,"
    "5 commitment bytes, 6 reason string, 7 evidence_digest bytes",
    "CohortEventVoided": "1 target bytes, 2 reason string, 3 evidence_digest bytes,"
    "4 attributed_to bytes",
    "EnrolmentEligibilityVerified": "1 reviewer bytes, 2 evidence_digest bytes",
    "EnrolmentRejected": "1 reason string",
    "IdentityVerified": "1 method enum, 2 score_band string, 3 consent string",
    "IdentityMismatchDetected": "1 session bytes, 2 method enum",
    "PresenceSpotChecked": "1 session bytes, 2 present bool, 3 method enum",
    "AbsenceRecorded": "1 session bytes, 2 reason string, 3 evidence_digest bytes",
    "MakeUpScheduled": "1 missed bytes, 2 session bytes, 3 cohort bytes, 4 due_day uint32",
    "MakeUpCompleted": "1 session bytes",
    "LearnerTransferred": "1 to_cohort bytes, 2 reason string",
    "CreditsCarriedOver": "1 from_cohort bytes, 2 up_to_index uint64, 3 credited CreditedHours*",
    "ExamRegistered": "1 sitting string, 2 edition uint32, 3 other_proof_digest bytes,"
    "4 exemption_digest bytes",
    "ExamAttemptVoided": "1 subject enum, 2 attempt uint32, 3 reason string",
    "ExamCheatingRecorded": "1 subject enum, 2 attempt uint32, 3 reason string",
    "RecordCorrected": "1 target bytes, 2 field enum, 3 number uint64, 4 id bytes,"
    "5 commitment bytes, 6 reason string, 7 evidence_digest bytes",
    "EventVoided": "1 target bytes, 2 reason string, 3 evidence_digest bytes,4 attributed_to bytes",
    "TrainingCertificateSuperseded": "1 number string, 2 reason string",
    "TrainingCertificateSuspended": "1 reason string",
    "TrainingCertificateReinstated": "1 reason string",
    "OperationCertificateLinked": "1 number_commitment bytes, 2 first_issued uint32,"
    "3 review_due uint32, 4 valid_to uint32",
    "InstitutionImported": "1 trades string*, 2 listed_since uint32, 3 document_digest bytes",
    "InitialReportSubmitted": "1 trades string*, 2 document_digest bytes",
    "ScopeExtensionReported": "1 trades string*, 2 document_digest bytes",
    "ReportReviewed": "1 report bytes, 2 stage enum, 3 approved bool, 4 reason string",
    "ProvincialDirectoryListed": "1 directory_number string",
    "StandingReportSubmitted": "1 day uint32, 2 document_digest bytes",
    "AnnualReportSubmitted": "1 year uint32, 2 document_digest bytes",
    "ChangeReportSubmitted": "1 subject string, 2 document_digest bytes",
    "RecruitmentSuspended": "1 decision_number string, 2 reason string",
    "RecruitmentResumed": "1 decision_number string",
    "InstitutionDelisted": "1 decision_number string, 2 reason string",
    "ExitReportSubmitted": "1 reason string, 2 custodian bytes, 3 document_digest bytes",
    "ArchiveCustodyTransferred": "1 custodian bytes, 2 document_digest bytes",
    "StaffAppointed": "1 role enum, 2 identity_commitment bytes, 3 subject string,"
    "4 from_day uint32",
    "StaffQualificationRecorded": "1 qualification string, 2 document_digest bytes,"
    "3 valid_until uint32",
    "ContinuingEducationRecorded": "1 year uint32, 2 hours uint32, 3 evidence_digest bytes",
    "StaffExited": "1 reason string",
    "TeacherSignedOut": "1 session bytes, 2 teacher bytes, 3 method enum",
    "UnlistedSignedIn": "1 session bytes, 2 method enum, 3 ticket bytes, 4 capture_hmac bytes",
    "UnlistedSignedOut": "1 session bytes, 2 method enum, 3 ticket bytes",
    "UnlistedPresenceAttributed": "1 session bytes, 2 ticket bytes, 3 enrolment bytes",
}

# What comes back, from recording_service.proto and log_service.proto.
_ANSWERS: Final = {
    "AppendEventsResponse": "1 results EventResult*, 2 acknowledgement Acknowledgement",
    "EventResult": "1 event_id bytes, 2 accepted Accepted, 3 rejected Rejected, 4 unknown Unknown",
    "Accepted": "1 entry bytes, 2 index uint64, 3 position uint32, 4 path bytes, 5 held string,"
    "6 repeated bool",
    "Rejected": "1 code string, 2 field string, 3 reason_zh string, 4 reason_en string,"
    "5 fix_zh string, 6 fix_en string",
    "Unknown": "1 code string",
    "Acknowledgement": "1 key_id bytes, 2 signature bytes, 3 root bytes, 4 size uint32",
    "GetReceiptResponse": "1 entry bytes, 2 proof string",
    "GetCheckpointResponse": "1 checkpoint string",
    "GetInclusionProofResponse": "1 entry bytes, 2 proof string",
    "ListEntriesResponse": "1 entries LogEntry*, 2 size uint64",
    "LogEntry": "1 index uint64, 2 entry bytes",
}

# docs/formats.md section 3, "Stream kinds and bodies".
STREAM_KINDS: Final = {
    body: kind
    for kind, bodies in {
        "institution": "InstitutionRegistered InstitutionImported InitialReportSubmitted"
        " ScopeExtensionReported ReportReviewed ProvincialDirectoryListed"
        " StandingReportSubmitted AnnualReportSubmitted ChangeReportSubmitted"
        " RecruitmentSuspended RecruitmentResumed InstitutionDelisted ExitReportSubmitted"
        " ArchiveCustodyTransferred",
        "staff": "StaffAppointed StaffQualificationRecorded ContinuingEducationRecorded"
        " StaffExited",
        "key": "KeyRegistered KeyEnded",
        "policy": "PolicyAdopted",
        "cohort": "CohortPlanned CohortOpened SessionScheduled SessionStarted SessionEnded"
        " ArchiveItemAdded CohortClosed CohortFiled CohortPolicyRepinned SessionRescheduled"
        " SessionCancelled SessionInterrupted SessionResumed TeacherSignedIn TeacherSubstituted"
        " SessionRecordingStored CoursewareReviewed TrainingEvaluationSubmitted"
        " CohortArchiveSealed ClockOffsetStated CohortRecordCorrected CohortEventVoided"
        " TeacherSignedOut UnlistedSignedIn UnlistedSignedOut UnlistedPresenceAttributed",
        "enrolment": "LearnerEnrolled LearnerSignedIn LearnerSignedOut OnlineLessonCompleted"
        " CourseTestRecorded TheoryExamResultRecorded PracticalExamResultRecorded"
        " LearnerWithdrew EnrolmentEligibilityVerified EnrolmentRejected IdentityVerified"
        " IdentityMismatchDetected PresenceSpotChecked AbsenceRecorded MakeUpScheduled"
        " MakeUpCompleted LearnerTransferred CreditsCarriedOver ExamRegistered ExamAttemptVoided"
        " ExamCheatingRecorded RecordCorrected EventVoided",
        "certificate": "TrainingCertificateIssued TrainingCertificateRevoked"
        " TrainingCertificateSuperseded TrainingCertificateSuspended"
        " TrainingCertificateReinstated OperationCertificateLinked",
    }.items()
    for body in bodies.split()
}


def _table(text: str) -> Table:
    table: Table = {}
    for line in text.split(","):
        number, name, kind = line.split()
        table[int(number)] = Field(int(number), name, kind.rstrip("*"), kind.endswith("*"))
    return table


def _event_table() -> Table:
    table = {1: Field(1, "header", "EventHeader", repeated=False)}
    for number, body in enumerate(_BODIES, start=16):
        table[number] = Field(number, body, body, repeated=False)
    return table


MESSAGES: Final[dict[str, Table]] = {
    "TrainingEvent": _event_table(),
    "EventHeader": _table(_HEADER),
    "ClockState": _table("1 last_sync_us int64, 2 boot_id bytes, 3 monotonic_us int64"),
    "CreditedHours": _table("1 component enum, 2 hours uint32"),
    **{name: _table(text) for name, text in (_BODIES | _ANSWERS).items()},
}
"""Field tables by the name of the message."""

BODIES: Final = tuple(_BODIES)
"""Names of the bodies, by their field number."""
