"""Why facts were held when they were recorded, worked out again from the entries before them.

The stored reason stands in no entry, but retries are answered with it and the read models show it
(DESIGN section 4). Memory grows with the numbers of enrolments, cohorts and keys.
"""

from ledger.application.breaches import LogBreachError
from ledger.application.events import recorded_event
from ledger.application.ports import LogRow
from ledger.domain.authority import held_by_key
from ledger.domain.event_types import EVENT_TYPES
from ledger.domain.holding import KEY_LOST_OR_RETIRED, held_code
from ledger.domain.recorded_event import RecordedEvent
from ledger.domain.states import KeyState, fold_key


class HeldCheck:
    """Follows what holds facts, entry by entry."""

    def __init__(self) -> None:
        """Start before the first entry."""
        self._enrolled: set[bytes] = set()
        self._planned: set[bytes] = set()
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
        self._follow(row, event)

    def _held(self, row: LogRow, event: RecordedEvent) -> str:
        known = EVENT_TYPES[row.type]
        if known.decision:
            return ""
        header = event.header
        if not self._lost.isdisjoint((header.author_key, header.approver_key)):
            return KEY_LOST_OR_RETIRED
        if known.kind == "enrolment":
            opened = row.stream in self._enrolled
        else:
            opened = row.cohort in self._planned
        return held_code(
            known.kind,
            opened=opened,
            occurred_us=header.occurred_us,
            recorded_us=row.recorded_us,
        )

    def _follow(self, row: LogRow, event: RecordedEvent) -> None:
        match row.type:
            case "LearnerEnrolled":
                self._enrolled.add(row.stream)
            case "CohortPlanned" if row.cohort is not None:
                self._planned.add(row.cohort)
            case "KeyRegistered" | "KeyEnded":
                key = self._keys[row.stream] = fold_key(self._keys.get(row.stream), event)
                if key is not None and held_by_key(key):
                    self._lost.add(key.key_id)
