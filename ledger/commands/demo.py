"""The demonstration: one cohort from a signed event to a certificate that is proved offline."""

import asyncio
import shutil
import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from clients.sdk import CapturedEvent, Emitter, Identity, Ledger, PersonRef, sign_batch
from clients.sdk.identity import new_author_key
from ledger.api.v1 import events_pb2 as pb
from ledger.api.v1 import person_service_pb2 as persons_pb
from ledger.commands.clients import make_client
from ledger.commands.demo_world import (
    Cohort,
    Session,
    course_tests,
    lessons,
    planning,
    session_events,
    timetable,
)
from ledger.commands.home import Home, Settings
from ledger.commands.initialising import Bureau, initialise
from ledger.commands.stage import Server, heading, remark, run
from ledger.commands.synthetic import synthetic_credit_code, synthetic_person
from ledger.domain.policies import packaged_policies, parse_policy
from ledger.log.identifiers import enrolment_id
from ledger.log.signatures import PrivateKey, public_bytes
from ledger.storage.database import open_database

ORIGIN: Final = "log.example/320599"
TERMINAL: Final = "TERM-0031"
_BATCH: Final = 500
_LEAVES_EARLY: Final = timedelta(minutes=75)
"""The last learner leaves the last session at 15:15: two of its four hours are missing."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part: folders of identities, and the keys of office and terminal."""

    bureau: Identity
    school: Identity
    platform: Identity
    exam_body: Identity
    terminal: Identity


def run_demo(folder: Path, database: str, learners: int) -> None:
    """Run the demonstration in a folder.

    Args:
        folder: Where home, identities and files go.
        database: URL of an empty PostgreSQL database; empty for SQLite.
        learners: Number of learners, at least 2.

    Raises:
        DemoError: when a step does not go as it should.
    """
    home, cast = _prepare(folder, database)
    server = Server(home.folder, folder / "server.log")
    try:
        server.start(cast.bureau)
        cohort = _train(folder, cast, learners)
        _certify(folder, cast, cohort)
    finally:
        server.stop()
    remark("服务已停止", "the server is stopped")
    _verify_offline(folder, home)
    _tamper(home)


def _prepare(folder: Path, database: str) -> tuple[Home, Cast]:
    heading("建账", "A new log")
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
    parties = {
        name: make_client(home, folder / name, synthetic_credit_code("91", number), None)
        for name, number in (("school", 17), ("platform", 2), ("exam-body", 3))
    }
    school = parties["school"]
    terminal = _second_identity(school, new_author_key())
    terminal.save(folder / "terminal")
    cast = Cast(identity, school, parties["platform"], parties["exam-body"], terminal)
    return home, cast


def _second_identity(identity: Identity, key: PrivateKey) -> Identity:
    return Identity(
        identity.origin,
        identity.party,
        identity.address,
        identity.server_name,
        key,
        identity.tls,
        identity.trust,
    )


def _train(folder: Path, cast: Cast, learners: int) -> Cohort:
    heading("登记与政策", "Parties, keys and the policy")
    policy = packaged_policies()["low-voltage-electrician"]
    with Ledger.open(cast.bureau) as ledger:
        _send(ledger, _registrations(cast, policy))
    run(["institution", "list", "--identity", str(folder / "school")])
    heading("一期培训，经 gRPC 签名入账", "A cohort is trained: signed events over gRPC")
    with Ledger.open(cast.school) as ledger:
        people = [_register(ledger, number) for number in range(learners)]
        cohort = Cohort(
            uuid4(),
            cast.school.party,
            cast.platform.party,
            cast.exam_body.party,
            parse_policy(policy).digest,
            people,
            timetable(),
        )
        office = Emitter(cast.school, synthetic=True)
        terminal_key = office.key_registered(
            public_key=cast.terminal.public_key.spki,
            holder=cast.school.party,
            use=pb.KEY_USE_DEVICE,
            device=TERMINAL,
        )
        _send(ledger, [terminal_key, *planning(office, cohort)])
        _teach(cast, cohort)
        _send(ledger, course_tests(office, cohort))
    return cohort


def _registrations(cast: Cast, policy: bytes) -> list[CapturedEvent]:
    emitter = Emitter(cast.bureau, synthetic=True)
    parties = (
        (cast.school, 17, pb.PARTY_KIND_INSTITUTION, "示例安全生产培训中心", "017"),
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
                public_key=public_bytes(identity.key.public_key()),
                holder=identity.party,
                use=pb.KEY_USE_PARTY,
            )
        )
    return events


def _register(ledger: Ledger, number: int) -> PersonRef:
    person = synthetic_person(number)
    return ledger.registers.register_person(
        id_type=persons_pb.ID_TYPE_RESIDENT_ID_CARD, id_number=person.id_number, name=person.name
    )


def _teach(cast: Cast, cohort: Cohort) -> None:
    last, early = cohort.sessions[-1], cohort.learners[-1]
    platform = Emitter(cast.platform, synthetic=True)
    terminal = Emitter(cast.terminal, device=TERMINAL, synthetic=True)

    def leaves(session: Session) -> Callable[[PersonRef], datetime]:
        cut = _LEAVES_EARLY if session is last else timedelta(minutes=-2)
        usual = session.end + timedelta(minutes=2)
        return lambda learner: session.end - cut if learner is early else usual

    with Ledger.open(cast.platform) as ledger:
        for learner in cohort.learners:
            _send(ledger, lessons(platform, cohort, learner))
    with Ledger.open(cast.terminal) as ledger:
        for session in cohort.sessions:
            events = session_events(terminal, cohort, session, leaves(session))
            _send(ledger, events, quiet=True)
    remark(f"{len(cohort.sessions)} 次课已由终端入账", "sessions recorded by the terminal")


def _send(ledger: Ledger, events: Sequence[CapturedEvent], *, quiet: bool = False) -> None:
    for part in _parts(events):
        accepted = ledger.accepted(sign_batch(ledger.identity, part))
        if not quiet:
            first, last = accepted[0], accepted[-1]
            counts = f"{len(part)} {part[0].type}…{part[-1].type}"
            remark(f"{counts} 已确认，第 {first.index} 至 {last.index} 条", "acknowledged, checked")


def _parts(events: Sequence[CapturedEvent]) -> Iterable[Sequence[CapturedEvent]]:
    return (events[start : start + _BATCH] for start in range(0, len(events), _BATCH))


def _enrolment(cohort: Cohort, learner: PersonRef) -> UUID:
    return enrolment_id(cohort.id, learner.person_ref)


def _certify(folder: Path, cast: Cast, cohort: Cohort) -> None:
    school = str(folder / "school")
    heading("一期一档", "The cohort file")
    with Ledger.open(cast.school) as ledger:
        _wait_for_views(ledger, cohort)
    run(["cohort", "file", str(cohort.id), "--identity", school])
    heading("学时不足者不予签发", "Refused where hours are missing")
    short = str(_enrolment(cohort, cohort.learners[-1]))
    run(["certificate", "prepare", short, "--identity", school], code=1)
    heading("签发培训证明", "A certificate is issued")
    first = str(_enrolment(cohort, cohort.learners[0]))
    run(["certificate", "issue", first, "--identity", school, "--out", str(folder / "issued")])


def _wait_for_views(ledger: Ledger, cohort: Cohort) -> None:
    """Wait until the read models show the last test; they follow within a second."""
    size = ledger.log.checkpoint().checkpoint.size
    while ledger.registers.cohort(cohort.id).as_of_size < size:
        size = min(size, ledger.log.checkpoint().checkpoint.size)


def _verify_offline(folder: Path, home: Home) -> None:
    heading("空目录中离线核验", "Verified in an empty folder, offline")
    empty = folder / "empty"
    empty.mkdir()
    file = next((folder / "issued").glob("PXZM-*.json"))
    shutil.copy(file, empty / file.name)
    shutil.copy(home.trust_path, empty / "trust.json")
    run(["verify", file.name, "--trust", "trust.json"], folder=empty)
    heading("改动一个字，即告失败", "One edited character, and it fails")
    edited = file.read_bytes().replace(
        "示例安全生产培训中心".encode(), "示例安全生产培训公司".encode()
    )
    (empty / "edited.json").write_bytes(edited)
    run(["verify", "edited.json", "--trust", "trust.json"], folder=empty, code=1)


def _tamper(home: Home) -> None:
    heading("数据库中改动一行", "One row edited in the database")
    arguments = ["log", "check", "--home", str(home.folder)]
    run(arguments)
    database = open_database(home.settings().database)
    try:
        with database.writing() as transaction:
            (index, event), *_ = transaction.query(
                "SELECT notification_id, event FROM log WHERE type = ? ORDER BY notification_id"
                " LIMIT 1",
                ("CourseTestRecorded",),
            )
            edited = bytes(event)[:-1] + bytes([bytes(event)[-1] ^ 1])
            transaction.query("UPDATE log SET event = ? WHERE notification_id = ?", (edited, index))
        remark(f"第 {index - 1} 条的成绩被改", f"the score of entry {index - 1} is edited by SQL")
        run(arguments, code=1)
        with database.writing() as transaction:
            sql = "UPDATE log SET event = ? WHERE notification_id = ?"
            transaction.query(sql, (bytes(event), index))
    finally:
        database.close()
