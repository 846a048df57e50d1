"""A home with a world in its log: what end-to-end tests and the benchmark write about.

A bureau, one institution with policy and key, planned and opened cohorts with enrolled learners.
Each cohort has a classroom terminal with a key of its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
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

ORIGIN: Final = f"served.ledger.example/{REGION}"
BUREAU: Final = Bureau("示例市应急管理局", synthetic_credit_code("11", 1), REGION)
SCHOOL_CODE: Final = synthetic_credit_code("91", 1)
POLICY: Final = packaged_policies()["low-voltage-electrician"]
POLICY_DIGEST: Final = sha256(POLICY).digest()
FIRST_DAY, LAST_DAY = date(2026, 3, 2), date(2026, 4, 2)


@dataclass(frozen=True, slots=True)
class Classroom:
    """A cohort, its learners' references, and the terminal that they sign in at."""

    cohort: UUID
    learners: tuple[UUID, ...]
    terminal: Emitter

    def sign_ins(self, learners: Sequence[UUID], session: UUID) -> list[CapturedEvent]:
        """Capture sign-ins of these learners, one after the other."""
        return [
            self.terminal.learner_signed_in(
                cohort=self.cohort,
                person_ref=learner,
                session=session,
                method=pb.PRESENCE_METHOD_ID_CARD,
            )
            for learner in learners
        ]


@dataclass(frozen=True, slots=True)
class World:
    """Who and what there is.

    Attributes:
        home: The log's home.
        bureau: The bureau's identity.
        school: The institution's identity.
        school_folder: Where it is kept.
        classrooms: Its cohorts.
    """

    home: Home
    bureau: Identity
    school: Identity
    school_folder: Path
    classrooms: tuple[Classroom, ...]


async def make_world(
    folder: Path, database: str, address: str, *, cohorts: int, learners: int
) -> World:
    """Make a new log at `folder` in an empty `database`, to be served at `address`."""
    home = Home(folder / "home")
    vault = home.default_database("vault")
    settings = Settings(ORIGIN, BUREAU.credit_code, database, vault, address, "cert.example")
    bureau = await initialise(home, settings, BUREAU, (), synthetic=True)
    school_folder = folder / "school"
    school = make_client(home, school_folder, SCHOOL_CODE, None)
    classrooms = tuple(_classroom(school, number, learners) for number in range(cohorts))
    storage = open_storage(database)
    commits = GroupCommit(storage.writer, ORIGIN, root_key(home.trust(), BUREAU.credit_code))
    commits.start()
    try:
        for identity, events in _opening(bureau, school, classrooms):
            await record(commits, ORIGIN, sign_batch(identity, events).to_message())
    finally:
        await commits.stop()
        await storage.close()
    return World(home, bureau, school, school_folder, classrooms)


def _classroom(school: Identity, number: int, learners: int) -> Classroom:
    key = replace(school, key=new_author_key())
    clock = device_clock(last_sync_us=wall_clock_us())
    terminal = Emitter(key, device=_device(number), clock=clock, synthetic=True)
    return Classroom(uuid4(), tuple(uuid4() for _ in range(learners)), terminal)


def _device(number: int) -> str:
    return f"TERM-{number:04}"


def _opening(
    bureau: Identity, school: Identity, classrooms: Sequence[Classroom]
) -> Iterator[tuple[Identity, list[CapturedEvent]]]:
    """Yield what stands in the log before the first sign-in, with who signs it."""
    authority, office = Emitter(bureau, synthetic=True), Emitter(school, synthetic=True)
    yield (
        bureau,
        [
            authority.policy_adopted(document=POLICY),
            authority.institution_registered(
                kind=pb.PARTY_KIND_INSTITUTION,
                credit_code=SCHOOL_CODE,
                name="示例安全生产培训中心",
                area=REGION,
            ),
            authority.key_registered(
                public_key=school.public_key.spki, holder=school.party, use=pb.KEY_USE_PARTY
            ),
            authority.institution_imported(
                institution=school.party,
                trades=["2010-1.2"],
                listed_since=date(2024, 5, 6),
                document_digest=sha256(b"list").digest(),
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
            device=_device(number),
        ),
        office.cohort_planned(
            cohort=cohort,
            trade="2010-1.2",
            trade_name="低压电工作业",
            policy=POLICY_DIGEST,
            capacity=len(classroom.learners),
            first_day=FIRST_DAY,
            last_day=LAST_DAY,
            number=f"TEST-2026-{number:04}",
        ),
        *(
            office.learner_enrolled(
                cohort=cohort,
                person_ref=learner,
                identity_commitment=sha256(learner.bytes).digest(),
                basis="LOCAL-EMPLOYMENT",
            )
            for learner in classroom.learners
        ),
        office.cohort_opened(cohort=cohort, enrolled=len(classroom.learners)),
    ]
