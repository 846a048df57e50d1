"""What decisions about a record rest on: read in the group's own transaction.

Credits that are carried over, an exam registration on a certificate of this ledger, and the seal of
an archive: their figures are recomputed from the rows as they stand when the decision is recorded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from ledger.application.admission import AdmittedEvent
from ledger.application.decision_state import DecisionState
from ledger.application.events import recorded_event
from ledger.application.issue_cases import counted_rows, load_cohorts
from ledger.application.ports import GroupTransaction, LogRow
from ledger.domain.cohort_rules import RecordCase
from ledger.domain.enrolment_hours import cohort_record
from ledger.domain.policies import Policy
from ledger.domain.requirement import Requirement, evaluate_requirement
from ledger.log.identifiers import certificate_id, enrolment_id
from ledger.log.merkle import root

RESTING_ON_RECORDS: Final = frozenset(
    {"CreditsCarriedOver", "ExamRegistered", "CohortArchiveSealed"}
)


@dataclass(frozen=True, slots=True)
class LoadedRecord:
    """What is stored of a record.

    Attributes:
        cohort: The cohort that the decision speaks of.
        stream: The enrolment that it speaks of; empty where it speaks of none.
        certificate: Stream of the certificate that it rests on; empty where it rests on none.
        enrolment: Rows of the enrolment.
        cohorts: Rows of the streams of its cohort, and of hosts of make-ups, by cohort.
    """

    cohort: bytes
    stream: bytes
    certificate: bytes
    enrolment: Sequence[LogRow]
    cohorts: Mapping[bytes, Sequence[LogRow]]


async def load_record(transaction: GroupTransaction, event: AdmittedEvent) -> LoadedRecord:
    """Read what a decision rests on; `event` is of one of `RESTING_ON_RECORDS`."""
    header, body = event.header, event.body
    cohort, stream, certificate = header.cohorts[0], b"", b""
    if event.type.name == "CreditsCarriedOver":
        cohort = body.from_cohort
        stream = enrolment_id(UUID(bytes=cohort), UUID(bytes=header.person_ref)).bytes
    elif event.type.name == "ExamRegistered" and body.edition:
        stream = event.stream
        person = UUID(bytes=header.person_ref)
        certificate = certificate_id(person, UUID(bytes=stream), body.edition).bytes
    elif event.type.name == "ExamRegistered":
        return LoadedRecord(cohort, b"", b"", (), {})
    enrolment = await transaction.stream_rows(stream) if stream else ()
    cohorts = await load_cohorts(transaction, cohort, enrolment)
    return LoadedRecord(cohort, stream, certificate, enrolment, cohorts)


def record_case(
    event: AdmittedEvent, loaded: LoadedRecord, group_rows: Sequence[LogRow], state: DecisionState
) -> RecordCase:
    """Return what the rules look at.

    Args:
        event: The decision.
        loaded: What was stored before the group.
        group_rows: Rows that the group has numbered so far.
        state: The states behind them.
    """
    lessons = [
        row
        for each, rows in loaded.cohorts.items()
        for row in (*rows, *(row for row in group_rows if row.stream == each))
    ]
    if event.type.name == "CohortArchiveSealed":
        items = _items(loaded.cohort, lessons, state)
        return RecordCase(items=len(items), items_root=root(items))
    certificate = state.certificate(loaded.certificate) if loaded.certificate else None
    former = state.enrolment(loaded.stream)
    enrolment = [*loaded.enrolment, *(row for row in group_rows if row.stream == loaded.stream)]
    now = _requirement(loaded, lessons, enrolment, state)
    if event.type.name != "CreditsCarriedOver":
        return RecordCase(now, former, certificate)
    below = event.body.up_to_index
    then = _requirement(
        loaded,
        [row for row in lessons if row.index < below],
        [row for row in enrolment if row.index < below],
        state,
    )
    return RecordCase(then, former, certificate, now=now)


def _items(cohort: bytes, rows: Sequence[LogRow], state: DecisionState) -> list[bytes]:
    """Return the salted digests of the documents in a cohort's file: those that count."""
    events = [recorded_event(row) for row in counted_rows(rows, state.key)]
    record = cohort_record(cohort, events, _policy(cohort, state)).record
    return [
        each.event.body.salted_digest
        for each in record.counted
        if each.event.type == "ArchiveItemAdded"
    ]


def _policy(cohort: bytes, state: DecisionState) -> Policy | None:
    known = state.cohorts.get(cohort)
    return None if known is None else state.policy(known.policy)


def _requirement(
    loaded: LoadedRecord,
    lessons: Sequence[LogRow],
    enrolment: Sequence[LogRow],
    state: DecisionState,
) -> Requirement | None:
    policy = _policy(loaded.cohort, state)
    if policy is None or not loaded.stream:
        return None
    return evaluate_requirement(
        [recorded_event(row) for row in counted_rows(lessons, state.key)],
        [recorded_event(row) for row in counted_rows(enrolment, state.key)],
        policy,
    )
