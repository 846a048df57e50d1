"""The rules of decisions about cohorts and enrolments beyond planning, opening and enrolling.

Each returns every reason for refusing; see `ledger.domain.decisions`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from ledger.domain.event_types import Role
from ledger.domain.party_states import PartyState
from ledger.domain.policies import HourComponent, Policy
from ledger.domain.recorded_event import Message
from ledger.domain.refusals import Refusal
from ledger.domain.requirement import Requirement
from ledger.domain.states import CertificateState, CohortState, EnrolmentState


@dataclass(frozen=True, slots=True)
class RecordCase:
    """What the gate reads of a record before it decides on one of these.

    Attributes:
        requirement: The learner's record in the cohort that the decision speaks of, None where it
            speaks of no learner, or the cohort has no policy; of credits at the index that they
            name.
        now: The same record with everything that was recorded since; None where it is the same.
        former: State of the enrolment that credits come from.
        certificate: The certificate that an exam registration rests on, None where it names none.
        items: Documents in the cohort's file.
        items_root: RFC 6962 root over their salted digests in log order.
    """

    requirement: Requirement | None = None
    former: EnrolmentState | None = None
    certificate: CertificateState | None = None
    items: int = 0
    items_root: bytes = b""
    now: Requirement | None = None


NO_CASE: Final = RecordCase()
"""Nothing was read: the decision rests on no record."""


class Context(Protocol):
    """What these rules look at; `ledger.domain.decisions.DecisionContext` is one."""

    @property
    def party(self) -> Callable[[bytes], PartyState | None]:
        """Looks up a registered party."""

    @property
    def policy(self) -> Callable[[bytes], Policy | None]:
        """Looks up an adopted policy by digest."""

    @property
    def cohort(self) -> CohortState | None:
        """The home cohort's state."""

    @property
    def log_size(self) -> int:
        """Number of entries so far."""

    @property
    def other_cohort(self) -> CohortState | None:
        """The cohort that the body names beside the home cohort."""

    @property
    def enrolment(self) -> EnrolmentState:
        """The enrolment's state."""

    @property
    def case(self) -> RecordCase:
        """What was read of the record."""


def cohort_filed(_: Message, body: Message, context: Context) -> list[Refusal]:
    """CohortFiled: a plan is filed once, with a bureau."""
    cohort = context.cohort
    if cohort is None or not cohort.planned:
        return [Refusal("NOT_PLANNED")]
    refusals = []
    if cohort.filed:
        refusals.append(Refusal("ALREADY_FILED"))
    bureau = context.party(body.bureau)
    if bureau is None or bureau.role is not Role.BUREAU:
        refusals.append(Refusal("UNKNOWN_PARTY", "bureau", {"party": body.bureau.hex()}))
    return refusals


def cohort_policy_repinned(_: Message, body: Message, context: Context) -> list[Refusal]:
    """CohortPolicyRepinned: another adopted policy of the same trade."""
    cohort = context.cohort
    if cohort is None or not cohort.planned:
        return [Refusal("NOT_PLANNED")]
    policy, pinned = context.policy(body.policy), context.policy(cohort.policy)
    if policy is None:
        return [Refusal("POLICY_NOT_ADOPTED", "policy", {"policy": body.policy.hex()})]
    if body.policy == cohort.policy:
        return [Refusal("ALREADY_PINNED", "policy")]
    if pinned is not None and policy.trade != pinned.trade:
        detail = f"the policy is for the trade {policy.trade}"
        return [Refusal("INVALID_FIELD", "policy", {"detail": detail})]
    return []


def cohort_archive_sealed(_: Message, body: Message, context: Context) -> list[Refusal]:
    """CohortArchiveSealed: the next version, over exactly the documents that are in the file."""
    cohort = context.cohort
    if cohort is None or not cohort.planned:
        return [Refusal("NOT_PLANNED")]
    refusals = []
    if not cohort.closed:
        refusals.append(Refusal("NOT_CLOSED"))
    if body.version != cohort.seals + 1:
        values = {"expected": cohort.seals + 1, "stated": body.version}
        refusals.append(Refusal("SEAL_VERSION", "version", values))
    case = context.case
    if body.items != case.items:
        values = {"stated": body.items, "computed": case.items}
        refusals.append(Refusal("COUNT_DIFFERS", "items", values))
    elif body.items_root != case.items_root:
        detail = "the root is not that of the documents in the file"
        refusals.append(Refusal("INVALID_FIELD", "items_root", {"detail": detail}))
    return refusals


def leaving(_: Message, __: Message, context: Context) -> list[Refusal]:
    """LearnerWithdrew and EnrolmentRejected: who is in training here can leave."""
    return [] if context.enrolment.live else [Refusal("NOT_ENROLLED")]


def learner_transferred(header: Message, body: Message, context: Context) -> list[Refusal]:
    """LearnerTransferred: to another planned cohort of the same institution."""
    refusals = leaving(header, body, context)
    other = context.other_cohort
    if body.to_cohort == header.cohorts[0]:
        detail = "the learner is in this cohort"
        refusals.append(Refusal("INVALID_FIELD", "to_cohort", {"detail": detail}))
    elif other is None or not other.planned:
        refusals.append(Refusal("NOT_PLANNED", "to_cohort"))
    elif other.owner != header.institution:
        refusals.append(Refusal("NOT_YOUR_COHORT", "to_cohort"))
    elif other.closed:
        refusals.append(Refusal("COHORT_CLOSED", "to_cohort"))
    return refusals


def credits_carried_over(header: Message, body: Message, context: Context) -> list[Refusal]:
    """CreditsCarriedOver: once, from the enrolment that led here, what it had credited.

    For the same trade, and not what a correction or voiding has taken away since.
    """
    refusals = [] if context.enrolment.live else [Refusal("NOT_ENROLLED")]
    if context.enrolment.carried:
        refusals.append(Refusal("ALREADY_CARRIED"))
    case = context.case
    came_here = case.former is not None and case.former.transferred_to == header.cohorts[0]
    if not came_here or case.requirement is None:
        refusals.append(Refusal("NOT_TRANSFERRED", "from_cohort"))
        return refusals
    former, own = context.other_cohort, context.cohort
    if former is not None and own is not None and former.trade != own.trade:
        detail = f"the cohort was one of the trade {former.trade}"
        refusals.append(Refusal("INVALID_FIELD", "from_cohort", {"detail": detail}))
    if body.up_to_index > context.log_size:
        detail = f"up_to_index lies behind the log's size {context.log_size}"
        refusals.append(Refusal("INVALID_FIELD", "up_to_index", {"detail": detail}))
    stated = {part.component: part.hours for part in body.credited}
    if len(stated) != len(body.credited):
        detail = "a component stands twice"
        refusals.append(Refusal("INVALID_FIELD", "credited", {"detail": detail}))
    now = case.requirement if case.now is None else case.now
    for component in HourComponent:
        claimed = stated.get(component, 0)
        credited = case.requirement.hours.hours(component)
        least = min(credited, now.hours.hours(component))
        if claimed != credited or claimed > least:
            values = {"component": component.name.lower(), "stated": claimed, "credited": least}
            refusals.append(Refusal("TOTALS_DIFFER", "credited", values))
    return refusals


def exam_registered(_: Message, body: Message, context: Context) -> list[Refusal]:
    """ExamRegistered: rests on a valid certificate, one from elsewhere, or an exemption."""
    named = bool(body.edition) + bool(body.other_proof_digest) + bool(body.exemption_digest)
    refusals = [] if context.enrolment.live else [Refusal("NOT_ENROLLED")]
    if named != 1:
        refusals.append(Refusal("EXAM_PROOF", "edition"))
        return refusals
    if not body.edition:
        return refusals
    certificate, requirement = context.case.certificate, context.case.requirement
    if certificate is None or not certificate.number:
        refusals.append(Refusal("CERTIFICATE_UNKNOWN", "edition"))
    elif not certificate.valid:
        refusals.append(Refusal("CERTIFICATE_NOT_VALID", "edition"))
    if requirement is not None:
        refusals += [each for each in requirement.refusals if each.code != "NOT_ENROLLED"]
    return refusals
