"""The register of certificates: an institution sees its own, a bureau its area, nobody else any."""

from ledger.api.v1 import certificate_service_pb2 as pb
from ledger.application.errors import NotFoundError
from ledger.domain.event_types import Role
from ledger.server.access import Access, View
from ledger.server.days import day_end, day_start
from ledger.server.identifiers import id_bytes
from ledger.server.page_tokens import PageTokens
from ledger.server.paging import Listing, PageRequest, ShownPage, show_page
from ledger.server.request_context import Caller
from projections import certificates
from projections.answers import Answer, Certificate
from projections.certificate_register import CertificateChoice
from projections.queries import Queries


class CertificateRegister:
    """Looks certificates up and lists them. Blocking: for worker threads."""

    def __init__(self, *, queries: Queries, access: Access, tokens: PageTokens) -> None:
        """Read from these.

        Args:
            queries: The read models.
            access: Who may see what.
            tokens: Page tokens.
        """
        self._queries = queries
        self._access = access
        self._tokens = tokens

    def certificate(self, caller: Caller, number: str) -> Answer[Certificate]:
        """Return a certificate.

        Raises:
            NotFoundError: when there is none, or the caller may not see it.
        """
        answer = self._queries.certificate(number)
        found = answer.value
        if found is None or not self._access.of(caller).institution(found.institution):
            raise NotFoundError("certificate")
        return Answer(found, answer.as_of_size)

    def page(self, caller: Caller, request: pb.ListCertificatesRequest) -> ShownPage[Certificate]:
        """Return a page of what a caller may see.

        Raises:
            NotFoundError: when the caller may not see the cohort that is asked for.
            RefusedError: INVALID_REQUEST for a day that the calendar has not, or the page token's.
        """
        view = self._access.of(caller)
        only = id_bytes(request.institution) if request.institution else b""
        cohort = id_bytes(request.cohort) if request.cohort else None
        if cohort is not None:
            view.require_cohort(cohort)
        choice = CertificateChoice(
            institution=_owner(caller, view, only),
            cohort=cohort,
            from_us=day_start("issued_from", request.issued_from),
            until_us=day_end("issued_to", request.issued_to),
        )
        return show_page(
            self._tokens,
            PageRequest(request.page_size, request.page_token, _filters(request)),
            Listing(
                fetch=lambda after, limit: self._queries.certificates(choice, after, limit),
                place=lambda row: certificates.place_of(row.issued_index),
                visible=lambda row: (
                    request.state in {"", row.state}
                    and only in {b"", row.institution}
                    and view.institution(row.institution)
                ),
            ),
        )


def _owner(caller: Caller, view: View, only: bytes) -> bytes | None:
    """Return whose certificates are walked, None for those of all.

    Those of others are not even walked: how long that takes would tell how many there are.
    """
    if view.role() is not Role.BUREAU:
        return caller.party or b""
    if not only:
        return None
    return only if view.institution(only) else b""


def _filters(request: pb.ListCertificatesRequest) -> dict[str, str]:
    return {
        "institution": request.institution,
        "cohort": request.cohort,
        "state": request.state,
        "issued_from": str(request.issued_from),
        "issued_to": str(request.issued_to),
    }
