"""`tledger trace`: everything recorded of one person, across institutions, for a case.

An ID number never stands on the command line, where other users and the shell's history see it.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from clients.cli.command import Example, command
from clients.cli.day_sessions import teacher_mark
from clients.cli.event_json import short_name, short_names, to_document
from clients.cli.labels import label
from clients.cli.language import Text
from clients.cli.output import fields, local_time, table
from clients.cli.persons import identity_of
from clients.cli.problems import misuse
from clients.cli.session import Session
from ledger.api.v1 import events_pb2
from ledger.api.v1 import person_service_pb2 as persons_pb
from ledger.log.certificate_numbers import check_number
from ledger.log.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clients.sdk import Ledger
    from ledger.api.v1.supervision_service_pb2 import (
        TracedEnrolment,
        TracedReference,
        TracedSession,
        TraceResponse,
    )

_PREFIX: Final = "PXZM-"


@command(
    "trace",
    examples=[
        Example(
            "tledger trace PXZM-320599-2026-K7Q2-M4XB-9T3H-T --case 2026-0117",
            "按证明编号",
            "by the number of a certificate",
        ),
        Example(
            "tledger trace 王小明 --case 2026-0117 --id-file - < number.txt",
            "按姓名与证件号码，号码取自标准输入",
            "by name and ID number, the number from standard input",
        ),
    ],
    more=Text(
        "主管部门可查辖区内各机构，机构只可查本机构。每次查询连同案号、查询人和时间先入追溯日志，再给出结果。",
        "A bureau traces across the institutions of its area, an institution only in its own "
        "records. Each question goes into the trace log with its case number, caller and time "
        "before it is answered.",
    ),
)
@click.argument("whom", metavar="PERSON|CERTIFICATE")
@click.option("--case", "case_number", required=True, help="案号  Number of the case.")
@click.option(
    "--id-type",
    type=click.Choice(short_names(persons_pb.IdType.DESCRIPTOR)),
    default="RESIDENT_ID_CARD",
    show_default=True,
    help="证件类型  Kind of document.",
)
@click.option(
    "--id-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="证件号码所在文件，- 为标准输入  File with the ID number, - for standard input.",
)
def trace(
    session: Session, whom: str, case_number: str, id_type: str, id_file: Path | None
) -> None:
    """Trace a person."""
    if whom.upper().startswith(_PREFIX):
        number = _number(whom)
        with session.ledger() as ledger:
            found = ledger.supervision.trace_certificate(number, case_number=case_number)
    else:
        name, id_number = identity_of(session, whom, id_file)
        with session.ledger() as ledger:
            found = _trace_person(ledger, id_type, id_number, name, case_number)
    session.show(to_document(found), lambda: _people(session, found))


def _number(text: str) -> str:
    try:
        return check_number(text.strip().upper())
    except FormatError as error:
        raise misuse(f"{text} 不是证明编号", f"{text} is no certificate number: {error}") from error


def _trace_person(
    ledger: "Ledger", id_type: str, id_number: str, name: str, case_number: str
) -> "TraceResponse":
    return ledger.supervision.trace_person(
        id_type=persons_pb.IdType.Value(f"ID_TYPE_{id_type}"),
        id_number=id_number,
        name=name,
        case_number=case_number,
    )


def _people(session: Session, found: "TraceResponse") -> str:
    parts = []
    for reference in found.references:
        parts.append(_reference(session, reference))
        parts += [_enrolment(session, enrolment) for enrolment in reference.enrolments]
    parts.append(fields([(session.say("截至账本规模", "As of log size"), found.as_of_size)]))
    return "\n\n".join(parts)


def _reference(session: Session, reference: "TracedReference") -> str:
    say = session.say
    return fields(
        [
            (say("机构", "Institution"), reference.institution_name),
            (say("机构标识", "Institution id"), reference.institution),
            (say("学员标识", "Reference"), reference.person_ref),
            (say("报名数", "Enrolments"), len(reference.enrolments)),
        ]
    )


def _enrolment(session: Session, enrolment: "TracedEnrolment") -> str:
    say = session.say
    certificates = "; ".join(
        f"{each.number} {label(session, each.state)}" for each in enrolment.certificates
    )
    brief = fields(
        [
            (say("报名", "Enrolment"), enrolment.enrolment),
            (say("状态", "State"), label(session, enrolment.state)),
            (say("班次", "Cohort"), f"{enrolment.cohort_number} {enrolment.trade_name}".strip()),
            (say("班次标识", "Cohort id"), enrolment.cohort),
            (say("证明", "Certificates"), certificates),
        ]
    )
    return f"{brief}\n{_sessions(session, enrolment.sessions)}" if enrolment.sessions else brief


def _sessions(session: Session, sessions: "Iterable[TracedSession]") -> str:
    say = session.say
    heads = (
        say("计划开始", "Planned"),
        say("签到", "Signed in"),
        say("内容", "Component"),
        say("教室", "Room"),
        say("状态", "State"),
        say("教师", "Teacher"),
        say("教师签到", "Teacher signed in"),
        say("课次", "Session"),
    )
    return table(
        heads,
        [
            (
                local_time(each.planned_start_us),
                local_time(each.signed_in_us),
                label(session, short_name(events_pb2.HourComponent.DESCRIPTOR, each.component)),
                each.room,
                label(session, each.state),
                each.teacher,
                teacher_mark(each.teacher, each.teachers_signed_in),
                each.session,
            )
            for each in sessions
        ],
    )
