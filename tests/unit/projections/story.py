"""Hand-made recorded events: a log is told event by event, with the index that each one gets.

Times are minutes of one day, 2026-03-16 in Asia/Shanghai, unless a day is added. Everything is
synthetic.
"""

from collections import defaultdict
from typing import Any, TypedDict, Unpack
from uuid import UUID

from google.protobuf.message import Message as ProtoMessage

from ledger.api.v1 import events_pb2 as pb
from ledger.domain.holding import held_code
from ledger.domain.policies import packaged_policies, parse_policy
from ledger.domain.recorded_event import RecordedEvent
from ledger.log.identifiers import certificate_id, enrolment_id
from projections.ports import FedEvent

MINUTE = 60_000_000
DAY = 24 * 60 * MINUTE
MIDNIGHT = 1_773_590_400_000_000
"""2026-03-16T00:00:00+08:00."""

INSTITUTION = UUID(int=0x1257).bytes
BUREAU = UUID(int=0xB0).bytes
COHORT = UUID(int=0xC0).bytes
ANNA, BENNO = UUID(int=0xA1).bytes, UUID(int=0xA2).bytes
MORNING, AFTERNOON = UUID(int=0x51).bytes, UUID(int=0x52).bytes
TEACHER = UUID(int=0x7E).bytes
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


class Story:
    """A log under construction; `held` is derived as the sequencer derives it."""

    events: list[FedEvent]

    def __init__(self) -> None:
        self.events = []
        self._seq: defaultdict[bytes, int] = defaultdict(int)
        self._opened: set[bytes] = set()
        self.next_index = 0

    def tell(
        self,
        stream: bytes,
        body: ProtoMessage,
        *,
        kind: str = "",
        cohorts: tuple[bytes, ...] = (),
        person: bytes = b"",
        occurred_us: int | None = None,
        recorded_us: int | None = None,
        held: str | None = None,
        institution: bytes = INSTITUTION,
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
        )
        message: Any = body
        event = RecordedEvent(
            self.next_index, self._seq[stream], name, stream, recorded, header, message
        )
        if held is None:
            opened = stream in self._opened
            held = held_code(kind, opened=opened, occurred_us=occurred, recorded_us=recorded)
        self.events.append((event, held))
        self.next_index += 1
        return event

    def decide(self, stream: bytes, body: ProtoMessage, **more: Unpack[Given]) -> RecordedEvent:
        self._opened.add(stream)
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
        more["cohorts"] = (COHORT,)
        return self.tell(COHORT, body, kind="cohort", **more)

    def session(
        self,
        session: bytes,
        start_us: int,
        end_us: int,
        *,
        component: int = OFFLINE,
        breaks: int = 0,
    ) -> None:
        """Schedule, start and end a session as planned."""
        self.cohort_fact(
            pb.SessionScheduled(
                session=session,
                start_us=start_us,
                end_us=end_us,
                component=component,  # type: ignore[arg-type] # the number of the enum
                room="R-201",
                teacher=TEACHER,
            )
        )
        self.cohort_fact(pb.SessionStarted(session=session, present=2), occurred_us=start_us)
        self.cohort_fact(
            pb.SessionEnded(session=session, break_minutes=breaks, recording_digest=b"r" * 32),
            occurred_us=end_us,
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
        more["cohorts"], more["person"] = (COHORT,), person
        return self.decide(enrolment(person), body, **more)

    def withdraw(self, person: bytes) -> RecordedEvent:
        body = pb.LearnerWithdrew(reason="ILLNESS")
        return self.decide(enrolment(person), body, cohorts=(COHORT,), person=person)

    def fact(self, person: bytes, body: ProtoMessage, /, **more: Unpack[Given]) -> RecordedEvent:
        more.setdefault("cohorts", (COHORT,))
        more["person"] = person
        return self.tell(enrolment(person), body, kind="enrolment", **more)

    def attend(self, person: bytes, session: bytes, first_us: int, last_us: int) -> None:
        face = pb.PRESENCE_METHOD_FACE
        self.fact(person, pb.LearnerSignedIn(session=session, method=face), occurred_us=first_us)
        self.fact(person, pb.LearnerSignedOut(session=session, method=face), occurred_us=last_us)

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

    def adopt_policy(self) -> RecordedEvent:
        body = pb.PolicyAdopted(digest=POLICY.digest, document=POLICY_FILE)
        return self.decide(UUID(int=0x90).bytes, body, institution=BUREAU)
