"""One event against the states: may its author write it, and do the rules allow it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ledger.application.admission import ALGORITHMS, AdmittedEvent
from ledger.application.decision_state import Layer
from ledger.application.issue_cases import LoadedIssue, issue_case
from ledger.application.ports import LogRow
from ledger.domain.authority import (
    Author,
    cohort_refusal,
    ending_refusal,
    held_by_key,
    key_refusal,
    role_refusal,
    transcription_refusal,
)
from ledger.domain.certificate_rules import issue_refusals, revocation_refusals
from ledger.domain.decisions import DecisionContext, refusals_of
from ledger.domain.event_types import USE_BY_NUMBER, KeyUse, Role
from ledger.domain.holding import KEY_LOST_OR_RETIRED, held_code
from ledger.domain.refusals import Refusal
from ledger.domain.states import KeyState, PartyState

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
        issues: What the gate of certificates needs, by event id.
    """

    root: RootKey
    recorded_us: int
    issues: Mapping[bytes, LoadedIssue]


def author_key(event: AdmittedEvent, layer: Layer, root: RootKey) -> KeyState | None:
    """Return the key that signed; the root key's own registration brings its key along."""
    key = layer.key(event.header.author_key)
    body = event.body
    if (
        key is None
        and event.type.name == "KeyRegistered"
        and event.header.author_key == root.key_id
        and event.stream == layer.ids.stream_of_key(root.key_id)
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
    layer: Layer,
    group: GroupContext,
    rows: Sequence[LogRow],
    log_size: int,
) -> Refusal | None:
    """Return the first reason for refusing an event whose signature is good, or None.

    Args:
        event: The event.
        key: The key that signed it.
        layer: The states before it.
        group: The group.
        rows: Rows that the group has numbered so far.
        log_size: Number of entries before it.
    """
    party = _party(key.holder, layer, group.root)
    if party is None:
        return Refusal("UNKNOWN_PARTY", "header.author_key", {"party": key.holder.hex()})
    author, header = Author(key, party), event.header
    refusal = (
        key_refusal(key, event.type, group.recorded_us)
        or _approver_refusal(event, layer, group.recorded_us)
        or role_refusal(author, event.type, header)
    )
    if refusal is None and event.type.kind in _OF_COHORTS:
        refusal = _of_cohorts(author, event, layer)
    if refusal is not None or not event.type.decision:
        return refusal
    return next(iter(_decision_refusals(author, event, layer, group, rows, log_size)), None)


def _approver_refusal(event: AdmittedEvent, layer: Layer, now_us: int) -> Refusal | None:
    approver = layer.key(event.header.approver_key) if event.header.approver_key else None
    if approver is None:
        return None
    return ending_refusal(approver, event.type, now_us, "header.approver_key")


def _party(party: bytes, layer: Layer, root: RootKey) -> PartyState | None:
    return layer.party(party) or (_UNREGISTERED_ROOT if party == root.holder else None)


def _of_cohorts(author: Author, event: AdmittedEvent, layer: Layer) -> Refusal | None:
    header = event.header
    home, *others = header.cohorts
    owner = layer.party(header.institution)
    known = layer.cohorts.get(home)
    refusal = cohort_refusal(author, header, known, owner) or transcription_refusal(
        author, event.type, known
    )
    if refusal is not None:
        return refusal
    for cohort in others:
        known = layer.cohorts.get(cohort)
        if known is None or cohort_refusal(author, header, known, owner) is not None:
            return Refusal("NOT_YOUR_COHORT", "header.cohorts")
    return None


def _decision_refusals(
    author: Author,
    event: AdmittedEvent,
    layer: Layer,
    group: GroupContext,
    rows: Sequence[LogRow],
    log_size: int,
) -> list[Refusal]:
    name, header, body = event.type.name, event.header, event.body
    if name == "TrainingCertificateIssued":
        case = issue_case(event, group.issues[event.event_id], rows, layer)
        return issue_refusals(body, case, layer.certificate(event.stream))
    if name == "TrainingCertificateRevoked":
        state = layer.certificate(event.stream)
        return revocation_refusals(body, header.cohorts[0], author.party.role, state)
    context = DecisionContext(
        author,
        group.root.holder,
        log_size,
        lambda party: _party(party, layer, group.root),
        layer.policy,
        layer.stream_key(event.stream) if event.type.kind == "key" else None,
        layer.cohorts.get(event.cohort) if event.cohort is not None else None,
        layer.enrolment(event.stream),
        layer.stream(event.stream).seq,
    )
    return refusals_of(name, header, body, context)


def held_of(event: AdmittedEvent, key: KeyState, layer: Layer, recorded_us: int) -> str:
    """Return why a fact counts for nothing yet; decisions always count."""
    if event.type.decision:
        return ""
    approver = layer.key(event.header.approver_key) if event.header.approver_key else None
    if held_by_key(key) or (approver is not None and held_by_key(approver)):
        return KEY_LOST_OR_RETIRED
    if event.type.kind == "enrolment":
        opened = layer.enrolment(event.stream).enrolled
    else:
        cohort = None if event.cohort is None else layer.cohorts.get(event.cohort)
        opened = cohort is not None and cohort.planned
    return held_code(
        event.type.kind,
        opened=opened,
        occurred_us=event.header.occurred_us,
        recorded_us=recorded_us,
    )
