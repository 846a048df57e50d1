"""The gate of training certificates, from issue to revocation (DESIGN sections 3 and 4).

The gate takes only a digest that it prepared, and recomputes what the issue states: the totals have
to hold at the state that was prepared and now. Later facts, and held ones, do not refuse it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ledger.domain.event_types import Role
from ledger.domain.policies import HourComponent
from ledger.domain.recorded_event import Message
from ledger.domain.refusals import Refusal
from ledger.domain.requirement import Requirement
from ledger.domain.states import CertificateState

_REASONS: Final = {Role.INSTITUTION: frozenset({1, 2}), Role.BUREAU: frozenset({3, 4})}
"""`RevocationReason` numbers by role: error and holder's request; fraud and authority's order."""


@dataclass(frozen=True, slots=True)
class IssueCase:
    """What the gate rests an issue on.

    Attributes:
        prepared: The body that PrepareCertificate returned for this digest, None if there is none.
        same_place: Stream, cohort and institution are those that were prepared.
        then: The learner's record at the prepared state.
        now: The learner's record now.
        previous: The edition before, None for the first.
        opened: The cohort was opened: until then nobody asked for a report of its trade.
    """

    prepared: Message | None
    same_place: bool
    then: Requirement | None
    now: Requirement | None
    previous: CertificateState | None
    opened: bool


def issue_refusals(body: Message, case: IssueCase, current: CertificateState) -> list[Refusal]:
    """Return every reason for refusing a TrainingCertificateIssued.

    Args:
        body: Its body.
        case: What it rests on.
        current: State of its own stream.
    """
    prepared, then, now = case.prepared, case.then, case.now
    if prepared is None or then is None or now is None or not case.same_place:
        return [Refusal("NOT_PREPARED", "core_digest")]
    refusals = [] if case.opened else [Refusal("NOT_OPEN")]
    refusals += now.refusals
    refusals += [refusal for refusal in then.refusals if refusal not in refusals]
    for field in (
        "number",
        "edition",
        "enrolment_digest",
        "policy",
        "evaluator_version",
        "supersedes",
    ):
        if getattr(body, field) != getattr(prepared, field):
            refusals.append(Refusal("NOT_PREPARED", field))
    if _pairs(body) != _pairs(prepared):
        refusals.append(Refusal("NOT_PREPARED", "credited"))
    stated = {part.component: part.hours for part in body.credited}
    for state in (then, now):
        for refusal in _totals(stated, state):
            if refusal not in refusals:
                refusals.append(refusal)
    return [*refusals, *_edition_refusals(body, case.previous, current)]


def _edition_refusals(
    body: Message, previous: CertificateState | None, current: CertificateState
) -> list[Refusal]:
    """Return why this edition may not follow the one before.

    Each names the other: the old one its successor, the new one what it replaces.
    """
    refusals = []
    live = current if current.number else previous
    if live is not None and (current.number or live.live):
        refusals.append(Refusal("CERTIFICATE_LIVE", "edition", {"number": live.number}))
    successor = "" if previous is None else previous.successor
    if successor not in ("", body.number):
        refusals.append(Refusal("OTHER_SUCCESSOR", "number", {"number": successor}))
    if body.supersedes and not successor:
        refusals.append(Refusal("NOT_SUPERSEDED", "supersedes"))
    return refusals


def _pairs(body: Message) -> list[tuple[int, int]]:
    """Return components and hours as they stand, doubles included."""
    return [(part.component, part.hours) for part in body.credited]


def _totals(stated: dict[int, int], state: Requirement) -> Sequence[Refusal]:
    """Hours that were credited since do not refuse an issue; hours that fell away do."""
    refusals = []
    for component in HourComponent:
        claimed, credited = stated.get(component, 0), state.hours.hours(component)
        if claimed > credited:
            values = {
                "component": component.name.lower(),
                "stated": claimed,
                "credited": credited,
            }
            refusals.append(Refusal("TOTALS_DIFFER", "credited", values))
    return refusals


def revocation_refusals(
    body: Message, cohort: bytes, role: Role, state: CertificateState
) -> list[Refusal]:
    """Return every reason for refusing a TrainingCertificateRevoked.

    One that a bureau suspended is the bureau's to revoke: who was revoked may be issued the next
    edition alone, so that its institution would lift the suspension.

    Args:
        body: Its body.
        cohort: The home cohort that its header names.
        role: Role of its author.
        state: State of its stream.
    """
    refusals = []
    if not state.number or state.cohort != cohort:
        refusals.append(Refusal("CERTIFICATE_UNKNOWN", "header.stream"))
    elif state.revoked:
        refusals.append(Refusal("CERTIFICATE_REVOKED", "header.stream"))
    elif state.suspended and role is Role.INSTITUTION:
        refusals.append(Refusal("CERTIFICATE_SUSPENDED", "header.stream", {"number": state.number}))
    if body.reason not in _REASONS.get(role, ()):
        refusals.append(Refusal("REASON_NOT_YOURS", "reason", {"role": role.value}))
    return refusals


def superseding_refusals(
    body: Message, cohort: bytes, successors: Mapping[str, str], state: CertificateState
) -> list[Refusal]:
    """Return every reason for refusing a TrainingCertificateSuperseded.

    A suspended one is not replaced: its institution would lift what a bureau decided.

    Args:
        body: Its body.
        cohort: The home cohort that its header names.
        successors: Numbers that its request issues, with the number that each replaces.
        state: State of its stream.
    """
    refusals = _not_live(cohort, state)
    if not refusals and state.suspended:
        refusals.append(Refusal("CERTIFICATE_SUSPENDED", "header.stream", {"number": state.number}))
    replaced = successors.get(body.number)
    if replaced is None or (state.number and replaced != state.number):
        refusals.append(Refusal("SUCCESSOR_MISSING", "number", {"number": body.number}))
    return refusals


def standing_refusals(type_name: str, cohort: bytes, state: CertificateState) -> list[Refusal]:
    """Return every reason for refusing suspension, reinstatement, or a link.

    Args:
        type_name: Name of the event's type.
        cohort: The home cohort that its header names.
        state: State of its stream.
    """
    refusals = _not_live(cohort, state)
    if type_name == "TrainingCertificateSuspended" and state.suspended:
        refusals.append(Refusal("CERTIFICATE_ALREADY_SUSPENDED", "header.stream"))
    if type_name == "TrainingCertificateReinstated" and not state.suspended:
        refusals.append(Refusal("CERTIFICATE_NOT_SUSPENDED", "header.stream"))
    return refusals


def _not_live(cohort: bytes, state: CertificateState) -> list[Refusal]:
    if not state.number or state.cohort != cohort:
        return [Refusal("CERTIFICATE_UNKNOWN", "header.stream")]
    if state.revoked:
        return [Refusal("CERTIFICATE_REVOKED", "header.stream")]
    if state.successor:
        return [Refusal("CERTIFICATE_SUPERSEDED", "header.stream", {"number": state.successor})]
    return []
