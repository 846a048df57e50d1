"""`tledger cohort file --hours`: which events of the log make one learner's hours."""

import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from clients.cli.cohort_events import component
from clients.cli.labels import label
from clients.cli.output import fields
from clients.cli.problems import misuse
from clients.cli.session import Session

if TYPE_CHECKING:
    from ledger.api.v1.cohort_service_pb2 import CohortFileLearner, GetCohortFileResponse

_COLUMNS: Final = 96
_INDENT: Final = "  "


def chosen_learner(found: "GetCohortFileResponse", wanted: str) -> "CohortFileLearner":
    """Return the learner whose enrolment begins so.

    Raises:
        Problem: when none or several do.
    """
    rows = [each for each in found.learners if each.enrolment.startswith(wanted.strip().lower())]
    if len(rows) == 1:
        return rows[0]
    raise misuse(
        f"{len(rows)} 个报名以 {wanted} 开头，应为 1 个",
        f"{len(rows)} enrolments of the file begin with {wanted}; it has to be one",
    )


def hours(session: Session, each: "CohortFileLearner") -> str:
    """Return a learner's hours by component, with the log indices of what makes them."""
    say = session.say
    credited = sum(part.credited for part in each.hours)
    required = sum(part.required for part in each.hours)
    brief = fields(
        [
            (say("报名", "Enrolment"), each.enrolment),
            (say("学员标识", "Reference"), each.person_ref),
            (say("状态", "State"), label(session, each.state)),
            (say("学时", "Hours"), f"{credited}/{required}"),
            (say("达标", "Met"), "✔" if each.requirement_met else "✖"),
        ]
    )
    parts = []
    for part in each.hours:
        name, events = component(session, part.component), len(part.events)
        title = say(
            f"{name} {part.credited}/{part.required} 学时，{part.minutes} 分钟，{events} 个事件：",
            f"{name}: {part.credited}/{part.required} h, {part.minutes} min, {events} events",
        )
        indices = textwrap.wrap(
            ranges(part.events), _COLUMNS, initial_indent=_INDENT, subsequent_indent=_INDENT
        )
        parts.append("\n".join([title, *indices]))
    return "\n\n".join([brief, *parts])


def ranges(indices: Iterable[int]) -> str:
    """Return ascending numbers as text, neighbours drawn together: `3, 5–8, 10`."""
    runs: list[list[int]] = []
    for index in indices:
        if runs and index == runs[-1][1] + 1:
            runs[-1][1] = index
        else:
            runs.append([index, index])
    return ", ".join(f"{first}" if first == last else f"{first}–{last}" for first, last in runs)
