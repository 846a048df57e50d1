"""The past of cohorts for one caller: a moment, the timeline, two moments apart. Blocking."""

from collections.abc import Callable
from typing import Final, TypeVar

from ledger.api.v1 import cohort_service_pb2 as pb
from ledger.application.errors import NotFoundError, RefusedError
from ledger.domain.refusals import Refusal
from ledger.server.access import Access
from ledger.server.cohort_replay_messages import moment_of
from ledger.server.identifiers import id_bytes
from ledger.server.page_tokens import PageTokens
from ledger.server.paging import Listing, PageRequest, ShownPage, show_page
from ledger.server.request_context import Caller
from projections.answers import Answer, Cohort
from projections.cohort_file_records import CohortFile
from projections.replay_queries import BeyondLogError, Moment, ReplayQueries, Steps, step_place
from projections.timeline_records import CohortDifference, TimelineStep

T = TypeVar("T")
_BEGINNING: Final = Moment(index=0)


class CohortReplays:
    """Reads the past. Who may see a cohort now may see its past."""

    def __init__(self, *, queries: ReplayQueries, access: Access, tokens: PageTokens) -> None:
        """Serve from these.

        Args:
            queries: The log, replayed.
            access: Who may see what.
            tokens: Page tokens.
        """
        self._queries = queries
        self._access = access
        self._tokens = tokens

    def cohort(self, caller: Caller, cohort: bytes, as_of: pb.AsOf) -> Answer[Cohort]:
        """Return a cohort in brief as of a moment.

        Raises:
            NotFoundError: when the caller may not see it, or there was nothing of it then.
            RefusedError: INVALID_REQUEST when the log has not reached the index.
        """
        self._access.of(caller).require_cohort(cohort)
        return _found(lambda: self._queries.cohort(cohort, moment_of(as_of)))

    def file(self, caller: Caller, cohort: bytes, as_of: pb.AsOf) -> Answer[CohortFile]:
        """Return the cohort file 一期一档 as of a moment; raises as `cohort`."""
        self._access.of(caller).require_cohort(cohort)
        return _found(lambda: self._queries.cohort_file(cohort, moment_of(as_of)))

    def steps(self, caller: Caller, request: pb.ReplayCohortRequest) -> ShownPage[TimelineStep]:
        """Return a page of the timeline.

        Raises:
            NotFoundError: when the caller may not see the cohort, or there is none.
            RefusedError: when the page token is none of this request's.
        """
        cohort = id_bytes(request.cohort)
        self._access.of(caller).require_cohort(cohort)
        steps = Steps(
            request.from_index,
            request.to_index or None,
            id_bytes(request.enrolment) if request.enrolment else b"",
        )
        return show_page(
            self._tokens,
            PageRequest(
                request.page_size,
                request.page_token,
                {
                    "cohort": request.cohort,
                    "enrolment": request.enrolment,
                    "from": str(request.from_index),
                    "to": str(request.to_index),
                },
            ),
            Listing(
                fetch=lambda after, limit: self._queries.timeline(cohort, steps, after, limit),
                place=step_place,
                visible=lambda _: True,
            ),
        )

    def difference(self, caller: Caller, request: pb.DiffCohortRequest) -> Answer[CohortDifference]:
        """Return what tells two moments apart; raises as `cohort`."""
        cohort = id_bytes(request.cohort)
        self._access.of(caller).require_cohort(cohort)
        before = moment_of(request.before) if request.HasField("before") else _BEGINNING
        after = moment_of(request.after)
        return _found(lambda: self._queries.difference(cohort, before, after))


def _found(ask: Callable[[], Answer[T | None]]) -> Answer[T]:
    try:
        answer = ask()
    except BeyondLogError as error:
        # The request has no other indexes: which field it is, the index says.
        detail = f"{error.index} > {error.size}: 账本只有 {error.size} 条 / the log is not so long"
        raise RefusedError([Refusal("INVALID_REQUEST", "index", {"detail": detail})]) from None
    if answer.value is None:
        raise NotFoundError("cohort")
    return Answer(answer.value, answer.as_of_size)
