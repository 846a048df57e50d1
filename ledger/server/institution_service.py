"""InstitutionService: the register of parties, open to every caller (institution_service.proto)."""

import asyncio
from typing import Any

import grpc

from ledger.api.v1 import events_pb2
from ledger.api.v1 import institution_service_pb2 as pb
from ledger.api.v1.institution_service_pb2_grpc import InstitutionServiceServicer
from ledger.application.errors import NotFoundError
from ledger.server.identifiers import id_bytes, id_text
from ledger.server.page_tokens import PageTokens, stale_token
from ledger.server.paging import Listing, PageRequest, ShownPage, show_page
from projections.answers import Page
from projections.institution_records import (
    Institution,
    InstitutionChoice,
    InstitutionDecision,
    InstitutionReport,
)
from projections.queries import Queries

Context = grpc.aio.ServicerContext[Any, Any]


class InstitutionService(InstitutionServiceServicer):
    """Reads the register."""

    def __init__(self, *, queries: Queries, tokens: PageTokens) -> None:
        """Serve from the read models; `tokens` makes page tokens."""
        self._queries = queries
        self._tokens = tokens

    async def GetInstitution(
        self, request: pb.GetInstitutionRequest, context: Context
    ) -> pb.GetInstitutionResponse:
        """Return one party."""
        answer = await asyncio.to_thread(self._queries.institution, id_bytes(request.institution))
        if answer.value is None:
            raise NotFoundError("institution")
        return pb.GetInstitutionResponse(institution=_institution(answer.value, whole=True))

    async def ListInstitutions(
        self, request: pb.ListInstitutionsRequest, context: Context
    ) -> pb.ListInstitutionsResponse:
        """List parties by name."""
        page = await asyncio.to_thread(self._institutions, request)
        return pb.ListInstitutionsResponse(
            institutions=[_institution(row, whole=False) for row in page.rows],
            next_page_token=page.token,
        )

    def _institutions(self, request: pb.ListInstitutionsRequest) -> ShownPage[Institution]:
        filters = {
            "area": request.area,
            "standing": request.standing,
            "trade": request.trade,
        }
        return show_page(
            self._tokens,
            PageRequest(request.page_size, request.page_token, filters),
            Listing(
                fetch=lambda after, limit: self._behind(InstitutionChoice(**filters), after, limit),
                # A name may be longer than a token: the id stands for the place.
                place=lambda row: row.institution,
                visible=lambda _: True,
            ),
        )

    def _behind(self, choice: InstitutionChoice, after: bytes, limit: int) -> Page[Institution]:
        if not after:
            return self._queries.institutions(choice, b"", limit)
        last = self._queries.institution(after).value
        if last is None:
            raise stale_token()
        # The order of `projections.institutions`.
        place = last.name.encode() + b"\0" + last.institution
        return self._queries.institutions(choice, place, limit)


def _institution(party: Institution, *, whole: bool) -> pb.Institution:
    return pb.Institution(
        institution=id_text(party.institution),
        kind=events_pb2.PartyKind.ValueType(party.kind),
        credit_code=party.credit_code,
        name=party.name,
        area=party.area,
        directory_number=party.directory_number,
        scope=party.scope,
        listed_since=party.listed_since,
        standing=party.standing,
        custodian=id_text(party.custodian),
        reports=[_report(each) for each in party.reports] if whole else (),
        decisions=[_decision(each) for each in party.decisions] if whole else (),
    )


def _report(report: InstitutionReport) -> pb.InstitutionReport:
    return pb.InstitutionReport(
        report=id_text(report.report),
        type=report.type,
        trades=report.trades,
        state=report.state,
        index=report.index,
        recorded_us=report.recorded_us,
        reviews=[
            pb.InstitutionReview(
                stage=events_pb2.ReviewStage.ValueType(each.stage),
                approved=each.approved,
                reason=each.reason,
                index=each.index,
                recorded_us=each.recorded_us,
            )
            for each in report.reviews
        ],
    )


def _decision(decision: InstitutionDecision) -> pb.InstitutionDecision:
    return pb.InstitutionDecision(
        type=decision.type,
        decision_number=decision.decision_number,
        reason=decision.reason,
        index=decision.index,
        recorded_us=decision.recorded_us,
    )
