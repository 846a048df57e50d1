"""Registers with a few rows, in pages of two whatever is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

import grpc

from ledger.api.v1 import cohort_service_pb2 as cohorts_pb
from ledger.api.v1 import institution_service_pb2 as institutions_pb
from ledger.api.v1 import key_service_pb2 as keys_pb
from ledger.api.v1 import person_service_pb2 as persons_pb
from ledger.api.v1.cohort_service_pb2_grpc import (
    CohortServiceServicer,
    add_CohortServiceServicer_to_server,
)
from ledger.api.v1.institution_service_pb2_grpc import (
    InstitutionServiceServicer,
    add_InstitutionServiceServicer_to_server,
)
from ledger.api.v1.key_service_pb2_grpc import KeyServiceServicer, add_KeyServiceServicer_to_server
from ledger.api.v1.person_service_pb2_grpc import (
    PersonServiceServicer,
    add_PersonServiceServicer_to_server,
)
from ledger.log.event_reader import read_event
from ledger.log.identifiers import key_id
from tests.unit.clients.sdk.ledger_server import Recording
from tests.unit.clients.verifier.small_log import COHORT, INSTITUTION, ISSUER, PERSON, spki

COMMITMENT = b"\5" * 32
Call: TypeAlias = grpc.ServicerContext
Row = TypeVar("Row")


def page(rows: Sequence[Row], token: str) -> tuple[Sequence[Row], str]:
    start = int(token or "0")
    more = start + 2 < len(rows)
    return rows[start : start + 2], str(start + 2) if more else ""


def archive_item(index: int, body: Any) -> cohorts_pb.CohortFileItem:  # noqa: ANN401 - ArchiveItemAdded
    return cohorts_pb.CohortFileItem(
        item_class=body.item_class,
        media_type=body.media_type,
        size=body.size,
        salted_digest=body.salted_digest.hex(),
        place=body.place,
        custodian=str(UUID(bytes=body.custodian)) if body.custodian else "",
        index=index,
    )


class Persons(PersonServiceServicer):
    def RegisterPerson(
        self, request: persons_pb.RegisterPersonRequest, context: Call
    ) -> persons_pb.RegisterPersonResponse:
        if request.name == "无":
            return persons_pb.RegisterPersonResponse(person_ref="no uuid")
        return persons_pb.RegisterPersonResponse(
            person_ref=str(PERSON), identity_commitment=COMMITMENT
        )


@dataclass
class Cohorts(CohortServiceServicer):
    recording: Recording

    def GetCohort(
        self, request: cohorts_pb.GetCohortRequest, context: Call
    ) -> cohorts_pb.GetCohortResponse:
        if request.cohort != str(COHORT):
            context.abort(grpc.StatusCode.NOT_FOUND, "no such cohort")
        return cohorts_pb.GetCohortResponse(cohort=cohorts_pb.Cohort(cohort=request.cohort))

    def ListCohorts(
        self, request: cohorts_pb.ListCohortsRequest, context: Call
    ) -> cohorts_pb.ListCohortsResponse:
        rows = [
            cohorts_pb.Cohort(institution=request.institution, capacity=number)
            for number in range(5)
        ]
        found, token = page(rows, request.page_token)
        return cohorts_pb.ListCohortsResponse(cohorts=found, next_page_token=token)

    def GetCohortFile(
        self, request: cohorts_pb.GetCohortFileRequest, context: Call
    ) -> cohorts_pb.GetCohortFileResponse:
        rows = self.recording.log.rows
        events = [
            (index, read_event(row.event))
            for index, row in enumerate(rows)
            if row.event is not None
        ]
        items = [
            archive_item(index, event.body)
            for index, event in events
            if event.type == "ArchiveItemAdded"
            and UUID(bytes=event.header.cohorts[0]) == UUID(request.cohort)
        ]
        brief = cohorts_pb.Cohort(cohort=request.cohort, as_of_size=len(rows))
        return cohorts_pb.GetCohortFileResponse(events=17, cohort=brief, items=items)


class Institutions(InstitutionServiceServicer):
    def GetInstitution(
        self, request: institutions_pb.GetInstitutionRequest, context: Call
    ) -> institutions_pb.GetInstitutionResponse:
        party = institutions_pb.Institution(institution=request.institution, area="320599")
        return institutions_pb.GetInstitutionResponse(institution=party)

    def ListInstitutions(
        self, request: institutions_pb.ListInstitutionsRequest, context: Call
    ) -> institutions_pb.ListInstitutionsResponse:
        rows = [institutions_pb.Institution(area=request.area + str(n)) for n in range(3)]
        found, token = page(rows, request.page_token)
        return institutions_pb.ListInstitutionsResponse(institutions=found, next_page_token=token)


class Keys(KeyServiceServicer):
    def GetKey(self, request: keys_pb.GetKeyRequest, context: Call) -> keys_pb.GetKeyResponse:
        return keys_pb.GetKeyResponse(
            key=keys_pb.Key(key_id=request.key_id, public_key=spki(ISSUER), holder=str(INSTITUTION))
        )

    def ListKeys(self, request: keys_pb.ListKeysRequest, context: Call) -> keys_pb.ListKeysResponse:
        row = keys_pb.Key(key_id=key_id(spki(ISSUER)), holder=request.institution)
        found, token = page([row], request.page_token)
        return keys_pb.ListKeysResponse(keys=found, next_page_token=token)


def add_registers(server: grpc.Server, recording: Recording) -> None:
    add_PersonServiceServicer_to_server(Persons(), server)
    add_CohortServiceServicer_to_server(Cohorts(recording), server)
    add_InstitutionServiceServicer_to_server(Institutions(), server)
    add_KeyServiceServicer_to_server(Keys(), server)
