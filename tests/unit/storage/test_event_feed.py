"""The event feed: stored rows become events with their header, body and held code."""

from typing import cast

import pytest

from ledger.api.v1 import events_pb2 as pb
from ledger.application.errors import IntegrityBreachError
from ledger.application.ports import LogHead, LogReader, LogRow
from ledger.storage.event_feed import LogEventFeed

STREAM, COHORT, PERSON = b"s" * 16, b"c" * 16, b"p" * 16


class Rows:
    """The two calls of a LogReader that followers need."""

    def __init__(self, *rows: LogRow, size: int) -> None:
        self._rows = rows
        self._size = size

    def head(self) -> LogHead:
        return LogHead(self._size, 0, None)

    def rows(self, start: int, limit: int, cohort: bytes | None = None) -> list[LogRow]:
        assert cohort is None
        return [row for row in self._rows if row.index >= start][:limit]


def row(index: int, event: bytes | None = None, name: str = "CourseTestRecorded") -> LogRow:
    stored = pb.TrainingEvent(
        header=pb.EventHeader(type=name, stream=STREAM, cohorts=[COHORT], person_ref=PERSON),
        course_test_recorded=pb.CourseTestRecorded(score_hundredths=8_000 + index),
    )
    return LogRow(
        index=index,
        entry=b"{}",
        recorded_us=1_000 + index,
        stream=STREAM,
        seq=index - 2,
        type=name,
        event=stored.SerializeToString() if event is None else event,
        event_id=bytes(16),
        cohort=COHORT,
        held="ENROLMENT_NOT_OPEN",
        batch_key=bytes(32),
        batch_name=bytes(32),
        position=0,
    )


def feed(*rows: LogRow, size: int = 9) -> LogEventFeed:
    return LogEventFeed(cast("LogReader", Rows(*rows, size=size)))


def test_rows_from_a_position_on_become_events_and_held_codes() -> None:
    log = feed(row(3), row(5), row(6))
    assert [event.index for event, _ in log.after(4, 9)] == [5, 6]
    assert [event.index for event, _ in log.after(0, 1)] == [3]
    event, held = log.after(6, 9)[0]
    assert held == "ENROLMENT_NOT_OPEN"
    assert (event.index, event.seq, event.type, event.stream) == (
        6,
        4,
        "CourseTestRecorded",
        STREAM,
    )
    assert (event.recorded_us, event.body.score_hundredths) == (1_006, 8_006)
    assert (list(event.header.cohorts), event.header.person_ref) == ([COHORT], PERSON)
    assert log.size() == 9
    assert log.after(7, 9) == []


@pytest.mark.parametrize(
    "broken", [row(3, b"\xff\xff"), row(3, name="NoSuchType")], ids=["bytes", "type"]
)
def test_a_stored_event_that_cannot_be_read_is_a_breach(broken: LogRow) -> None:
    with pytest.raises(IntegrityBreachError, match="index 3"):
        feed(broken).after(0, 9)
