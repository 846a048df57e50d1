"""A town that was written to files, read back as the records of its streams."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ledger.api.v1 import events_pb2, recording_service_pb2
from ledger.domain.recorded_event import RecordedEvent

RECORDED_US = 1_800_000_000_000_000
"""All of it recorded at one moment, in January 2027."""


def read_records(folder: Path) -> Mapping[bytes, Sequence[RecordedEvent]]:
    """Return the events of all batches in the order of delivery, by stream."""
    streams: defaultdict[bytes, list[RecordedEvent]] = defaultdict(list)
    index = 0
    for path in sorted((folder / "batches").iterdir()):
        batch = recording_service_pb2.Batch.FromString(path.read_bytes())
        for data in batch.events:
            event = events_pb2.TrainingEvent.FromString(data)
            stream = streams[event.header.stream]
            header: Any = event.header
            body = getattr(event, event.WhichOneof("body") or "")
            stream.append(
                RecordedEvent(
                    index,
                    len(stream) + 1,
                    event.header.type,
                    event.header.stream,
                    RECORDED_US,
                    header,
                    body,
                )
            )
            index += 1
    return streams
