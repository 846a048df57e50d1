"""The rules of decisions: refused, with every reason, unless they hold when recorded (DESIGN 4).

Each rule looks at the event and at the states that it names; nothing here reads a clock or a table.
The rules of certificates are in `certificate_rules`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from ledger.domain.authority import Author, area_refusal, loosened_refusal
from ledger.domain.check_digits import credit_code_ok
from ledger.domain.cohort_rules import (
    NO_CASE,
    RecordCase,
    cohort_archive_sealed,
    cohort_filed,
    cohort_policy_repinned,
    credits_carried_over,
    exam_registered,
    learner_transferred,
    leaving,
)
from ledger.domain.event_types import USE_BY_NUMBER, KeyUse, Role
from ledger.domain.institution_rules import INSTITUTION_RULES, InstitutionRule, institution_refusals
from ledger.domain.party_states import PartyState
from ledger.domain.policies import Policy, PolicyError, parse_policy
from ledger.domain.recorded_event import Message
from ledger.domain.refusals import Refusal
from ledger.domain.states import CohortState, EnrolmentState, KeyState


@dataclass(frozen=True, slots=True)
class DecisionContext:
    """What decisions may look at.

    Attributes:
        author: Who wrote.
        root_holder: The party of the log's root key.
        log_size: Number of entries so far.
        party: Looks up a registered party.
        policy: Looks up an adopted policy by digest.
        stream_key: The key whose stream the event belongs to, for key streams.
        cohort: The home cohort's state.
        enrolment: The enrolment's state.
        stream_length: Entries of the event's stream so far.
        other_cohort: State of the cohort that the body names beside the home cohort.
        case: What was read of the record that the decision rests on.
    """

    author: Author
    root_holder: bytes
    log_size: int
    party: Callable[[bytes], PartyState | None]
    policy: Callable[[bytes], Policy | None]
    stream_key: KeyState | None
    cohort: CohortState | None
    enrolment: EnrolmentState
    stream_length: int
    other_cohort: CohortState | None = None
    case: RecordCase = NO_CASE


Rule = Callable[[Message, Message, DecisionContext], list[Refusal]]


def refusals_of(
    type_name: str, header: Message, body: Message, context: DecisionContext
) -> list[Refusal]:
    """Return every reason for refusing a decision; an empty list when the rules hold."""
    return _RULES[type_name](header, body, context)


def _institution_registered(
    header: Message, body: Message, context: DecisionContext
) -> list[Refusal]:
    refusals = []
    if header.institution != header.stream:
        detail = "header.institution is not the party"
        refusals.append(Refusal("INVALID_FIELD", "header.institution", {"detail": detail}))
    if context.stream_length:
        refusals.append(Refusal("ALREADY_REGISTERED", "credit_code"))
    if not credit_code_ok(body.credit_code):
        detail = "the check character of the credit code does not fit"
        refusals.append(Refusal("INVALID_FIELD", "credit_code", {"detail": detail}))
    outside = area_refusal(context.author.party, body.area, "area")
    if outside is not None:
        refusals.append(outside)
    return refusals


def _key_registered(header: Message, body: Message, context: DecisionContext) -> list[Refusal]:
    key, own = context.author.key, context.author.party
    holder = context.party(body.holder)
    refusals = []
    if context.stream_length:
        refusals.append(Refusal("ALREADY_REGISTERED", "public_key"))
    if header.institution != body.holder:
        detail = "header.institution is not the holder"
        refusals.append(Refusal("INVALID_FIELD", "holder", {"detail": detail}))
    if holder is None:
        refusals.append(Refusal("UNKNOWN_PARTY", "holder", {"party": body.holder.hex()}))
    elif own.role is Role.BUREAU:
        refusals += _of_bureau("KeyRegistered", body.holder, holder, "holder", context)
    elif key.holder != body.holder or USE_BY_NUMBER[body.use] is KeyUse.PARTY:
        values = {"role": own.role.value, "type": "KeyRegistered"}
        refusals.append(Refusal("NOT_YOURS_TO_WRITE", "holder", values))
    return refusals


def _key_ended(header: Message, body: Message, context: DecisionContext) -> list[Refusal]:
    ended, author = context.stream_key, context.author
    if ended is None:
        return [Refusal("UNKNOWN_KEY", "header.stream", {"key": header.stream.hex()})]
    if header.institution != ended.holder:
        detail = "header.institution is not the key's holder"
        return [Refusal("INVALID_FIELD", "header.institution", {"detail": detail})]
    if body.from_index > context.log_size:
        detail = f"from_index lies behind the log's size {context.log_size}"
        return [Refusal("INVALID_FIELD", "from_index", {"detail": detail})]
    loosened = loosened_refusal(ended, body.ending, body.accepted_until_us)
    if loosened is not None:
        return [loosened]
    if author.key.holder == ended.holder:
        return []
    holder = context.party(ended.holder)
    if author.party.role is not Role.BUREAU or holder is None:
        values = {"role": author.party.role.value, "type": "KeyEnded"}
        return [Refusal("NOT_YOURS_TO_WRITE", "header.stream", values)]
    return _of_bureau("KeyEnded", ended.holder, holder, "header.stream", context)


def _of_bureau(
    type_name: str, party: bytes, holder: PartyState, field: str, context: DecisionContext
) -> list[Refusal]:
    """Return why a bureau may not register or end keys of a party.

    Keys of another bureau are made above it: a peer could make itself one of the root's.
    """
    key, own = context.author.key, context.author.party
    outside = area_refusal(own, holder.area, field)
    if outside is not None:
        return [outside]
    peer = holder.role is Role.BUREAU and holder.area == own.area
    if peer and key.holder not in (party, context.root_holder):
        values = {"role": own.role.value, "type": type_name}
        return [Refusal("NOT_YOURS_TO_WRITE", field, values)]
    return []


def _policy_adopted(header: Message, body: Message, context: DecisionContext) -> list[Refusal]:
    holder = context.author.key.holder
    if holder != context.root_holder or header.institution != holder:
        values = {"role": context.author.party.role.value, "type": "PolicyAdopted"}
        return [Refusal("NOT_YOURS_TO_WRITE", "header.author_key", values)]
    if sha256(body.document).digest() != body.digest:
        detail = "the digest is not that of the document"
        return [Refusal("INVALID_FIELD", "digest", {"detail": detail})]
    if context.policy(body.digest) is not None:
        return [Refusal("ALREADY_REGISTERED", "digest")]
    try:
        parse_policy(body.document)
    except PolicyError as error:
        return [Refusal("POLICY_INVALID", "document", {"detail": str(error)})]
    return []


def _cohort_planned(_: Message, body: Message, context: DecisionContext) -> list[Refusal]:
    refusals = []
    if context.cohort is not None and context.cohort.planned:
        refusals.append(Refusal("ALREADY_PLANNED"))
    if body.last_day < body.first_day:
        values = {"first": body.first_day, "last": body.last_day}
        refusals.append(Refusal("DATES_REVERSED", "last_day", values))
    policy = context.policy(body.policy)
    if policy is None:
        values = {"policy": body.policy.hex()}
        refusals.append(Refusal("POLICY_NOT_ADOPTED", "policy", values))
    else:
        refusals += _against_policy(body, policy)
    for field, party, role in (
        ("platform", body.platform, Role.PLATFORM),
        ("exam_body", body.exam_body, Role.EXAM_BODY),
    ):
        known = context.party(party) if party else None
        if party and (known is None or known.role is not role):
            refusals.append(Refusal("UNKNOWN_PARTY", field, {"party": party.hex()}))
    return refusals + institution_refusals(context.author.party, body.trade, opening=False)


def _against_policy(body: Message, policy: Policy) -> list[Refusal]:
    refusals = []
    if body.trade != policy.trade:
        detail = f"the policy is for the trade {policy.trade}"
        refusals.append(Refusal("INVALID_FIELD", "trade", {"detail": detail}))
    if policy.capacity.refuses and body.capacity > policy.capacity.value:
        detail = f"the policy allows {policy.capacity.value}"
        refusals.append(Refusal("INVALID_FIELD", "capacity", {"detail": detail}))
    return refusals


def _cohort_opened(_: Message, body: Message, context: DecisionContext) -> list[Refusal]:
    cohort = context.cohort
    if cohort is None or not cohort.planned:
        return [Refusal("NOT_PLANNED")]
    if cohort.closed:
        return [Refusal("COHORT_CLOSED")]
    if cohort.opened:
        return [Refusal("ALREADY_OPEN")]
    refusals = _count_refusal("enrolled", body.enrolled, cohort.enrolled)
    return refusals + institution_refusals(context.author.party, cohort.trade, opening=True)


def _cohort_closed(_: Message, body: Message, context: DecisionContext) -> list[Refusal]:
    cohort = context.cohort
    if cohort is None or not cohort.opened:
        return [Refusal("NOT_OPEN")]
    if cohort.closed:
        return [Refusal("COHORT_CLOSED")]
    if body.completed > cohort.enrolled:
        return _count_refusal("completed", body.completed, cohort.enrolled)
    return []


def _count_refusal(field: str, stated: int, computed: int) -> list[Refusal]:
    if stated == computed:
        return []
    return [Refusal("COUNT_DIFFERS", field, {"stated": stated, "computed": computed})]


def _learner_enrolled(_: Message, __: Message, context: DecisionContext) -> list[Refusal]:
    cohort = context.cohort
    if cohort is None or not cohort.planned:
        return [Refusal("NOT_PLANNED")]
    refusals = []
    if context.enrolment.enrolled:
        refusals.append(Refusal("ALREADY_ENROLLED"))
    if cohort.closed:
        refusals.append(Refusal("COHORT_CLOSED"))
    if cohort.enrolled >= cohort.capacity:
        values = {"enrolled": cohort.enrolled, "capacity": cohort.capacity}
        refusals.append(Refusal("COHORT_FULL", "", values))
    return refusals + institution_refusals(context.author.party, cohort.trade, opening=False)


def _of_institution(rule: InstitutionRule) -> Rule:
    """Return the rule of an institution's life as a rule of decisions."""

    def decide(header: Message, body: Message, context: DecisionContext) -> list[Refusal]:
        party = context.party(header.institution)
        if party is None:
            values = {"party": header.institution.hex()}
            return [Refusal("UNKNOWN_PARTY", "header.institution", values)]
        return rule(context.author.party, party, body)

    return decide


_RULES: Final[Mapping[str, Rule]] = {
    "InstitutionRegistered": _institution_registered,
    "KeyRegistered": _key_registered,
    "KeyEnded": _key_ended,
    "PolicyAdopted": _policy_adopted,
    "CohortPlanned": _cohort_planned,
    "CohortOpened": _cohort_opened,
    "CohortClosed": _cohort_closed,
    "LearnerEnrolled": _learner_enrolled,
    "LearnerWithdrew": leaving,
    "EnrolmentRejected": leaving,
    "LearnerTransferred": learner_transferred,
    "CreditsCarriedOver": credits_carried_over,
    "ExamRegistered": exam_registered,
    "CohortFiled": cohort_filed,
    "CohortPolicyRepinned": cohort_policy_repinned,
    "CohortArchiveSealed": cohort_archive_sealed,
    **{name: _of_institution(rule) for name, rule in INSTITUTION_RULES.items()},
}
