"""The sessions 课次 of a cohort: what the timetable says and what was taught (AQ 8011-2023).

A session was taught when it stands in the timetable, was started and was ended, and was not
cancelled. The timetable is the latest of SessionScheduled and SessionRescheduled; teaching runs
from the earliest start to the earliest end after it, less interruptions; an interruption without a
resumption lasts to the end. Latest and earliest go by when things happened, not by when they were
recorded, so that a terminal's backlog may come in any order.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ledger.domain.amendments import Corrected, Counted
from ledger.domain.hours import TaughtSession
from ledger.domain.policies import HourComponent

_COMPONENTS: Final = {component.value: component for component in HourComponent}
_TIMETABLE: Final = frozenset({"SessionScheduled", "SessionRescheduled"})
SESSION_FACTS: Final = _TIMETABLE | {
    "SessionCancelled",
    "SessionStarted",
    "SessionInterrupted",
    "SessionResumed",
    "SessionEnded",
    "TeacherSignedIn",
    "TeacherSignedOut",
    "TeacherSubstituted",
    "SessionRecordingStored",
}
"""Types of a cohort's stream that a session is made of."""


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """Everything that counts of one session, each kind by when it happened.

    Attributes:
        session: The session, 16 bytes.
        facts: Its facts by type.
    """

    session: bytes
    facts: Mapping[str, Sequence[Counted]] = field(default_factory=dict)

    def of(self, *types: str) -> list[Counted]:
        """Return its facts of some types by when they happened."""
        found = (fact for each in types for fact in self.facts.get(each, ()))
        return sorted(found, key=_moment)

    @property
    def timetable(self) -> Counted | None:
        """The latest statement of when and where it is planned."""
        return max(self.of(*_TIMETABLE), key=_moment, default=None)

    @property
    def component(self) -> HourComponent | None:
        """What is taught in it; None while it is not scheduled."""
        scheduled = max(self.of("SessionScheduled"), key=_moment, default=None)
        return None if scheduled is None else _COMPONENTS.get(scheduled.event.body.component)

    @property
    def teacher(self) -> bytes:
        """Staff file of who teaches it: the latest word on it; empty when nobody is named."""
        latest = max(self.of(*_TIMETABLE, "TeacherSubstituted"), key=_moment, default=None)
        return b"" if latest is None else latest.id(Corrected.TEACHER, latest.event.body.teacher)

    @property
    def teacher_times(self) -> tuple[int, int]:
        """First sign-in and last sign-out of its teacher, microseconds; 0 where there is none."""
        teacher = self.teacher
        signed_in, signed_out = (
            [
                mark.at_us
                for mark in self.of(type_name)
                if mark.id(Corrected.TEACHER, mark.event.body.teacher) == teacher
            ]
            for type_name in ("TeacherSignedIn", "TeacherSignedOut")
        )
        return min(signed_in, default=0), max(signed_out, default=0)

    @property
    def started(self) -> Counted | None:
        """The earliest start."""
        return min(self.of("SessionStarted"), key=_moment, default=None)

    @property
    def ended(self) -> Counted | None:
        """The earliest end after the start, or of all while there is no start."""
        started = self.started
        after = -1 if started is None else started.at_us
        ends = (end for end in self.of("SessionEnded") if end.at_us > after)
        return min(ends, key=_moment, default=None)

    @property
    def cancelled(self) -> bool:
        """It does not take place."""
        return bool(self.facts.get("SessionCancelled"))

    def taught(self) -> TaughtSession | None:
        """Return it as taught; None when it was not, or what was taught is not known."""
        started, ended, component = self.started, self.ended, self.component
        if started is None or ended is None or component is None or self.cancelled:
            return None
        scheduled = self.of("SessionScheduled")[-1]
        pauses, paused_by = self._pauses(started.at_us, ended.at_us)
        events = [
            index for fact in (scheduled, started, ended, *paused_by) for index in fact.events
        ]
        return TaughtSession(
            self.session,
            component,
            started.at_us,
            ended.at_us,
            ended.number(Corrected.MINUTES, ended.event.body.break_minutes),
            tuple(events),
            pauses,
        )

    def _pauses(
        self, start_us: int, end_us: int
    ) -> tuple[tuple[tuple[int, int], ...], list[Counted]]:
        """Return the interruptions inside of the teaching, and the facts that make them."""
        pauses, facts, since = [], [], None
        for fact in self.of("SessionInterrupted", "SessionResumed"):
            if not start_us <= fact.at_us < end_us:
                continue
            if fact.event.type == "SessionInterrupted":
                since = fact.at_us if since is None else since
            elif since is not None:
                pauses.append((since, fact.at_us))
                since = None
            facts.append(fact)
        if since is not None:
            pauses.append((since, end_us))
        return tuple(pauses), facts


def _moment(fact: Counted) -> tuple[int, bytes]:
    return fact.at_us, fact.event.header.event_id


def session_records(facts: Iterable[Counted]) -> dict[bytes, SessionRecord]:
    """Return the sessions that facts of a cohort's stream speak of, by id."""
    found: defaultdict[bytes, defaultdict[str, list[Counted]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for fact in facts:
        if fact.event.type in SESSION_FACTS:
            found[fact.event.body.session][fact.event.type].append(fact)
    return {session: SessionRecord(session, dict(each)) for session, each in found.items()}
