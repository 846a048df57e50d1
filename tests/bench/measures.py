"""What is measured, how much of it, and which ratios have a goal."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Measure(StrEnum):
    """A line of the report; the value names it in the JSON file."""

    OURS_ONE_CALLER = "ours-single-1"
    OURS_SINGLE = "ours-single-64"
    OURS_100 = "ours-batch-100"
    OURS_1000 = "ours-batch-1000"
    CALL_EMPTY = "call-empty-64"
    CALL_SIGNED = "call-signed-64"
    LIBRARY_ONE_WRITER = "library-single-1"
    LIBRARY_SINGLE = "library-single-8"
    LIBRARY_100 = "library-batch-100"
    LIBRARY_1000 = "library-batch-1000"
    SAVE_ONE_WRITER = "library-save-100-1"
    SAVE = "library-save-100-8"
    BULK_100 = "bulk-100"
    BULK_1000 = "bulk-1000"


LABELS: Final = {
    Measure.OURS_ONE_CALLER: "ours: 1 event a request, 1 caller",
    Measure.OURS_SINGLE: "ours: 1 event a request, 64 callers",
    Measure.OURS_100: "ours: batches of 100, 16 callers",
    Measure.OURS_1000: "ours: batches of 1,000, 4 callers",
    Measure.CALL_EMPTY: "(c) empty call, same TLS server, 64 callers",
    Measure.CALL_SIGNED: "(d) call: 1 signature verified, 1 made, 64 callers",
    Measure.LIBRARY_ONE_WRITER: "(a) library recorder, 1 event a save, 1 writer",
    Measure.LIBRARY_SINGLE: "(a) library recorder, 1 event a save, 8 writers",
    Measure.LIBRARY_100: "(a) library recorder, 100 a save, 8 writers",
    Measure.LIBRARY_1000: "(a) library recorder, 1,000 a save, 8 writers",
    Measure.SAVE_ONE_WRITER: "(a) library Application.save, 100 events, 1 writer",
    Measure.SAVE: "(a) library Application.save, 100 events, 8 writers",
    Measure.BULK_100: "(b) {bulk} of the same rows, commit per 100",
    Measure.BULK_1000: "(b) {bulk} of the same rows, commit per 1,000",
}


@dataclass(frozen=True, slots=True)
class Goal:
    """A ratio with a goal.

    Attributes:
        label: What is compared.
        ours: What is measured.
        baselines: What it is compared with: the fastest of these.
        least: The goal.
        percent: Print the ratio in per cent.
    """

    label: str
    ours: Measure
    baselines: tuple[Measure, ...]
    least: float
    percent: bool


_SAVES: Final = (Measure.SAVE_ONE_WRITER, Measure.SAVE)
GOALS: Final = (
    Goal("single appends : (d) signed calls", Measure.OURS_SINGLE, (Measure.CALL_SIGNED,), 0.4,
         percent=True),
    Goal("single appends : (a) library, 8 writers", Measure.OURS_SINGLE,
         (Measure.LIBRARY_SINGLE,), 2.0, percent=False),
    Goal("batches of 100 : (b) {bulk} per 100", Measure.OURS_100, (Measure.BULK_100,), 0.25,
         percent=True),
    Goal("batches of 1,000 : (b) {bulk} per 1,000", Measure.OURS_1000, (Measure.BULK_1000,), 0.25,
         percent=True),
    Goal("batches of 100 : (a) library's save", Measure.OURS_100, _SAVES, 2.0, percent=False),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is done.

    Attributes:
        rounds: Samples of each measure; a round takes one of each.
        cohorts: Cohorts, each with a terminal of its own.
        learners: Learners enrolled in each.
        one_caller: Requests of the one caller.
        singles: Requests of one event.
        batches_100: Requests of 100 events.
        batches_1000: Requests of 1,000 events.
        calls: Calls of (c) and of (d).
        library_singles: Events that the library saves one by one, for each number of writers.
        library_batched: Events that the library saves in batches, for each size.
        bulk: Rows that are written in bulk, for each size.
    """

    rounds: int
    cohorts: int
    learners: int
    one_caller: int
    singles: int
    batches_100: int
    batches_1000: int
    calls: int
    library_singles: int
    library_batched: int
    bulk: int


FULL: Final = Plan(
    rounds=3,
    cohorts=250,
    learners=40,
    one_caller=1_000,
    singles=10_000,
    batches_100=500,
    batches_1000=60,
    calls=15_000,
    library_singles=3_000,
    library_batched=20_000,
    bulk=50_000,
)
QUICK: Final = Plan(
    rounds=1,
    cohorts=4,
    learners=10,
    one_caller=50,
    singles=400,
    batches_100=20,
    batches_1000=4,
    calls=400,
    library_singles=200,
    library_batched=2_000,
    bulk=3_000,
)
WARM_UP: Final = 10
"""Per cent of a measure's requests that are sent before its time starts."""
