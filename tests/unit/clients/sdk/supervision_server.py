"""Supervision with a few rows that echo what was asked, in pages of two."""

from typing import TypeAlias

import grpc

from ledger.api.v1 import certificate_service_pb2 as certificates_pb
from ledger.api.v1 import events_pb2
from ledger.api.v1 import supervision_service_pb2 as pb
from ledger.api.v1.supervision_service_pb2_grpc import (
    SupervisionServiceServicer,
    add_SupervisionServiceServicer_to_server,
)
from tests.unit.clients.verifier.small_log import COHORT, ENROLMENT, INSTITUTION, NUMBER, PERSON

Call: TypeAlias = grpc.ServicerContext

# 2026-03-16T08:00:00+08:00.
EIGHT_US = 1_773_619_200_000_000
HOUR_US = 3_600_000_000
TEACHER, SUBSTITUTE = "00000000-0000-4000-8000-00000000007e", "00000000-0000-4000-8000-00000000007f"
EVENT, TARGET = "01958d3e-0000-7000-8000-000000000001", "01958d3e-0000-7000-8000-000000000002"


class SupervisionDesk(SupervisionServiceServicer):
    """Remembers the requests that it answers."""

    def __init__(self) -> None:
        self.asked: list[pb.ListSessionsRequest | pb.ListIrregularRequest | pb.TraceRequest] = []

    def ListSessions(
        self, request: pb.ListSessionsRequest, context: Call
    ) -> pb.ListSessionsResponse:
        self.asked.append(request)
        rows = [
            pb.DaySession(
                session=EVENT,
                cohort=str(COHORT),
                cohort_number=f"2026-{number:03}",
                trade_name="低压电工作业",
                institution=str(INSTITUTION),
                institution_name="东区培训中心",
                area=request.area,
                state=("ended", "interrupted", "cancelled")[number],
                cancelled=number > 0,
                component=events_pb2.HOUR_COMPONENT_PRACTICAL,
                room="R-201",
                teacher=TEACHER,
                planned_start_us=EIGHT_US + number * HOUR_US,
                planned_end_us=EIGHT_US + (number + 4) * HOUR_US,
                started_us=EIGHT_US if number < 2 else 0,
                ended_us=EIGHT_US + 4 * HOUR_US if number < 1 else 0,
                signed_in=29 - number,
                teachers_signed_in=[[TEACHER], [SUBSTITUTE], []][number],
                recordings=1,
                recording_per_mille=987,
                checked_present=5,
                checked_absent=1,
            )
            for number in range(3)
        ]
        start = int(request.page_token or 0)
        token = "2" if start == 0 else ""
        return pb.ListSessionsResponse(sessions=rows[start : start + 2], next_page_token=token)

    def ListIrregular(
        self, request: pb.ListIrregularRequest, context: Call
    ) -> pb.ListIrregularResponse:
        self.asked.append(request)
        row = pb.IrregularRecord(
            kind=pb.IRREGULAR_KIND_CORRECTION,
            shows_zh="更正某事件的发生时间",
            shows_en="corrects the time of an event",
            index=17,
            event_id=EVENT,
            type="RecordCorrected",
            cohort=request.cohort or str(COHORT),
            enrolment=str(ENROLMENT),
            institution=str(INSTITUTION),
            occurred_us=EIGHT_US,
            recorded_us=EIGHT_US + HOUR_US,
            target=TARGET,
        )
        return pb.ListIrregularResponse(records=[row])

    def Trace(self, request: pb.TraceRequest, context: Call) -> pb.TraceResponse:
        self.asked.append(request)
        if request.person.name == "无":
            context.abort(grpc.StatusCode.NOT_FOUND, "nobody")
        session = pb.TracedSession(
            session=EVENT,
            cohort=str(COHORT),
            component=events_pb2.HOUR_COMPONENT_PRACTICAL,
            room="R-201",
            teacher=TEACHER,
            teachers_signed_in=[SUBSTITUTE],
            planned_start_us=EIGHT_US,
            signed_in_us=EIGHT_US - 300_000_000,
            state="ended",
        )
        enrolment = pb.TracedEnrolment(
            enrolment=str(ENROLMENT),
            cohort=str(COHORT),
            cohort_number="2026-001",
            trade_name="低压电工作业",
            state="withdrawn",
            certificates=[certificates_pb.Certificate(number=NUMBER, state="revoked")],
            sessions=[session],
        )
        reference = pb.TracedReference(
            institution=str(INSTITUTION),
            institution_name="东区培训中心",
            person_ref=str(PERSON),
            enrolments=[enrolment],
        )
        return pb.TraceResponse(references=[reference], as_of_size=41)


def add_supervision(server: grpc.Server, desk: SupervisionDesk | None = None) -> None:
    add_SupervisionServiceServicer_to_server(desk or SupervisionDesk(), server)
