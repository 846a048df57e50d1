"""Recorded events for tests of folds and rules: only the fields that a test names."""

from types import SimpleNamespace
from typing import Any

from ledger.domain.recorded_event import RecordedEvent

NOON_US = 1_772_424_000_000_000


def message(**fields: Any) -> Any:  # noqa: ANN401 - stands for any message
    return SimpleNamespace(**fields)


def header_of(index: int, occurred_us: int = NOON_US) -> Any:  # noqa: ANN401 - stands for a header
    return message(
        event_id=index.to_bytes(16, "big"),
        institution=b"i" * 16,
        cohorts=[b"c" * 16],
        occurred_us=occurred_us,
        device="",
        clock=None,
    )


def event(
    type_name: str,
    *,
    index: int = 10,
    seq: int = 1,
    stream: bytes = bytes(16),
    recorded_us: int = NOON_US,
    header: Any = None,  # noqa: ANN401 - stands for any header
    **body: Any,  # noqa: ANN401 - fields of any body
) -> RecordedEvent:
    header = header or header_of(index, recorded_us)
    return RecordedEvent(index, seq, type_name, stream, recorded_us, header, message(**body))
