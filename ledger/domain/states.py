"""Decision states: the little that decisions need to know of each stream, as plain folds.

A state is a frozen value; folding one more event gives the next. Only the types in
`event_types.DECISION_RELEVANT` move a state, so the state of a long stream loads from a few rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Final

from ledger.domain.clock_offsets import ClockOffset, clock_offset
from ledger.domain.event_types import USE_BY_NUMBER, KeyUse
from ledger.domain.party_states import PartyState, StaffState, fold_party, fold_staff
from ledger.domain.policies import Policy, parse_policy
from ledger.domain.recorded_event import RecordedEvent

PINNING: Final = frozenset({"CohortPlanned", "CohortPolicyRepinned"})
"""Types that pin a cohort to a policy."""

LEAVING: Final = frozenset({"LearnerWithdrew", "EnrolmentRejected", "LearnerTransferred"})
"""Types after which a learner is not in training in this cohort any more."""

ENDING_ROTATED = 1
ENDING_LOST_OR_RETIRED = 2
ENDING_COMPROMISED = 3


@dataclass(frozen=True, slots=True)
class KeyState:
    """A registered key.

    Attributes:
        key_id: SHA-256 of the public key.
        public_key: SubjectPublicKeyInfo in DER.
        algorithm: Number of the proto enum `Algorithm`.
        holder: The party that it signs for.
        use: What it may sign.
        device: Serial code of the device or system.
        registered_index: Index of its registration.
        ending: How it ended, a number of the proto enum `KeyEnding`; 0 while it is in use.
        accepted_until_us: Rotated: its backlog is accepted until then.
        contested_from: Compromised: entries by it from this index on credit nothing; None if it
            never was.
    """

    key_id: bytes
    public_key: bytes
    algorithm: int
    holder: bytes
    use: KeyUse
    device: str
    registered_index: int
    ending: int = 0
    accepted_until_us: int = 0
    contested_from: int | None = None

    def credits(self, index: int) -> bool:
        """Tell whether an entry by this key may count: it is not contested."""
        return self.contested_from is None or index < self.contested_from


def fold_key(state: KeyState | None, event: RecordedEvent) -> KeyState | None:
    """Fold an event of a key stream."""
    body = event.body
    if event.type == "KeyRegistered":
        return KeyState(
            sha256(body.public_key).digest(),
            body.public_key,
            body.algorithm,
            body.holder,
            USE_BY_NUMBER[body.use],
            body.device,
            event.index,
        )
    if event.type == "KeyEnded" and state is not None:
        contested = state.contested_from
        if body.ending == ENDING_COMPROMISED:
            contested = body.from_index if contested is None else min(contested, body.from_index)
        return replace(
            state,
            ending=body.ending,
            accepted_until_us=body.accepted_until_us,
            contested_from=contested,
        )
    return state


@dataclass(frozen=True, slots=True)
class CohortState:
    """A cohort: its owner is the institution that the first entry under its key names.

    Attributes:
        owner: The owning institution.
        planned: A plan is recorded; the fields below hold only then.
        policy: Digest of the pinned policy.
        capacity: Most learners.
        platform: Platform that may write lessons, or empty.
        exam_body: Exam body that may write results, or empty.
        opened: Opening is recorded.
        closed: Closing is recorded.
        enrolled: Learners enrolled who have not left.
        filed: Filing with the bureau is recorded.
        seals: Versions of the archive's seal so far.
        offsets: What was stated of devices' clocks.
        trade: Trade code of the plan.
    """

    owner: bytes
    planned: bool = False
    policy: bytes = b""
    capacity: int = 0
    platform: bytes = b""
    exam_body: bytes = b""
    opened: bool = False
    closed: bool = False
    enrolled: int = 0
    filed: bool = False
    seals: int = 0
    offsets: tuple[ClockOffset, ...] = ()
    trade: str = ""


def fold_cohort(state: CohortState | None, event: RecordedEvent) -> CohortState:
    """Fold an event under the cohort's key."""
    if state is None:
        state = CohortState(event.header.institution)
    body = event.body
    if event.type in LEAVING:
        return replace(state, enrolled=state.enrolled - 1)
    match event.type:
        case "CohortPlanned":
            return replace(
                state,
                planned=True,
                policy=body.policy,
                trade=body.trade,
                capacity=body.capacity,
                platform=body.platform,
                exam_body=body.exam_body,
            )
        case "CohortPolicyRepinned":
            return replace(state, policy=body.policy)
        case "CohortFiled" | "CohortOpened" | "CohortClosed":
            return replace(
                state,
                filed=state.filed or event.type == "CohortFiled",
                opened=state.opened or event.type == "CohortOpened",
                closed=state.closed or event.type == "CohortClosed",
            )
        case "LearnerEnrolled":
            return replace(state, enrolled=state.enrolled + 1)
        case "CohortArchiveSealed":
            return replace(state, seals=body.version)
        case "ClockOffsetStated":
            return replace(state, offsets=(*state.offsets, clock_offset(event)))
    return state


@dataclass(frozen=True, slots=True)
class EnrolmentState:
    """One learner in one cohort.

    Attributes:
        enrolled: The enrolment was opened.
        left: The learner withdrew, was rejected, or was transferred.
        transferred_to: The cohort that the learner was transferred to; empty otherwise.
        carried: Credits of another cohort were carried over.
        make_ups: Sessions that make-up plans name, and the cohorts that hold them.
    """

    enrolled: bool = False
    left: bool = False
    transferred_to: bytes = b""
    carried: bool = False
    make_ups: frozenset[tuple[bytes, bytes]] = frozenset()

    @property
    def live(self) -> bool:
        """The learner is in training here."""
        return self.enrolled and not self.left


def fold_enrolment(state: EnrolmentState, event: RecordedEvent) -> EnrolmentState:
    """Fold an event of an enrolment stream."""
    body = event.body
    match event.type:
        case "LearnerEnrolled":
            return replace(state, enrolled=True)
        case "LearnerWithdrew" | "EnrolmentRejected":
            return replace(state, left=True)
        case "LearnerTransferred":
            return replace(state, left=True, transferred_to=body.to_cohort)
        case "CreditsCarriedOver":
            return replace(state, carried=True)
        case "MakeUpScheduled":
            return replace(state, make_ups=state.make_ups | {(body.session, body.cohort)})
    return state


@dataclass(frozen=True, slots=True)
class CertificateState:
    """One edition of a certificate.

    Attributes:
        number: Its number; empty before the issue.
        cohort: Its home cohort.
        edition: Its edition.
        revoked: A revocation is recorded.
        suspended: It is suspended.
        successor: Number of the certificate that replaces it; empty while none does.
    """

    number: str = ""
    cohort: bytes = b""
    edition: int = 0
    revoked: bool = False
    suspended: bool = False
    successor: str = ""

    @property
    def live(self) -> bool:
        """Issued, not revoked and not superseded; it may be suspended."""
        return bool(self.number) and not self.revoked and not self.successor

    @property
    def valid(self) -> bool:
        """Live and not suspended."""
        return self.live and not self.suspended


def fold_certificate(state: CertificateState, event: RecordedEvent) -> CertificateState:
    """Fold an event of a certificate stream."""
    if event.type == "TrainingCertificateIssued":
        return CertificateState(event.body.number, event.header.cohorts[0], event.body.edition)
    if event.type == "TrainingCertificateRevoked":
        return replace(state, revoked=True)
    if event.type == "TrainingCertificateSuperseded":
        return replace(state, successor=event.body.number)
    if event.type in ("TrainingCertificateSuspended", "TrainingCertificateReinstated"):
        return replace(state, suspended=event.type == "TrainingCertificateSuspended")
    return state


@dataclass(frozen=True, slots=True)
class PolicyBook:
    """The adopted policies by digest."""

    policies: Mapping[bytes, Policy] = field(default_factory=dict)


def fold_policies(state: PolicyBook | None, event: RecordedEvent) -> PolicyBook:
    """Fold an event of the policy stream."""
    known = {} if state is None else state.policies
    policy = parse_policy(event.body.document)
    return PolicyBook({**known, policy.digest: policy})


StreamState = (
    KeyState | PartyState | StaffState | EnrolmentState | CertificateState | PolicyBook | None
)


def fold_stream(kind: str, state: StreamState, event: RecordedEvent) -> StreamState:
    """Fold a decision-relevant event into the state of its stream; cohorts have `fold_cohort`."""
    match kind:
        case "key":
            return fold_key(state if isinstance(state, KeyState) else None, event)
        case "institution":
            return fold_party(state if isinstance(state, PartyState) else None, event)
        case "staff":
            return fold_staff(state if isinstance(state, StaffState) else None, event)
        case "policy":
            return fold_policies(state if isinstance(state, PolicyBook) else None, event)
        case "enrolment":
            before = state if isinstance(state, EnrolmentState) else EnrolmentState()
            return fold_enrolment(before, event)
        case "certificate":
            issued = state if isinstance(state, CertificateState) else CertificateState()
            return fold_certificate(issued, event)
    return None
