"""The make-up of act two: a learner's two missing hours, as a guest of another institution."""

from dataclasses import replace
from datetime import time, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID, uuid4

from clients.sdk import Circumstances, Emitter
from ledger.api.v1 import events_pb2 as pb
from ledger.commands.demo_cast import Cast, office_sends, register_people, send, wait_for_views
from ledger.commands.demo_events import TRADE, scheduled
from ledger.commands.demo_world import Course, Session, at, on
from ledger.commands.stage import heading, remark, run

_CARD: Final = pb.PRESENCE_METHOD_ID_CARD
_EVENING: Final = timedelta(minutes=90)
"""No break: 2 hours of 45 minutes."""

_DAYS_TO_MAKE_UP: Final = 30
_HOSTS_LEARNER: Final = 100
"""Number of the made-up person who learns at the host."""


def make_up(cast: Cast, course: Course) -> int:
    """Have the missing hours made up; return the log index of the sign-in there."""
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
            how=replace(guest, occurred=moment),
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
    office_sends(
        cast,
        course,
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
        "补课安排、补课完成与结业考核 88 分入账",
        "make-up planned, completed; the course test: 88",
    )
