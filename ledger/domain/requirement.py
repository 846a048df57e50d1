"""Does a learner's record allow a training certificate? All reasons at once (DESIGN 4, 5)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ledger.domain.enrolment_hours import learner_hours
from ledger.domain.holding import clock_ahead
from ledger.domain.hours import LearnerHours
from ledger.domain.policies import Policy
from ledger.domain.recorded_event import RecordedEvent
from ledger.domain.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a learner has, and what is missing.

    Attributes:
        hours: Credited hours.
        test_hundredths: Best course test in hundredths of a point, None without one.
        refusals: What is missing for a certificate; empty when nothing is.
    """

    hours: LearnerHours
    test_hundredths: int | None
    refusals: tuple[Refusal, ...]


def evaluate_requirement(
    cohort_events: Iterable[RecordedEvent],
    enrolment_events: Sequence[RecordedEvent],
    policy: Policy,
) -> Requirement:
    """Evaluate a learner under the pinned policy."""
    hours = learner_hours(cohort_events, enrolment_events, policy.hours)
    refusals = [
        Refusal(
            "HOURS_SHORT",
            "",
            {
                "component": missing.component,
                "required": missing.required,
                "credited": missing.credited,
            },
        )
        for missing in hours.shortfalls
    ]
    scores = [
        event.body.score_hundredths
        for event in enrolment_events
        if event.type == "CourseTestRecorded"
        and not clock_ahead(event.header.occurred_us, event.recorded_us)
    ]
    best = max(scores, default=None)
    if policy.pass_mark.refuses and (best is None or not policy.passes(best)):
        refusals.append(Refusal("TEST_NOT_PASSED", "", {"mark": policy.pass_mark.value}))
    types = {event.type for event in enrolment_events}
    if "LearnerEnrolled" not in types or "LearnerWithdrew" in types:
        refusals.append(Refusal("NOT_ENROLLED"))
    return Requirement(hours, best, tuple(refusals))
