"""Registers with a few rows, in pages of two whatever is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

import grpc

from ledger.api.v1 import certificate_service_pb2 as certificates_pb
from ledger.api.v1 import cohort_service_pb2 as cohorts_pb
from ledger.api.v1 import events_pb2
from ledger.api.v1 import institution_service_pb2 as institutions_pb
from ledger.api.v1 import key_service_pb2 as keys_pb
from ledger.api.v1 import person_service_pb2 as persons_pb
from ledger.api.v1 import staff_service_pb2 as staff_pb
from ledger.api.v1.cohort_service_pb2_grpc import (
    CohortServiceServicer,
    add_CohortServiceServicer_to_server,
)
from ledger.api.v1.institution_service_pb2_grpc import (
    InstitutionServiceServicer,
    add_InstitutionServiceServicer_to_server,
)
from ledger.api.v1.key_service_pb2_grpc import KeyServiceServicer, add_KeyServiceServicer_to_server
from ledger.api.v1.person_service_pb2_grpc import (
    PersonServiceServicer,
    add_PersonServiceServicer_to_server,
)
from ledger.api.v1.staff_service_pb2_grpc import (
    StaffServiceServicer,
    add_StaffServiceServicer_to_server,
)
from ledger.log.event_reader import read_event
from ledger.log.identifiers import key_id
from tests.unit.clients.sdk.ledger_server import Recording
from tests.unit.clients.sdk.supervision_server import add_supervision
from tests.unit.clients.verifier.small_log import (
    COHORT,
    ENROLMENT,
    INSTITUTION,
    ISSUER,
    NUMBER,
    OTHER_NUMBER,
    PERSON,
    spki,
)

COMMITMENT = b"\5" * 32
Call: TypeAlias = grpc.ServicerContext
Row = TypeVar("Row")


def page(rows: Sequence[Row], token: str) -> tuple[Sequence[Row], str]:
    start = int(token or "0")
    more = start + 2 < len(rows)
    return rows[start : start + 2], str(start + 2) if more else ""


def step(index: int) -> cohorts_pb.CohortStep:
    """Step 3 is held, about step 1, and changes two hours."""
    event = cohorts_pb.CohortEvent(
        index=index,
        enrolment=str(ENROLMENT),
        label_zh="学员签退",
        label_en="Learner signed out",
        origin=events_pb2.RECORD_ORIGIN_TRANSCRIBED_PAPER,
    )
    if index != 3:
        return cohorts_pb.CohortStep(event=event)
    event.held, event.target, event.target_index = "CLOCK_AHEAD", str(PERSON), 1
    changed = cohorts_pb.HoursChange(
        enrolment=str(ENROLMENT),
        component=events_pb2.HOUR_COMPONENT_PRACTICAL,
        minutes_after=95,
        hours_after=2,
    )
    return cohorts_pb.CohortStep(event=event, hours=[changed])


def history_rows() -> list[persons_pb.HistoryEnrolment]:
    """A learner who moved on: three enrolments, the last with attempts and a certificate."""
    online, hundred = events_pb2.HOUR_COMPONENT_THEORY_ONLINE, events_pb2.HOUR_COMPONENT_PRACTICAL
    rows = [
        persons_pb.HistoryEnrolment(
            cohort=cohorts_pb.Cohort(
                cohort=str(UUID(int=number + 1, version=4)),
                number=f"2026-{number:03}",
                trade="2010-1.2",
                trade_name="熔化焊接与热切割作业",
            ),
            learner=cohorts_pb.CohortFileLearner(
                enrolment=str(UUID(int=(number + 1) << 96, version=4)),
                person_ref=str(PERSON),
                state=state,
                requirement_met=number == 2,
                hours=[
                    cohorts_pb.CohortFileHours(component=online, required=16, credited=number),
                    cohorts_pb.CohortFileHours(component=hundred, required=100, credited=100),
                ],
            ),
        )
        for number, state in enumerate(("withdrawn", "transferred", "enrolled"))
    ]
    moved, last = rows[1], rows[2]
    moved.learner.transferred_to = last.cohort.cohort
    last.transferred_from = moved.cohort.cohort
    last.learner.course_test_hundredths = 9_250
    last.learner.attempts.add(
        subject=events_pb2.EXAM_SUBJECT_THEORY, attempt=1, score_hundredths=7_900, state="stands"
    )
    for edition, state in enumerate(("superseded", "valid"), 1):
        last.certificates.append(
            certificates_pb.Certificate(
                number=(NUMBER, OTHER_NUMBER)[edition - 1],
                edition=edition,
                state=state,
                # 2026-03-16T23:59:00+08:00 is the day before in UTC's afternoon.
                issued_us=1_773_676_740_000_000,
            )
        )
    return rows


def archive_item(index: int, body: Any) -> cohorts_pb.CohortFileItem:  # noqa: ANN401 - ArchiveItemAdded
    return cohorts_pb.CohortFileItem(
        item_class=body.item_class,
        media_type=body.media_type,
        size=body.size,
        salted_digest=body.salted_digest.hex(),
        place=body.place,
        custodian=str(UUID(bytes=body.custodian)) if body.custodian else "",
        index=index,
    )


class Persons(PersonServiceServicer):
    def RegisterPerson(
        self, request: persons_pb.RegisterPersonRequest, context: Call
    ) -> persons_pb.RegisterPersonResponse:
        if request.name == "无":
            return persons_pb.RegisterPersonResponse(person_ref="no uuid")
        return persons_pb.RegisterPersonResponse(
            person_ref=str(PERSON), identity_commitment=COMMITMENT
        )

    def CorrectPerson(
        self, request: persons_pb.CorrectPersonRequest, context: Call
    ) -> persons_pb.CorrectPersonResponse:
        commitment = sha256(f"{request.id_type}/{request.id_number}/{request.name}".encode())
        return persons_pb.CorrectPersonResponse(identity_commitment=commitment.digest())

    def GetLearnerHistory(
        self, request: persons_pb.GetLearnerHistoryRequest, context: Call
    ) -> persons_pb.GetLearnerHistoryResponse:
        if request.person_ref != str(PERSON):
            context.abort(grpc.StatusCode.NOT_FOUND, "no such person")
        rows = [row for row in history_rows() if request.state in {"", row.learner.state}]
        found, token = page(rows, request.page_token)
        return persons_pb.GetLearnerHistoryResponse(enrolments=found, next_page_token=token)

    def CommitOfficialNumber(
        self, request: persons_pb.CommitOfficialNumberRequest, context: Call
    ) -> persons_pb.CommitOfficialNumberResponse:
        if not request.official_number.startswith("T"):
            return persons_pb.CommitOfficialNumberResponse(number_commitment=b"short")
        commitment = sha256(f"{request.number}/{request.official_number}".encode())
        return persons_pb.CommitOfficialNumberResponse(number_commitment=commitment.digest())


@dataclass
class Cohorts(CohortServiceServicer):
    recording: Recording

    def GetCohort(
        self, request: cohorts_pb.GetCohortRequest, context: Call
    ) -> cohorts_pb.GetCohortResponse:
        if request.cohort != str(COHORT):
            context.abort(grpc.StatusCode.NOT_FOUND, "no such cohort")
        return cohorts_pb.GetCohortResponse(cohort=cohorts_pb.Cohort(cohort=request.cohort))

    def ListCohorts(
        self, request: cohorts_pb.ListCohortsRequest, context: Call
    ) -> cohorts_pb.ListCohortsResponse:
        rows = [
            cohorts_pb.Cohort(institution=request.institution, capacity=number)
            for number in range(5)
        ]
        found, token = page(rows, request.page_token)
        return cohorts_pb.ListCohortsResponse(cohorts=found, next_page_token=token)

    def GetCohortFile(
        self, request: cohorts_pb.GetCohortFileRequest, context: Call
    ) -> cohorts_pb.GetCohortFileResponse:
        if request.HasField("as_of"):
            return cohorts_pb.GetCohortFileResponse(events=request.as_of.index)
        rows = self.recording.log.rows
        events = [
            (index, read_event(row.event))
            for index, row in enumerate(rows)
            if row.event is not None
        ]
        items = [
            archive_item(index, event.body)
            for index, event in events
            if event.type == "ArchiveItemAdded"
            and UUID(bytes=event.header.cohorts[0]) == UUID(request.cohort)
        ]
        brief = cohorts_pb.Cohort(cohort=request.cohort, as_of_size=len(rows))
        return cohorts_pb.GetCohortFileResponse(events=17, cohort=brief, items=items)

    def ReplayCohort(
        self, request: cohorts_pb.ReplayCohortRequest, context: Call
    ) -> cohorts_pb.ReplayCohortResponse:
        rows = [step(index) for index in range(5) if index >= request.from_index]
        found, token = page(rows, request.page_token)
        return cohorts_pb.ReplayCohortResponse(steps=found, next_page_token=token)

    def DiffCohort(
        self, request: cohorts_pb.DiffCohortRequest, context: Call
    ) -> cohorts_pb.DiffCohortResponse:
        changed = cohorts_pb.CohortChangedEvent(
            event=step(3).event, added=True, late=True, voided_by=4
        )
        return cohorts_pb.DiffCohortResponse(
            events=[changed],
            events_total=9,
            hours=step(3).hours,
            items=[cohorts_pb.CohortFileItem(item_class="04-roster", index=2)],
            certificates=[
                cohorts_pb.CohortCertificateChange(number_after="PXZM-1", state_after="valid")
            ],
            before_size=request.before.index,
            after_size=request.after.index,
        )


class Institutions(InstitutionServiceServicer):
    def GetInstitution(
        self, request: institutions_pb.GetInstitutionRequest, context: Call
    ) -> institutions_pb.GetInstitutionResponse:
        review = institutions_pb.InstitutionReview(
            stage=events_pb2.REVIEW_STAGE_COUNTY, approved=True, reason="OK-1"
        )
        party = institutions_pb.Institution(
            institution=request.institution,
            area="320599",
            scope=["2010-1.2"],
            standing="suspended",
            listed_since=20240506,
            reports=[
                institutions_pb.InstitutionReport(
                    report=str(COHORT),
                    type="InitialReportSubmitted",
                    trades=["2010-1.3"],
                    state="county_approved",
                    reviews=[review],
                )
            ],
            decisions=[
                institutions_pb.InstitutionDecision(
                    type="RecruitmentSuspended", decision_number="2026-7", reason="OFF-SYLLABUS"
                )
            ],
        )
        return institutions_pb.GetInstitutionResponse(institution=party)

    def ListInstitutions(
        self, request: institutions_pb.ListInstitutionsRequest, context: Call
    ) -> institutions_pb.ListInstitutionsResponse:
        rows = [
            institutions_pb.Institution(
                area=request.area + str(n),
                kind=events_pb2.PARTY_KIND_INSTITUTION,
                standing=request.standing,
                scope=[request.trade] if request.trade else [],
            )
            for n in range(3)
        ]
        found, token = page(rows, request.page_token)
        return institutions_pb.ListInstitutionsResponse(institutions=found, next_page_token=token)


class StaffFiles(StaffServiceServicer):
    def GetStaffFile(
        self, request: staff_pb.GetStaffFileRequest, context: Call
    ) -> staff_pb.GetStaffFileResponse:
        brief = staff_pb.Staff(
            staff=request.staff, state="exited", role=events_pb2.STAFF_ROLE_MANAGER
        )
        return staff_pb.GetStaffFileResponse(
            staff=brief,
            appointments=[staff_pb.StaffAppointment(role=brief.role, from_day=20240901)],
            qualifications=[staff_pb.StaffQualification(qualification="Q-1", valid_until=20270831)],
            education=[staff_pb.StaffEducation(year=2025, hours=24, events=[3, 5])],
            exit_reason="RETIRED",
            exited_us=1_772_424_000_000_000,
            events=6,
        )

    def ListStaff(
        self, request: staff_pb.ListStaffRequest, context: Call
    ) -> staff_pb.ListStaffResponse:
        rows = [
            staff_pb.Staff(institution=request.institution, qualifications=number)
            for number in range(3)
        ]
        found, token = page(rows, request.page_token)
        return staff_pb.ListStaffResponse(staff=found, next_page_token=token)


class Keys(KeyServiceServicer):
    def GetKey(self, request: keys_pb.GetKeyRequest, context: Call) -> keys_pb.GetKeyResponse:
        return keys_pb.GetKeyResponse(
            key=keys_pb.Key(key_id=request.key_id, public_key=spki(ISSUER), holder=str(INSTITUTION))
        )

    def ListKeys(self, request: keys_pb.ListKeysRequest, context: Call) -> keys_pb.ListKeysResponse:
        row = keys_pb.Key(key_id=key_id(spki(ISSUER)), holder=request.institution)
        found, token = page([row], request.page_token)
        return keys_pb.ListKeysResponse(keys=found, next_page_token=token)


def add_registers(server: grpc.Server, recording: Recording) -> None:
    add_PersonServiceServicer_to_server(Persons(), server)
    add_CohortServiceServicer_to_server(Cohorts(recording), server)
    add_InstitutionServiceServicer_to_server(Institutions(), server)
    add_StaffServiceServicer_to_server(StaffFiles(), server)
    add_KeyServiceServicer_to_server(Keys(), server)
    add_supervision(server)
