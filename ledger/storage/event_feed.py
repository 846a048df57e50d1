"""The log as followers read it: rows of either backend, parsed (`projections.ports.EventFeed`)."""

from google.protobuf.message import DecodeError

from ledger.application.errors import IntegrityBreachError
from ledger.application.events import recorded_event
from ledger.application.ports import LogReader, LogRow
from projections.ports import FedEvent


class LogEventFeed:
    """Events of a log in log order."""

    def __init__(self, reader: LogReader) -> None:
        """Read through `reader`."""
        self._reader = reader

    def after(self, position: int, limit: int) -> list[FedEvent]:
        """Return the next events from index `position` on, at most `limit`.

        Raises:
            IntegrityBreachError: a stored event is not what was admitted.
        """
        return [fed_event(row) for row in self._reader.rows(position, limit)]

    def size(self) -> int:
        """Return the size of the log."""
        return self._reader.head().size


def fed_event(row: LogRow) -> FedEvent:
    """Return the event of a row, and why it was held.

    Raises:
        IntegrityBreachError: it is not what was admitted.
    """
    try:
        return recorded_event(row), row.held
    except (DecodeError, KeyError) as error:
        message = f"the event at index {row.index} cannot be read"
        raise IntegrityBreachError(message) from error
