"""Corrections 更正 and voidings 作废: what a stream's records say after them (DESIGN section 4).

Nothing is rewritten. An amendment looks backwards: its target stands in the same stream before it.
It names the target's cohorts and two persons; once the days are over in which an institution may
correct its own records freely, the approver's own key has signed too. Decisions are not voided:
they have ways back of their own. What breaks one of these counts for nothing, shown as held.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType
from typing import Final

from ledger.domain.clock_offsets import ClockOffset, offset_for
from ledger.domain.event_types import EVENT_TYPES
from ledger.domain.holding import (
    APPROVAL_MISSING,
    CLOCK_AHEAD,
    NOT_CORRECTABLE,
    TARGET_COHORTS_DIFFER,
    TARGET_UNKNOWN,
    by_two_persons,
    clock_ahead,
)
from ledger.domain.recorded_event import RecordedEvent

VOIDINGS: Final = frozenset({"EventVoided", "CohortEventVoided"})
CORRECTIONS: Final = frozenset({"RecordCorrected", "CohortRecordCorrected"})
AMENDMENTS: Final = VOIDINGS | CORRECTIONS
_DAY_US: Final = 24 * 60 * 60 * 1_000_000


class Corrected(IntEnum):
    """What a correction corrects; values of the proto enum `CorrectedField`."""

    OCCURRED = 1
    SIGNED_OUT = 2
    SESSION = 3
    MINUTES = 4
    SCORE = 5
    TEACHER = 6
    IDENTITY = 7


_MARKS: Final = frozenset({"LearnerSignedIn", "LearnerSignedOut"})
_TEACHER_MARKS: Final = frozenset({"TeacherSignedIn", "TeacherSignedOut"})
_UNLISTED_MARKS: Final = frozenset({"UnlistedSignedIn", "UnlistedSignedOut"})
_SESSION_TIMES: Final = frozenset(
    {"SessionStarted", "SessionInterrupted", "SessionResumed", "SessionEnded"}
)
_CORRECTABLE: Final[Mapping[int, frozenset[str]]] = MappingProxyType(
    {
        Corrected.OCCURRED: _MARKS
        | _TEACHER_MARKS
        | _UNLISTED_MARKS
        | _SESSION_TIMES
        | {"OnlineLessonCompleted"},
        Corrected.SIGNED_OUT: frozenset({"LearnerSignedIn", "UnlistedSignedIn"}),
        Corrected.SESSION: _MARKS,
        Corrected.MINUTES: frozenset({"OnlineLessonCompleted", "SessionEnded"}),
        Corrected.SCORE: frozenset(
            {
                "CourseTestRecorded",
                "TheoryExamResultRecorded",
                "PracticalExamResultRecorded",
            }
        ),
        Corrected.TEACHER: _TEACHER_MARKS
        | {"SessionScheduled", "SessionRescheduled", "TeacherSubstituted"},
        Corrected.IDENTITY: frozenset({"LearnerEnrolled"}),
    }
)

_MOST: Final[Mapping[str, int]] = MappingProxyType(
    {
        "OnlineLessonCompleted": 1_440,
        "SessionEnded": 600,
        "CourseTestRecorded": 10_000,
        "TheoryExamResultRecorded": 10_000,
        "PracticalExamResultRecorded": 10_000,
    }
)
"""Most minutes or hundredths that the contract takes in the records themselves."""


_UNCHANGED: Final[Mapping[Corrected, int | bytes]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Counted:
    """A record as it counts.

    Attributes:
        event: The record.
        at_us: When it happened: as corrected, else by a stated clock offset, else as claimed;
            microseconds since 1970 UTC.
        values: Corrected values of its body: an int for minutes, scores and moments, bytes for ids
            and commitments.
        events: Log indices that it rests on: its own, corrections, a clock offset.
    """

    event: RecordedEvent
    at_us: int
    values: Mapping[Corrected, int | bytes] = field(default_factory=dict)
    events: tuple[int, ...] = ()

    def number(self, what: Corrected, recorded: int) -> int:
        """Return a corrected number, else the recorded one."""
        if not self.values:
            return recorded
        value = self.values.get(what, recorded)
        return value if isinstance(value, int) else recorded

    def id(self, what: Corrected, recorded: bytes) -> bytes:
        """Return a corrected id, else the recorded one."""
        if not self.values:
            return recorded
        value = self.values.get(what, recorded)
        return value if isinstance(value, bytes) else recorded


def amendment_hold(
    amendment: RecordedEvent, target: RecordedEvent | None, free_days: int | None
) -> str:
    """Return why an amendment counts for nothing; an empty string when it counts.

    Args:
        amendment: The correction or voiding.
        target: The event of its stream with the id that it names.
        free_days: Days in which no approver's key has to sign; None for no limit.
    """
    header = amendment.header
    if target is None or target.index >= amendment.index:
        return TARGET_UNKNOWN
    if list(target.header.cohorts) != list(header.cohorts):
        return TARGET_COHORTS_DIFFER
    if amendment.type in VOIDINGS and not _is_fact(target):
        return NOT_CORRECTABLE
    if amendment.type in CORRECTIONS and not _corrects(amendment, target):
        return NOT_CORRECTABLE
    if not by_two_persons(header):
        return APPROVAL_MISSING
    late = (
        free_days is not None and amendment.recorded_us - target.recorded_us > free_days * _DAY_US
    )
    return APPROVAL_MISSING if late and not header.approver_key else ""


@dataclass(frozen=True, slots=True)
class StreamRecord:
    """What the records of one stream say together.

    Attributes:
        counted: Records that count, in log order; amendments themselves are not among them.
        held: Codes of what counts for nothing yet, by log index.
        voided: Log indices of voided records.
        amended: Log indices of the amendments that count.
    """

    counted: list[Counted]
    held: dict[int, str]
    voided: frozenset[int]
    amended: frozenset[int]


def stream_record(
    events: Iterable[RecordedEvent],
    offsets: Sequence[ClockOffset] = (),
    free_days: int | None = None,
) -> StreamRecord:
    """Return what the records of one stream say together.

    Args:
        events: Events of the stream in any order; those of keys that credit nothing left out.
        offsets: What was stated of devices' clocks.
        free_days: As in `amendment_hold`.
    """
    ordered = sorted(events, key=lambda event: event.index)
    held: dict[int, str] = {}
    if not offsets and not any(event.type in AMENDMENTS for event in ordered):
        # As most streams are: a file reads thousands of such records.
        return _unamended(ordered)
    corrections, voided = _amendments(ordered, offsets, free_days, held)
    counted, void, amended = [], set(), set()
    for event in ordered:
        if event.header.event_id in voided:
            void.add(event.index)
        elif event.type in AMENDMENTS:
            if event.index not in held:
                amended.add(event.index)
        else:
            record = _counted(event, corrections.get(event.header.event_id, ()), offsets)
            # A decision counts from its entry on, whatever its clock said.
            if clock_ahead(record.at_us, event.recorded_us) and _is_fact(event):
                held[event.index] = CLOCK_AHEAD
            else:
                counted.append(record)
    return StreamRecord(counted, held, frozenset(void), frozenset(amended))


def _unamended(ordered: Iterable[RecordedEvent]) -> StreamRecord:
    counted, held = [], {}
    for event in ordered:
        at_us = event.header.occurred_us
        if clock_ahead(at_us, event.recorded_us) and _is_fact(event):
            held[event.index] = CLOCK_AHEAD
        else:
            counted.append(Counted(event, at_us, _UNCHANGED, (event.index,)))
    return StreamRecord(counted, held, frozenset(), frozenset())


def _amendments(
    ordered: Sequence[RecordedEvent],
    offsets: Sequence[ClockOffset],
    free_days: int | None,
    held: dict[int, str],
) -> tuple[dict[bytes, list[RecordedEvent]], set[bytes]]:
    """Return the corrections that count by target, in log order, and what is void.

    What holds the others is added to `held`.
    """
    amendments = [event for event in ordered if event.type in AMENDMENTS]
    by_id = {event.header.event_id: event for event in ordered}
    voided: set[bytes] = set()
    corrections: dict[bytes, list[RecordedEvent]] = {}
    # Backwards, so that a voiding that is void itself is known to be before it is applied.
    for amendment in reversed(amendments):
        target = amendment.body.target
        if amendment.header.event_id in voided:
            continue
        # Held at its recording for a wrong clock, it counts when that is stated, like any fact.
        code = CLOCK_AHEAD
        if not clock_ahead(_stated_us(amendment, offsets), amendment.recorded_us):
            code = amendment_hold(amendment, by_id.get(target), free_days)
        if code:
            held[amendment.index] = code
        elif amendment.type in VOIDINGS:
            voided.add(target)
        else:
            corrections.setdefault(target, []).insert(0, amendment)
    return corrections, voided


def _stated_us(event: RecordedEvent, offsets: Sequence[ClockOffset]) -> int:
    occurred_us: int = event.header.occurred_us
    offset = offset_for(offsets, event) if offsets else None
    return occurred_us if offset is None else occurred_us + offset.offset_us


def _counted(
    event: RecordedEvent, corrections: Iterable[RecordedEvent], offsets: Sequence[ClockOffset]
) -> Counted:
    at_us, events, values = event.header.occurred_us, [event.index], {}
    offset = offset_for(offsets, event) if offsets else None
    if offset is not None:
        at_us += offset.offset_us
        events.append(offset.index)
    for correction in corrections:
        value = _value(correction)
        if value is not None:
            values[Corrected(correction.body.field)] = value
        events.append(correction.index)
    corrected = values.get(Corrected.OCCURRED)
    if isinstance(corrected, int):
        at_us = corrected
    return Counted(event, at_us, values, tuple(events))


def _is_fact(event: RecordedEvent) -> bool:
    known = EVENT_TYPES.get(event.type)
    return known is not None and not known.decision


def _corrects(correction: RecordedEvent, target: RecordedEvent) -> bool:
    """Tell whether the target has the field, and the new value is one that it may have."""
    what = correction.body.field
    if target.type not in _CORRECTABLE.get(what, ()):
        return False
    number = correction.body.number
    if what in (Corrected.MINUTES, Corrected.SCORE):
        return bool(number <= _MOST[target.type])
    if what in (Corrected.OCCURRED, Corrected.SIGNED_OUT):
        # Nobody knows when something will have happened.
        return not clock_ahead(number, correction.recorded_us)
    return _value(correction) is not None


def _value(correction: RecordedEvent) -> int | bytes | None:
    """Return the new value of a correction, None when it states none for its field."""
    body = correction.body
    match body.field:
        case Corrected.OCCURRED | Corrected.SIGNED_OUT | Corrected.MINUTES | Corrected.SCORE:
            return int(body.number)
        case Corrected.SESSION | Corrected.TEACHER:
            return bytes(body.id) or None
        case Corrected.IDENTITY:
            return bytes(body.commitment) or None
    return None
