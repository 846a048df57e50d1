"""What the record says of reality: entries in blocks, as somebody's device or desk writes them.

An entry is an event before it has ids, keys and bytes: the name of the SDK's method, its arguments,
and what the header tells. A block is what one author captures together.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum

from clients.simulator.reality import ClockFault

Stamp = tuple[str, str]
"""Codes of the staff files of who entered a record and who approved it."""


class Kind(StrEnum):
    """What a code in an argument stands for."""

    COHORT = "cohort"
    SESSION = "session"
    STAFF = "staff"
    PERSON = "person"
    PARTY = "party"
    EVENT = "event"
    COMMITMENT = "commitment"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Ref:
    """A code that becomes an id, or bytes, when the event is made."""

    kind: Kind
    code: str


class Stage(IntEnum):
    """When the office sends a block if terminals were offline and everything came late."""

    TERMINAL = 1
    OFFICE = 2
    PLAN = 3
    PLATFORM = 4
    ENROL = 5
    OPEN = 6
    TIMETABLE = 7
    LEAVE = 8
    AFTER = 9


@dataclass(frozen=True, slots=True)
class Entry:
    """One event.

    Attributes:
        method: The SDK's method that makes it.
        occurred: When it really happened.
        args: Its arguments; codes as `Ref`, lists of them as tuples.
        label: What other entries call it by; empty when none does.
        claimed: When its author says it happened, where that is wrong; None where it is right.
        stamp: Who entered and who approved it; None for a device's own capture.
        guest_of: The cohort, beside the home cohort, whose session a guest attends.
    """

    method: str
    occurred: datetime
    args: Mapping[str, object]
    label: str = ""
    claimed: datetime | None = None
    stamp: Stamp | None = None
    guest_of: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """What one author captures together.

    Attributes:
        author: Code of the party, or `party/room` for the terminal in a room.
        cohort: The cohort that it is about.
        captured: When the last of it was captured.
        stage: See `Stage`.
        entries: The events, in the author's order.
        recorded: When it reaches the ledger; later than captured while a terminal is offline.
        fault: The clock that it was captured by was wrong.
    """

    author: str
    cohort: str
    captured: datetime
    stage: Stage
    entries: tuple[Entry, ...]
    recorded: datetime
    fault: ClockFault | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A decision that rests on what the ledger says, or one that it has to refuse.

    Attributes:
        kind: `certificate`; `carry`, credits to the enrolment of `subject`; `exam`, an attempt to
            register somebody who has no certificate; `misuse`, an institution's key that writes an
            examination's result; `scope`, a cohort that is opened in a trade never reported.
        subject: The learner; the institution's code where it is about none.
        at: When it is asked for.
        refusals: Codes that it has to be refused with; none when it is due.
        source: Carried credits: the learner that they come from.
    """

    kind: str
    subject: str
    at: datetime
    refusals: tuple[str, ...] = ()
    source: str = ""


@dataclass(slots=True)
class Desk:
    """Collects entries of one author until they are a block."""

    author: str
    cohort: str
    stage: Stage
    entries: list[Entry] = field(default_factory=list)

    def add(
        self,
        method: str,
        occurred: datetime,
        args: Mapping[str, object],
        *,
        label: str = "",
        claimed: datetime | None = None,
        stamp: Stamp | None = None,
        guest_of: str = "",
    ) -> None:
        """Add an entry."""
        self.entries.append(Entry(method, occurred, args, label, claimed, stamp, guest_of))

    def block(
        self, captured: datetime, recorded: datetime | None = None, fault: ClockFault | None = None
    ) -> Block:
        """Return the block, in the order in which its entries happened."""
        entries = tuple(sorted(self.entries, key=lambda entry: entry.occurred))
        return Block(
            self.author, self.cohort, captured, self.stage, entries, recorded or captured, fault
        )


def cohort_ref(code: str) -> Ref:
    """Return a cohort as an argument."""
    return Ref(Kind.COHORT, code)


def session_ref(code: str) -> Ref:
    """Return a session as an argument."""
    return Ref(Kind.SESSION, code)


def staff_ref(code: str) -> Ref:
    """Return a staff file as an argument."""
    return Ref(Kind.STAFF, code)


def person_ref(code: str) -> Ref:
    """Return a person's reference as an argument."""
    return Ref(Kind.PERSON, code)


def event_ref(label: str) -> Ref:
    """Return an earlier event as an argument."""
    return Ref(Kind.EVENT, label)
