"""The learners of a cohort file: hours, make-ups, examinations, certificates, and what is noted."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from clients.cli.cohort_events import short
from clients.cli.event_json import short_name
from clients.cli.labels import label
from clients.cli.output import day, fields, local_time, table
from clients.cli.session import Session
from ledger.api.v1 import events_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.api.v1.cohort_service_pb2 import CohortFileLearner

_COMPONENTS: Final = (
    pb.HOUR_COMPONENT_THEORY_OFFLINE,
    pb.HOUR_COMPONENT_THEORY_ONLINE,
    pb.HOUR_COMPONENT_PRACTICAL,
)
_TO_MINUTE: Final = slice(16)
_POLICY_PREFIX: Final = 16
_HUNDRED: Final = 100


def learners(session: Session, rows: "Sequence[CohortFileLearner]") -> str:
    """Return the learners with their hours, credited and asked for."""
    say = session.say
    heads = (
        say("报名", "Enrolment"),
        say("状态", "State"),
        say("线下理论", "Classroom"),
        say("线上理论", "Online"),
        say("实操", "Practical"),
        say("达标", "Met"),
        say("结业考核", "Test"),
    )
    return table(
        heads,
        [
            (
                each.enrolment,
                label(session, each.state),
                *(hours_cell(each, number) for number in _COMPONENTS),
                "✔" if each.requirement_met else "✖",
                score_text(each.course_test_hundredths),
            )
            for each in rows
        ],
    )


def notes(session: Session, rows: "Sequence[CohortFileLearner]") -> str:
    """Return, a line each, of whom something is held, corrected, missed, open, or moved on."""
    found = []
    for each in rows:
        said = (
            (each.held, f"挂起 {each.held}", f"held {each.held}"),
            (each.corrected, f"更正 {each.corrected}", f"corrected or voided {each.corrected}"),
            (each.absences, f"缺课 {each.absences}", f"absences {each.absences}"),
            (
                each.open_sign_ins,
                f"有签到无签退 {each.open_sign_ins}",
                f"sign-ins without sign-out {each.open_sign_ins}",
            ),
            (
                each.transferred_to,
                f"转入 {each.transferred_to}",
                f"transferred to {each.transferred_to}",
            ),
        )
        words = [session.say(zh, en) for true, zh, en in said if true]
        if words:
            found.append((short(each.enrolment), "; ".join(words)))
    return fields(found)


def make_ups(session: Session, rows: "Sequence[CohortFileLearner]") -> str:
    """Return the make-ups that were planned; empty when there is none."""
    say = session.say
    heads = (
        say("报名", "Enrolment"),
        say("缺课课次", "Missed"),
        say("补课课次", "Made up in"),
        say("补课班次", "Cohort"),
        say("期限", "Due"),
        say("已到", "Attended"),
    )
    lines = [
        (
            short(each.enrolment),
            short(plan.missed),
            short(plan.session),
            plan.cohort,
            day(plan.due_day),
            "✔" if plan.attended else "",
        )
        for each in rows
        for plan in each.make_ups
    ]
    return table(heads, lines) if lines else ""


def examinations(session: Session, rows: "Sequence[CohortFileLearner]") -> str:
    """Return registrations and attempts; empty when there is none."""
    say = session.say
    heads = (
        say("报名", "Enrolment"),
        say("科目", "Subject"),
        say("次数", "Attempt"),
        say("时间", "Sat"),
        say("成绩", "Score"),
        say("状态", "State"),
        say("账本序号", "Index"),
    )
    lines = [line for each in rows for line in _attempts(session, each)]
    return table(heads, lines) if lines else ""


def _attempts(session: Session, each: "CohortFileLearner") -> Iterator[tuple[object, ...]]:
    for attempt in each.attempts:
        yield (
            short(each.enrolment),
            label(session, short_name(pb.ExamSubject.DESCRIPTOR, attempt.subject)),
            attempt.attempt,
            local_time(attempt.at_us)[_TO_MINUTE],
            f"{attempt.score_hundredths / _HUNDRED:g}",
            label(session, attempt.state),
            attempt.index,
        )
    if each.exam_registered and not each.attempts:
        registered = session.say("已报考", "registered")
        yield short(each.enrolment), "", "", "", "", registered, ""


def results(session: Session, rows: "Sequence[CohortFileLearner]") -> str:
    """Return the hours under each policy that was pinned; empty while there was only one."""
    say = session.say
    heads = (
        say("报名", "Enrolment"),
        say("政策", "Policy"),
        say("学时", "Hours"),
        say("达标", "Met"),
    )
    lines = [
        (
            short(each.enrolment),
            result.policy[:_POLICY_PREFIX],
            result.hours,
            "✔" if result.met else "✖",
        )
        for each in rows
        for result in each.results
    ]
    return table(heads, lines) if lines else ""


def certificates(session: Session, rows: "Sequence[CohortFileLearner]") -> str:
    """Return each learner's newest certificate; empty when there is none."""
    say = session.say
    heads = (say("报名", "Enrolment"), say("编号", "Number"), say("状态", "State"))
    lines = [
        (
            short(each.enrolment),
            each.certificate,
            label(session, each.certificate_state),
        )
        for each in rows
        if each.certificate
    ]
    return table(heads, lines) if lines else ""


def hours_cell(each: "CohortFileLearner", component: int) -> str:
    """Return a learner's hours of a component, credited/required; empty while none are asked."""
    return next(
        (f"{part.credited}/{part.required}" for part in each.hours if part.component == component),
        "",
    )


def score_text(hundredths: int) -> str:
    """Return a score; empty where there is none."""
    return f"{hundredths / _HUNDRED:g}" if hundredths else ""
