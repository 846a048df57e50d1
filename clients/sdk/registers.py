"""Registers: persons, cohorts, certificates, parties, staff, keys and held events.

Thin wrappers: rows are the contract's own messages, as the caller may see them; pages are followed,
ids are UUIDs. These are the operator's views; what has to be proven is proven by receipts,
histories and the log itself.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar
from uuid import UUID

import grpc
from google.protobuf.message import Message

from clients.sdk.calls import Caller
from clients.sdk.errors import EvidenceError
from clients.sdk.field_values import day as day_number
from clients.sdk.moments import AsOf
from ledger.api.v1 import certificate_service_pb2 as certificates_pb
from ledger.api.v1 import cohort_service_pb2 as cohorts_pb
from ledger.api.v1 import institution_service_pb2 as institutions_pb
from ledger.api.v1 import key_service_pb2 as keys_pb
from ledger.api.v1 import person_service_pb2 as persons_pb
from ledger.api.v1 import recording_service_pb2 as recording_pb
from ledger.api.v1 import staff_service_pb2 as staff_pb
from ledger.api.v1.certificate_service_pb2_grpc import CertificateServiceStub
from ledger.api.v1.cohort_service_pb2_grpc import CohortServiceStub
from ledger.api.v1.institution_service_pb2_grpc import InstitutionServiceStub
from ledger.api.v1.key_service_pb2_grpc import KeyServiceStub
from ledger.api.v1.person_service_pb2_grpc import PersonServiceStub
from ledger.api.v1.recording_service_pb2_grpc import RecordingServiceStub
from ledger.api.v1.staff_service_pb2_grpc import StaffServiceStub
from ledger.log.identifiers import key_id as id_of_key

PAGE_SIZE: Final = 100
STEPS_PAGE_SIZE: Final = 500
"""Each page of a replay is folded from the first event on: few large ones cost least."""
_COMMITMENT_SIZE: Final = 32

Page = TypeVar("Page", bound=Message)
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class PersonRef:
    """A person as the calling institution knows one.

    Attributes:
        person_ref: The institution's own reference.
        commitment: Commitment to ID type, number and name, for LearnerEnrolled.
    """

    person_ref: UUID
    commitment: bytes


class Registers:
    """Reads the registers and registers persons.

    Every method raises RefusedError when the ledger refuses the call and UnreachableError when it
    does not answer in time.

    Args:
        channel: The connection.
        caller: Makes the calls.
    """

    def __init__(self, channel: grpc.Channel, caller: Caller) -> None:
        self._persons = PersonServiceStub(channel)
        self._cohorts = CohortServiceStub(channel)
        self._certificates = CertificateServiceStub(channel)
        self._institutions = InstitutionServiceStub(channel)
        self._staff = StaffServiceStub(channel)
        self._keys = KeyServiceStub(channel)
        self._recording = RecordingServiceStub(channel)
        self._caller = caller

    def register_person(
        self, *, id_type: persons_pb.IdType.ValueType, id_number: str, name: str
    ) -> PersonRef:
        """Return the caller's reference for a person; the same person gives the same again.

        Args:
            id_type: Kind of identity document.
            id_number: Its number.
            name: Name, code points exactly as on the document.
        """
        answer = self._caller.call(
            self._persons.RegisterPerson,
            persons_pb.RegisterPersonRequest(id_type=id_type, id_number=id_number, name=name),
        )
        return PersonRef(read_uuid(answer.person_ref), _commitment(answer.identity_commitment))

    def correct_person(
        self,
        person_ref: UUID,
        *,
        name: str = "",
        document: tuple[persons_pb.IdType.ValueType, str] | None = None,
    ) -> PersonRef:
        """Correct who stands behind the caller's own reference; the same again changes nothing.

        The record follows: a `record_corrected` of the enrolment with `Correction.identity`.

        Args:
            person_ref: The reference; it stays.
            name: The right name; empty when it is right.
            document: The right kind and number of the identity document; None when they are right.

        Returns:
            The reference with its new commitment.
        """
        id_type, id_number = document or (persons_pb.ID_TYPE_UNSPECIFIED, "")
        answer = self._caller.call(
            self._persons.CorrectPerson,
            persons_pb.CorrectPersonRequest(
                person_ref=str(person_ref), id_type=id_type, id_number=id_number, name=name
            ),
        )
        return PersonRef(person_ref, _commitment(answer.identity_commitment))

    def commit_official_number(self, number: str, official_number: str) -> bytes:
        """Return a commitment to the number of an official certificate 操作证, 32 bytes.

        Args:
            number: Number of its holder's training certificate.
            official_number: The number; its opening is kept in the person vault alone.
        """
        answer = self._caller.call(
            self._persons.CommitOfficialNumber,
            persons_pb.CommitOfficialNumberRequest(number=number, official_number=official_number),
        )
        return _commitment(answer.number_commitment)

    def learner_history(
        self, person_ref: UUID, *, state: str = ""
    ) -> Iterator[persons_pb.HistoryEnrolment]:
        """List every enrolment under the caller's own reference, as each began.

        Args:
            person_ref: The reference; another's is refused as not found.
            state: Only enrolled, withdrawn, rejected, transferred or unopened ones; empty for all.
        """

        def page(token: str) -> persons_pb.GetLearnerHistoryResponse:
            request = persons_pb.GetLearnerHistoryRequest(
                person_ref=str(person_ref), state=state, page_size=PAGE_SIZE, page_token=token
            )
            return self._caller.call(self._persons.GetLearnerHistory, request)

        return follow_pages(page, lambda answer: (answer.enrolments, answer.next_page_token))

    def certificates(
        self,
        *,
        institution: UUID | None = None,
        cohort: UUID | None = None,
        state: str = "",
        issued_from: date | None = None,
        issued_to: date | None = None,
    ) -> Iterator[certificates_pb.Certificate]:
        """List certificates by issue, all that the caller may see or some of them.

        Args:
            institution: Only of this institution.
            cohort: Only of this cohort.
            state: Only those that are valid, suspended, superseded or revoked now.
            issued_from: Only issued on this day in Asia/Shanghai or later.
            issued_to: Only issued on this day or earlier.
        """

        def page(token: str) -> certificates_pb.ListCertificatesResponse:
            request = certificates_pb.ListCertificatesRequest(
                institution=optional_text(institution),
                cohort=optional_text(cohort),
                state=state,
                issued_from=day_number("issued_from", issued_from) if issued_from else 0,
                issued_to=day_number("issued_to", issued_to) if issued_to else 0,
                page_size=PAGE_SIZE,
                page_token=token,
            )
            return self._caller.call(self._certificates.ListCertificates, request)

        return follow_pages(page, lambda answer: (answer.certificates, answer.next_page_token))

    def cohort(self, cohort: UUID, as_of: AsOf | None = None) -> cohorts_pb.Cohort:
        """Return one cohort in brief, now or as of a moment."""
        request = cohorts_pb.GetCohortRequest(cohort=str(cohort))
        if as_of is not None:
            request.as_of.CopyFrom(as_of.message())
        return self._caller.call(self._cohorts.GetCohort, request).cohort

    def cohorts(self, institution: UUID | None = None) -> Iterator[cohorts_pb.Cohort]:
        """List cohorts, of one institution or all that the caller may see."""

        def page(token: str) -> cohorts_pb.ListCohortsResponse:
            request = cohorts_pb.ListCohortsRequest(
                institution=optional_text(institution), page_size=PAGE_SIZE, page_token=token
            )
            return self._caller.call(self._cohorts.ListCohorts, request)

        return follow_pages(page, lambda answer: (answer.cohorts, answer.next_page_token))

    def cohort_file(
        self, cohort: UUID, as_of: AsOf | None = None
    ) -> cohorts_pb.GetCohortFileResponse:
        """Return the cohort file 一期一档, now or as of a moment."""
        request = cohorts_pb.GetCohortFileRequest(cohort=str(cohort))
        if as_of is not None:
            request.as_of.CopyFrom(as_of.message())
        return self._caller.call(self._cohorts.GetCohortFile, request)

    def cohort_steps(
        self, cohort: UUID, start: int = 0, end: int = 0, enrolment: UUID | None = None
    ) -> Iterator[cohorts_pb.CohortStep]:
        """Replay a cohort: its events in log order, each with the hours that it changed.

        Args:
            cohort: The cohort.
            start: First log index.
            end: Log index behind the last one; 0 for all.
            enrolment: Only the steps of this enrolment; None for all.
        """

        def page(token: str) -> cohorts_pb.ReplayCohortResponse:
            request = cohorts_pb.ReplayCohortRequest(
                cohort=str(cohort),
                from_index=start,
                to_index=end,
                enrolment=optional_text(enrolment),
                page_size=STEPS_PAGE_SIZE,
                page_token=token,
            )
            return self._caller.call(self._cohorts.ReplayCohort, request)

        return follow_pages(page, lambda answer: (answer.steps, answer.next_page_token))

    def cohort_difference(
        self, cohort: UUID, before: AsOf | None = None, after: AsOf | None = None
    ) -> cohorts_pb.DiffCohortResponse:
        """Return what tells two moments of a cohort apart.

        Args:
            cohort: The cohort.
            before: The first moment; None for before its first event.
            after: The second moment; None for now.
        """
        request = cohorts_pb.DiffCohortRequest(cohort=str(cohort))
        if before is not None:
            request.before.CopyFrom(before.message())
        if after is not None:
            request.after.CopyFrom(after.message())
        return self._caller.call(self._cohorts.DiffCohort, request)

    def institution(self, institution: UUID) -> institutions_pb.Institution:
        """Return one party, an institution with its reports and what was decided about it."""
        request = institutions_pb.GetInstitutionRequest(institution=str(institution))
        return self._caller.call(self._institutions.GetInstitution, request).institution

    def institutions(
        self, area: str = "", *, standing: str = "", trade: str = ""
    ) -> Iterator[institutions_pb.Institution]:
        """List parties by name, all or some of them.

        Args:
            area: Only in this area, a prefix of the area code.
            standing: Only institutions that are active, suspended, delisted or exited.
            trade: Only who may train for this trade code.
        """

        def page(token: str) -> institutions_pb.ListInstitutionsResponse:
            request = institutions_pb.ListInstitutionsRequest(
                area=area, standing=standing, trade=trade, page_size=PAGE_SIZE, page_token=token
            )
            return self._caller.call(self._institutions.ListInstitutions, request)

        return follow_pages(page, lambda answer: (answer.institutions, answer.next_page_token))

    def staff_file(self, staff: UUID) -> staff_pb.GetStaffFileResponse:
        """Return one staff file 一人一档."""
        request = staff_pb.GetStaffFileRequest(staff=str(staff))
        return self._caller.call(self._staff.GetStaffFile, request)

    def staff(self, institution: UUID | None = None) -> Iterator[staff_pb.Staff]:
        """List staff files in brief, of one institution or all that the caller may see."""

        def page(token: str) -> staff_pb.ListStaffResponse:
            request = staff_pb.ListStaffRequest(
                institution=optional_text(institution), page_size=PAGE_SIZE, page_token=token
            )
            return self._caller.call(self._staff.ListStaff, request)

        return follow_pages(page, lambda answer: (answer.staff, answer.next_page_token))

    def key(self, key_id: bytes) -> keys_pb.Key:
        """Return one registered key.

        Raises:
            EvidenceError: when the ledger shows another key under this id.
        """
        key = self._caller.call(self._keys.GetKey, keys_pb.GetKeyRequest(key_id=key_id)).key
        if id_of_key(key.public_key) != key_id:
            raise EvidenceError(f"another key is shown under the id {key_id.hex()}")
        return key

    def keys(self, institution: UUID) -> Iterator[keys_pb.Key]:
        """List the keys of a party, by registration."""

        def page(token: str) -> keys_pb.ListKeysResponse:
            request = keys_pb.ListKeysRequest(
                institution=str(institution), page_size=PAGE_SIZE, page_token=token
            )
            return self._caller.call(self._keys.ListKeys, request)

        return follow_pages(page, lambda answer: (answer.keys, answer.next_page_token))

    def held(self, cohort: UUID | None = None) -> Iterator[recording_pb.HeldEvent]:
        """List events that count for nothing yet, by index, with the reason."""

        def page(token: str) -> recording_pb.ListHeldResponse:
            request = recording_pb.ListHeldRequest(
                cohort=optional_text(cohort), page_size=PAGE_SIZE, page_token=token
            )
            return self._caller.call(self._recording.ListHeld, request)

        return follow_pages(page, lambda answer: (answer.events, answer.next_page_token))


def read_uuid(text: str) -> UUID:
    """Return a UUID that the ledger sent.

    Raises:
        EvidenceError: when it is none.
    """
    try:
        return UUID(text)
    except ValueError as error:
        raise EvidenceError(f"the ledger sent {text!r} where a UUID is due") from error


def _commitment(data: bytes) -> bytes:
    if len(data) != _COMMITMENT_SIZE:
        raise EvidenceError("the commitment is not 32 bytes")
    return data


def optional_text(value: UUID | None) -> str:
    """Return a UUID's text; empty where there is none."""
    return "" if value is None else str(value)


def follow_pages(
    page: Callable[[str], Page], take: Callable[[Page], tuple[Iterable[Row], str]]
) -> Iterator[Row]:
    """Yield the rows of all pages."""
    token = ""
    while True:
        rows, token = take(page(token))
        yield from rows
        if not token:
            return
