"""Hand-made recorded events: a log is told event by event, with the index that each one gets.

Times are minutes of one day, 2026-03-16 in Asia/Shanghai, unless a day is added. Everything is
synthetic.
"""

from collections import defaultdict
from hashlib import sha256
from typing import Any, TypedDict, Unpack
from uuid import UUID

from google.protobuf.message import Message as ProtoMessage

from ledger.api.v1 import events_pb2 as pb
from ledger.domain.event_types import EVENT_TYPES
from ledger.domain.fact_holds import fact_hold
from ledger.domain.policies import packaged_policies, parse_policy
from ledger.domain.recorded_event import RecordedEvent
from ledger.domain.states import CohortState, EnrolmentState, fold_cohort, fold_enrolment
from ledger.log.identifiers import certificate_id, enrolment_id
from projections.ports import FedEvent

MINUTE = 60_000_000
DAY = 24 * 60 * MINUTE
MIDNIGHT = 1_773_590_400_000_000
"""2026-03-16T00:00:00+08:00."""

INSTITUTION = UUID(int=0x1257).bytes
BUREAU = UUID(int=0xB0).bytes
COHORT, HOST = UUID(int=0xC0).bytes, UUID(int=0xC1).bytes
ANNA, BENNO = UUID(int=0xA1).bytes, UUID(int=0xA2).bytes
MORNING, AFTERNOON = UUID(int=0x51).bytes, UUID(int=0x52).bytes
TEACHER, CLERK, CHIEF = UUID(int=0x7E).bytes, UUID(int=0x7C).bytes, UUID(int=0x7D).bytes
OFFLINE, ONLINE, PRACTICAL = 1, 2, 3

POLICY_FILE = packaged_policies()["low-voltage-electrician"]
POLICY = parse_policy(POLICY_FILE)


def enrolment(person: bytes, cohort: bytes = COHORT) -> bytes:
    return enrolment_id(UUID(bytes=cohort), UUID(bytes=person)).bytes


def certificate(person: bytes, edition: int = 1, cohort: bytes = COHORT) -> bytes:
    home = UUID(bytes=enrolment(person, cohort))
    return certificate_id(UUID(bytes=person), home, edition).bytes


def at(hour: int, minute: int = 0, day: int = 0) -> int:
    return MIDNIGHT + (hour * 60 + minute) * MINUTE + day * DAY


class Given(TypedDict, total=False):
    """What a story may say of an event instead of the usual."""

    cohorts: tuple[bytes, ...]
    person: bytes
    occurred_us: int
    recorded_us: int
    held: str
    institution: bytes
    device: str
    persons: tuple[bytes, bytes]


class Story:
    """A log under construction; `held` is derived as the sequencer derives it."""

    events: list[FedEvent]

    def __init__(self) -> None:
        self.events = []
        self._seq: defaultdict[bytes, int] = defaultdict(int)
        self._cohorts: dict[bytes, CohortState] = {}
        self._enrolments: dict[bytes, EnrolmentState] = {}
        self.next_index = 0

    def tell(
        self,
        stream: bytes,
        body: ProtoMessage,
        *,
        cohorts: tuple[bytes, ...] = (),
        person: bytes = b"",
        occurred_us: int | None = None,
        recorded_us: int | None = None,
        held: str | None = None,
        institution: bytes = INSTITUTION,
        device: str = "",
        persons: tuple[bytes, bytes] = (b"", b""),
    ) -> RecordedEvent:
        name = body.DESCRIPTOR.name
        occurred = at(8) if occurred_us is None else occurred_us
        recorded = at(23, day=30) if recorded_us is None else recorded_us
        self._seq[stream] += 1
        header: Any = pb.EventHeader(
            event_id=self.next_index.to_bytes(16, "big"),
            type=name,
            institution=institution,
            stream=stream,
            cohorts=cohorts,
            occurred_us=occurred,
            person_ref=person,
            device=device,
            entered_by=persons[0],
            approved_by=persons[1],
        )
        message: Any = body
        event = RecordedEvent(
            self.next_index, self._seq[stream], name, stream, recorded, header, message
        )
        self.events.append((event, self._held(event) if held is None else held))
        self.next_index += 1
        self._follow(event)
        return event

    def _held(self, event: RecordedEvent) -> str:
        by_id = {each.header.event_id: each for each, _ in self.events}
        cohorts = [self._cohorts.get(cohort) for cohort in event.header.cohorts]
        enrolment = self._enrolments.get(event.stream, EnrolmentState())
        return fact_hold(event, cohorts, enrolment, POLICY, by_id.get)

    def _follow(self, event: RecordedEvent) -> None:
        known = EVENT_TYPES[event.type]
        if known.kind not in {"cohort", "enrolment"}:
            return
        home = event.header.cohorts[0]
        self._cohorts[home] = fold_cohort(self._cohorts.get(home), event)
        if known.kind == "enrolment":
            before = self._enrolments.get(event.stream, EnrolmentState())
            self._enrolments[event.stream] = fold_enrolment(before, event)

    def decide(self, stream: bytes, body: ProtoMessage, **more: Unpack[Given]) -> RecordedEvent:
        more["held"] = ""
        return self.tell(stream, body, **more)

    # --- cohort ------------------------------------------------------------------------------

    def plan(self, cohort: bytes = COHORT, **more: Unpack[Given]) -> RecordedEvent:
        body = pb.CohortPlanned(
            trade="2010-1.2",
            trade_name="低压电工作业",
            policy=POLICY.digest,
            capacity=40,
            first_day=20260316,
            last_day=20260430,
            number="2026-017",
        )
        more["cohorts"] = (cohort,)
        return self.decide(cohort, body, **more)

    def cohort_fact(self, body: ProtoMessage, **more: Unpack[Given]) -> RecordedEvent:
        more.setdefault("cohorts", (COHORT,))
        return self.tell(more["cohorts"][0], body, **more)

    def session(
        self,
        session: bytes,
        start_us: int,
        end_us: int,
        *,
        component: int = OFFLINE,
        breaks: int = 0,
        cohort: bytes = COHORT,
    ) -> None:
        """Schedule, start and end a session as planned."""
        of = (cohort,)
        self.cohort_fact(
            pb.SessionScheduled(
                session=session,
                start_us=start_us,
                end_us=end_us,
                component=component,  # type: ignore[arg-type] # the number of the enum
                room="R-201",
                teacher=TEACHER,
            ),
            cohorts=of,
        )
        started = pb.SessionStarted(session=session, present=2)
        self.cohort_fact(started, occurred_us=start_us, cohorts=of)
        self.cohort_fact(
            pb.SessionEnded(session=session, break_minutes=breaks, recording_digest=b"r" * 32),
            occurred_us=end_us,
            cohorts=of,
        )

    def item(self, item_class: str, custodian: bytes = b"", **more: Unpack[Given]) -> RecordedEvent:
        body = pb.ArchiveItemAdded(
            item_class=item_class,
            salted_digest=b"d" * 32,
            media_type="application/pdf",
            size=1234,
            place="A-1",
            custodian=custodian,
        )
        return self.cohort_fact(body, **more)

    # --- enrolment ---------------------------------------------------------------------------

    def enrol(self, person: bytes, /, **more: Unpack[Given]) -> RecordedEvent:
        body = pb.LearnerEnrolled(identity_commitment=b"c" * 32, basis="LOCAL-EMPLOYMENT")
        more.setdefault("cohorts", (COHORT,))
        more["person"] = person
        return self.decide(enrolment(person, more["cohorts"][0]), body, **more)

    def withdraw(self, person: bytes) -> RecordedEvent:
        body = pb.LearnerWithdrew(reason="ILLNESS")
        return self.decide(enrolment(person), body, cohorts=(COHORT,), person=person)

    def fact(self, person: bytes, body: ProtoMessage, /, **more: Unpack[Given]) -> RecordedEvent:
        more.setdefault("cohorts", (COHORT,))
        more["person"] = person
        return self.tell(enrolment(person, more["cohorts"][0]), body, **more)

    def attend(
        self, person: bytes, session: bytes, first_us: int, last_us: int, /, **more: Unpack[Given]
    ) -> None:
        face = pb.PRESENCE_METHOD_FACE
        more["occurred_us"] = first_us
        self.fact(person, pb.LearnerSignedIn(session=session, method=face), **more)
        more["occurred_us"] = last_us
        self.fact(person, pb.LearnerSignedOut(session=session, method=face), **more)

    def plan_make_up(
        self, person: bytes, missed: bytes, session: bytes, cohort: bytes = HOST
    ) -> RecordedEvent:
        body = pb.MakeUpScheduled(missed=missed, session=session, cohort=cohort, due_day=20260415)
        return self.fact(person, body)

    def void(self, person: bytes, target: int, /, **more: Unpack[Given]) -> RecordedEvent:
        body = pb.EventVoided(target=target.to_bytes(16, "big"), reason="TYPED-WRONG")
        more.setdefault("persons", (CLERK, CHIEF))
        return self.fact(person, body, **more)

    def lesson(self, person: bytes, lesson: str, started_us: int, minutes: int) -> None:
        self.fact(
            person,
            pb.OnlineLessonCompleted(lesson=lesson, started_us=started_us, watched_minutes=minutes),
        )

    # --- certificate -------------------------------------------------------------------------

    def issue(self, person: bytes, number: str, edition: int = 1) -> RecordedEvent:
        body = pb.TrainingCertificateIssued(
            number=number,
            edition=edition,
            policy=POLICY.digest,
            evaluator_version=1,
            credited=[
                pb.CreditedHours(component=pb.HOUR_COMPONENT_THEORY_OFFLINE, hours=27),
                pb.CreditedHours(component=pb.HOUR_COMPONENT_PRACTICAL, hours=60),
            ],
        )
        return self.decide(certificate(person, edition), body, cohorts=(COHORT,))

    def revoke(self, person: bytes, edition: int = 1) -> RecordedEvent:
        body = pb.TrainingCertificateRevoked(reason=pb.REVOCATION_REASON_ERROR)
        return self.decide(certificate(person, edition), body, cohorts=(COHORT,))

    # --- register ----------------------------------------------------------------------------

    def institution(
        self, party: bytes, name: str, area: str = "320599", kind: int = 1
    ) -> RecordedEvent:
        body = pb.InstitutionRegistered(
            kind=kind,  # type: ignore[arg-type] # the number of the enum
            credit_code="91320599MA00000000",
            name=name,
            area=area,
        )
        return self.decide(party, body, institution=party)

    def adopt_policy(self, document: bytes = POLICY_FILE) -> RecordedEvent:
        body = pb.PolicyAdopted(digest=sha256(document).digest(), document=document)
        return self.decide(UUID(int=0x90).bytes, body, institution=BUREAU)
