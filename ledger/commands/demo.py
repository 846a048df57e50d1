"""The demonstration in three acts: the class, the officer, the auditor, on one real server."""

from datetime import datetime
from pathlib import Path

from clients.sdk import DeviceChain, Emitter
from ledger.api.v1 import events_pb2 as pb
from ledger.commands.demo_auditor import play_auditor
from ledger.commands.demo_cast import Cast, gather, register_people, registrations, send
from ledger.commands.demo_class import Standing, play_class
from ledger.commands.demo_events import course_tests, lessons, planning, taught
from ledger.commands.demo_officer import play_officer
from ledger.commands.demo_terminal import DEVICE
from ledger.commands.demo_world import SHANGHAI, Course, plan_course
from ledger.commands.stage import Server, act, heading, remark, run
from ledger.domain.policies import packaged_policies, parse_policy

_POLICY = "low-voltage-electrician"


def run_demo(folder: Path, database: str, learners: int) -> None:
    """Run the demonstration in a folder.

    Args:
        folder: Where home, identities and files go.
        database: URL of an empty PostgreSQL database; empty for SQLite.
        learners: Number of learners, at least 5.

    Raises:
        DemoError: when a step does not go as it should.
    """
    act("开场", "Before the curtain")
    heading("建账", "A new log")
    cast = gather(folder, database)
    server = Server(cast.home.folder, folder / "server.log")
    try:
        server.start(cast.bureau)
        course, standing = _train(cast, learners)
        moment = play_class(cast, course, standing)
        certificate = play_officer(cast, course)
        play_auditor(cast, course, moment, server, certificate)
    finally:
        server.stop()


def _train(cast: Cast, learners: int) -> tuple[Course, Standing]:
    heading("登记与政策", "Parties, keys and the policy")
    policy = packaged_policies()[_POLICY]
    send(cast.bureau, registrations(cast, policy))
    run(["institution", "list", *cast.named("school")])
    heading("一期培训，至昨日", "A course of 148 hours, up to yesterday")
    now = datetime.now(SHANGHAI)
    people = register_people(cast.school, range(learners))
    parties = cast.school.party, cast.platform.party, cast.exam_body.party
    course = plan_course(parties, parse_policy(policy).digest, people, now)
    office = Emitter(cast.school, synthetic=True)
    key = office.key_registered(
        public_key=cast.terminal.public_key.spki,
        holder=cast.school.party,
        use=pb.KEY_USE_DEVICE,
        device=DEVICE,
    )
    planned = send(cast.school, [key, *planning(office, course)])
    platform = Emitter(cast.platform, synthetic=True)
    online = [event for learner in course.enrolled for event in lessons(platform, course, learner)]
    watched = send(cast.platform, online)
    chain, seen = _teach(cast, course)
    tests = course_tests(office, course)
    last = send(cast.school, tests)[-1].index
    remark(
        f"计划 {len(planned)}、线上课时 {len(watched)}、课堂 {seen}、考核 {len(tests)} 个事件，"
        f"签名入账至第 {last} 条",
        "plan, online lessons, class and tests: signed events, each acknowledged",
    )
    mistyped = course.enrolment(course.mistyped)
    (test,) = (event.event_id for event in tests if event.stream == mistyped)
    return course, Standing(chain, test)


def _teach(cast: Cast, course: Course) -> tuple[DeviceChain, int]:
    """Return where the terminal's chain stands after the earlier sessions, and their events."""
    terminal = Emitter(cast.terminal, device=DEVICE, synthetic=True)
    events = [
        event for session in course.sessions[:-1] for event in taught(terminal, course, session)
    ]
    send(cast.terminal, events)
    return terminal.chain, len(events)
