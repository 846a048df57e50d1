"""StaffService: staff files 一人一档 of teachers and managers (staff_service.proto)."""

import asyncio
from typing import Any

import grpc

from ledger.api.v1 import events_pb2
from ledger.api.v1 import staff_service_pb2 as pb
from ledger.api.v1.staff_service_pb2_grpc import StaffServiceServicer
from ledger.application.errors import NotFoundError
from ledger.server.access import Access
from ledger.server.identifiers import id_bytes, id_text
from ledger.server.page_tokens import PageTokens
from ledger.server.paging import Listing, PageRequest, ShownPage, show_page
from ledger.server.request_context import Caller, current_caller
from projections.answers import Answer
from projections.queries import Queries
from projections.staff_records import StaffFile

Context = grpc.aio.ServicerContext[Any, Any]


class StaffService(StaffServiceServicer):
    """Reads staff files."""

    def __init__(self, *, queries: Queries, access: Access, tokens: PageTokens) -> None:
        """Serve from these.

        Args:
            queries: The read models.
            access: Who may see what.
            tokens: Page tokens.
        """
        self._queries = queries
        self._access = access
        self._tokens = tokens

    async def GetStaffFile(
        self, request: pb.GetStaffFileRequest, context: Context
    ) -> pb.GetStaffFileResponse:
        """Return one staff file."""
        answer = await asyncio.to_thread(self._file, current_caller(), id_bytes(request.staff))
        return _file_message(answer.value, answer.as_of_size)

    async def ListStaff(
        self, request: pb.ListStaffRequest, context: Context
    ) -> pb.ListStaffResponse:
        """List the staff files that the caller may see."""
        page = await asyncio.to_thread(self._files, current_caller(), request)
        return pb.ListStaffResponse(
            staff=[_brief(row) for row in page.rows], next_page_token=page.token
        )

    def _file(self, caller: Caller, staff: bytes) -> Answer[StaffFile]:
        answer = self._queries.staff_file(staff)
        file = answer.value
        if file is None or not self._access.of(caller).institution(file.institution):
            raise NotFoundError("staff")
        return Answer(file, answer.as_of_size)

    def _files(self, caller: Caller, request: pb.ListStaffRequest) -> ShownPage[StaffFile]:
        view = self._access.of(caller)
        asked = id_bytes(request.institution) if request.institution else None
        institution = view.owner_filter(asked)
        return show_page(
            self._tokens,
            PageRequest(
                request.page_size, request.page_token, {"institution": request.institution}
            ),
            Listing(
                fetch=lambda after, limit: self._queries.staff_files(institution, after, limit),
                place=lambda row: row.staff,
                visible=lambda row: view.institution(row.institution),
            ),
        )


def _brief(file: StaffFile) -> pb.Staff:
    last = file.appointments[-1] if file.appointments else None
    return pb.Staff(
        staff=id_text(file.staff),
        institution=id_text(file.institution),
        state=file.state,
        role=events_pb2.StaffRole.ValueType(last.role if last else 0),
        subject=last.subject if last else "",
        from_day=last.from_day if last else 0,
        qualifications=len(file.qualifications),
        first_expiry=min((each.valid_until for each in file.qualifications), default=0),
    )


def _file_message(file: StaffFile, as_of_size: int) -> pb.GetStaffFileResponse:
    return pb.GetStaffFileResponse(
        staff=_brief(file),
        appointments=[
            pb.StaffAppointment(
                role=events_pb2.StaffRole.ValueType(each.role),
                subject=each.subject,
                from_day=each.from_day,
                index=each.index,
            )
            for each in file.appointments
        ],
        qualifications=[
            pb.StaffQualification(
                qualification=each.qualification,
                valid_until=each.valid_until,
                document_digest=each.document_digest,
                index=each.index,
            )
            for each in file.qualifications
        ],
        education=[
            pb.StaffEducation(year=each.year, hours=each.hours, events=each.events)
            for each in file.education
        ],
        exit_reason=file.exit_reason,
        exited_us=file.exited_us,
        events=file.events,
        held=file.held,
        as_of_size=as_of_size,
    )
