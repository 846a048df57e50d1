"""How events of a cohort's record and changed hours are shown: shared by file, replay and diff."""

from typing import TYPE_CHECKING, Final

from clients.cli.event_json import short_name
from clients.cli.labels import label
from clients.cli.language import Text
from clients.cli.output import local_time
from clients.cli.session import Session
from ledger.api.v1 import events_pb2 as pb

if TYPE_CHECKING:
    from ledger.api.v1.cohort_service_pb2 import CohortEvent, HoursChange

HEADS: Final = (
    Text("账本序号", "Index"),
    Text("入账", "Recorded"),
    Text("发生", "Occurred"),
    Text("事件", "Event"),
    Text("报名", "Enrolment"),
    Text("来源", "Origin"),
)
_PREFIX: Final = 8


def cells(session: Session, event: "CohortEvent") -> tuple[object, ...]:
    """Return the cells of `HEADS` for an event."""
    origin = label(session, short_name(pb.RecordOrigin.DESCRIPTOR, event.origin))
    return (
        event.index,
        local_time(event.recorded_us),
        local_time(event.occurred_us),
        session.say(event.label_zh, event.label_en),
        short(event.enrolment),
        f"{origin} {event.device}".strip(),
    )


def remarks(session: Session, event: "CohortEvent") -> list[str]:
    """Return what is to be said of an event by itself: held, a guest's, about another."""
    say, found = session.say, []
    if event.held:
        found.append(say(f"挂起 {event.held}", f"held {event.held}"))
    if event.guest:
        found.append(say("他班学员", "a guest's"))
    if event.target:
        target = f"#{event.target_index}" if event.target_index else event.target
        found.append(say(f"针对 {target}", f"about {target}"))
    return found


def hours_text(session: Session, change: "HoursChange", *, named: bool) -> str:
    """Return a change of hours on one line, `named` with the learner's enrolment."""
    name = component(session, change.component)
    who = f"{short(change.enrolment)} " if named else ""
    return who + session.say(
        f"{name} {change.hours_before}→{change.hours_after} 学时"
        f"（{change.minutes_before}→{change.minutes_after} 分钟）",
        f"{name} {change.hours_before}→{change.hours_after} h"
        f" ({change.minutes_before}→{change.minutes_after} min)",
    )


def component(session: Session, number: int) -> str:
    """Return the name of a component of the programme."""
    return label(session, short_name(pb.HourComponent.DESCRIPTOR, number))


def short(identifier: str) -> str:
    """Return the beginning of an id, as tables show it; JSON has it whole."""
    return identifier[:_PREFIX]
