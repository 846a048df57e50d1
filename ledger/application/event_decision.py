"""One event against the states: may its author write it, and do the rules allow it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ledger.application.admission import ALGORITHMS, AdmittedEvent
from ledger.application.decision_state import DecisionState
from ledger.application.events import recorded_at
from ledger.application.issue_cases import LoadedIssue, issue_case
from ledger.application.ports import LogRow, Place
from ledger.application.record_cases import LoadedRecord, record_case
from ledger.domain.amendments import AMENDMENTS
from ledger.domain.authority import (
    GUEST_FACTS,
    TRANSCRIBED,
    Author,
    amendment_refusal,
    cohort_refusal,
    ending_refusal,
    held_by_key,
    host_refusal,
    institution_refusal,
    is_host,
    key_refusal,
    role_refusal,
    staff_refusal,
    transcription_refusal,
)
from ledger.domain.certificate_rules import (
    issue_refusals,
    revocation_refusals,
    standing_refusals,
    superseding_refusals,
)
from ledger.domain.cohort_rules import NO_CASE
from ledger.domain.decisions import DecisionContext, refusals_of
from ledger.domain.event_types import USE_BY_NUMBER, KeyUse, Role
from ledger.domain.fact_holds import fact_hold
from ledger.domain.holding import KEY_LOST_OR_RETIRED
from ledger.domain.party_states import PartyState
from ledger.domain.recorded_event import Message, RecordedEvent
from ledger.domain.refusals import Refusal, all_at_once
from ledger.domain.states import CohortState, EnrolmentState, KeyState, StreamState

_OF_COHORTS: Final = frozenset({"cohort", "enrolment", "certificate"})
_UNREGISTERED_ROOT: Final = PartyState(Role.BUREAU, "", "", "")
"""The bureau of the root key until it has registered itself: its area is not limited yet."""


@dataclass(frozen=True, slots=True)
class RootKey:
    """The key that the trust file pins, and the bureau that it signs for."""

    key_id: bytes
    holder: bytes


@dataclass(frozen=True, slots=True)
class GroupContext:
    """What is the same for all events of a group.

    Attributes:
        root: The log's root key.
        recorded_us: The time of the group's entries.
        issues: What the gate of certificates needs, by leaf: an id may be sent twice.
        records: What other decisions about a record rest on, by leaf.
        known: Places of recorded events that the group's events name, by event id.
        successors: Numbers that the request under decision issues in another's place, with that
            other's number.
    """

    root: RootKey
    recorded_us: int
    issues: Mapping[bytes, LoadedIssue]
    records: Mapping[bytes, LoadedRecord] = field(default_factory=dict)
    known: Mapping[bytes, Place] = field(default_factory=dict)
    successors: Mapping[str, str] = field(default_factory=dict)


FactKind = tuple[str, bytes, bytes, bytes]
"""Type, author's key, institution and cohort: what the verdict on a usual fact hangs on."""


def fact_kind(event: AdmittedEvent) -> FactKind | None:
    """Return what the verdict on a fact hangs on; None where it hangs on more.

    That is so for decisions, guests, second signatures, records taken over from elsewhere, and what
    amends another event.
    """
    header, cohort = event.header, event.cohort
    if (
        event.type.decision
        or event.type.name in AMENDMENTS
        or cohort is None
        or len(event.cohorts) != 1
        or header.approver_key
        or header.record_origin in TRANSCRIBED
    ):
        return None
    return event.type.name, header.author_key, header.institution, cohort


def author_key(event: AdmittedEvent, state: DecisionState, root: RootKey) -> KeyState | None:
    """Return the key that signed; the root key's own registration brings its key along."""
    key = state.key(event.header.author_key)
    body = event.body
    if (
        key is None
        and event.type.name == "KeyRegistered"
        and event.header.author_key == root.key_id
        and event.stream == state.ids.stream_of_key(root.key_id)
        and body.holder == root.holder
        and body.algorithm in ALGORITHMS
        and USE_BY_NUMBER[body.use] is KeyUse.PARTY
    ):
        return KeyState(
            root.key_id, body.public_key, body.algorithm, root.holder, KeyUse.PARTY, "", 0
        )
    return key


def event_refusal(
    event: AdmittedEvent,
    key: KeyState,
    state: DecisionState,
    group: GroupContext,
    rows: Sequence[LogRow],
    log_size: int,
) -> Refusal | None:
    """Return the first reason for refusing an event whose signature is good, or None.

    Args:
        event: The event.
        key: The key that signed it.
        state: The states before it.
        group: The group.
        rows: Rows that the group has numbered so far.
        log_size: Number of entries before it.
    """
    party = _party(key.holder, state, group.root)
    if party is None:
        return Refusal("UNKNOWN_PARTY", "header.author_key", {"party": key.holder.hex()})
    author, header = Author(key, party), event.header
    refusal = (
        key_refusal(key, event.type, group.recorded_us)
        or _approver_refusal(event, key, state, group)
        or role_refusal(author, event.type, header)
    )
    if refusal is None:
        refusal = _place_refusal(author, event, state)
    if refusal is None and event.type.name in AMENDMENTS:
        target = _place(event.body.target, state, group)
        refusal = amendment_refusal(author, target, _writer(target, state, group))
    if refusal is not None or not event.type.decision:
        return refusal
    return all_at_once(_decision_refusals(author, event, state, group, rows, log_size))


def _approver_refusal(
    event: AdmittedEvent, key: KeyState, state: DecisionState, group: GroupContext
) -> Refusal | None:
    approver = state.key(event.header.approver_key) if event.header.approver_key else None
    if approver is None:
        return None
    # A colleague approves, or a bureau; a stranger's key would make two persons of one.
    party = _party(approver.holder, state, group.root)
    if approver.holder != key.holder and (party is None or party.role is not Role.BUREAU):
        role = "" if party is None else party.role.value
        values = {"role": role, "type": event.type.name}
        return Refusal("NOT_YOURS_TO_WRITE", "header.approver_key", values)
    # Who approves may sign the type too: no terminal approves what is not a terminal's to write.
    if approver.use not in event.type.uses:
        values = {"use": approver.use.value, "type": event.type.name}
        return Refusal("KEY_USE", "header.approver_key", values)
    return ending_refusal(approver, event.type, group.recorded_us, "header.approver_key")


def _party(party: bytes, state: DecisionState, root: RootKey) -> PartyState | None:
    return state.party(party) or (_UNREGISTERED_ROOT if party == root.holder else None)


def _place_refusal(author: Author, event: AdmittedEvent, state: DecisionState) -> Refusal | None:
    """Return why the author may not write into this stream."""
    header, kind = event.header, event.type.kind
    if kind in _OF_COHORTS:
        # Ids of cohorts and of staff files are both random: neither takes over the other's stream.
        if state.staff(header.cohorts[0]) is not None:
            return Refusal("NOT_YOUR_COHORT", "header.cohorts")
        return _of_cohorts(author, event, state)
    if kind == "staff":
        if state.cohorts.get(event.stream) is not None:
            values = {"role": author.party.role.value, "type": event.type.name}
            return Refusal("NOT_YOURS_TO_WRITE", "header.stream", values)
        return staff_refusal(author, event.type, header, state.staff(event.stream))
    # A registration makes the party whose stream it begins; its area is the decision's to look at.
    if kind == "institution" and event.type.name != "InstitutionRegistered":
        return institution_refusal(author, event.type, header, state.party(header.institution))
    return None


def _of_cohorts(author: Author, event: AdmittedEvent, state: DecisionState) -> Refusal | None:
    header = event.header
    home, *others = header.cohorts
    owner = state.party(header.institution)
    known = state.cohorts.get(home)
    if event.type.name in GUEST_FACTS and is_host(author, header, others):
        hosts = [state.cohorts.get(cohort) for cohort in others]
        return host_refusal(author, header, known, hosts)
    refusal = cohort_refusal(author, header, known, owner) or transcription_refusal(
        author, event.type, known
    )
    if refusal is not None:
        return refusal
    for cohort in others:
        known = state.cohorts.get(cohort)
        if known is None or cohort_refusal(author, header, known, owner) is not None:
            return Refusal("NOT_YOUR_COHORT", "header.cohorts")
    return None


def _decision_refusals(
    author: Author,
    event: AdmittedEvent,
    state: DecisionState,
    group: GroupContext,
    rows: Sequence[LogRow],
    log_size: int,
) -> list[Refusal]:
    name, header, body = event.type.name, event.header, event.body
    if name == "TrainingCertificateIssued":
        case = issue_case(event, group.issues[event.leaf], rows, state)
        return issue_refusals(body, case, state.certificate(event.stream))
    if name == "TrainingCertificateRevoked":
        certificate = state.certificate(event.stream)
        return revocation_refusals(body, header.cohorts[0], author.party.role, certificate)
    if name == "TrainingCertificateSuperseded":
        certificate = state.certificate(event.stream)
        return superseding_refusals(body, header.cohorts[0], group.successors, certificate)
    if event.type.kind == "certificate":
        certificate = state.certificate(event.stream)
        return standing_refusals(name, body, header.cohorts[0], certificate)
    record = group.records.get(event.leaf)
    context = DecisionContext(
        author,
        group.root.holder,
        log_size,
        lambda party: _party(party, state, group.root),
        state.policy,
        state.stream_key(event.stream) if event.type.kind == "key" else None,
        state.cohorts.get(event.cohort) if event.cohort is not None else None,
        state.enrolment(event.stream),
        state.stream(event.stream).seq,
        _other_cohort(name, body, state),
        NO_CASE if record is None else record_case(event, record, rows, state),
    )
    return refusals_of(name, header, body, context)


def _other_cohort(name: str, body: Message, state: DecisionState) -> CohortState | None:
    """Return the cohort that a transfer leads to, or that credits come from."""
    if name == "LearnerTransferred":
        return state.cohorts.get(body.to_cohort)
    return state.cohorts.get(body.from_cohort) if name == "CreditsCarriedOver" else None


def _place(target: bytes, state: DecisionState, group: GroupContext) -> RecordedEvent | None:
    """Return the event that a correction or voiding names, None when it is not recorded."""
    place = state.places.get(target) or group.known.get(target)
    return None if place is None else recorded_at(place)


def _writer(target: RecordedEvent | None, state: DecisionState, group: GroupContext) -> Role | None:
    """Return the role of the party that wrote an event."""
    key = None if target is None else state.key(target.header.author_key)
    party = None if key is None else _party(key.holder, state, group.root)
    return None if party is None else party.role


def held_of(
    event: AdmittedEvent,
    recorded: RecordedEvent,
    key: KeyState,
    opening: StreamState,
    state: DecisionState,
    group: GroupContext,
) -> str:
    """Return why a fact counts for nothing yet; decisions always count.

    Args:
        event: The event.
        recorded: The same, as it is recorded.
        key: The key that signed it.
        opening: The state of its stream before it.
        state: The states before it.
        group: The group.
    """
    if event.type.decision:
        return ""
    header = event.header
    approver = state.key(header.approver_key) if header.approver_key else None
    if held_by_key(key) or (approver is not None and held_by_key(approver)):
        return KEY_LOST_OR_RETIRED
    cohorts = [state.cohorts.get(cohort) for cohort in event.cohorts]
    home = cohorts[0] if cohorts else None
    return fact_hold(
        recorded,
        cohorts,
        opening if isinstance(opening, EnrolmentState) else EnrolmentState(),
        None if home is None else state.policy(home.policy),
        lambda target: _place(target, state, group),
    )
