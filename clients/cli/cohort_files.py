"""`tledger cohort file`: the cohort file 一期一档, with what is missing in it."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import click

from clients.cli import cohort_file_learners as of_learners
from clients.cli import cohort_file_parts as of_file
from clients.cli.cohort_file_hours import chosen_learner, hours
from clients.cli.cohort_file_sessions import guests, sessions
from clients.cli.cohorts import brief
from clients.cli.command import Example, command
from clients.cli.event_json import to_document
from clients.cli.language import Text
from clients.cli.moments import TWO_CLOCKS, as_of, as_of_options
from clients.cli.session import Session

if TYPE_CHECKING:
    from ledger.api.v1.cohort_service_pb2 import GetCohortFileResponse


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
        Example(
            "tledger cohort file 8a6e0804-2bd0-4672-b79d-d97027f9071a --hours 4d3c2b1a",
            "哪些事件构成一名学员的学时",
            "which events make one learner's hours",
        ),
    ],
    more=Text(
        f"{TWO_CLOCKS.zh}表中多数编号只显示前八位，没有内容的部分不显示；--json 给出全部。",
        f"{TWO_CLOCKS.en} Tables show the first eight characters of most ids, and no part that has "
        "nothing in it; --json has everything.",
    ),
)
@click.argument("cohort", type=click.UUID)
@click.option(
    "--hours",
    "learner",
    metavar="ENROLMENT",
    help="构成该报名学时的事件，可只写开头几位  The events that make the hours of an enrolment; "
    "its first characters are enough.",
)
@as_of_options
def file(
    session: Session,
    cohort: UUID,
    *,
    learner: str | None,
    index: int | None,
    recorded: datetime | None,
    occurred: datetime | None,
) -> None:
    """Show the cohort file."""
    moment = as_of(index, recorded, occurred)
    with session.ledger() as ledger:
        found = ledger.registers.cohort_file(cohort, moment)
    if learner is None:
        session.show(to_document(found), lambda: people(session, found))
        return
    row = chosen_learner(found, learner)
    session.show(to_document(row), lambda: hours(session, row))


def people(session: Session, found: "GetCohortFileResponse") -> str:
    """Return a cohort file for people; a part that has nothing in it is left out."""
    say, rows = session.say, found.learners
    parts = (
        ("", _brief(session, found), True),
        # One policy stands above; a table of several says when each was pinned.
        (say("政策", "Policies"), of_file.pins(session, found.pins), len(found.pins) > 1),
        (say("清单", "Checklist"), of_file.checklist(session, found.checklist), found.checklist),
        (say("课次", "Sessions"), sessions(session, found.sessions), found.sessions),
        (say("学员", "Learners"), of_learners.learners(session, rows), rows),
        (say("学员情况", "Of learners"), of_learners.notes(session, rows), True),
        (say("补课", "Make-ups"), of_learners.make_ups(session, rows), True),
        (say("他班学员", "Guests"), guests(session, found.guests), found.guests),
        (say("考试", "Examinations"), of_learners.examinations(session, rows), True),
        (say("各政策下的学时", "By policy"), of_learners.results(session, rows), True),
        (say("培训证明", "Certificates"), of_learners.certificates(session, rows), True),
        (
            say("课件审核", "Courseware"),
            of_file.courseware(session, found.courseware),
            found.courseware,
        ),
        (
            say("教学评估", "Evaluations"),
            of_file.evaluations(session, found.evaluations),
            found.evaluations,
        ),
        (say("归档材料", "Documents"), of_file.documents(session, found.items), found.items),
        (say("封存", "Seals"), of_file.seals(session, found.seals), found.seals),
        ("", say(f"账本中共 {found.events} 个事件", f"{found.events} events in the ledger"), True),
    )
    return "\n\n".join(
        f"{title}\n{text}" if title else text for title, text, shown in parts if shown and text
    )


def _brief(session: Session, found: "GetCohortFileResponse") -> str:
    say = session.say
    more = (
        (say("报备于", "Filed with"), found.filed_with),
        (say("政策", "Policy"), found.pins[-1].policy if found.pins else ""),
        (say("班次记录挂起", "Held, of the cohort"), found.held),
        (say("班次记录更正", "Corrected, of the cohort"), found.corrected),
    )
    return brief(session, found.cohort, [(name, value) for name, value in more if value])
