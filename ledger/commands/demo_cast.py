"""Who takes part in the demo: identities in folders, how they come into the register, and sending.

What is sent with the SDK is no command line, so it is told; everything else is run as it is shown.
"""

import asyncio
import socket
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from uuid import UUID

from clients.sdk import (
    Accepted,
    CapturedEvent,
    Emitter,
    Identity,
    Ledger,
    PersonRef,
    sign_batch,
)
from clients.sdk.identity import new_author_key
from ledger.api.v1 import events_pb2 as pb
from ledger.api.v1 import person_service_pb2 as persons_pb
from ledger.commands.clients import make_client
from ledger.commands.demo_world import Course
from ledger.commands.home import Home, Settings
from ledger.commands.initialising import Bureau, initialise
from ledger.commands.stage import remark
from ledger.commands.synthetic import synthetic_credit_code, synthetic_person

ORIGIN: Final = "log.example/320599"
_BATCH: Final = 500
_LOOK_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part, each with a folder of its name; the terminal's key is one of the school's.

    Attributes:
        folder: Where the folders are.
        home: The log's home.
        bureau: The bureau.
        school: The institution that trains.
        host: Another institution, in whose session a learner makes hours up.
        platform: Who teaches online.
        exam_body: Who examines.
        terminal: The classroom terminal.
    """

    folder: Path
    home: Home
    bureau: Identity
    school: Identity
    host: Identity
    platform: Identity
    exam_body: Identity
    terminal: Identity

    def named(self, name: str) -> tuple[str, str]:
        """Return the options of a command that runs in a party's name."""
        above = self.home.folder if name == "bureau" else self.folder
        return "--identity", str(above / name)


def gather(folder: Path, database: str) -> Cast:
    """Make a new log and everyone's identity.

    Args:
        folder: Where home and identities go.
        database: URL of an empty PostgreSQL database; empty for SQLite.

    Raises:
        HomeError: when the folder or the database is in use.
    """
    home = Home(folder / "home")
    code = synthetic_credit_code("11", 320599)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home.folder.mkdir(parents=True, exist_ok=True)
    settings = Settings(
        ORIGIN,
        code,
        database or home.default_database("ledger"),
        home.default_database("vault"),
        f"localhost:{port}",
        "cert.example",
    )
    bureau = Bureau("示例市应急管理局", code, "3205")
    identity = asyncio.run(initialise(home, settings, bureau, (), synthetic=True))
    remark(f"账本 {ORIGIN}，数据库 {settings.database}", "origin and database")
    school, host, platform, exam_body = (
        make_client(home, folder / name, synthetic_credit_code("91", number), None)
        for name, number in (("school", 17), ("host", 18), ("platform", 2), ("exam-body", 3))
    )
    terminal = replace(school, key=new_author_key())
    terminal.save(folder / "terminal")
    return Cast(folder, home, identity, school, host, platform, exam_body, terminal)


def registrations(cast: Cast, policy: bytes) -> list[CapturedEvent]:
    """Return what the bureau writes first: the policy, the parties and their keys."""
    emitter = Emitter(cast.bureau, synthetic=True)
    parties = (
        (cast.school, 17, pb.PARTY_KIND_INSTITUTION, "示例安全生产培训中心", "017"),
        (cast.host, 18, pb.PARTY_KIND_INSTITUTION, "示例职业技能培训学校", "018"),
        (cast.platform, 2, pb.PARTY_KIND_PLATFORM, "示例线上培训平台", ""),
        (cast.exam_body, 3, pb.PARTY_KIND_EXAM_BODY, "示例考试点", ""),
    )
    events = [emitter.policy_adopted(document=policy)]
    for identity, number, kind, name, directory in parties:
        events.append(
            emitter.institution_registered(
                kind=kind,
                credit_code=synthetic_credit_code("91", number),
                name=name,
                area="320505",
                directory_number=directory,
            )
        )
        events.append(
            emitter.key_registered(
                public_key=identity.public_key.spki,
                holder=identity.party,
                use=pb.KEY_USE_PARTY,
            )
        )
    return events


def register_people(identity: Identity, numbers: Iterable[int]) -> list[PersonRef]:
    """Return an institution's references for made-up persons."""
    with Ledger.open(identity) as ledger:
        return [
            ledger.registers.register_person(
                id_type=persons_pb.ID_TYPE_RESIDENT_ID_CARD,
                id_number=person.id_number,
                name=person.name,
            )
            for person in map(synthetic_person, numbers)
        ]


def send(identity: Identity, events: Sequence[CapturedEvent]) -> list[Accepted]:
    """Sign events with the SDK and send them; all have to be accepted.

    Raises:
        LedgerClientError: when one is refused, or an answer does not verify.
    """
    with Ledger.open(identity) as ledger:
        return [
            each
            for start in range(0, len(events), _BATCH)
            for each in ledger.accepted(sign_batch(identity, events[start : start + _BATCH]))
        ]


def wait_for_views(identity: Identity, cohort: UUID, index: int) -> None:
    """Wait until the read models have the entry at an index; they follow within a second."""
    with Ledger.open(identity) as ledger:
        while ledger.registers.cohort(cohort).as_of_size <= index:
            time.sleep(_LOOK_SECONDS)


def office_sends(
    cast: Cast, course: Course, events: Sequence[CapturedEvent], zh: str, en: str
) -> list[Accepted]:
    """Say what the school's office sends, send it, and wait until it can be seen."""
    remark(zh, en)
    accepted = send(cast.school, events)
    wait_for_views(cast.school, course.id, accepted[-1].index)
    return accepted
