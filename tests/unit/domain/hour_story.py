"""Tells the events of a few days, to compute hours from: each told at its time, in any order.

Days are Shanghai days of March 2026, clocks `HH:MM` in Shanghai.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

from google.protobuf.message import Message

from ledger.api.v1 import events_pb2 as pb
from ledger.domain.enrolment_hours import cohort_records, enrolment_record, learner_hours
from ledger.domain.event_types import EVENT_TYPES
from ledger.domain.hours import LearnerHours
from ledger.domain.policies import Policy, packaged_policies, parse_policy
from ledger.domain.recorded_event import RecordedEvent

POLICY: Final = parse_policy(packaged_policies()["low-voltage-electrician"])
HOME: Final = b"h" * 16
HOST: Final = b"g" * 16
ENROLMENT: Final = b"e" * 16
CLERK: Final = b"1" * 16
MANAGER: Final = b"2" * 16
CARD: Final = pb.PRESENCE_METHOD_ID_CARD
THEORY: Final = pb.HOUR_COMPONENT_THEORY_OFFLINE
PRACTICAL: Final = pb.HOUR_COMPONENT_PRACTICAL
MINUTE_US: Final = 60_000_000


def at(day: int, clock: str) -> int:
    """The moment of a clock in Shanghai on a day of March 2026, microseconds since 1970 UTC."""
    hour, minute = map(int, clock.split(":"))
    midnight = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp()) - 8 * 3600
    return (midnight + (day - 1) * 86_400 + hour * 3600 + minute * 60) * 1_000_000


def session(name: str) -> bytes:
    """The id of a session."""
    return sha256(name.encode()).digest()[:16]


@dataclass
class Telling:
    """Events in the order in which they were recorded.

    Attributes:
        events: What was recorded.
    """

    events: list[RecordedEvent] = field(default_factory=list)

    def tell(
        self,
        body: Message,
        day: int,
        clock: str,
        *,
        cohorts: tuple[bytes, ...] = (HOME,),
        late_minutes: int = 0,
        **header: Any,  # noqa: ANN401 - members of the header
    ) -> bytes:
        """Record an event that happened then, so many minutes later; return its id."""
        name, index = type(body).__name__, len(self.events)
        kind = EVENT_TYPES[name].kind
        stream = ENROLMENT if kind == "enrolment" else cohorts[0]
        event_id = index.to_bytes(16, "big")
        whole: dict[str, Any] = {
            "event_id": event_id,
            "type": name,
            "stream": stream,
            "cohorts": list(cohorts),
            "occurred_us": at(day, clock),
            **header,
        }
        # Generated messages obey the protocol of RecordedEvent, but their stubs do not declare it.
        fields: tuple[Any, Any] = pb.EventHeader(**whole), body
        recorded = at(day, clock) + late_minutes * MINUTE_US
        self.events.append(RecordedEvent(index, index + 1, name, stream, recorded, *fields))
        return event_id

    def session(
        self,
        name: str,
        day: int,
        start: str,
        end: str,
        *,
        component: pb.HourComponent.ValueType = THEORY,
        cohort: bytes = HOME,
        breaks: int = 0,
    ) -> None:
        """Schedule a session, start and end it as planned."""
        of: dict[str, Any] = {"cohorts": (cohort,)}
        planned = pb.SessionScheduled(
            session=session(name),
            start_us=at(day, start),
            end_us=at(day, end),
            component=component,
            room="R-201",
            teacher=MANAGER,
        )
        self.tell(planned, day, "06:00", **of)
        self.tell(pb.SessionStarted(session=session(name), present=30), day, start, **of)
        self.tell(pb.SessionEnded(session=session(name), break_minutes=breaks), day, end, **of)

    def sign(
        self, name: str, day: int, start: str, end: str = "", *, hosts: tuple[bytes, ...] = ()
    ) -> bytes:
        """Sign the learner in, and out if an end is given; return the id of the sign-in."""
        cohorts = (HOME, *hosts)
        came = pb.LearnerSignedIn(session=session(name), method=CARD)
        first = self.tell(came, day, start, cohorts=cohorts)
        if end:
            left = pb.LearnerSignedOut(session=session(name), method=CARD)
            self.tell(left, day, end, cohorts=cohorts)
        return first

    def correct(
        self,
        target: bytes,
        what: pb.CorrectedField.ValueType,
        day: int,
        clock: str,
        **value: Any,  # noqa: ANN401 - number or id
    ) -> bytes:
        """Correct an event of the enrolment, by two persons."""
        correction = pb.RecordCorrected(
            target=target, field=what, reason="PAPER-ROLL", evidence_digest=bytes(32), **value
        )
        return self.tell(correction, day, clock, entered_by=CLERK, approved_by=MANAGER)

    def void(self, target: bytes, day: int, clock: str) -> bytes:
        """Void an event of the enrolment, by two persons."""
        voiding = pb.EventVoided(target=target, reason="OTHER-LEARNER", evidence_digest=bytes(32))
        return self.tell(voiding, day, clock, entered_by=CLERK, approved_by=MANAGER)

    def hours(self, policy: Policy = POLICY) -> LearnerHours:
        """Compute the learner's hours from everything that was told."""
        cohort = [event for event in self.events if event.stream != ENROLMENT]
        own = [event for event in self.events if event.stream == ENROLMENT]
        cohorts = cohort_records(cohort, HOME, policy)
        return learner_hours(cohorts, enrolment_record(own, cohorts, policy).counted, policy)


def binding_cap(hours: int) -> Policy:
    """The policy with a daily cap that refuses."""
    rules = POLICY.hours
    cap = replace(rules.daily_cap, value=hours, unverified=False)
    return replace(POLICY, hours=replace(rules, daily_cap=cap))
