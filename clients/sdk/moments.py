"""Moments of a cohort, on the ledger's clock and on that of the classroom (docs/replay.md)."""

from dataclasses import dataclass
from datetime import datetime

from clients.sdk.errors import DraftError
from clients.sdk.field_values import count, micros
from ledger.api.v1 import cohort_service_pb2 as pb

_INDEX_LIMIT = 2**53


@dataclass(frozen=True, slots=True)
class AsOf:
    """A moment; what is None bounds nothing, and of `index` and `recorded` one is enough.

    Attributes:
        index: What was known when the log had this size: entries below this index.
        recorded: What was known at this moment, with its UTC offset.
        occurred: What had happened by this moment, of what was known.
    """

    index: int | None = None
    recorded: datetime | None = None
    occurred: datetime | None = None

    def message(self) -> pb.AsOf:
        """Return the moment as it goes over the wire.

        Raises:
            DraftError: when it names no bound, two of one clock, or a value that cannot be.
        """
        if self.index is not None and self.recorded is not None:
            raise DraftError("as of an index or as recorded by a moment, not both")
        index = None if self.index is None else count("index", self.index, _INDEX_LIMIT)
        recorded = None if self.recorded is None else micros("recorded", self.recorded)
        if self.occurred is not None:
            message = pb.AsOf(occurred_us=micros("occurred", self.occurred))
            if index is not None:
                message.known_index = index
            elif recorded is not None:
                message.known_recorded_us = recorded
            return message
        if index is not None:
            return pb.AsOf(index=index)
        if recorded is not None:
            return pb.AsOf(recorded_us=recorded)
        raise DraftError("a moment names an index, when it was recorded, or when it happened")
