"""CohortService: cohorts and their files (cohort_service.proto)."""

import asyncio
from collections.abc import Callable
from typing import Any, Final, ParamSpec, TypeVar

import grpc

from ledger.api.v1 import cohort_service_pb2 as pb
from ledger.api.v1.cohort_service_pb2_grpc import CohortServiceServicer
from ledger.application.errors import NotFoundError
from ledger.server.access import Access, CohortParties
from ledger.server.cohort_messages import cohort_file_message, cohort_message
from ledger.server.cohort_replay_messages import difference_message, step_message
from ledger.server.cohort_replays import CohortReplays
from ledger.server.identifiers import id_bytes
from ledger.server.page_tokens import PageTokens
from ledger.server.paging import Listing, PageRequest, ShownPage, show_page
from ledger.server.request_context import Caller, current_caller
from projections.answers import Answer, Cohort
from projections.cohort_file_records import CohortFile
from projections.queries import Queries
from projections.replay_queries import ReplayQueries

Context = grpc.aio.ServicerContext[Any, Any]
Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

REPLAYS_AT_ONCE: Final = 2
"""Replays that run beside each other; further ones wait, so that recording goes on."""


class CohortService(CohortServiceServicer):
    """Reads cohorts."""

    def __init__(
        self, *, queries: Queries, history: ReplayQueries, access: Access, tokens: PageTokens
    ) -> None:
        """Serve from these.

        Args:
            queries: The read models.
            history: The log, replayed.
            access: Who may see what.
            tokens: Page tokens.
        """
        self._queries = queries
        self._access = access
        self._tokens = tokens
        self._replays = CohortReplays(queries=history, access=access, tokens=tokens)
        self._replaying = asyncio.Semaphore(REPLAYS_AT_ONCE)

    async def GetCohort(
        self, request: pb.GetCohortRequest, context: Context
    ) -> pb.GetCohortResponse:
        """Return one cohort in brief."""
        caller, cohort = current_caller(), id_bytes(request.cohort)
        if request.HasField("as_of"):
            answer = await self._replay(self._replays.cohort, caller, cohort, request.as_of)
        else:
            answer = await asyncio.to_thread(self._cohort, caller, cohort)
        return pb.GetCohortResponse(cohort=cohort_message(answer.value, answer.as_of_size))

    async def ListCohorts(
        self, request: pb.ListCohortsRequest, context: Context
    ) -> pb.ListCohortsResponse:
        """List the cohorts that the caller may see."""
        page = await asyncio.to_thread(self._cohorts, current_caller(), request)
        return pb.ListCohortsResponse(
            cohorts=[cohort_message(row, page.as_of_size) for row in page.rows],
            next_page_token=page.token,
        )

    async def GetCohortFile(
        self, request: pb.GetCohortFileRequest, context: Context
    ) -> pb.GetCohortFileResponse:
        """Return the cohort file 一期一档."""
        caller, cohort = current_caller(), id_bytes(request.cohort)
        if request.HasField("as_of"):
            answer = await self._replay(self._replays.file, caller, cohort, request.as_of)
        else:
            answer = await asyncio.to_thread(self._file, caller, cohort)
        return cohort_file_message(answer.value, answer.as_of_size)

    async def ReplayCohort(
        self, request: pb.ReplayCohortRequest, context: Context
    ) -> pb.ReplayCohortResponse:
        """Return a page of the timeline of a cohort."""
        page = await self._replay(self._replays.steps, current_caller(), request)
        return pb.ReplayCohortResponse(
            steps=map(step_message, page.rows),
            next_page_token=page.token,
            as_of_size=page.as_of_size,
        )

    async def DiffCohort(
        self, request: pb.DiffCohortRequest, context: Context
    ) -> pb.DiffCohortResponse:
        """Return what tells two moments of a cohort apart."""
        answer = await self._replay(self._replays.difference, current_caller(), request)
        return difference_message(answer.value)

    async def _replay(
        self, work: Callable[Arguments, Result], *args: Arguments.args, **named: Arguments.kwargs
    ) -> Result:
        """Do the work of a replay in a thread, a few at once: it computes and hardly waits."""
        async with self._replaying:
            return await asyncio.to_thread(work, *args, **named)

    def _cohort(self, caller: Caller, cohort: bytes) -> Answer[Cohort]:
        answer = self._queries.cohort(cohort)
        if answer.value is None or not self._access.of(caller).parties(_parties(answer.value)):
            raise NotFoundError("cohort")
        return Answer(answer.value, answer.as_of_size)

    def _file(self, caller: Caller, cohort: bytes) -> Answer[CohortFile]:
        # Looked at first: the file of somebody else is not even built.
        self._cohort(caller, cohort)
        answer = self._queries.cohort_file(cohort)
        if answer.value is None:
            raise NotFoundError("cohort")
        return Answer(answer.value, answer.as_of_size)

    def _cohorts(self, caller: Caller, request: pb.ListCohortsRequest) -> ShownPage[Cohort]:
        view = self._access.of(caller)
        asked = id_bytes(request.institution) if request.institution else None
        institution = view.owner_filter(asked)
        return show_page(
            self._tokens,
            PageRequest(
                request.page_size, request.page_token, {"institution": request.institution}
            ),
            Listing(
                fetch=lambda after, limit: self._queries.cohorts(institution, after, limit),
                place=lambda row: row.cohort,
                visible=lambda row: view.parties(_parties(row)),
            ),
        )


def _parties(cohort: Cohort) -> CohortParties:
    return CohortParties(cohort.institution, cohort.platform, cohort.exam_body)
