"""The log as replays of a cohort read it (`projections.replay.CohortHistory`)."""

from ledger.application.ports import LogReader
from ledger.log.identifiers import key_stream, policy_stream
from ledger.storage.event_feed import fed_event
from projections.ports import FedEvent
from projections.replay import CohortRecord


class LogCohortHistory:
    """Records of cohorts from a log. Blocking; safe to call from any thread."""

    def __init__(self, reader: LogReader, origin: str) -> None:
        """Read the log with this origin through `reader`."""
        self._reader = reader
        self._origin = origin

    def size(self) -> int:
        """Return the size of the log."""
        return self._reader.head().size

    def size_at(self, recorded_us: int) -> int:
        """Return how many entries were recorded at a moment or before it."""
        return self._reader.size_at(recorded_us)

    def record(self, cohort: bytes, below: int) -> CohortRecord:
        """Return what entries below an index hold of a cohort.

        Raises:
            IntegrityBreachError: a stored event is not what was admitted.
        """
        events = [fed_event(row) for row in self._reader.cohort_rows(cohort, below)]
        register = [
            fed_event(row)
            for stream in sorted(self._register_streams(events))
            for row in self._reader.stream_rows(stream)
            if row.index < below
        ]
        return CohortRecord(events, sorted(register, key=lambda fed: fed[0].index))

    def _register_streams(self, events: list[FedEvent]) -> set[bytes]:
        headers = [event.header for event, _ in events]
        keys = {header.author_key for header in headers} | {
            header.approver_key for header in headers
        }
        parties = {header.institution for header in headers}
        return {
            policy_stream(self._origin).bytes,
            *(bytes(party) for party in parties),
            *(key_stream(self._origin, key).bytes for key in keys if key),
        }
