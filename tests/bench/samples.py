"""Samples: what one run of one measure showed, and how samples are summed up."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sample:
    """One run of one measure.

    Attributes:
        events: Events, or calls, that were done in the time.
        seconds: From the first to the last of them.
        p50_ms: Median time of one request, commit or call.
        p99_ms: What 99 of 100 stay below.
        server_cpu_us: Processor time of the server for one event; None where there is no server.
    """

    events: int
    seconds: float
    p50_ms: float
    p99_ms: float
    server_cpu_us: float | None = None

    @property
    def rate(self) -> float:
        """Events per second."""
        return self.events / self.seconds


@dataclass(frozen=True, slots=True)
class Spread:
    """Median, smallest and largest of some figures."""

    median: float
    low: float
    high: float


def spread(figures: Sequence[float]) -> Spread:
    """Sum figures up; there must be one at least."""
    return Spread(statistics.median(figures), min(figures), max(figures))


def sample_of(events: int, seconds: float, latencies: Sequence[float]) -> Sample:
    """Return a sample from the time of each request in seconds."""
    ordered = sorted(latencies)
    return Sample(events, seconds, *(1_000 * percentile(ordered, each) for each in (50, 99)))


def percentile(ordered: Sequence[float], percent: int) -> float:
    """Return the nearest-rank percentile of sorted figures; there must be one at least."""
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(rank, 1) - 1]
