"""What a group has to know before it decides: streams, cohorts, and the cases of issue events."""

from collections.abc import Iterable, Mapping, Sequence

from ledger.application.admission import AdmittedEvent
from ledger.application.decision_state import DecisionState
from ledger.application.issue_cases import LoadedIssue, load_issue
from ledger.application.outcomes import AppendRequest
from ledger.application.ports import GroupTransaction
from ledger.domain.event_types import DECISION_RELEVANT

_TYPES = tuple(sorted(DECISION_RELEVANT))


async def load_needs(
    transaction: GroupTransaction, requests: Sequence[AppendRequest], state: DecisionState
) -> Mapping[bytes, LoadedIssue]:
    """Load what the caches do not hold; return the cases of issue events by event id."""
    admitted = [
        event
        for request in requests
        for event in request.events
        if isinstance(event, AdmittedEvent)
    ]
    events = [event for event in admitted if event.event_id not in transaction.known]
    # A retry needs the keys alone: it is authenticated before it is answered with its place.
    keys = {key for each in admitted for key in (each.batch.key_id, each.batch.approver_key) if key}
    issues = {
        event.event_id: await load_issue(transaction, event, state.ids.origin)
        for event in events
        if event.type.name == "TrainingCertificateIssued"
    }
    # A key names its holder, so the parties of keys that were just loaded come in a second round.
    while wanted := state.missing(*_needed(keys, events, issues.values(), state)):
        streams, cohorts = tuple(wanted.streams), tuple(wanted.cohorts)
        state.absorb(await transaction.load(streams, streams, cohorts, _TYPES), wanted)
    return issues


def _needed(
    keys: Iterable[bytes],
    events: Iterable[AdmittedEvent],
    issues: Iterable[LoadedIssue],
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
        if event.type.decision:
            _needed_by_decision(event, state, streams)
    for issue in issues:
        if issue.prepared is not None:
            cohorts.add(issue.prepared.cohort)
            streams.add(ids.policies)
            rows = (issue.enrolment, *issue.cohorts.values())
            signers = {row.batch_key for each in rows for row in each}
            streams.update(ids.stream_of_key(key_id) for key_id in signers)
            previous = issue.previous_stream()
            if previous is not None:
                streams.add(previous)
    return streams, cohorts


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
        case "CohortPlanned":
            streams.add(state.ids.policies)
            streams.update(party for party in (body.platform, body.exam_body) if party)
