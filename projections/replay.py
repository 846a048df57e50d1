"""A cohort at any moment, on two clocks: when it was recorded, and when it happened (DESIGN 1).

A replay folds the cohort's events from its first one on, in memory, with the very projections that
keep the tables. So the state as of an index is what a rebuild up to that index gives, and whatever
reads the tables reads a replay.

Two bounds say which events there are. `below` is the clock of the ledger: entries below an index of
the log. `occurred_until_us` is the clock of the classroom: of these, the cohort's events whose
header claims that moment or an earlier one; corrections and voidings are such events too, and
happened when their own header says. The register (policies, parties, keys) is bounded by the first
clock alone: what it says was not an event of this cohort.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from projections import cohorts, enrolments
from projections.documents import Document
from projections.fold import fold_events, home_cohort, kind_of, wanted
from projections.ports import Change, FedEvent
from projections.registry import COHORT_PROJECTIONS


@dataclass(frozen=True, slots=True)
class Until:
    """Which events a state rests on.

    Attributes:
        below: Entries below this index of the log: what was known when the log had this size.
        occurred_until_us: Of the cohort's events only those that happened by then; None for all.
    """

    below: int
    occurred_until_us: int | None = None

    def covers(self, event: FedEvent) -> bool:
        """Tell whether an event of the cohort is among them."""
        header = event[0].header
        return event[0].index < self.below and (
            self.occurred_until_us is None or header.occurred_us <= self.occurred_until_us
        )


@dataclass(frozen=True, slots=True)
class CohortRecord:
    """What the log holds of a cohort, each list in log order.

    Attributes:
        events: Events that name it, as home or as guest.
        register: What they rest on: policies, and the parties and keys that wrote them.
    """

    events: Sequence[FedEvent]
    register: Sequence[FedEvent]


class CohortHistory(Protocol):
    """The log as replays read it. Blocking; safe to call from any thread."""

    def size(self) -> int:
        """Return the size of the log."""

    def size_at(self, recorded_us: int) -> int:
        """Return how many entries were recorded at a moment or before it."""

    def record(self, cohort: bytes, below: int) -> CohortRecord:
        """Return what entries below an index hold of a cohort."""


class ReplayedDocuments:
    """The documents of the read models in memory."""

    def __init__(self) -> None:
        """Begin with none."""
        self._views: defaultdict[str, dict[bytes, Change]] = defaultdict(dict)

    def fold(self, events: Sequence[FedEvent]) -> None:
        """Fold the next events, as a follower folds a batch."""
        documents = {
            (view, key): document
            for view, keys in wanted(COHORT_PROJECTIONS, events).items()
            for key, document in self.get(view, keys).items()
        }
        for change in fold_events(COHORT_PROJECTIONS, documents, events):
            if change.document is None:
                self._views[change.view].pop(change.key, None)
            else:
                self._views[change.view][change.key] = change

    def get(self, view: str, keys: Iterable[bytes]) -> dict[bytes, Document]:
        """Return those documents that there are, by key."""
        kept = self._views[view]
        found = ((key, kept[key].document) for key in keys if key in kept)
        return {key: document for key, document in found if document is not None}

    def page(
        self, view: str, owner: bytes | None, after: bytes, limit: int
    ) -> list[tuple[bytes, Document]]:
        """Return (place, document) in the order of places; see `ViewReader`."""
        rows = [
            (change.place, change.document)
            for change in self._views[view].values()
            if change.place > after
            and (owner is None or change.owner == owner)
            and change.document is not None
        ]
        return sorted(rows, key=lambda row: row[0])[:limit]


class CohortReplay:
    """A `ViewReader` of one cohort's documents, which moves forward through the log."""

    def __init__(
        self,
        history: CohortHistory,
        cohort: bytes,
        until: Until,
        record: CohortRecord | None = None,
    ) -> None:
        """Stand before the first event.

        Args:
            history: The log.
            cohort: The cohort.
            until: What is known, and what has happened, at the end.
            record: The cohort's record where it is at hand, up to `until` or further.
        """
        self._history: Final = history
        self._cohort: Final = cohort
        self._until: Final = until
        record = record or history.record(cohort, until.below)
        self.events: Final = tuple(fed for fed in record.events if until.covers(fed))
        register = (fed for fed in record.register if _index(fed) < until.below)
        self._feed: Final = sorted((*register, *self.events), key=_index)
        self._documents: Final = ReplayedDocuments()
        self._others: Final[dict[bytes, CohortReplay]] = {}
        # Where the guests of its sessions are at home, by enrolment.
        self._homes: Final = {
            event.stream: home_cohort(event)
            for event, _ in self.events
            if kind_of(event) == "enrolment" and home_cohort(event) != cohort
        }
        self._folded = 0
        self._below = 0

    def advance(self, below: int) -> int:
        """Fold what stands below an index of the log; return how many events that were."""
        self._below = max(self._below, min(below, self._until.below))
        end = bisect_left(self._feed, self._below, key=_index)
        events = self._feed[self._folded : end]
        if events:
            self._documents.fold(events)
            self._folded = end
        return len(events)

    def finish(self) -> "CohortReplay":
        """Fold everything; return itself."""
        self.advance(self._until.below)
        return self

    def position(self, follower: str) -> int:  # noqa: ARG002 - all that is folded stands together
        """Return the index that it stands before: the size of the log that it rests on."""
        return self._below

    def get(self, view: str, keys: Iterable[bytes]) -> dict[bytes, Document]:
        """Return those documents that there are, by key."""
        found: dict[bytes, Document] = {}
        own = []
        for key in keys:
            home = self._home(view, key)
            if home == self._cohort:
                own.append(key)
            else:
                # Only what names both cohorts is folded here: the other's record has the rest.
                found |= self._other(home).get(view, [key])
        return found | self._documents.get(view, own)

    def page(
        self, view: str, owner: bytes | None, after: bytes, limit: int
    ) -> list[tuple[bytes, Document]]:
        """Return (place, document) in the order of places; see `ViewReader`."""
        return self._documents.page(view, owner, after, limit)

    def _home(self, view: str, key: bytes) -> bytes:
        """Return the cohort whose record makes a document."""
        if view == cohorts.VIEW:
            return key
        return self._homes.get(key, self._cohort) if view == enrolments.VIEW else self._cohort

    def _other(self, cohort: bytes) -> "CohortReplay":
        if cohort not in self._others:
            self._others[cohort] = CohortReplay(self._history, cohort, self._until)
        other = self._others[cohort]
        other.advance(self._below)
        return other


def _index(fed: FedEvent) -> int:
    return fed[0].index
