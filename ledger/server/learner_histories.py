"""A learner's history for the institution whose reference it is, by page."""

from uuid import UUID

from ledger.api.v1 import person_service_pb2 as pb
from ledger.application.errors import NotFoundError
from ledger.server.access import Access, CohortParties
from ledger.server.certificate_messages import certificate_message
from ledger.server.cohort_messages import cohort_message, learner_message
from ledger.server.identifiers import id_bytes, id_text
from ledger.server.page_tokens import PageTokens
from ledger.server.paging import Listing, PageRequest, show_page
from ledger.server.request_context import Caller
from ledger.storage.vault import PersonVault
from projections.learner_history import HistoryEnrolment
from projections.queries import Queries


class LearnerHistories:
    """Shows histories. Blocking: for worker threads."""

    def __init__(
        self, *, vault: PersonVault, queries: Queries, access: Access, tokens: PageTokens
    ) -> None:
        """Read from these.

        Args:
            vault: Knows whose a reference is.
            queries: The read models.
            access: Who may see what.
            tokens: Page tokens.
        """
        self._vault = vault
        self._queries = queries
        self._access = access
        self._tokens = tokens

    def page(
        self, caller: Caller, request: pb.GetLearnerHistoryRequest
    ) -> pb.GetLearnerHistoryResponse:
        """Return a page of the history.

        Raises:
            NotFoundError: when the reference is not the caller's own, or was erased.
            RefusedError: PERMISSION_DENIED when the caller is no institution; the page token's.
        """
        view = self._access.of(caller)
        institution = view.require_institution_role()
        person_ref = id_bytes(request.person_ref)
        if self._vault.open(UUID(bytes=person_ref)).institution.bytes != institution:
            raise NotFoundError
        filters = {"person_ref": request.person_ref, "state": request.state}
        page = show_page(
            self._tokens,
            PageRequest(request.page_size, request.page_token, filters),
            Listing(
                fetch=lambda after, limit: self._queries.learner_history(person_ref, after, limit),
                place=lambda row: row.place,
                # A reference that leaked may stand in a cohort of somebody else's.
                visible=lambda row: (
                    request.state in {"", row.learner.state} and view.parties(_parties(row))
                ),
            ),
        )
        return pb.GetLearnerHistoryResponse(
            enrolments=[_enrolment(row, page.as_of_size) for row in page.rows],
            next_page_token=page.token,
            as_of_size=page.as_of_size,
        )


def _parties(row: HistoryEnrolment) -> CohortParties:
    cohort = row.cohort
    return CohortParties(cohort.institution, cohort.platform, cohort.exam_body)


def _enrolment(row: HistoryEnrolment, as_of_size: int) -> pb.HistoryEnrolment:
    return pb.HistoryEnrolment(
        cohort=cohort_message(row.cohort, as_of_size),
        learner=learner_message(row.learner),
        policy=row.cohort.policy.hex(),
        transferred_from=id_text(row.transferred_from),
        certificates=[certificate_message(each, as_of_size) for each in row.certificates],
    )
