"""The table of event types against proto/, docs/formats.md section 3 and DESIGN section 4."""

import re
from pathlib import Path

import pytest

from ledger.api.v1 import events_pb2
from ledger.domain import event_types
from ledger.domain.event_types import (
    DECISION_RELEVANT,
    EVENT_TYPES,
    ROLE_BY_NUMBER,
    USE_BY_NUMBER,
    EventType,
    KeyUse,
    Role,
)
from ledger.log import entries

FORMATS = Path(__file__).parents[3] / "docs" / "formats.md"

FACTS = {
    # Teaching and documents of a cohort.
    "SessionScheduled",
    "SessionRescheduled",
    "SessionCancelled",
    "SessionStarted",
    "SessionInterrupted",
    "SessionResumed",
    "SessionEnded",
    "TeacherSignedIn",
    "TeacherSignedOut",
    "UnlistedSignedIn",
    "UnlistedSignedOut",
    "UnlistedPresenceAttributed",
    "TeacherSubstituted",
    "SessionRecordingStored",
    "CoursewareReviewed",
    "TrainingEvaluationSubmitted",
    "ArchiveItemAdded",
    "ClockOffsetStated",
    # A learner's days.
    "EnrolmentEligibilityVerified",
    "IdentityVerified",
    "IdentityMismatchDetected",
    "LearnerSignedIn",
    "LearnerSignedOut",
    "PresenceSpotChecked",
    "OnlineLessonCompleted",
    "AbsenceRecorded",
    "MakeUpScheduled",
    "MakeUpCompleted",
    "CourseTestRecorded",
    "TheoryExamResultRecorded",
    "PracticalExamResultRecorded",
    "ExamAttemptVoided",
    "ExamCheatingRecorded",
    # Corrections.
    "CohortRecordCorrected",
    "CohortEventVoided",
    "RecordCorrected",
    "EventVoided",
    # Reports and staff files of an institution.
    "InitialReportSubmitted",
    "ScopeExtensionReported",
    "StandingReportSubmitted",
    "AnnualReportSubmitted",
    "ChangeReportSubmitted",
    "ExitReportSubmitted",
    "ArchiveCustodyTransferred",
    "StaffAppointed",
    "StaffQualificationRecorded",
    "ContinuingEducationRecorded",
    "StaffExited",
}
DECISIONS = {
    "InstitutionRegistered",
    "KeyRegistered",
    "KeyEnded",
    "PolicyAdopted",
    "CohortPlanned",
    "CohortFiled",
    "CohortPolicyRepinned",
    "CohortOpened",
    "CohortClosed",
    "CohortArchiveSealed",
    "LearnerEnrolled",
    "EnrolmentRejected",
    "LearnerTransferred",
    "CreditsCarriedOver",
    "LearnerWithdrew",
    "ExamRegistered",
    "TrainingCertificateIssued",
    "TrainingCertificateSuperseded",
    "TrainingCertificateSuspended",
    "TrainingCertificateReinstated",
    "TrainingCertificateRevoked",
    "OperationCertificateLinked",
    "InstitutionImported",
    "ReportReviewed",
    "ProvincialDirectoryListed",
    "RecruitmentSuspended",
    "RecruitmentResumed",
    "InstitutionDelisted",
}
# Facts that what comes later is judged by: what is held, what may be opened, whose staff file.
STATED_FACTS = {
    "ClockOffsetStated",
    "MakeUpScheduled",
    "InitialReportSubmitted",
    "ScopeExtensionReported",
    "ExitReportSubmitted",
    "StaffAppointed",
    "StaffExited",
    "StaffQualificationRecorded",
    "ContinuingEducationRecorded",
    "ArchiveCustodyTransferred",
}
RESULTS = {"TheoryExamResultRecorded", "PracticalExamResultRecorded"}
EXAMINATIONS = RESULTS | {"ExamRegistered", "ExamAttemptVoided", "ExamCheatingRecorded"}
IDENTITY_CHECKS = {"IdentityVerified", "IdentityMismatchDetected"}
CORRECTIONS = {"RecordCorrected", "EventVoided"}
# Review, listing, penalties, the official certificate: a bureau's alone.
OVERSIGHT = {
    "InstitutionRegistered",
    "InstitutionImported",
    "PolicyAdopted",
    "ReportReviewed",
    "ProvincialDirectoryListed",
    "RecruitmentSuspended",
    "RecruitmentResumed",
    "InstitutionDelisted",
    "TrainingCertificateSuspended",
    "TrainingCertificateReinstated",
    "OperationCertificateLinked",
}
# What a terminal in the classroom sees: who is there, and that teaching goes on.
PRESENCE = {
    "SessionStarted",
    "SessionInterrupted",
    "SessionResumed",
    "SessionEnded",
    "SessionRecordingStored",
    "TeacherSignedIn",
    "TeacherSignedOut",
    "UnlistedSignedIn",
    "UnlistedSignedOut",
    "LearnerSignedIn",
    "LearnerSignedOut",
    "PresenceSpotChecked",
} | IDENTITY_CHECKS


def kinds_of_the_specification() -> dict[str, str]:
    section = FORMATS.read_text("utf-8").partition("Stream kinds and bodies:")[2]
    row = re.compile(r"^\| `([a-z_]+)` \| ([A-Za-z, ]+) \|$", re.MULTILINE)
    rows = row.findall(section.partition("\n## ")[0])
    return {body: kind for kind, bodies in rows for body in bodies.split(", ")}


def test_each_body_of_the_contract_has_exactly_one_event_type_of_its_name() -> None:
    fields = events_pb2.TrainingEvent.DESCRIPTOR.oneofs_by_name["body"].fields
    bodies = [field.message_type.name for field in fields if field.message_type is not None]
    assert len(fields) == len(bodies) == len(event_types._ROWS)
    assert sorted(bodies) == sorted(EVENT_TYPES)
    assert all(name == each.name for name, each in EVENT_TYPES.items())


def test_the_kinds_are_those_of_the_specification() -> None:
    assert {name: each.kind for name, each in EVENT_TYPES.items()} == kinds_of_the_specification()
    assert {each.kind for each in EVENT_TYPES.values()} == entries.KINDS


def test_what_happened_is_a_fact_and_what_is_resolved_a_decision() -> None:
    assert {name for name, each in EVENT_TYPES.items() if not each.decision} == FACTS
    assert {name for name, each in EVENT_TYPES.items() if each.decision} == DECISIONS


def test_the_state_that_decisions_read_is_folded_from_decisions_and_a_few_stated_facts() -> None:
    assert DECISION_RELEVANT == DECISIONS | STATED_FACTS
    assert STATED_FACTS <= FACTS


def test_roles_and_uses_have_the_numbers_of_the_contract() -> None:
    roles = {f"PARTY_KIND_{role.value.upper()}": number for number, role in ROLE_BY_NUMBER.items()}
    uses = {f"KEY_USE_{use.value.upper()}": number for number, use in USE_BY_NUMBER.items()}
    assert {"PARTY_KIND_UNSPECIFIED": 0} | roles == dict(events_pb2.PartyKind.items())
    assert {"KEY_USE_UNSPECIFIED": 0} | uses == dict(events_pb2.KeyUse.items())
    assert set(ROLE_BY_NUMBER.values()) == set(Role)
    assert set(USE_BY_NUMBER.values()) == set(KeyUse)


def written_by(role: Role) -> set[str]:
    return {name for name, each in EVENT_TYPES.items() if role in each.writers}


@pytest.mark.parametrize(
    ("role", "names"),
    [
        (Role.EXAM_BODY, EXAMINATIONS | IDENTITY_CHECKS | CORRECTIONS),
        (Role.PLATFORM, {"OnlineLessonCompleted"} | CORRECTIONS),
        (
            Role.BUREAU,
            OVERSIGHT
            | CORRECTIONS
            | {"TrainingCertificateRevoked", "CohortPolicyRepinned", "ArchiveCustodyTransferred"},
        ),
    ],
)
def test_a_party_writes_what_is_its_own_beside_its_keys(role: Role, names: set[str]) -> None:
    assert written_by(role) == names | {"KeyRegistered", "KeyEnded"}


def test_an_institution_writes_no_examination_review_penalty_or_lesson_and_all_the_rest() -> None:
    others = EXAMINATIONS | OVERSIGHT | {"OnlineLessonCompleted"}
    assert written_by(Role.INSTITUTION) == (FACTS | DECISIONS) - others


def test_an_examination_is_written_by_nobody_but_the_exam_body() -> None:
    assert {each.writers for name, each in EVENT_TYPES.items() if name in EXAMINATIONS} == {
        frozenset({Role.EXAM_BODY})
    }


def test_review_listing_and_penalties_are_written_by_nobody_but_a_bureau() -> None:
    assert {each.writers for name, each in EVENT_TYPES.items() if name in OVERSIGHT} == {
        frozenset({Role.BUREAU})
    }


def test_whoever_may_write_on_an_enrolment_may_correct_there() -> None:
    on_enrolments = [each for each in EVENT_TYPES.values() if each.kind == "enrolment"]
    writers = frozenset().union(
        *(each.writers for each in on_enrolments if each.name not in CORRECTIONS)
    )
    # A bureau writes there only what it transcribes.
    for name in CORRECTIONS:
        assert EVENT_TYPES[name].writers == writers | {Role.BUREAU}
    assert Role.BUREAU not in writers


def test_a_terminal_signs_presence_alone() -> None:
    signed = {name for name, each in EVENT_TYPES.items() if KeyUse.DEVICE in each.uses}
    assert signed == PRESENCE
    assert PRESENCE <= FACTS


def test_an_office_system_signs_no_key_no_certificate_no_policy_and_no_report() -> None:
    only_party = {name for name, each in EVENT_TYPES.items() if KeyUse.SYSTEM not in each.uses}
    kinds = {"institution", "key", "policy", "certificate"}
    assert only_party == {name for name, each in EVENT_TYPES.items() if each.kind in kinds}
    assert len(only_party) == 14 + 2 + 1 + 6
    assert all(KeyUse.PARTY in each.uses for each in EVENT_TYPES.values())


@pytest.mark.parametrize("each", EVENT_TYPES.values(), ids=EVENT_TYPES)
def test_an_event_type_has_writers_labels_and_a_source(each: EventType) -> None:
    assert each.writers
    assert each.label_en.isascii()
    assert each.label_en
    assert each.label_zh
    assert not each.label_zh.isascii()
    assert each.source


def test_labels_are_distinct_in_each_language() -> None:
    assert len({each.label_zh for each in EVENT_TYPES.values()}) == len(EVENT_TYPES)
    assert len({each.label_en for each in EVENT_TYPES.values()}) == len(EVENT_TYPES)


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        EVENT_TYPES["More"] = EVENT_TYPES["KeyEnded"]  # type: ignore[index]  # what is tested
