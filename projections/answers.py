"""What the read side answers: one frozen record per message of the contract (proto/ledger/api/v1).

Ids and digests are raw bytes, empty where there is none; enums are the numbers of the proto enums;
times are microseconds since 1970 UTC, 0 where there is none. Every answer names the size of the log
that it rests on.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Answer(Generic[T_co]):
    """One thing, None when the log names none.

    Attributes:
        value: The thing.
        as_of_size: Log size that the answer rests on.
    """

    value: T_co
    as_of_size: int


@dataclass(frozen=True, slots=True)
class Page(Generic[T_co]):
    """A page of rows.

    Attributes:
        rows: The rows.
        after: Where the next page begins; empty on the last.
        as_of_size: Log size that the answer rests on.
    """

    rows: tuple[T_co, ...]
    after: bytes
    as_of_size: int


@dataclass(frozen=True, slots=True)
class Cohort:
    """A cohort in brief.

    Attributes:
        cohort: The cohort.
        institution: Its owner.
        number: The institution's own number.
        trade: Trade code.
        trade_name: Trade name.
        policy: Digest of the pinned policy.
        platform: Platform that may write its lessons.
        exam_body: Exam body that may write its results.
        state: planned, open, closed, or unplanned when facts came first.
        enrolled: Learners enrolled.
        capacity: Most learners at once.
        first_day: First day, YYYYMMDD.
        last_day: Last day, YYYYMMDD.
        certificates: Certificates issued, neither revoked nor superseded.
    """

    cohort: bytes
    institution: bytes
    number: str
    trade: str
    trade_name: str
    policy: bytes
    platform: bytes
    exam_body: bytes
    state: str
    enrolled: int
    capacity: int
    first_day: int
    last_day: int
    certificates: int


@dataclass(frozen=True, slots=True)
class Key:
    """A registered key.

    Attributes:
        key_id: SHA-256 of the SubjectPublicKeyInfo.
        public_key: SubjectPublicKeyInfo in DER.
        algorithm: Algorithm.
        holder: The party that it signs for.
        use: KeyUse.
        device: Serial code of the device or system.
        ending: KeyEnding, 0 while it is in use.
        accepted_until_us: Rotated: its backlog is accepted until then.
        from_index: Compromised: first contested log index.
        registered_index: Log index of its registration.
    """

    key_id: bytes
    public_key: bytes
    algorithm: int
    holder: bytes
    use: int
    device: str
    ending: int
    accepted_until_us: int
    from_index: int
    registered_index: int


@dataclass(frozen=True, slots=True)
class OfficialCertificate:
    """The official certificate 操作证 that a bureau linked; its number is in no read model.

    Attributes:
        first_issued: Day of first issue, YYYYMMDD.
        review_due: Day by which it is reviewed, YYYYMMDD.
        valid_to: Last day of validity, YYYYMMDD.
        linked_us: When the link was recorded.
    """

    first_issued: int
    review_due: int
    valid_to: int
    linked_us: int


@dataclass(frozen=True, slots=True)
class Certificate:
    """A training certificate 培训证明 as the register shows it; it names no person.

    Attributes:
        number: Number.
        certificate: Certificate stream.
        edition: Edition, from 1.
        institution: Issuing institution.
        institution_name: Its name; empty when it is not registered.
        cohort: Home cohort.
        trade_name: Trade name of the cohort's plan.
        state: valid, superseded, suspended or revoked, the gravest that holds.
        revocation_reason: RevocationReason, 0 while it is not revoked.
        issued_us: When the issue was recorded.
        revoked_us: When the revocation was recorded.
        issued_index: Log index of the issue.
        policy: Digest of the pinned policy.
        evaluator_version: Version of the hours evaluator.
        credited: (HourComponent, hours) as the certificate states them.
        supersedes: Number of the certificate that it replaces; empty when it replaces none.
        successor: Number of the certificate that replaces it; empty while none does.
        superseded_us: When the replacement was recorded.
        superseding_reason: Its reason code.
        suspended_us: When the last suspension was recorded.
        suspension_reason: Its reason code.
        reinstated_us: When that suspension was lifted; 0 while it holds.
        reinstatement_reason: Reason code of lifting it.
        official: The official certificate; None while none is linked.
    """

    number: str
    certificate: bytes
    edition: int
    institution: bytes
    institution_name: str
    cohort: bytes
    trade_name: str
    state: str
    revocation_reason: int
    issued_us: int
    revoked_us: int
    issued_index: int
    policy: bytes
    evaluator_version: int
    credited: tuple[tuple[int, int], ...]
    supersedes: str = ""
    successor: str = ""
    superseded_us: int = 0
    superseding_reason: str = ""
    suspended_us: int = 0
    suspension_reason: str = ""
    reinstated_us: int = 0
    reinstatement_reason: str = ""
    official: OfficialCertificate | None = None


@dataclass(frozen=True, slots=True)
class HeldEvent:
    """A fact that counts for nothing yet: its place in the log, and the code of what holds it.

    `cohort` is empty for facts of institutions and staff files; `institution` is whom it is
    recorded for.
    """

    index: int
    event_id: bytes
    type: str
    stream: bytes
    cohort: bytes
    institution: bytes
    code: str
    recorded_us: int
