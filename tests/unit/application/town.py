"""A small town of parties with keys, whose events the tests sign and append.

The city bureau holds the root key; a district bureau, two institutions, a platform and an exam body
are registered by it. Everything is synthetic: region 320599 is not assigned.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Final
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clients.sdk import CapturedEvent, Circumstances, ClockReading, Emitter
from ledger.api.v1 import events_pb2 as pb
from ledger.api.v1 import recording_service_pb2 as recording
from ledger.application.admission import admit
from ledger.application.event_decision import RootKey
from ledger.application.group_commit import GroupCommit
from ledger.application.outcomes import Answer, AppendRequest, NotKnown, Recorded, Refused
from ledger.application.ports import LogHead, LogWriter, OwnRow
from ledger.application.recorded_clock import RecordedClock
from ledger.domain.check_digits import credit_code_check
from ledger.domain.policies import packaged_policies
from ledger.log import dsse
from ledger.log.entries import build_log_key
from ledger.log.identifiers import key_id, party_id
from ledger.log.merkle import leaf_hash, root
from ledger.log.signatures import PrivateKey, public_bytes, sign
from tests.unit.clients.sdk.identities import identity_of

ORIGIN: Final = "log.example/320599"
# 2026-03-02 09:00 in Shanghai, a Monday.
START: Final = datetime(2026, 3, 2, 1, tzinfo=UTC)
START_US: Final = int(START.timestamp()) * 1_000_000
MINUTE: Final = timedelta(minutes=1)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def small_policy(*, pass_mark: int = 80) -> bytes:
    """Two hours of theory, one of them in a classroom, and one of practical work."""
    text = packaged_policies()["low-voltage-electrician"].decode()
    for before, after in (
        ("value = 88\n", "value = 2\n"),
        ("value = 60\n", "value = 1\n"),
        ("value = 300\n", "value = 500\n"),
        (
            "[course_test.pass_mark]\nvalue = 80\n",
            f"[course_test.pass_mark]\nvalue = {pass_mark}\n",
        ),
    ):
        assert text.count(before) == 1
        text = text.replace(before, after)
    return text.encode()


POLICY: Final = small_policy()
POLICY_DIGEST: Final = sha256(POLICY).digest()


@dataclass
class Timepiece:
    """A wall clock and a monotonic clock that move together, unless a test parts them."""

    now_us: int = START_US
    monotonic_us: int = 0
    step_us: int = 1_000

    def wall(self) -> int:
        self.pass_time(self.step_us)
        return self.now_us

    def monotonic(self) -> int:
        return self.monotonic_us

    def pass_time(self, microseconds: int) -> None:
        self.now_us += microseconds
        self.monotonic_us += microseconds


@dataclass(frozen=True)
class Member:
    """A party with its own key."""

    kind: pb.PartyKind.ValueType
    area: str
    credit_code: str
    key: PrivateKey
    emitter: Emitter

    @property
    def party(self) -> UUID:
        return party_id(ORIGIN, self.credit_code)

    @property
    def key_id(self) -> bytes:
        return key_id(public_bytes(self.key.public_key()))


@dataclass
class Town:
    """Parties and what they sign."""

    time: Timepiece = field(default_factory=Timepiece)

    @cached_property
    def bureau(self) -> Member:
        return self.member("bureau", pb.PARTY_KIND_BUREAU, "3205")

    @cached_property
    def district(self) -> Member:
        return self.member("district", pb.PARTY_KIND_BUREAU, "320598")

    @cached_property
    def school(self) -> Member:
        return self.member("school", pb.PARTY_KIND_INSTITUTION, "320599")

    @cached_property
    def other(self) -> Member:
        return self.member("other", pb.PARTY_KIND_INSTITUTION, "320599")

    @cached_property
    def platform(self) -> Member:
        return self.member("platform", pb.PARTY_KIND_PLATFORM, "320599")

    @cached_property
    def examiners(self) -> Member:
        return self.member("examiners", pb.PARTY_KIND_EXAM_BODY, "320599")

    @property
    def root(self) -> RootKey:
        return RootKey(self.bureau.key_id, self.bureau.party.bytes)

    def member(self, name: str, kind: pb.PartyKind.ValueType, area: str) -> Member:
        digits = int.from_bytes(sha256(name.encode()).digest()[:4]) % 10**8
        body = f"9132059{digits:08}00"
        key = Ed25519PrivateKey.from_private_bytes(sha256(f"key {name}".encode()).digest())
        code = body + credit_code_check(body)
        return Member(kind, area, code, key, self.emitter(key, party_id(ORIGIN, code)))

    def emitter(self, key: PrivateKey, party: UUID, device: str = "") -> Emitter:
        identity = identity_of(key, origin=ORIGIN, party=party)
        return Emitter(
            identity,
            device=device,
            clock=lambda: ClockReading(self.time.now_us),
            synthetic=True,
        )

    def registration(self, member: Member, by: Member | None = None) -> list[CapturedEvent]:
        """The bureau registers a party and its own key."""
        emitter = (by or self.bureau).emitter
        return [
            emitter.institution_registered(
                kind=member.kind,
                credit_code=member.credit_code,
                name="示例单位",
                area=member.area,
            ),
            emitter.key_registered(
                public_key=public_bytes(member.key.public_key()),
                holder=member.party,
                use=pb.KEY_USE_PARTY,
            ),
        ]

    def genesis(self) -> list[CapturedEvent]:
        """The root key registers itself, then its bureau."""
        return self.registration(self.bureau)[::-1]

    def founding(self) -> recording.Batch:
        """One batch of the bureau: the root key, all parties, the policy."""
        parties = (self.district, self.school, self.other, self.platform, self.examiners)
        events = [*self.genesis()]
        for member in parties:
            events += self.registration(member)
        events.append(self.bureau.emitter.policy_adopted(document=POLICY))
        events += [self.importing(member) for member in (self.school, self.other)]
        return batch(self.bureau.key, events)

    def importing(self, member: Member) -> CapturedEvent:
        """The bureau takes an institution over: its trade needs no report."""
        return self.bureau.emitter.institution_imported(
            institution=member.party,
            trades=["2010-1.2"],
            listed_since=date(2024, 5, 6),
            document_digest=bytes(32),
        )

    def cohort(self, *, of: Member | None = None, capacity: int = 30) -> tuple[UUID, CapturedEvent]:
        """A new cohort and its plan."""
        cohort = uuid4()
        plan = (of or self.school).emitter.cohort_planned(
            cohort=cohort,
            trade="2010-1.2",
            trade_name="低压电工作业",
            policy=POLICY_DIGEST,
            capacity=capacity,
            first_day=date(2026, 3, 2),
            last_day=date(2026, 3, 27),
            number="2026-001",
            platform=self.platform.party,
            exam_body=self.examiners.party,
        )
        return cohort, plan

    def enrolment(
        self,
        cohort: UUID,
        person: UUID,
        of: Member | None = None,
        commitment: bytes = bytes(range(32)),
    ) -> CapturedEvent:
        return (of or self.school).emitter.learner_enrolled(
            cohort=cohort, person_ref=person, identity_commitment=commitment, basis="LOCAL"
        )

    def sign_in(self, cohort: UUID, person: UUID, of: Member | None = None) -> CapturedEvent:
        return (of or self.school).emitter.learner_signed_in(
            cohort=cohort,
            person_ref=person,
            session=UUID(int=1, version=4),
            method=pb.PRESENCE_METHOD_ID_CARD,
        )

    def lesson_day(
        self,
        cohort: UUID,
        persons: Sequence[UUID],
        component: pb.HourComponent.ValueType,
        start: datetime,
        minutes: int = 45,
        of: Member | None = None,
    ) -> list[CapturedEvent]:
        """A session that all these learners attend from start to end."""
        emitter, session = (of or self.school).emitter, uuid4()
        end = start + minutes * MINUTE
        first, last = Circumstances(occurred=start), Circumstances(occurred=end)
        events = [
            emitter.session_scheduled(
                cohort=cohort,
                session=session,
                start=start,
                end=end,
                component=component,
                room="A-101",
                teacher=UUID(int=7, version=4),
            ),
            emitter.session_started(
                cohort=cohort, session=session, present=len(persons), how=first
            ),
        ]
        for person in persons:
            method = pb.PRESENCE_METHOD_ID_CARD
            events += [
                emitter.learner_signed_in(
                    cohort=cohort, person_ref=person, session=session, method=method, how=first
                ),
                emitter.learner_signed_out(
                    cohort=cohort, person_ref=person, session=session, method=method, how=last
                ),
            ]
        events.append(
            emitter.session_ended(cohort=cohort, session=session, break_minutes=0, how=last)
        )
        return events

    def whole_course(
        self, cohort: UUID, persons: Sequence[UUID], of: Member | None = None
    ) -> list[CapturedEvent]:
        """All hours of the small policy and a passed course test: days before `START`."""
        day = START - timedelta(days=3)
        theory, practical = pb.HOUR_COMPONENT_THEORY_OFFLINE, pb.HOUR_COMPONENT_PRACTICAL
        events = self.lesson_day(cohort, persons, theory, day, 90, of)
        events += self.lesson_day(cohort, persons, practical, day + timedelta(days=1), 45, of)
        return events + [
            (of or self.school).emitter.course_test_recorded(
                cohort=cohort, person_ref=person, score_hundredths=8_000
            )
            for person in persons
        ]

    def clock(self) -> RecordedClock:
        return RecordedClock(self.time.wall, self.time.monotonic, apart_us=None)


def batch(
    key: PrivateKey, events: Sequence[CapturedEvent], approver: PrivateKey | None = None
) -> recording.Batch:
    """Events signed together, as they go over the wire."""
    leaves = [leaf_hash(event.data) for event in events]
    message = dsse.batch_message(root(leaves))
    return recording.Batch(
        key_id=key_id(public_bytes(key.public_key())),
        algorithm=(
            pb.ALGORITHM_ED25519 if isinstance(key, Ed25519PrivateKey) else pb.ALGORITHM_ECDSA_P256
        ),
        signature=sign(key, message),
        approver_signature=b"" if approver is None else sign(approver, message),
        leaves=leaves,
        events=[event.data for event in events],
    )


def request(*batches: recording.Batch, atomic: bool = False) -> AppendRequest:
    return AppendRequest(admit(batches, ORIGIN), atomic)


def codes(answers: Sequence[Answer]) -> list[str]:
    """What became of each event: its refusal's code, UNKNOWN, held code, AGAIN or an empty text."""
    words = []
    for answer in answers:
        match answer:
            case Refused():
                words.append(answer.refusal.code)
            case NotKnown():
                words.append("UNKNOWN")
            case Recorded():
                words.append("AGAIN" if answer.repeated else answer.held)
    return words


def recorded(answers: Sequence[Answer]) -> list[Recorded]:
    """The answers, all of which have to be places in the log."""
    places = [answer for answer in answers if isinstance(answer, Recorded)]
    assert len(places) == len(answers), codes(answers)
    return places


async def write_log_key(writer: LogWriter, recorded_us: int = START_US) -> None:
    """Write an entry of the log's own, as every log begins."""
    entry = build_log_key(
        role="acknowledgement", algorithm="ed25519", key=bytes(32), recorded=recorded_us
    )
    async with writer.group(()) as transaction:
        await transaction.insert([OwnRow(0, entry, recorded_us)], (), LogHead(1, recorded_us, None))


@asynccontextmanager
async def committing(
    writer: LogWriter, town: Town, clock: RecordedClock | None = None
) -> AsyncIterator[GroupCommit]:
    """A committing task of its own, as each process has one."""
    commits = GroupCommit(writer, ORIGIN, town.root, clock or town.clock())
    commits.start()
    try:
        yield commits
    finally:
        await commits.stop()
