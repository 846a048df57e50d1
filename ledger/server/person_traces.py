"""Whose trace is asked for, and which references the caller may see (DESIGN section 6).

A bureau sees those of institutions in its area, an institution its own. Who may not see, and what
is not there, get the same answer. Blocking: for worker threads.
"""

from typing import TypeAlias

from ledger.api.v1 import supervision_service_pb2 as pb
from ledger.application.errors import NotFoundError, RefusedError
from ledger.application.ports import CertificateStore
from ledger.domain.refusals import Refusal
from ledger.server.access import View
from ledger.storage.trace_log import TraceLog
from ledger.storage.vault import PersonVault
from ledger.storage.vault_persons import KnownReference
from projections.queries import Queries

Question: TypeAlias = dict[str, str | int]


class PersonTraces:
    """Joins a person across institutions, for those who may; every question is logged first."""

    def __init__(
        self,
        *,
        vault: PersonVault,
        log: TraceLog,
        certificates: CertificateStore,
        queries: Queries,
    ) -> None:
        """Trace with these.

        Args:
            vault: Knows whose references are one person's.
            log: Keeps who asked what.
            certificates: Finds what was prepared under a number.
            queries: Knows which certificates were issued, and by whom.
        """
        self._vault = vault
        self._log = log
        self._certificates = certificates
        self._queries = queries

    def references(self, request: pb.TraceRequest, caller: str, view: View) -> list[KnownReference]:
        """Return the person's references that the caller may see, at least one.

        Args:
            request: Whom to trace, and in which case.
            caller: Who asks, as logs name callers.
            view: What the caller may see.

        Raises:
            NotFoundError: when there is nobody, or nobody whom the caller may see.
            RefusedError: INVALID_REQUEST when it names not exactly one of certificate and person.
        """
        question = _question(request)
        self._log.write(request.case_number, caller, question)
        if request.certificate:
            known = self._holder(request.certificate, view)
        else:
            known = self._vault.references(request.person.id_type, request.person.id_number)
        seen = [each for each in known if view.institution(each.institution.bytes)]
        # The name guards against a mistyped number. Where one institution registered it so, what
        # the others registered under the same number belongs to the trace, whatever they wrote.
        named = request.certificate or any(each.name == request.person.name for each in seen)
        if not seen or not named:
            raise NotFoundError("person")
        return seen

    def _holder(self, number: str, view: View) -> tuple[KnownReference, ...]:
        """Return the references of a certificate's holder, none when it is not the caller's."""
        issued = self._queries.certificate(number).value
        prepared = self._certificates.by_number(number)
        if issued is None or prepared is None or not view.institution(issued.institution):
            return ()
        try:
            sealed = self._vault.open_certificate(prepared.core_digest)
        except NotFoundError:
            # The person was erased.
            return ()
        return self._vault.references_beside(sealed.person_ref)


def _question(request: pb.TraceRequest) -> Question:
    """Return what is asked, by member.

    Raises:
        RefusedError: INVALID_REQUEST when it is not exactly one of the two.
    """
    by_person = request.HasField("person")
    if by_person is bool(request.certificate):
        detail = {"detail": "exactly one of certificate and person"}
        raise RefusedError([Refusal("INVALID_REQUEST", "certificate", detail)])
    if not by_person:
        return {"certificate": request.certificate}
    person = request.person
    return {"id_number": person.id_number, "id_type": person.id_type, "name": person.name}
