"""How long a cohort of 5,000 events takes: its file from the tables, and from the log at a moment.

    python -m tests.bench.cohort_replays [--only sqlite|postgresql] [--learners N] [--folder FOLDER]

The cohort is that of a first certificate of a low-voltage electrician: 61 online lessons, 22 half
days, spot checks. Goals: 50 ms from the tables, 300 ms to any moment. A figure is the median of
nine calls without network; the exit code says nothing about the goals.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Final
from uuid import UUID

from ledger.api.v1 import events_pb2 as pb
from ledger.commands.collector import settle_collector
from ledger.log.identifiers import policy_stream
from ledger.storage.cohort_history import LogCohortHistory
from ledger.storage.event_feed import LogEventFeed
from ledger.storage.open_storage import open_storage
from ledger.storage.views import open_views
from projections.follower import Follower
from projections.ports import FedEvent
from projections.queries import Queries
from projections.replay_queries import Moment, ReplayQueries, Steps
from tests.bench.backends import BACKENDS
from tests.contract.story_log import write
from tests.unit.projections.story import (
    BUREAU,
    COHORT,
    POLICY,
    POLICY_FILE,
    Story,
    at,
)

ORIGIN: Final = "log.example/320599"
LESSONS: Final = 61
HALF_DAYS: Final = 22
THEORY_HALF_DAYS: Final = 7
CALLS: Final = 9
_FACE: Final = pb.PRESENCE_METHOD_FACE


def course(learners: int) -> list[FedEvent]:
    """Return the log of one cohort: 128 events of each learner and 67 beside."""
    story, people = Story(), [UUID(int=0xF000 + n).bytes for n in range(learners)]
    adopted = pb.PolicyAdopted(digest=POLICY.digest, document=POLICY_FILE)
    story.decide(policy_stream(ORIGIN).bytes, adopted, institution=BUREAU)
    story.plan()
    for person in people:
        story.enrol(person)
        for number in range(LESSONS):
            day, slot = divmod(number, 8)
            story.lesson(person, f"LV-{number:02}", at(8, 40 * slot, day), 31)
    for day in range(HALF_DAYS):
        session = UUID(int=0x5000 + day).bytes
        component = 1 if day < THEORY_HALF_DAYS else 3
        for person in people:
            body = pb.LearnerSignedIn(session=session, method=_FACE)
            story.fact(person, body, occurred_us=at(8, 20, day))
        story.session(session, at(8, 30, day), at(12, day=day), component=component, breaks=30)
        for person in people:
            signed_out = pb.LearnerSignedOut(session=session, method=_FACE)
            checked = pb.PresenceSpotChecked(session=session)
            story.fact(person, checked, occurred_us=at(10, day=day))
            story.fact(person, signed_out, occurred_us=at(12, 5, day))
    return [
        (replace(event, recorded_us=event.recorded_us + event.index), held)
        for event, held in story.events
    ]


async def measure(url: str, events: list[FedEvent], tell: Callable[[str], None]) -> None:
    """Write the log into an empty database and measure."""
    storage, views = open_storage(url), open_views(url)
    await write(storage.writer, events)
    Follower(LogEventFeed(storage.reader), views).catch_up()
    tables = Queries(views)
    past = ReplayQueries(LogCohortHistory(storage.reader, ORIGIN))
    size, moment = len(events), events[len(events) // 2][0].recorded_us
    learner = events[-1][0].stream
    calls: dict[str, Callable[[], object]] = {
        "file from the tables": lambda: tables.cohort_file(COHORT),
        "file at the end, by index": lambda: past.cohort_file(COHORT, Moment(index=size)),
        "file half way, as known at a moment": lambda: past.cohort_file(
            COHORT, Moment(recorded_us=moment)
        ),
        "file at the end, as happened by a moment": lambda: past.cohort_file(
            COHORT, Moment(occurred_us=at(23, day=HALF_DAYS))
        ),
        "timeline, the last page of 100": lambda: past.timeline(
            COHORT, Steps(start=size - 100), b"", 100
        ),
        "timeline of one learner": lambda: past.timeline(
            COHORT, Steps(enrolment=learner), b"", 1_000
        ),
        "difference of half way and the end": lambda: past.difference(
            COHORT, Moment(recorded_us=moment), Moment()
        ),
    }
    # As in a server: what is loaded by now is not looked at again by the collector.
    settle_collector()
    for name, call in calls.items():
        tell(f"{name:44} {median(_seconds(call) for _ in range(CALLS)) * 1_000:7.1f} ms")
    views.close()
    await storage.close()


def _seconds(call: Callable[[], object]) -> float:
    before = time.perf_counter()
    call()
    return time.perf_counter() - before


def main() -> None:
    """Measure what the arguments say and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", choices=list(BACKENDS), help="one database alone")
    parser.add_argument("--learners", type=int, default=39, help="128 events each")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    options = parser.parse_args()
    events = course(options.learners)
    for name in [options.only] if options.only else BACKENDS:
        with (
            tempfile.TemporaryDirectory(prefix="tledger-bench-", dir=options.folder) as path,
            BACKENDS[name](Path(path)) as backend,
        ):
            print(f"{backend.about}: {len(events)} events")
            asyncio.run(measure(backend.database, events, print))


if __name__ == "__main__":
    main()
