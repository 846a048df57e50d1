"""`tledger cohort file`: the cohort file 一期一档, with what is missing in it."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import click

from clients.cli.cohorts import brief
from clients.cli.command import Example, command
from clients.cli.event_json import short_name, to_document
from clients.cli.labels import label
from clients.cli.moments import TWO_CLOCKS, as_of, as_of_options
from clients.cli.output import local_time, table
from clients.cli.session import Session
from ledger.api.v1 import events_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.api.v1.cohort_service_pb2 import (
        CohortFileCheck,
        CohortFileItem,
        CohortFileLearner,
        CohortFileSession,
        GetCohortFileResponse,
    )


@command(
    "cohort file",
    examples=[
        Example(
            "tledger cohort file 8a6e0804-2bd0-4672-b79d-d97027f9071a",
            "一期一档",
            "the cohort file",
        ),
        Example(
            "tledger cohort file 8a6e0804-2bd0-4672-b79d-d97027f9071a --json > cohort.json",
            "供程序读取",
            "for programs",
        ),
        Example(
            "tledger cohort file 8a6e0804-2bd0-4672-b79d-d97027f9071a --as-known-on 2026-03-16",
            "当日结束时账本所知",
            "as it was known when that day was over",
        ),
        Example(
            "tledger cohort file 8a6e0804-2bd0-4672-b79d-d97027f9071a"
            " --as-happened-by 2026-03-16T12:00+08:00",
            "当时已发生的，含后来补录的",
            "what had happened by then, what was recorded later included",
        ),
    ],
    more=TWO_CLOCKS,
)
@click.argument("cohort", type=click.UUID)
@as_of_options
def file(
    session: Session,
    cohort: UUID,
    index: int | None,
    recorded: datetime | None,
    occurred: datetime | None,
) -> None:
    """Show the cohort file."""
    moment = as_of(index, recorded, occurred)
    with session.ledger() as ledger:
        found = ledger.registers.cohort_file(cohort, moment)
    session.show(to_document(found), lambda: _people(session, found))


def _people(session: Session, found: "GetCohortFileResponse") -> str:
    say = session.say
    parts = (
        ("", brief(session, found.cohort)),
        (say("清单", "Checklist"), _checklist(session, found.checklist)),
        (say("课次", "Sessions"), _sessions(session, found.sessions)),
        (say("学员", "Learners"), _learners(session, found.learners)),
        (say("归档材料", "Documents"), _items(session, found.items)),
        ("", say(f"账本中共 {found.events} 个事件", f"{found.events} events in the ledger")),
    )
    return "\n\n".join(f"{title}\n{text}" if title else text for title, text in parts)


def _checklist(session: Session, checks: "Iterable[CohortFileCheck]") -> str:
    say = session.say
    heads = ("", say("类别", "Class"), say("名称", "Label"))
    return table(
        heads,
        [
            ("✔" if each.present else "✖", each.item_class, say(each.label_zh, each.label_en))
            for each in checks
        ],
    )


def _sessions(session: Session, sessions: "Iterable[CohortFileSession]") -> str:
    say = session.say
    heads = (
        say("课次", "Session"),
        say("内容", "Component"),
        say("教室", "Room"),
        say("计划开始", "Planned"),
        say("上课", "Started"),
        say("下课", "Ended"),
        say("签到", "Signed in"),
    )
    return table(
        heads,
        [
            (
                each.session,
                _component(session, each.component),
                each.room,
                local_time(each.planned_start_us),
                local_time(each.started_us),
                local_time(each.ended_us),
                each.signed_in,
            )
            for each in sessions
        ],
    )


def _learners(session: Session, learners: "Iterable[CohortFileLearner]") -> str:
    say = session.say
    heads = (
        say("报名", "Enrolment"),
        say("状态", "State"),
        say("学时（实修/应修）", "Hours (credited/required)"),
        say("达标", "Met"),
        say("结业考核", "Course test"),
        say("挂起", "Held"),
        say("证明", "Certificate"),
    )
    return table(
        heads,
        [
            (
                each.enrolment,
                label(session, each.state),
                "; ".join(
                    f"{_component(session, part.component)} {part.credited}/{part.required}"
                    for part in each.hours
                ),
                "✔" if each.requirement_met else "✖",
                f"{each.course_test_hundredths / 100:g}" if each.course_test_hundredths else "",
                each.held,
                f"{each.certificate} {label(session, each.certificate_state)}".strip(),
            )
            for each in learners
        ],
    )


def _items(session: Session, items: "Iterable[CohortFileItem]") -> str:
    say = session.say
    heads = (
        say("类别", "Class"),
        say("格式", "Media type"),
        say("字节", "Bytes"),
        say("存放", "Place"),
        say("账本序号", "Index"),
    )
    return table(
        heads,
        [(each.item_class, each.media_type, each.size, each.place, each.index) for each in items],
    )


def _component(session: Session, number: int) -> str:
    return label(session, short_name(pb.HourComponent.DESCRIPTOR, number))
