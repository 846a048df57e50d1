"""What services ask of a cohort's history: its file at a moment, its timeline, two moments apart.

Every answer is computed from the log itself, so it is never behind what was acknowledged. Who may
see what is the server's to decide, and so are page tokens, as in `projections.queries`.
"""

from dataclasses import dataclass

from projections.answers import Answer, Cohort, Page
from projections.cohort_difference import cohort_difference
from projections.cohort_file_reader import read_brief, read_cohort_file
from projections.cohort_file_records import CohortFile
from projections.replay import CohortHistory, CohortReplay, Until
from projections.timeline import Timeline
from projections.timeline_records import CohortDifference, TimelineStep


class BeyondLogError(Exception):
    """A log index was named that the log has not reached.

    Attributes:
        index: The index.
        size: The size of the log.
    """

    def __init__(self, index: int, size: int) -> None:
        """Keep both."""
        super().__init__(f"the log has {size} entries, not {index}")
        self.index = index
        self.size = size


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of a cohort, as it is asked for. A field that is None bounds nothing.

    Attributes:
        index: What was known when the log had this size: entries below this index.
        recorded_us: What was known at this moment: entries recorded by then.
        occurred_us: Of what was known, what had happened by then.
    """

    index: int | None = None
    recorded_us: int | None = None
    occurred_us: int | None = None


@dataclass(frozen=True, slots=True)
class Steps:
    """Which steps of a timeline.

    Attributes:
        start: First log index.
        end: Index behind the last one; None for all.
        enrolment: Only those of this enrolment; empty for all.
    """

    start: int = 0
    end: int | None = None
    enrolment: bytes = b""


class ReplayQueries:
    """Reads of the past. Blocking; safe to call from any thread."""

    def __init__(self, history: CohortHistory) -> None:
        """Read the log through `history`."""
        self._history = history

    def cohort(self, cohort: bytes, moment: Moment) -> Answer[Cohort | None]:
        """Return a cohort in brief as of a moment.

        Raises:
            BeyondLogError: when the log has not reached the index.
        """
        replay, until = self._replay(cohort, moment)
        return Answer(read_brief(replay, cohort), until.below)

    def cohort_file(self, cohort: bytes, moment: Moment) -> Answer[CohortFile | None]:
        """Return the cohort file 一期一档 as of a moment.

        Raises:
            BeyondLogError: when the log has not reached the index.
        """
        replay, until = self._replay(cohort, moment)
        return Answer(read_cohort_file(replay, cohort), until.below)

    def timeline(self, cohort: bytes, steps: Steps, after: bytes, limit: int) -> Page[TimelineStep]:
        """Return steps of a cohort's timeline in log order.

        Args:
            cohort: The cohort.
            steps: Which steps.
            after: `Page.after` of the page before; empty for the first.
            limit: Most steps, at least 1.
        """
        size = self._history.size()
        below = size if steps.end is None else min(steps.end, size)
        start = int.from_bytes(after, "big") + 1 if after else 0
        replay = CohortReplay(self._history, cohort, Until(below))
        rows: list[TimelineStep] = []
        for step in Timeline(replay, cohort, steps.enrolment).steps(max(start, steps.start)):
            if len(rows) == limit:
                return Page(tuple(rows), step_place(rows[-1]), size)
            rows.append(step)
        return Page(tuple(rows), b"", size)

    def difference(
        self, cohort: bytes, before: Moment, after: Moment
    ) -> Answer[CohortDifference | None]:
        """Return what tells two moments apart, as of the size that the second one rests on.

        Raises:
            BeyondLogError: when the log has not reached an index.
        """
        old, new = self._until(before), self._until(after)
        record = self._history.record(cohort, max(old.below, new.below))
        first = CohortReplay(self._history, cohort, old, record).finish()
        second = CohortReplay(self._history, cohort, new, record).finish()
        return Answer(cohort_difference(first, second, cohort), new.below)

    def _replay(self, cohort: bytes, moment: Moment) -> tuple[CohortReplay, Until]:
        until = self._until(moment)
        return CohortReplay(self._history, cohort, until).finish(), until

    def _until(self, moment: Moment) -> Until:
        size = self._history.size()
        if moment.index is not None and moment.index > size:
            raise BeyondLogError(moment.index, size)
        below = size if moment.index is None else moment.index
        if moment.recorded_us is not None:
            below = min(below, self._history.size_at(moment.recorded_us))
        return Until(below, moment.occurred_us)


def step_place(step: TimelineStep) -> bytes:
    """Return where a step stands in pages."""
    return step.event.index.to_bytes(8, "big")
