"""SupervisionService: what an officer looks at across cohorts (supervision_service.proto).

A bureau sees the institutions in its area, an institution itself, nobody else anything.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import grpc

from ledger.api.v1 import supervision_service_pb2 as pb
from ledger.api.v1.supervision_service_pb2_grpc import SupervisionServiceServicer
from ledger.application.errors import NotFoundError
from ledger.server.access import Access, View
from ledger.server.days import day_end, day_start
from ledger.server.identifiers import id_bytes
from ledger.server.page_tokens import PageTokens
from ledger.server.paging import Listing, PageRequest, ShownPage, show_page
from ledger.server.person_traces import PersonTraces
from ledger.server.request_context import Caller, current_caller
from ledger.server.supervision_messages import (
    irregular_message,
    reference_message,
    session_message,
)
from projections.irregular import place_of
from projections.supervision_queries import SupervisionQueries
from projections.supervision_records import DaySession, IrregularRecord

Context = grpc.aio.ServicerContext[Any, Any]


class SupervisionService(SupervisionServiceServicer):
    """Reads across cohorts."""

    def __init__(
        self,
        *,
        queries: SupervisionQueries,
        traces: PersonTraces,
        access: Access,
        tokens: PageTokens,
    ) -> None:
        """Serve from these.

        Args:
            queries: The read models.
            traces: Joins a person across institutions.
            access: Who may see what.
            tokens: Page tokens.
        """
        self._queries = queries
        self._traces = traces
        self._access = access
        self._tokens = tokens

    async def ListSessions(
        self, request: pb.ListSessionsRequest, context: Context
    ) -> pb.ListSessionsResponse:
        """List the sessions of a day that the caller may see."""
        page = await asyncio.to_thread(self._sessions, current_caller(), request)
        return pb.ListSessionsResponse(
            sessions=[session_message(row) for row in page.rows],
            next_page_token=page.token,
            as_of_size=page.as_of_size,
        )

    async def ListIrregular(
        self, request: pb.ListIrregularRequest, context: Context
    ) -> pb.ListIrregularResponse:
        """List the irregular records that the caller may see."""
        page = await asyncio.to_thread(self._irregular, current_caller(), request)
        return pb.ListIrregularResponse(
            records=[irregular_message(row) for row in page.rows],
            next_page_token=page.token,
            as_of_size=page.as_of_size,
        )

    async def Trace(self, request: pb.TraceRequest, context: Context) -> pb.TraceResponse:
        """Return all that is recorded of one person; the question is logged before."""
        return await asyncio.to_thread(self._trace, current_caller(), request)

    def _sessions(self, caller: Caller, request: pb.ListSessionsRequest) -> ShownPage[DaySession]:
        day_start("day", request.day)
        view = self._access.of(caller)
        visible = _chosen(view, request.area, request.institution)
        filters = {
            "day": str(request.day),
            "area": request.area,
            "institution": request.institution,
        }
        return show_page(
            self._tokens,
            PageRequest(request.page_size, request.page_token, filters),
            Listing(
                fetch=lambda after, limit: self._queries.sessions(request.day, after, limit),
                place=lambda row: row.place,
                visible=lambda row: visible(row.institution, row.area),
            ),
        )

    def _irregular(
        self, caller: Caller, request: pb.ListIrregularRequest
    ) -> ShownPage[IrregularRecord]:
        view = self._access.of(caller)
        from_us = day_start("from_day", request.from_day)
        until_us = day_end("to_day", request.to_day)
        owner = self._owner(view, request)
        visible = _chosen(view, request.area, request.institution)
        cohort = id_bytes(request.cohort) if request.cohort else b""
        kinds = frozenset(int(kind) for kind in request.kinds)
        first = from_us.to_bytes(8, "big") if from_us else b""
        return show_page(
            self._tokens,
            PageRequest(request.page_size, request.page_token, _filters(request)),
            Listing(
                fetch=lambda after, limit: self._queries.irregular(
                    owner, until_us, after or first, limit
                ),
                place=lambda row: place_of(row.recorded_us, row.index, row.kind),
                visible=lambda row: (
                    (not kinds or row.kind in kinds)
                    and (not cohort or row.cohort == cohort)
                    and visible(row.institution, row.area)
                ),
            ),
        )

    def _owner(self, view: View, request: pb.ListIrregularRequest) -> bytes | None:
        """Return whose records are read; None for those of all.

        Raises:
            NotFoundError: when the caller may not see the cohort that is asked for.
        """
        if request.cohort:
            owner = self._queries.cohort_owner(id_bytes(request.cohort))
            if not owner or not view.institution(owner):
                raise NotFoundError("cohort")
            return owner
        return view.owner_filter(id_bytes(request.institution) if request.institution else None)

    def _trace(self, caller: Caller, request: pb.TraceRequest) -> pb.TraceResponse:
        known = self._traces.references(request, caller.name, self._access.of(caller))
        answer = self._queries.trace(
            [(each.institution.bytes, each.person_ref.bytes) for each in known]
        )
        return pb.TraceResponse(
            references=[reference_message(each, answer.as_of_size) for each in answer.value],
            as_of_size=answer.as_of_size,
        )


def _chosen(view: View, area: str, institution: str) -> Callable[[bytes, str], bool]:
    """Return what tells whether an institution's rows are asked for and the caller's to see."""
    only = id_bytes(institution) if institution else b""

    def visible(owner: bytes, owner_area: str) -> bool:
        if only and owner != only:
            return False
        return owner_area.startswith(area) and view.institution(owner)

    return visible


def _filters(request: pb.ListIrregularRequest) -> dict[str, str]:
    return {
        "kinds": ",".join(str(kind) for kind in sorted(request.kinds)),
        "cohort": request.cohort,
        "institution": request.institution,
        "area": request.area,
        "from_day": str(request.from_day),
        "to_day": str(request.to_day),
    }
