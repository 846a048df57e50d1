"""The cohort file beside sessions and learners: policies, checklist, documents, seals."""

from typing import TYPE_CHECKING

from clients.cli.cohort_events import short
from clients.cli.output import day, local_time, table
from clients.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.api.v1.cohort_service_pb2 import (
        CohortFileCheck,
        CohortFileCourseware,
        CohortFileEvaluation,
        CohortFileItem,
        CohortFilePin,
        CohortFileSeal,
    )

_HUNDRED = 100


def pins(session: Session, rows: "Iterable[CohortFilePin]") -> str:
    """Return the policies that the cohort was pinned to, the present one last."""
    say = session.say
    heads = (say("政策", "Policy"), say("账本序号", "Index"), say("入账", "Recorded"))
    return table(heads, [(each.policy, each.index, local_time(each.at_us)) for each in rows])


def checklist(session: Session, rows: "Iterable[CohortFileCheck]") -> str:
    """Return the checklist with what is missing."""
    say = session.say
    heads = ("", say("类别", "Class"), say("名称", "Label"))
    return table(
        heads,
        [
            ("✔" if each.present else "✖", each.item_class, say(each.label_zh, each.label_en))
            for each in rows
        ],
    )


def documents(session: Session, rows: "Iterable[CohortFileItem]") -> str:
    """Return the documents."""
    say = session.say
    heads = (
        say("类别", "Class"),
        say("格式", "Media type"),
        say("字节", "Bytes"),
        say("存放", "Place"),
        say("保管方", "Kept by"),
        say("账本序号", "Index"),
    )
    return table(
        heads,
        [
            (
                each.item_class,
                each.media_type,
                each.size,
                each.place,
                short(each.custodian),
                each.index,
            )
            for each in rows
        ],
    )


def courseware(session: Session, rows: "Iterable[CohortFileCourseware]") -> str:
    """Return the reviews of courseware."""
    say = session.say
    heads = (
        say("课件", "Courseware"),
        say("版本", "Version"),
        say("审核人", "Reviewer"),
        say("摘要", "Digest"),
        say("账本序号", "Index"),
    )
    return table(
        heads,
        [
            (
                each.courseware,
                each.version,
                short(each.reviewer),
                short(each.document_digest),
                each.index,
            )
            for each in rows
        ],
    )


def evaluations(session: Session, rows: "Iterable[CohortFileEvaluation]") -> str:
    """Return what learners thought of the teaching."""
    say = session.say
    heads = (say("对象", "Of"), say("人数", "Answers"), say("均分（5 分制）", "Mean of 5 points"))
    whole = say("全班次", "the whole cohort")
    return table(
        heads,
        [
            (
                short(each.teacher) or whole,
                each.respondents,
                f"{each.score_hundredths / _HUNDRED:.2f}",
            )
            for each in rows
        ],
    )


def seals(session: Session, rows: "Iterable[CohortFileSeal]") -> str:
    """Return the seals, each with the events that came after it."""
    say = session.say
    heads = (
        say("版本", "Version"),
        say("材料", "Documents"),
        say("保管至", "Kept until"),
        say("账本序号", "Index"),
        say("其后事件", "Events since"),
    )
    return table(
        heads,
        [
            (each.version, each.items, day(each.retain_until), each.index, each.later_events)
            for each in rows
        ],
    )
