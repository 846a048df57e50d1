"""How much of a taught session its recordings cover (guidance 6.3)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ledger.domain.amendments import Counted
from ledger.domain.hours import TaughtSession

_SECOND_US: Final = 1_000_000

Interval = tuple[int, int]
"""From and to, exclusive, microseconds since 1970 UTC."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A stored recording.

    Attributes:
        channel: Code of the video channel.
        from_us: First moment recorded, microseconds since 1970 UTC.
        to_us: Last moment recorded.
        gap_seconds: Seconds missing in between.
        digest: SHA-256 of the recording, hex.
    """

    channel: str
    from_us: int
    to_us: int
    gap_seconds: int
    digest: str


def recording_of(fact: Counted) -> Recording:
    """Return the recording that a SessionRecordingStored states."""
    body = fact.event.body
    return Recording(
        body.channel, body.from_us, body.to_us, body.gap_seconds, body.recording_digest.hex()
    )


def taught_intervals(session: TaughtSession) -> tuple[Interval, ...]:
    """Return when teaching went on: from start to end without interruptions."""
    intervals, since = [], session.start_us
    for first, last in (*session.pauses, (session.end_us, session.end_us)):
        intervals.append((since, first))
        since = last
    return tuple(interval for interval in intervals if interval[0] < interval[1])


def covered_per_mille(recordings: Iterable[Recording], taught: Sequence[Interval]) -> int:
    """Return the share of the taught time that the best channel covers, in thousandths, floored.

    Recordings of one channel add up, what two of them show counts once. Where a gap lies is not
    recorded, so all of it is taken off, also when it may lie outside of the taught time. A
    recording that was stored twice is one.

    Args:
        recordings: The session's recordings.
        taught: When teaching went on; these do not overlap. Nothing taught is not covered.
    """
    whole = sum(end - start for start, end in taught)
    if not whole:
        return 0
    channels: defaultdict[str, dict[str, Recording]] = defaultdict(dict)
    for recording in recordings:
        channels[recording.channel][recording.digest] = recording
    best = max((_covered(tuple(each.values()), taught) for each in channels.values()), default=0)
    return best * 1_000 // whole


def _covered(recordings: Sequence[Recording], taught: Sequence[Interval]) -> int:
    shown = sum(
        max(0, min(end, to) - max(start, since))
        for start, end in _merged((each.from_us, each.to_us) for each in recordings)
        for since, to in taught
    )
    # A gap takes no more than its own recording.
    gaps = (min(each.gap_seconds * _SECOND_US, each.to_us - each.from_us) for each in recordings)
    return max(0, shown - sum(gaps))


def _merged(intervals: Iterable[Interval]) -> list[Interval]:
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        elif start < end:
            merged.append((start, end))
    return merged
