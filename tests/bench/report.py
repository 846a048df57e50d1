"""The report: a table of figures, then the ratios with their goals."""

import importlib.metadata
import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final

from tests.bench.measures import GOALS, LABELS, WARM_UP, Goal, Measure, Plan
from tests.bench.rounds import Results
from tests.bench.samples import Sample, Spread, spread

_PACKAGES: Final = ("grpcio", "protobuf", "protovalidate", "psycopg", "cryptography", "uvloop",
                    "eventsourcing")  # fmt: skip
_PERCENT: Final = 100


def machine() -> dict[str, str]:
    """Return what the figures depend on."""
    about = {
        "cpus": str(os.cpu_count()),
        "load": f"{os.getloadavg()[0]:.1f} before the run",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
    }
    return about | {name: importlib.metadata.version(name) for name in _PACKAGES}


def introduction(plan: Plan, about: dict[str, str]) -> Iterator[str]:
    """Yield the lines above the tables."""
    yield ", ".join(f"{name} {value}" for name, value in about.items())
    yield (
        f"{plan.rounds} round(s), one sample of each measure in each; median [min .. max]; the"
        f" first {WARM_UP} % of a measure's requests warm up. Load generator, server and database"
        " share the processors. Trust ratios: both sides come from the same round."
    )
    yield (
        "ours: everything on: mTLS, protovalidate, batch signatures, decisions, group commit,"
        " acknowledgements, publisher, read models; each learner has signed in once before."
    )


def table(name: str, about: str, bulk_name: str, results: Results) -> Iterator[str]:
    """Yield the lines of one backend."""
    yield ""
    yield f"== {name}: {about}"
    yield (
        f"{'':52} {'events/s':>9} {'[min .. max]':>20} {'p50 ms':>8} {'p99 ms':>8}"
        f" {'server CPU us/event':>20}"
    )
    for measure in Measure:
        label = LABELS[measure].format(bulk=bulk_name)
        yield f"{label:52} {_figures(results.samples[measure])}"
    for number, catch_up in enumerate(results.catch_ups, 1):
        yield (
            f"round {number}: at the last answer {catch_up.unpublished:,} entries unpublished,"
            f" {catch_up.unfolded:,} not in the read models; {catch_up.seconds:.1f} s until none"
        )
    for goal in GOALS:
        yield _ratio_line(goal, bulk_name, results)


def _figures(samples: Sequence[Sample]) -> str:
    rate = spread([each.rate for each in samples])
    p50, p99 = (spread(each).median for each in zip(*map(_latencies, samples), strict=True))
    used = [each.server_cpu_us for each in samples if each.server_cpu_us is not None]
    cpu = f"{spread(used).median:.0f}" if used else "-"
    between = f"[{rate.low:,.0f} .. {rate.high:,.0f}]"
    return f"{rate.median:9,.0f} {between:>20} {p50:8.2f} {p99:8.2f} {cpu:>20}"


def _latencies(sample: Sample) -> tuple[float, float]:
    return sample.p50_ms, sample.p99_ms


def ratio(goal: Goal, results: Results) -> Spread:
    """Return the ratio of a goal, taken within each round."""
    ours = results.samples[goal.ours]
    baselines = zip(*(results.samples[each] for each in goal.baselines), strict=True)
    return spread(
        [
            mine.rate / max(each.rate for each in theirs)
            for mine, theirs in zip(ours, baselines, strict=True)
        ]
    )


def _ratio_line(goal: Goal, bulk_name: str, results: Results) -> str:
    found, least = ratio(goal, results), goal.least
    verdict = "met" if found.median >= least else "NOT met"
    label = goal.label.format(bulk=bulk_name)
    shown = [_shown(goal, each) for each in (found.median, found.low, found.high, least)]
    return f"ratio {label:45} {shown[0]:>9} [{shown[1]} .. {shown[2]}]  goal {shown[3]}: {verdict}"


def _shown(goal: Goal, figure: float) -> str:
    return f"{figure * _PERCENT:.0f} %" if goal.percent else f"{figure:.1f}x"


def document(about: str, bulk_name: str, results: Results) -> dict[str, Any]:
    """Return the raw figures of one backend."""
    return {
        "about": about,
        "samples": {
            measure: [asdict(each) | {"rate": each.rate} for each in samples]
            for measure, samples in results.samples.items()
        },
        "catch_ups": [asdict(each) for each in results.catch_ups],
        "ratios": {
            goal.label.format(bulk=bulk_name): {
                **asdict(found),
                "goal": goal.least,
                "met": found.median >= goal.least,
            }
            for goal in GOALS
            for found in [ratio(goal, results)]
        },
    }
