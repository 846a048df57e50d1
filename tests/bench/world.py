"""The world of the benchmark: one institution, planned cohorts, learners enrolled in them.

Each cohort has a classroom terminal with a key of its own, as in the field: a batch is what one
terminal captured.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes
from typing import Final
from uuid import UUID, uuid4

from clients.sdk import CapturedEvent, Emitter, Identity, device_clock, new_author_key, sign_batch
from ledger.api.v1 import events_pb2 as pb
from ledger.application.group_commit import GroupCommit
from ledger.application.recorded_clock import wall_clock_us
from ledger.commands.clients import make_client
from ledger.commands.genesis import record, root_key
from ledger.commands.home import Home, Settings
from ledger.commands.initialising import Bureau, initialise
from ledger.commands.synthetic import REGION, synthetic_credit_code
from ledger.domain.policies import packaged_policies
from ledger.storage.open_storage import open_storage

ORIGIN: Final = f"bench.ledger.example/{REGION}"
_BUREAU: Final = Bureau("某市应急管理局", synthetic_credit_code("11", 1), REGION)
_SCHOOL_CODE: Final = synthetic_credit_code("91", 1)
_POLICY: Final = packaged_policies()["low-voltage-electrician"]
_ADDRESS: Final = "localhost:50443"
"""Configured, never listened on: each server of the benchmark is given a free port."""
_FIRST_DAY, _LAST_DAY = date(2026, 3, 2), date(2026, 4, 2)


@dataclass(frozen=True, slots=True)
class Classroom:
    """A cohort and the terminal that its learners sign in at."""

    cohort: UUID
    learners: tuple[UUID, ...]
    terminal: Emitter


@dataclass(frozen=True, slots=True)
class World:
    """What the events are about.

    Attributes:
        home: The log's home.
        courier: Identity folder of the institution, whose connection carries the requests.
        classrooms: The cohorts.
    """

    home: Home
    courier: Path
    classrooms: tuple[Classroom, ...]


async def make_world(folder: Path, database: str, cohorts: int, learners: int) -> World:
    """Make a new log at `folder` in `database`, and enrol the learners of the cohorts."""
    home = Home(folder / "home")
    settings = Settings(
        ORIGIN, _BUREAU.credit_code, database, home.default_database("vault"), _ADDRESS, "localhost"
    )
    bureau = await initialise(home, settings, _BUREAU, (), synthetic=True)
    courier = folder / "school"
    school = make_client(home, courier, _SCHOOL_CODE, None)
    classrooms = tuple(_classroom(school, number, learners) for number in range(cohorts))
    storage = open_storage(database)
    commits = GroupCommit(storage.writer, ORIGIN, root_key(home.trust(), _BUREAU.credit_code))
    commits.start()
    try:
        for identity, events in _opening(bureau, school, classrooms):
            batch = sign_batch(identity, events).to_message()
            await record(commits, ORIGIN, batch)
    finally:
        await commits.stop()
        await storage.close()
    return World(home, courier, classrooms)


def _classroom(school: Identity, number: int, learners: int) -> Classroom:
    key = replace(school, key=new_author_key())
    clock = device_clock(last_sync_us=wall_clock_us())
    terminal = Emitter(key, device=f"BENCH-{number:04}", clock=clock, synthetic=True)
    return Classroom(uuid4(), tuple(uuid4() for _ in range(learners)), terminal)


def _opening(
    bureau: Identity, school: Identity, classrooms: Sequence[Classroom]
) -> Iterator[tuple[Identity, list[CapturedEvent]]]:
    """Yield what stands in the log before the first sign-in, with who signs it."""
    authority, office = Emitter(bureau, synthetic=True), Emitter(school, synthetic=True)
    yield (
        bureau,
        [
            authority.policy_adopted(document=_POLICY),
            authority.institution_registered(
                kind=pb.PARTY_KIND_INSTITUTION,
                credit_code=_SCHOOL_CODE,
                name="某市安全技术培训学校",
                area=REGION,
            ),
            authority.key_registered(
                public_key=school.public_key.spki, holder=school.party, use=pb.KEY_USE_PARTY
            ),
        ],
    )
    for number, classroom in enumerate(classrooms):
        yield school, _planning(office, number, classroom)


def _planning(office: Emitter, number: int, classroom: Classroom) -> list[CapturedEvent]:
    cohort, terminal = classroom.cohort, classroom.terminal.identity
    return [
        office.key_registered(
            public_key=terminal.public_key.spki,
            holder=terminal.party,
            use=pb.KEY_USE_DEVICE,
            device=f"BENCH-{number:04}",
        ),
        office.cohort_planned(
            cohort=cohort,
            trade="2010-1.2",
            trade_name="低压电工作业",
            policy=sha256(_POLICY).digest(),
            capacity=len(classroom.learners),
            first_day=_FIRST_DAY,
            last_day=_LAST_DAY,
            number=f"BENCH-2026-{number:04}",
        ),
        *(
            office.learner_enrolled(
                cohort=cohort,
                person_ref=learner,
                identity_commitment=token_bytes(32),
                basis="LOCAL-EMPLOYMENT",
            )
            for learner in classroom.learners
        ),
        office.cohort_opened(cohort=cohort, enrolled=len(classroom.learners)),
    ]
