"""What an officer looks at across cohorts: a day's sessions, irregular records, a person's trace.

Thin wrappers, as with the registers: rows are the contract's own messages, pages are followed.
These are the operator's views of the record: facts, never findings.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

import grpc

from clients.sdk.calls import Caller
from clients.sdk.field_values import day as day_number
from clients.sdk.registers import PAGE_SIZE, follow_pages, optional_text
from ledger.api.v1 import person_service_pb2 as persons_pb
from ledger.api.v1 import supervision_service_pb2 as pb
from ledger.api.v1.supervision_service_pb2_grpc import SupervisionServiceStub


class Supervision:
    """Reads across cohorts: a bureau in its area, an institution in its own records.

    Every method raises RefusedError when the ledger refuses the call and UnreachableError when it
    does not answer in time.

    Args:
        channel: The connection.
        caller: Makes the calls.
    """

    def __init__(self, channel: grpc.Channel, caller: Caller) -> None:
        self._stub = SupervisionServiceStub(channel)
        self._caller = caller

    def sessions(
        self, day: date, *, area: str = "", institution: UUID | None = None
    ) -> Iterator[pb.DaySession]:
        """List the sessions of a day in Asia/Shanghai, by planned start.

        Args:
            day: The day.
            area: Only of institutions in this area, a prefix of the area code.
            institution: Only of this institution.
        """

        def page(token: str) -> pb.ListSessionsResponse:
            request = pb.ListSessionsRequest(
                day=day_number("day", day),
                area=area,
                institution=optional_text(institution),
                page_size=PAGE_SIZE,
                page_token=token,
            )
            return self._caller.call(self._stub.ListSessions, request)

        return follow_pages(page, lambda answer: (answer.sessions, answer.next_page_token))

    def irregular(
        self,
        *,
        kinds: Sequence[pb.IrregularKind.ValueType] = (),
        cohort: UUID | None = None,
        institution: UUID | None = None,
        area: str = "",
        from_day: date | None = None,
        to_day: date | None = None,
    ) -> Iterator[pb.IrregularRecord]:
        """List irregular records by log index.

        Args:
            kinds: Only of these kinds; none for all.
            cohort: Only of this cohort.
            institution: Only in cohorts of this institution.
            area: Only of institutions in this area, a prefix of the area code.
            from_day: Only recorded on this day in Asia/Shanghai or later.
            to_day: Only recorded on this day or earlier.
        """

        def page(token: str) -> pb.ListIrregularResponse:
            request = pb.ListIrregularRequest(
                kinds=kinds,
                cohort=optional_text(cohort),
                institution=optional_text(institution),
                area=area,
                from_day=day_number("from_day", from_day) if from_day else 0,
                to_day=day_number("to_day", to_day) if to_day else 0,
                page_size=PAGE_SIZE,
                page_token=token,
            )
            return self._caller.call(self._stub.ListIrregular, request)

        return follow_pages(page, lambda answer: (answer.records, answer.next_page_token))

    def trace_certificate(self, number: str, *, case_number: str) -> pb.TraceResponse:
        """Return what is recorded of a certificate's holder; the ledger logs the question.

        Args:
            number: Number of the certificate.
            case_number: Number of the case that the trace is made for.
        """
        request = pb.TraceRequest(case_number=case_number, certificate=number)
        return self._caller.call(self._stub.Trace, request)

    def trace_person(
        self, *, id_type: persons_pb.IdType.ValueType, id_number: str, name: str, case_number: str
    ) -> pb.TraceResponse:
        """Return what is recorded of a person; the ledger logs the question.

        Args:
            id_type: Kind of identity document.
            id_number: Its number.
            name: Name, code points exactly as on the document.
            case_number: Number of the case that the trace is made for.
        """
        person = persons_pb.RegisterPersonRequest(id_type=id_type, id_number=id_number, name=name)
        request = pb.TraceRequest(case_number=case_number, person=person)
        return self._caller.call(self._stub.Trace, request)
