"""Act two, the officer: a certificate refused, made good, issued, forged, explained, revoked."""

import json
from datetime import time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from clients.sdk import Circumstances, Emitter, PersonRef
from ledger.api.v1 import events_pb2 as pb
from ledger.commands.demo_cast import Cast, register_people, send, wait_for_views
from ledger.commands.demo_events import TRADE, scheduled
from ledger.commands.demo_world import Course, Session, at, on
from ledger.commands.stage import act, heading, remark, run

_CARD: Final = pb.PRESENCE_METHOD_ID_CARD
_EVENING: Final = timedelta(minutes=90)
"""No break: 2 hours of 45 minutes."""

_DAYS_TO_MAKE_UP: Final = 30
_OTHER_NAME: Final = "钱*文"
_HOSTS_LEARNER: Final = 100
"""Number of the made-up person who learns at the host."""


def play_officer(cast: Cast, course: Course) -> Path:
    """Play the act; return the file of the certificate that is valid at its end."""
    act("第二幕 发证", "Act two: the officer")
    enrolment = str(course.enrolment(course.short))
    heading("不予签发，并列出全部理由", "Refused, with every reason")
    run(["certificate", "prepare", enrolment, *cast.named("school")], code=1)
    guest = _make_up(cast, course)
    heading("签发培训证明", "A certificate is issued")
    issued = _issue(cast, course, course.short)
    _examine(cast, course)
    _forge(cast, issued)
    heading("这 148 学时由哪些事件构成", "Which events make these 148 hours")
    run(["cohort", "file", str(course.id), "--hours", enrolment[:8], *cast.named("school")])
    remark(f"其中第 {guest} 条：他校课堂上的签到，及其证明", "one of them, and its proof")
    span = ["--from", str(guest), "--to", str(guest + 1)]
    run(["cohort", "replay", str(course.id), *span, *cast.named("school")])
    run(["log", "prove", str(guest), *cast.named("school")])
    _revoke(cast, course)
    return issued


def _make_up(cast: Cast, course: Course) -> int:
    """Return the log index of the sign-in to the make-up."""
    heading("在另一机构的班次补课", "Made up in another institution's class")
    day = course.day(1)
    start = on(day, time(18))
    session = Session(uuid4(), course.early.component, start, start + _EVENING, start + _EVENING)
    host = _host_class(cast, course, session)
    learner = course.short.person_ref
    guest = Circumstances(recorded_for=cast.school.party, guest_cohorts=(host,))
    clerk = Emitter(cast.host, synthetic=True)
    came, left = (
        make(
            cohort=course.id,
            person_ref=learner,
            session=session.id,
            method=_CARD,
            how=Circumstances(
                occurred=moment,
                recorded_for=guest.recorded_for,
                guest_cohorts=guest.guest_cohorts,
            ),
        )
        for make, moment in (
            (clerk.learner_signed_in, start - timedelta(minutes=5)),
            (clerk.learner_signed_out, session.end + timedelta(minutes=1)),
        )
    )
    attended = send(cast.host, [came, left])
    wait_for_views(cast.school, course.id, attended[-1].index)
    remark(
        "对方机构已报来签到签退；本校补课安排未入账，暂挂起", "held until the home side plans it"
    )
    held = ["held", "list", "--cohort", str(course.id), *cast.named("school")]
    run(held)
    _plan(cast, course, session, host)
    remark("补课安排、补课完成与结业考核 88 分入账", "make-up planned, completed; the course test")
    run(held)
    return attended[0].index


def _host_class(cast: Cast, course: Course, session: Session) -> UUID:
    """Return the host's cohort, in which the session was held."""
    office, cohort = Emitter(cast.host, synthetic=True), uuid4()
    (own,) = register_people(cast.host, [_HOSTS_LEARNER])
    first = course.day(20)
    how = at(on(first, time(9)))
    events = [
        office.initial_report_submitted(
            trades=[TRADE], document_digest=sha256(b"synthetic report").digest(), how=how
        ),
        office.cohort_planned(
            cohort=cohort,
            trade=TRADE,
            trade_name="低压电工作业",
            policy=course.policy,
            capacity=30,
            first_day=first,
            last_day=course.day(-10),
            number="HOST-01",
            how=how,
        ),
        office.learner_enrolled(
            cohort=cohort,
            person_ref=own.person_ref,
            identity_commitment=own.commitment,
            basis="LOCAL-EMPLOYMENT",
            how=how,
        ),
        scheduled(office, cohort, session, how),
        office.cohort_opened(cohort=cohort, enrolled=1, how=how),
        office.session_started(cohort=cohort, session=session.id, present=2, how=at(session.start)),
        office.session_ended(
            cohort=cohort, session=session.id, break_minutes=0, how=at(session.end)
        ),
    ]
    send(cast.host, events)
    return cohort


def _plan(cast: Cast, course: Course, session: Session, host: UUID) -> None:
    office, learner = Emitter(cast.school, synthetic=True), course.short.person_ref
    due = course.early.start.date() + timedelta(days=_DAYS_TO_MAKE_UP)
    planned = send(
        cast.school,
        [
            office.absence_recorded(
                cohort=course.id,
                person_ref=learner,
                session=course.early.id,
                reason="LEFT-EARLY",
                how=at(course.early.end),
            ),
            office.make_up_scheduled(
                cohort=course.id,
                person_ref=learner,
                missed=course.early.id,
                session=session.id,
                host_cohort=host,
                due_day=due,
                how=at(session.start - timedelta(days=1)),
            ),
            office.make_up_completed(
                cohort=course.id, person_ref=learner, session=session.id, how=at(session.end)
            ),
            office.course_test_recorded(
                cohort=course.id, person_ref=learner, score_hundredths=8_800
            ),
        ],
    )
    wait_for_views(cast.school, course.id, planned[-1].index)


def _issue(cast: Cast, course: Course, learner: PersonRef) -> Path:
    folder = cast.folder / "issued"
    before = set(folder.glob("*.json"))
    enrolment = str(course.enrolment(learner))
    run(["certificate", "issue", enrolment, *cast.named("school"), "--out", str(folder)])
    (file,) = set(folder.glob("*.json")) - before
    return file


def _examine(cast: Cast, course: Course) -> None:
    heading("考试机构凭证明受理报考", "The exam body takes the certificate")
    examiner = Emitter(cast.exam_body, synthetic=True)
    learner, of = course.short.person_ref, Circumstances(recorded_for=course.institution)
    results = send(
        cast.exam_body,
        [
            examiner.exam_registered(
                cohort=course.id, person_ref=learner, sitting="DEMO-SITTING-1", edition=1, how=of
            ),
            examiner.theory_exam_result_recorded(
                cohort=course.id, person_ref=learner, attempt=1, score_hundredths=9_100, how=of
            ),
            examiner.practical_exam_result_recorded(
                cohort=course.id, person_ref=learner, attempt=1, score_hundredths=8_400, how=of
            ),
        ],
    )
    remark(
        f"理论 91 分、实操 84 分由考试机构签名入账，至第 {results[-1].index} 条",
        "registered, and two results signed by the exam body",
    )


def _forge(cast: Cast, issued: Path) -> None:
    heading("同号换名的伪证、改动过的文件", "A forgery with the same number, and an edited file")
    trust = ["--trust", str(cast.home.trust_path)]
    forged, edited = (issued.with_name(name) for name in ("forged.json", "edited.json"))
    named = json.loads(issued.read_bytes())["credentialSubject"]["identifier"]
    (name,) = (each["identityHash"] for each in named if each["identityType"] == "name")
    forged.write_bytes(issued.read_bytes().replace(name.encode(), _OTHER_NAME.encode()))
    edited.write_bytes(
        issued.read_bytes().replace(
            "示例安全生产培训中心".encode(), "示例安全生产培训公司".encode()
        )
    )
    run(["verify", str(issued), *trust])
    remark(f"同一编号，姓名 {name} 换成 {_OTHER_NAME}", "the same number, another name")
    run(["verify", str(forged), *trust], code=1)
    remark("机构名称改一个字", "one word of the institution's name")
    run(["verify", str(edited), *trust], code=1)


def _revoke(cast: Cast, course: Course) -> None:
    heading("撤销，再以旧状态与新状态核验", "Revoked, and verified with the old and the new status")
    file = _issue(cast, course, course.mistyped)
    number, old = file.stem, file.parent / "old"
    trust = ["--trust", str(cast.home.trust_path)]
    run(["status", "pull", str(file), "--out", str(old), *cast.named("school")])
    why = ["--reason", "ERROR", "--yes"]
    run(["certificate", "revoke", number, *why, *cast.named("school")])
    run(["verify", str(file), "--status", str(old / f"{number}.status.json"), *trust])
    run(["status", "pull", str(file), "--wait", *cast.named("school")])
    run(["verify", str(file), *trust], code=1)
