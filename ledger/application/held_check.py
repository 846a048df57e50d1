"""Why facts were held when they were recorded, worked out again from the entries before them.

The stored reason stands in no entry, but retries are answered with it and the read models show it
(DESIGN section 4). Memory grows with the numbers of enrolments, cohorts and keys.
"""

from collections.abc import Callable

from ledger.application.breaches import LogBreachError
from ledger.application.events import recorded_event
from ledger.application.ports import LogRow
from ledger.domain.authority import held_by_key
from ledger.domain.event_types import DECISION_RELEVANT, EVENT_TYPES
from ledger.domain.fact_holds import fact_hold
from ledger.domain.holding import KEY_LOST_OR_RETIRED
from ledger.domain.recorded_event import RecordedEvent
from ledger.domain.states import (
    CohortState,
    EnrolmentState,
    KeyState,
    PolicyBook,
    fold_cohort,
    fold_enrolment,
    fold_key,
    fold_policies,
)

Find = Callable[[bytes], LogRow | None]
"""Looks a recorded event up by its id."""


class HeldCheck:
    """Follows what holds facts, entry by entry."""

    def __init__(self, find: Find) -> None:
        """Start before the first entry; `find` is asked for what corrections name."""
        self._find = find
        self._enrolments: dict[bytes, EnrolmentState] = {}
        self._cohorts: dict[bytes, CohortState] = {}
        self._policies: PolicyBook | None = None
        self._keys: dict[bytes, KeyState | None] = {}
        self._lost: set[bytes] = set()

    def check(self, row: LogRow) -> None:
        """Check the stored reason of the next event.

        Raises:
            LogBreachError: when it is not what the entries before it make it.
        """
        event = recorded_event(row)
        due = self._held(row, event)
        if row.held != due:
            raise LogBreachError(
                row.index,
                f"第 {row.index} 条存储的挂起原因为 {row.held!r}，应为 {due!r}",
                f"entry {row.index} is stored as held by {row.held!r}, where {due!r} is due",
            )
        if row.type in DECISION_RELEVANT:
            self._follow(row, event)

    def _held(self, row: LogRow, event: RecordedEvent) -> str:
        if EVENT_TYPES[row.type].decision:
            return ""
        header = event.header
        if not self._lost.isdisjoint((header.author_key, header.approver_key)):
            return KEY_LOST_OR_RETIRED
        cohorts = [self._cohorts.get(cohort) for cohort in header.cohorts]
        pinned = cohorts[0].policy if cohorts and cohorts[0] is not None else b""
        policies = {} if self._policies is None else self._policies.policies
        enrolment = self._enrolments.get(row.stream, EnrolmentState())
        return fact_hold(event, cohorts, enrolment, policies.get(pinned), self._before(row))

    def _before(self, row: LogRow) -> Callable[[bytes], RecordedEvent | None]:
        """Return what looks up events before a row: later ones were not there then."""

        def find(event_id: bytes) -> RecordedEvent | None:
            found = self._find(event_id)
            return None if found is None or found.index >= row.index else recorded_event(found)

        return find

    def _follow(self, row: LogRow, event: RecordedEvent) -> None:
        kind = EVENT_TYPES[row.type].kind
        if kind == "key":
            key = self._keys[row.stream] = fold_key(self._keys.get(row.stream), event)
            if key is not None and held_by_key(key):
                self._lost.add(key.key_id)
        elif kind == "policy":
            self._policies = fold_policies(self._policies, event)
        elif row.cohort is not None:
            self._cohorts[row.cohort] = fold_cohort(self._cohorts.get(row.cohort), event)
            if kind == "enrolment":
                before = self._enrolments.get(row.stream, EnrolmentState())
                self._enrolments[row.stream] = fold_enrolment(before, event)
