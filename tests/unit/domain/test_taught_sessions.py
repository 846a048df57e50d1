"""Sessions of a cohort: interruptions, changes of the timetable, of the teacher, cancellation."""

import pytest
from google.protobuf.message import Message

from ledger.api.v1 import events_pb2 as pb
from ledger.domain.amendments import stream_record
from ledger.domain.hours import evaluate_hours
from ledger.domain.recorded_event import RecordedEvent
from ledger.domain.taught_sessions import SessionRecord, session_records
from tests.unit.domain.facts import (
    CHIEF,
    CLERK,
    PRACTICE,
    S1,
    S2,
    SECOND_TEACHER,
    TEACHER,
    ended,
    fact,
    id_of,
    scheduled,
    started,
)
from tests.unit.domain.learner_days import OFFLINE, RULES, at, marks

THIRD_TEACHER = b"w" * 16
STOP, GO_ON = pb.SessionInterrupted(session=S1, reason="POWER"), pb.SessionResumed(session=S1)
TAUGHT = (
    fact(1, "07:30", scheduled(S1)),
    fact(2, "08:30", started(S1)),
    fact(3, "12:00", ended(S1)),
)


def session(*events: RecordedEvent) -> SessionRecord:
    return session_records(stream_record(events).counted)[S1]


def moved(start: str, end: str, teacher: bytes = TEACHER) -> pb.SessionRescheduled:
    return pb.SessionRescheduled(
        session=S1,
        start_us=at(start),
        end_us=at(end),
        room="R-305",
        teacher=teacher,
        reason="ROOM-CHANGED",
    )


def with_pauses(*told: tuple[str, Message]) -> SessionRecord:
    pauses = (fact(10 + number, clock, body) for number, (clock, body) in enumerate(told))
    return session(*TAUGHT, *pauses)


@pytest.mark.parametrize(
    ("told", "pauses", "rests_on"),
    [
        pytest.param((), (), (), id="none"),
        pytest.param(
            (("09:00", STOP), ("09:20", GO_ON)), (("09:00", "09:20"),), (10, 11), id="closed"
        ),
        pytest.param((("11:30", STOP),), (("11:30", "12:00"),), (10,), id="open to the end"),
        pytest.param(
            (("09:00", STOP), ("09:20", GO_ON), ("10:00", STOP), ("10:05", GO_ON)),
            (("09:00", "09:20"), ("10:00", "10:05")),
            (10, 11, 12, 13),
            id="twice",
        ),
        # The first interruption counts until it is resumed.
        pytest.param(
            (("09:00", STOP), ("09:10", STOP), ("09:20", GO_ON)),
            (("09:00", "09:20"),),
            (10, 11, 12),
            id="told twice",
        ),
        pytest.param((("09:20", GO_ON),), (), (10,), id="resumed without interruption"),
        pytest.param(
            (("09:20", GO_ON), ("09:00", STOP)),
            (("09:00", "09:20"),),
            (11, 10),
            id="recorded the other way round",
        ),
        pytest.param((("08:00", STOP), ("08:29", GO_ON)), (), (), id="before the start"),
        pytest.param((("12:00", STOP), ("12:10", GO_ON)), (), (), id="after the end"),
        pytest.param(
            (("11:50", STOP), ("12:10", GO_ON)), (("11:50", "12:00"),), (10,), id="over the end"
        ),
    ],
)
def test_interruptions(
    told: tuple[tuple[str, Message], ...],
    pauses: tuple[tuple[str, str], ...],
    rests_on: tuple[int, ...],
) -> None:
    taught = with_pauses(*told).taught()
    assert taught is not None
    assert taught.pauses == tuple((at(first), at(last)) for first, last in pauses)
    assert taught.events == (1, 2, 3, *rests_on)
    assert (taught.start_us, taught.end_us) == (at("08:30"), at("12:00"))


def test_an_interruption_takes_its_minutes_from_everybody_who_was_there() -> None:
    taught = with_pauses(("09:00", STOP), ("09:20", GO_ON), ("11:40", STOP)).taught()
    assert taught is not None
    # 08:30-12:00 is 210, less 20 and 20: 170; 170 // 45 = 3
    row = evaluate_hours(
        [taught], marks("+08:20 -12:10", number=int.from_bytes(S1, "big")), [], RULES
    )
    assert (row.components[0].minutes, row.hours(OFFLINE)) == (170, 3)


def test_the_timetable_is_the_latest_word_on_when_and_where() -> None:
    assert session(TAUGHT[0]).timetable is not None
    later = session(TAUGHT[0], fact(9, "07:45", moved("13:30", "17:00"))).timetable
    assert later is not None
    assert (later.event.index, later.event.body.room) == (9, "R-305")
    # Written before the timetable itself, though recorded after it.
    before = session(TAUGHT[0], fact(9, "07:00", moved("13:30", "17:00"))).timetable
    assert before is not None
    assert before.event.index == 1


def test_a_move_leaves_what_is_taught_as_it_was_and_makes_no_session_alone() -> None:
    changed = session(*TAUGHT, fact(9, "07:45", moved("13:30", "17:00")))
    assert (changed.component, changed.taught()) == (OFFLINE, session(*TAUGHT).taught())
    alone = session(fact(9, "07:45", moved("13:30", "17:00")), *TAUGHT[1:])
    assert (alone.component, alone.taught()) == (None, None)


def test_the_teacher_is_the_latest_word_of_timetable_and_substitution() -> None:
    def substituted(index: int, clock: str, teacher: bytes) -> RecordedEvent:
        body = pb.TeacherSubstituted(session=S1, teacher=teacher, reason="ILLNESS")
        return fact(index, clock, body)

    assert session(*TAUGHT).teacher == TEACHER
    first = substituted(9, "07:50", SECOND_TEACHER)
    assert session(*TAUGHT, first).teacher == SECOND_TEACHER
    move = fact(10, "07:55", moved("08:30", "12:00", THIRD_TEACHER))
    assert session(*TAUGHT, first, move).teacher == THIRD_TEACHER
    # Said before the timetable was written: the timetable knows better.
    assert session(*TAUGHT, substituted(9, "07:00", SECOND_TEACHER)).teacher == TEACHER
    assert session(TAUGHT[1]).teacher == b""


def test_a_corrected_teacher_counts() -> None:
    correction = pb.CohortRecordCorrected(
        target=id_of(1), field=pb.CORRECTED_FIELD_TEACHER, id=SECOND_TEACHER, reason="TYPED-WRONG"
    )
    event = fact(9, "20:00", correction, persons=(CLERK, CHIEF))
    assert session(*TAUGHT, event).teacher == SECOND_TEACHER


def test_a_cancelled_session_was_not_taught_unless_the_cancellation_is_void() -> None:
    cancelled = fact(9, "07:45", pb.SessionCancelled(session=S1, reason="STORM"))
    void = pb.CohortEventVoided(target=id_of(9), reason="TYPED-WRONG")
    back = fact(10, "20:00", void, persons=(CLERK, CHIEF))
    assert session(*TAUGHT, cancelled).cancelled
    assert session(*TAUGHT, cancelled).taught() is None
    assert not session(*TAUGHT, cancelled, back).cancelled
    assert session(*TAUGHT, cancelled, back).taught() == session(*TAUGHT).taught()


def test_facts_of_different_sessions_stay_apart() -> None:
    events = [*TAUGHT, fact(9, "07:30", scheduled(S2, component=PRACTICE))]
    records = session_records(stream_record(events).counted)
    assert set(records) == {S1, S2}
    assert records[S2].started is None
    assert records[S2].ended is None


def test_facts_of_one_moment_are_ordered_by_their_ids_so_that_all_see_the_same() -> None:
    events = [
        fact(8, "07:30", scheduled(S1, teacher=SECOND_TEACHER)),
        fact(9, "07:30", scheduled(S1, teacher=THIRD_TEACHER)),
    ]
    assert session(*events).teacher == session(*reversed(events)).teacher == THIRD_TEACHER


def test_what_speaks_of_no_session_makes_none() -> None:
    item = fact(1, "07:30", pb.ArchiveItemAdded(item_class="04-roster"))
    assert session_records(stream_record([item]).counted) == {}
