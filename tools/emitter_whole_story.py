"""The rest of the made-up story: what else may happen to a cohort, a learner, a school, its staff.

One case for each type of event that `tools.emitter_story.type_cases` does not tell of. Each stands
by itself: they are told by theme, not in an order in which a ledger would take all decisions.
Used by `tools.make_emitter_vectors`.
"""

import uuid
from typing import Final

from ledger.api.v1 import events_pb2 as pb
from tools.emitter_story import (
    BUREAU,
    BUREAU_ID,
    CERTIFICATE,
    COHORT,
    ENROLMENTS,
    LOG,
    MINUTE_US,
    OFFICE,
    SCHOOL,
    SCHOOL_ID,
    SESSION,
    START_US,
    Case,
    Emitter,
    Key,
    Story,
    random_uuid,
    seed,
)

EXAM_BODY: Final = Key("exam body")
GUEST_COHORT: Final = random_uuid("guest cohort")
MAKE_UP: Final = random_uuid("make-up session").bytes
TEACHER: Final = random_uuid("teacher")
SUBSTITUTE: Final = random_uuid("substitute")
DOCUMENT: Final = seed("document")
EVIDENCE: Final = seed("evidence")
TWO_PERSONS: Final[dict[str, object]] = {"approved_by": random_uuid("head of office").bytes}


def whole_cases(make: Emitter) -> list[Case]:
    """Return one case for each further type of event."""
    story = Story(make)
    tell_of_the_school(story)
    tell_of_its_staff(story)
    tell_of_the_cohort(story)
    tell_of_its_sessions(story)
    tell_of_admission(story)
    tell_of_attendance(story)
    tell_of_examinations(story)
    tell_of_corrections(story)
    tell_of_the_certificate(story)
    tell_of_the_exit(story)
    tell_of_who_came_and_went(story)
    return story.cases


def tell_of_the_school(story: Story) -> None:
    """Reports and their review, listing, a suspension and its end."""
    trades = ["2010-1.2", "2010-2.1"]
    imported = pb.InstitutionImported(
        trades=trades, listed_since=20190601, document_digest=DOCUMENT
    )
    story.one(imported, SCHOOL_ID, BUREAU)
    initial = pb.InitialReportSubmitted(trades=trades, document_digest=DOCUMENT)
    report = story.one(initial, SCHOOL_ID, SCHOOL)
    further = pb.ScopeExtensionReported(trades=["2010-3.1"], document_digest=DOCUMENT)
    story.one(further, SCHOOL_ID, SCHOOL)
    reviewed = pb.ReportReviewed(
        report=report.header.event_id,
        stage=pb.REVIEW_STAGE_CITY,
        approved=True,
        reason="CONDITIONS-MET",
    )
    story.one(reviewed, SCHOOL_ID, BUREAU)
    listed = pb.ProvincialDirectoryListed(directory_number="TEST-017")
    story.one(listed, SCHOOL_ID, BUREAU)
    standing = pb.StandingReportSubmitted(day=20260331, document_digest=DOCUMENT)
    story.one(standing, SCHOOL_ID, SCHOOL)
    annual = pb.AnnualReportSubmitted(year=2025, document_digest=DOCUMENT)
    story.one(annual, SCHOOL_ID, SCHOOL)
    change = pb.ChangeReportSubmitted(subject="PREMISES", document_digest=DOCUMENT)
    story.one(change, SCHOOL_ID, SCHOOL)
    suspended = pb.RecruitmentSuspended(decision_number="T-2026-041", reason="ABSENT-TEACHERS")
    story.one(suspended, SCHOOL_ID, BUREAU)
    story.one(pb.RecruitmentResumed(decision_number="T-2026-057"), SCHOOL_ID, BUREAU)


def tell_of_its_staff(story: Story) -> None:
    """A teacher comes, is qualified, learns and leaves."""
    appointed = pb.StaffAppointed(
        role=pb.STAFF_ROLE_FULL_TIME_TEACHER,
        identity_commitment=seed("identity of the teacher"),
        subject="2010-1.2",
        from_day=20240901,
    )
    story.one(appointed, TEACHER)
    qualified = pb.StaffQualificationRecorded(
        qualification="TEACHER-LV", document_digest=DOCUMENT, valid_until=20280831
    )
    story.one(qualified, TEACHER)
    educated = pb.ContinuingEducationRecorded(year=2025, hours=24, evidence_digest=EVIDENCE)
    story.one(educated, TEACHER)
    story.one(pb.StaffExited(reason="RESIGNED"), TEACHER)


def tell_of_the_cohort(story: Story) -> None:
    """Filing, another policy, courseware, evaluation, a wrong clock, the seal."""
    filed = pb.CohortFiled(
        bureau=BUREAU_ID.bytes,
        rooms=["R-301", "P-LV-1"],
        teachers=[TEACHER.bytes, SUBSTITUTE.bytes],
    )
    story.one(filed, COHORT)
    repinned = pb.CohortPolicyRepinned(policy=seed("another policy"), reason="NEW-CATALOGUE")
    story.one(repinned, COHORT, BUREAU)
    reviewed = pb.CoursewareReviewed(
        courseware="LV-01", version=2, document_digest=DOCUMENT, reviewer=TEACHER.bytes
    )
    story.one(reviewed, COHORT)
    evaluated = pb.TrainingEvaluationSubmitted(
        respondents=27, score_hundredths=455, teacher=TEACHER.bytes
    )
    story.one(evaluated, COHORT)
    # An hour fast: a negative number, which has ten bytes.
    offset = pb.ClockOffsetStated(
        device="TERM-0001",
        boot_id=seed("boot")[:16],
        offset_us=-60 * MINUTE_US,
        first_us=START_US,
        last_us=START_US + 600 * MINUTE_US,
        reason="TIME-ZONE",
    )
    story.one(offset, COHORT)
    sealed = pb.CohortArchiveSealed(
        version=1, items=18, items_root=seed("items"), retain_until=20360430
    )
    story.one(sealed, COHORT)


def tell_of_its_sessions(story: Story) -> None:
    """A session moves, falls out, stops and goes on; its teacher and its recording."""
    start_us = START_US + 1440 * MINUTE_US
    moved = pb.SessionRescheduled(
        session=SESSION,
        start_us=start_us,
        end_us=start_us + 90 * MINUTE_US,
        room="R-302",
        teacher=TEACHER.bytes,
        reason="ROOM-CLOSED",
    )
    story.one(moved, COHORT)
    story.one(pb.SessionCancelled(session=SESSION, reason="TYPHOON"), COHORT)
    story.captured(pb.SessionInterrupted(session=SESSION, reason="POWER-CUT"), COHORT)
    story.captured(pb.SessionResumed(session=SESSION), COHORT)
    signed_in = pb.TeacherSignedIn(
        session=SESSION, teacher=TEACHER.bytes, method=pb.PRESENCE_METHOD_FACE
    )
    story.captured(signed_in, COHORT)
    substituted = pb.TeacherSubstituted(session=SESSION, teacher=SUBSTITUTE.bytes, reason="ILLNESS")
    story.one(substituted, COHORT)
    recording = pb.SessionRecordingStored(
        session=SESSION,
        channel="CAM-301-1",
        from_us=start_us,
        to_us=start_us + 92 * MINUTE_US,
        recording_digest=seed("recording"),
        gap_seconds=12,
    )
    story.captured(recording, COHORT)


def tell_of_admission(story: Story) -> None:
    """Who is eligible, who is rejected, whose identity holds, who goes elsewhere."""
    first, second = ENROLMENTS
    eligible = pb.EnrolmentEligibilityVerified(reviewer=TEACHER.bytes, evidence_digest=EVIDENCE)
    story.one(eligible, first)
    story.one(pb.EnrolmentRejected(reason="NO-LOCAL-BASIS"), second)
    verified = pb.IdentityVerified(
        method=pb.PRESENCE_METHOD_FACE, score_band="A", consent="CONSENT-0317"
    )
    story.captured(verified, first)
    mismatch = pb.IdentityMismatchDetected(session=SESSION, method=pb.PRESENCE_METHOD_ID_CARD)
    story.captured(mismatch, second)
    transferred = pb.LearnerTransferred(to_cohort=GUEST_COHORT.bytes, reason="WORK-SHIFT")
    story.one(transferred, second)
    carried = pb.CreditsCarriedOver(
        from_cohort=GUEST_COHORT.bytes,
        up_to_index=6_000_000_000,
        credited=[
            pb.CreditedHours(component=pb.HOUR_COMPONENT_THEORY_OFFLINE, hours=24),
            pb.CreditedHours(component=pb.HOUR_COMPONENT_PRACTICAL, hours=8),
        ],
    )
    story.one(carried, first)


def tell_of_attendance(story: Story) -> None:
    """A spot check; an absence and what makes up for it, in another cohort."""
    first, second = ENROLMENTS
    checked = pb.PresenceSpotChecked(
        session=SESSION, present=True, method=pb.PRESENCE_METHOD_STAFF_WITNESS
    )
    story.captured(checked, first)
    absent = pb.AbsenceRecorded(session=SESSION, reason="ILLNESS", evidence_digest=EVIDENCE)
    story.one(absent, second)
    planned = pb.MakeUpScheduled(
        missed=SESSION, session=MAKE_UP, cohort=GUEST_COHORT.bytes, due_day=20260316
    )
    story.one(planned, second)
    both = [COHORT.bytes, GUEST_COHORT.bytes]
    story.one(pb.MakeUpCompleted(session=MAKE_UP), second, cohorts=both)


def tell_of_examinations(story: Story) -> None:
    """A registration, a void attempt, cheating."""
    first, second = ENROLMENTS
    story.one(pb.ExamRegistered(sitting="T-2026-04-B", edition=1), first, EXAM_BODY)
    voided = pb.ExamAttemptVoided(
        subject=pb.EXAM_SUBJECT_THEORY, attempt=1, reason="SYSTEM-FAILURE"
    )
    story.one(voided, first, EXAM_BODY)
    cheated = pb.ExamCheatingRecorded(
        subject=pb.EXAM_SUBJECT_PRACTICAL, attempt=2, reason="SUBSTITUTE"
    )
    story.one(cheated, second, EXAM_BODY)


def tell_of_corrections(story: Story) -> None:
    """Records of the cohort and of a learner, corrected and voided by two persons."""
    first, second = ENROLMENTS
    of_another = pb.CohortRecordCorrected(
        target=random_uuid("wrong session").bytes,
        field=pb.CORRECTED_FIELD_TEACHER,
        id=SUBSTITUTE.bytes,
        reason="TYPED-WRONG",
        evidence_digest=EVIDENCE,
    )
    story.one(of_another, COHORT, OFFICE, **TWO_PERSONS)
    void = pb.CohortEventVoided(
        target=random_uuid("unlisted sign-in").bytes,
        reason="ATTRIBUTED",
        evidence_digest=EVIDENCE,
        attributed_to=random_uuid("sign-in").bytes,
    )
    story.one(void, COHORT, OFFICE, **TWO_PERSONS)
    signed_out = pb.RecordCorrected(
        target=random_uuid("sign-in").bytes,
        field=pb.CORRECTED_FIELD_SIGNED_OUT,
        number=START_US + 90 * MINUTE_US,
        reason="TERMINAL-DOWN",
        evidence_digest=EVIDENCE,
    )
    story.one(signed_out, first, OFFICE, **TWO_PERSONS)
    wrong_learner = pb.EventVoided(
        target=random_uuid("sign-in of a guest").bytes,
        reason="OTHER-LEARNER",
        evidence_digest=EVIDENCE,
        attributed_to=random_uuid("sign-in of another guest").bytes,
    )
    guest: dict[str, object] = {"cohorts": [COHORT.bytes, GUEST_COHORT.bytes]}
    story.one(wrong_learner, second, OFFICE, **TWO_PERSONS, **guest)


def tell_of_the_certificate(story: Story) -> None:
    """Suspended, valid again, replaced; the official certificate."""
    suspended = pb.TrainingCertificateSuspended(reason="UNDER-INVESTIGATION")
    story.one(suspended, CERTIFICATE, BUREAU)
    story.one(pb.TrainingCertificateReinstated(reason="CLEARED"), CERTIFICATE, BUREAU)
    replaced = pb.TrainingCertificateSuperseded(
        number="PXZM-320599-2026-K7Q2-M4XB-9T3H-D", reason="NAME-CORRECTED"
    )
    story.one(replaced, CERTIFICATE, SCHOOL)
    linked = pb.OperationCertificateLinked(
        number_commitment=seed("official number"),
        first_issued=20260511,
        review_due=20290510,
        valid_to=20320510,
    )
    story.one(linked, CERTIFICATE, BUREAU)


def tell_of_the_exit(story: Story) -> None:
    """The school leaves the directory, and its archives go to another custodian."""
    custodian = uuid.uuid5(LOG, "institution/archive").bytes
    delisted = pb.InstitutionDelisted(decision_number="T-2026-063", reason="FALSE-RECORDS")
    story.one(delisted, SCHOOL_ID, BUREAU)
    left = pb.ExitReportSubmitted(reason="CLOSING", custodian=custodian, document_digest=DOCUMENT)
    story.one(left, SCHOOL_ID, SCHOOL)
    transferred = pb.ArchiveCustodyTransferred(custodian=custodian, document_digest=DOCUMENT)
    story.one(transferred, SCHOOL_ID, BUREAU)


def tell_of_who_came_and_went(story: Story) -> None:
    """A teacher leaves; of somebody without a reference two persons say later who that was."""
    signed_out = pb.TeacherSignedOut(
        session=SESSION, teacher=TEACHER.bytes, method=pb.PRESENCE_METHOD_FACE
    )
    story.captured(signed_out, COHORT)
    first, _ = ENROLMENTS
    ticket = random_uuid("ticket").bytes
    came = pb.UnlistedSignedIn(
        session=SESSION,
        method=pb.PRESENCE_METHOD_ID_CARD,
        ticket=ticket,
        capture_hmac=seed("capture of an unlisted person"),
    )
    story.captured(came, COHORT)
    left = pb.UnlistedSignedOut(
        session=SESSION, method=pb.PRESENCE_METHOD_STAFF_WITNESS, ticket=ticket
    )
    story.captured(left, COHORT)
    attributed = pb.UnlistedPresenceAttributed(
        session=SESSION, ticket=ticket, enrolment=first.bytes
    )
    story.one(attributed, COHORT, OFFICE, **TWO_PERSONS)
