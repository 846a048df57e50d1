"""What a group has to know before it decides: streams, cohorts, and the cases of issue events."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ledger.application.admission import AdmittedEvent
from ledger.application.decision_state import DecisionState, StateIds
from ledger.application.events import recorded_at
from ledger.application.issue_cases import LoadedIssue, load_issue
from ledger.application.outcomes import AppendRequest
from ledger.application.ports import GroupTransaction, LogRow
from ledger.application.record_cases import RESTING_ON_RECORDS, LoadedRecord, load_record
from ledger.domain.amendments import AMENDMENTS
from ledger.domain.event_types import DECISION_RELEVANT

_TYPES = tuple(sorted(DECISION_RELEVANT))


def amended_ids(requests: Iterable[AppendRequest]) -> list[bytes]:
    """Return the ids of the events that corrections and voidings of requests name."""
    return [
        event.body.target
        for request in requests
        for event in request.events
        if isinstance(event, AdmittedEvent) and event.type.name in AMENDMENTS
    ]


@dataclass(frozen=True, slots=True)
class Cases:
    """What is stored for single events of a group, by leaf: an id may be sent twice.

    Attributes:
        issues: What issue events rest on.
        records: What other decisions about a record rest on.
    """

    issues: Mapping[bytes, LoadedIssue]
    records: Mapping[bytes, LoadedRecord]


async def load_needs(
    transaction: GroupTransaction, requests: Sequence[AppendRequest], state: DecisionState
) -> Cases:
    """Load what the caches do not hold; return the cases of those events that have one."""
    admitted = [
        event
        for request in requests
        for event in request.events
        if isinstance(event, AdmittedEvent)
    ]
    events = [event for event in admitted if event.event_id not in transaction.known]
    # A retry needs the keys alone: it is authenticated before it is answered with its place.
    keys = {key for each in admitted for key in (each.batch.key_id, each.batch.approver_key) if key}
    # Who wrote what an amendment names, so that nobody amends another's amendment.
    amended = (transaction.known.get(target) for target in amended_ids(requests))
    keys |= {recorded_at(place).header.author_key for place in amended if place is not None}
    issues = {
        event.leaf: await load_issue(transaction, event, state.ids.origin)
        for event in events
        if event.type.name == "TrainingCertificateIssued"
    }
    records = {
        event.leaf: await load_record(transaction, event)
        for event in events
        if event.type.name in RESTING_ON_RECORDS
    }
    cases = Cases(issues, records)
    # A key names its holder, so the parties of keys that were just loaded come in a second round.
    while wanted := state.missing(*_needed(keys, events, cases, state)):
        streams, cohorts = tuple(wanted.streams), tuple(wanted.cohorts)
        state.absorb(await transaction.load(streams, streams, cohorts, _TYPES), wanted)
    return cases


def _needed(
    keys: Iterable[bytes],
    events: Iterable[AdmittedEvent],
    cases: Cases,
    state: DecisionState,
) -> tuple[set[bytes], set[bytes]]:
    streams: set[bytes] = set()
    cohorts: set[bytes] = set()
    ids = state.ids
    for key_id in keys:
        streams.add(ids.stream_of_key(key_id))
        key = state.key(key_id)
        if key is not None:
            streams.add(key.holder)
    for event in events:
        header = event.header
        streams.add(event.stream)
        streams.add(header.institution)
        cohorts.update(header.cohorts)
        streams.update(header.cohorts[:1])
        if event.type.kind == "staff":
            cohorts.add(event.stream)
        if event.type.name == "LearnerTransferred":
            cohorts.add(event.body.to_cohort)
        if event.type.name in AMENDMENTS:
            streams.add(ids.policies)
        if event.type.decision:
            _needed_by_decision(event, state, streams)
    _needed_by_cases(cases, ids, streams, cohorts)
    return streams, cohorts


def _needed_by_cases(cases: Cases, ids: StateIds, streams: set[bytes], cohorts: set[bytes]) -> None:
    for record in cases.records.values():
        cohorts.add(record.cohort)
        streams.update(each for each in (record.stream, record.certificate) if each)
        streams.update(_signers(ids, (record.enrolment, *record.cohorts.values())))
    for issue in cases.issues.values():
        if issue.prepared is not None:
            cohorts.add(issue.prepared.cohort)
            streams.update(_signers(ids, (issue.enrolment, *issue.cohorts.values())))
            previous = issue.previous_stream()
            streams.update(() if previous is None else (previous,))
    if cases.records or cases.issues:
        streams.add(ids.policies)


def _signers(ids: StateIds, rows: Iterable[Sequence[LogRow]]) -> set[bytes]:
    """Return the streams of the keys that signed rows."""
    return {ids.stream_of_key(row.batch_key) for each in rows for row in each}


def _needed_by_decision(event: AdmittedEvent, state: DecisionState, streams: set[bytes]) -> None:
    body = event.body
    match event.type.name:
        case "KeyRegistered":
            streams.add(body.holder)
        case "KeyEnded":
            ended = state.stream_key(event.stream)
            if ended is not None:
                streams.add(ended.holder)
        case "PolicyAdopted":
            streams.add(state.ids.policies)
        case "CohortFiled":
            streams.add(body.bureau)
        case "CohortPolicyRepinned":
            streams.add(state.ids.policies)
        case "CohortPlanned":
            streams.add(state.ids.policies)
            streams.update(party for party in (body.platform, body.exam_body) if party)
