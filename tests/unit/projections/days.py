"""Sessions of a day as an officer asks for them, and the facts that tests tell of them."""

from collections.abc import Sequence
from uuid import UUID

from google.protobuf.message import Message

from ledger.api.v1 import events_pb2 as pb
from ledger.domain.recorded_event import RecordedEvent
from projections.follower import Follower
from projections.ports import FedEvent
from projections.supervision_queries import SupervisionQueries
from projections.supervision_records import DaySession
from tests.unit.projections.memory import MemoryFeed, MemoryViews
from tests.unit.projections.story import (
    CHIEF,
    CLERK,
    COHORT,
    INSTITUTION,
    MINUTE,
    MORNING,
    TEACHER,
    Story,
    at,
)

AMENDERS = (CLERK, CHIEF)
TERMINAL = "TERM-0031"
FACE = pb.PRESENCE_METHOD_FACE
OTHER_TEACHER = UUID(int=0x7F).bytes
TODAY, TOMORROW = 20260316, 20260317


def asked(events: Sequence[FedEvent]) -> SupervisionQueries:
    store = MemoryViews()
    Follower(MemoryFeed(list(events)), store).catch_up()
    return SupervisionQueries(store)


def on(story: Story, day: int = TODAY) -> tuple[DaySession, ...]:
    return asked(story.events).sessions(day, b"", 100).rows


def only(story: Story, day: int = TODAY) -> DaySession:
    (row,) = on(story, day)
    return row


def planned() -> Story:
    story = Story()
    story.institution(INSTITUTION, "东区培训中心")
    story.plan()
    return story


def schedule(story: Story, session: bytes = MORNING, hour: int = 8) -> RecordedEvent:
    body = pb.SessionScheduled(
        session=session,
        start_us=at(hour),
        end_us=at(hour + 4),
        component=pb.HOUR_COMPONENT_PRACTICAL,
        room="R-201",
        teacher=TEACHER,
    )
    return story.cohort_fact(body)


def reschedule(
    story: Story, start_us: int, teacher: bytes = TEACHER, *, written_us: int = at(8)
) -> RecordedEvent:
    body = pb.SessionRescheduled(
        session=MORNING,
        start_us=start_us,
        end_us=start_us + 240 * MINUTE,
        room="R-305",
        teacher=teacher,
        reason="ROOM-TAKEN",
    )
    return fact(story, body, written_us)


def fact(story: Story, body: Message, occurred_us: int) -> RecordedEvent:
    return story.cohort_fact(body, occurred_us=occurred_us)


def void(
    story: Story, event: RecordedEvent, persons: tuple[bytes, bytes] = AMENDERS
) -> RecordedEvent:
    body = pb.CohortEventVoided(target=event.header.event_id, reason="WRONG-SESSION")
    return story.cohort_fact(body, persons=persons)


def state_offset(
    story: Story, offset_us: int, *, device: str = TERMINAL, cohort: bytes = COHORT
) -> RecordedEvent:
    """What has to be added to the times of a terminal, on these days."""
    body = pb.ClockOffsetStated(
        device=device, offset_us=offset_us, first_us=at(0, day=-9), last_us=at(0, day=9)
    )
    return story.cohort_fact(body, cohorts=(cohort,))


def correct(
    story: Story,
    event: RecordedEvent,
    field: pb.CorrectedField.ValueType,
    *,
    number: int = 0,
    id_: bytes = b"",
) -> None:
    target = event.header.event_id
    body = pb.CohortRecordCorrected(
        target=target, field=field, number=number, id=id_, reason="TYPING"
    )
    story.cohort_fact(body, persons=AMENDERS)
