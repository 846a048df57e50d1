"""The benchmark runs and reports all that it promises; what the figures are is not asserted."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.bench.measures import GOALS, LABELS, Goal, Measure
from tests.bench.report import ratio
from tests.bench.rounds import Results
from tests.bench.samples import Sample, Spread, percentile, sample_of, spread

ROOT: Final = Path(__file__).parents[2]


@pytest.mark.bench
def test_a_quick_run_on_sqlite_reports_every_measure_and_every_goal(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.bench", "--quick", "--only", "sqlite"),
            *("--folder", str(tmp_path), "--json", str(figures)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    for label in LABELS.values():
        (line,) = [each for each in lines if each.startswith(label.format(bulk="executemany"))]
        assert "[" in line
    ratios = [each for each in lines if each.startswith("ratio ")]
    assert len(ratios) == len(GOALS) == 5
    assert all(each.endswith((": met", ": NOT met")) for each in ratios)

    found = json.loads(figures.read_text("utf-8"))["backends"]
    assert list(found) == ["sqlite"]
    samples = found["sqlite"]["samples"]
    assert set(samples) == {measure.value for measure in Measure}
    # 10 % of 400, 20 and 4 requests of 1, 100 and 1,000 events are not timed.
    assert samples["ours-single-64"][0]["events"] == 360
    assert samples["ours-batch-100"][0]["events"] == 1_800
    assert samples["ours-batch-1000"][0]["events"] == 4_000
    assert samples["bulk-1000"][0]["events"] == 3_000
    assert len(found["sqlite"]["ratios"]) == 5


@pytest.mark.bench
def test_replays_of_a_small_cohort_are_measured(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.bench.cohort_replays", "--only", "sqlite"),
            *("--learners", "2", "--folder", str(tmp_path)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    about, *figures = done.stdout.splitlines()
    # The policy, the plan, three events of each of 22 sessions, 128 of each learner.
    assert about.endswith(": 324 events")
    assert len(figures) == 7
    assert all(figure.endswith(" ms") for figure in figures)


def test_a_ratio_is_taken_within_each_round_against_the_fastest_baseline() -> None:
    goal = Goal("", Measure.OURS_100, (Measure.SAVE_ONE_WRITER, Measure.SAVE), 2.0, percent=False)
    results = Results()
    for ours, one, many in ((600, 100, 200), (500, 500, 100), (900, 300, 200)):
        for measure, rate in (
            (Measure.OURS_100, ours),
            (Measure.SAVE_ONE_WRITER, one),
            (Measure.SAVE, many),
        ):
            results.add(measure, Sample(rate, 1.0, 0.0, 0.0))
    # 600 / 200, 500 / 500, 900 / 300
    assert ratio(goal, results) == Spread(3.0, 1.0, 3.0)


def test_percentiles_are_those_of_the_nearest_rank() -> None:
    hundred = [float(each) for each in range(1, 101)]
    assert (percentile(hundred, 50), percentile(hundred, 99)) == (50.0, 99.0)
    assert (percentile([7.0], 50), percentile([7.0], 99)) == (7.0, 7.0)
    # Of ten figures the 99th percentile is the largest, not the last but one.
    assert percentile([float(each) for each in range(10)], 99) == 9.0


def test_a_sample_states_milliseconds_and_events_a_second() -> None:
    sample = sample_of(300, 1.5, [0.002, 0.001, 0.004])
    assert (sample.p50_ms, sample.p99_ms, sample.rate) == (2.0, 4.0, 200.0)


def test_a_spread_is_median_smallest_and_largest() -> None:
    assert spread([3.0, 9.0, 1.0]) == Spread(3.0, 1.0, 9.0)
