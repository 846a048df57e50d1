"""The timeline of a cohort: its events in log order, each with the hours that it changed.

Hours are those of the cohort file, by the same code, of the touched learners alone. Whom a step can
touch: the learner in whose stream it stands; for a fact about a session, those who have facts about
that session; for what is recorded of an unlisted person, those to whom somebody unlisted in that
session is attributed; for a plan, a policy, a correction or a statement about the whole cohort,
all. What others record between two steps (a policy that is adopted late, the end of a session in
the cohort where a lesson was made up) is no step of this one: its effect is in the figures before
the next.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Final

from ledger.domain.policies import HourComponent
from ledger.domain.recorded_event import RecordedEvent
from ledger.domain.unlisted_presence import ATTRIBUTION, UNLISTED_FACTS
from projections.fold import home_cohort, kind_of
from projections.learner_figures import Hours, LearnerFigures
from projections.ports import FedEvent
from projections.replay import CohortReplay
from projections.timeline_events import EventReader
from projections.timeline_records import FigureChange, TimelineStep

_OF_ALL: Final = frozenset(
    {
        "CohortPlanned",
        "CohortPolicyRepinned",
        "ClockOffsetStated",
        "CohortRecordCorrected",
        "CohortEventVoided",
    }
)
"""Events of the cohort's stream that can change the hours of any learner."""

_NONE: Final = (0, 0)


class Timeline:
    """Steps through a replay. Each event is folded once; hours are computed of those it touches."""

    def __init__(self, replay: CohortReplay, cohort: bytes, only: bytes = b"") -> None:
        """Stand before the first step.

        Args:
            replay: A replay that nothing was folded into yet.
            cohort: Its cohort.
            only: Show the steps of this enrolment alone: what stands in its stream or in that of
                its certificate, and what changed its hours. Empty for all steps.
        """
        self._replay = replay
        self._cohort = cohort
        self._only = only
        self._reader = EventReader(cohort, replay.events)
        self._learners: set[bytes] = set()
        self._at_session: defaultdict[bytes, set[bytes]] = defaultdict(set)
        self._attributed: defaultdict[bytes, set[bytes]] = defaultdict(set)
        self._figures = LearnerFigures(replay, cohort)

    def steps(self, start: int) -> Iterator[TimelineStep]:
        """Yield the steps from a log index on."""
        for fed in self._replay.events:
            self._remember(fed[0])
            if fed[0].index < start:
                continue
            step = self._step(fed)
            if not self._only or self._only == step.event.enrolment or step.figures:
                yield step

    def _step(self, fed: FedEvent) -> TimelineStep:
        event = fed[0]
        touched = self._touched(event)
        self._replay.advance(event.index)
        before = self._figures.hours(touched)
        self._replay.advance(event.index + 1)
        after = self._figures.hours(touched)
        changes = (
            change
            for enrolment in sorted(touched)
            for change in hour_changes(
                enrolment, self._reader.person(enrolment), before[enrolment], after[enrolment]
            )
        )
        return TimelineStep(self._reader.row(fed), tuple(changes))

    def _remember(self, event: RecordedEvent) -> None:
        """Keep whom this and later steps may touch."""
        if home_cohort(event) != self._cohort:
            return
        if event.type == ATTRIBUTION:
            self._attributed[bytes(event.body.session)].add(bytes(event.body.enrolment))
        elif kind_of(event) == "enrolment":
            self._learners.add(event.stream)
            for session in _sessions_of(event):
                self._at_session[session].add(event.stream)

    def _touched(self, event: RecordedEvent) -> Collection[bytes]:
        touched: set[bytes] = set()
        if home_cohort(event) == self._cohort:
            kind = kind_of(event)
            if kind == "enrolment":
                touched = {event.stream}
            elif event.type in _OF_ALL:
                touched = self._learners
            elif kind == "cohort":
                touched = self._at(event) & self._learners
        return touched & {self._only} if self._only else touched

    def _at(self, event: RecordedEvent) -> set[bytes]:
        """Return whose presence in its sessions an event of the cohort's stream may touch."""
        known = [self._attributed]
        if event.type not in UNLISTED_FACTS:
            known.append(self._at_session)
        return set().union(*(at[each] for at in known for each in _sessions_of(event)))


def hour_changes(
    enrolment: bytes, person_ref: bytes, before: Hours, after: Hours
) -> Iterator[FigureChange]:
    """Yield the components of which minutes or hours differ."""
    for component in HourComponent:
        old, new = before.get(component, _NONE), after.get(component, _NONE)
        if old != new:
            yield FigureChange(enrolment, person_ref, component, old[0], new[0], old[1], new[1])


def _sessions_of(event: RecordedEvent) -> list[bytes]:
    """Return the sessions that an event is about; also the one that a correction moves it to."""
    body = event.body
    named = (getattr(body, "session", b""), getattr(body, "id", b""))
    return [bytes(session) for session in named if session]
