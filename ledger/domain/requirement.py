"""Does a learner's record allow a training certificate? All reasons at once (DESIGN 4, 5)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ledger.domain.amendments import Corrected, Counted
from ledger.domain.enrolment_hours import cohort_records, enrolment_record, learner_hours
from ledger.domain.hours import LearnerHours
from ledger.domain.policies import Policy
from ledger.domain.recorded_event import RecordedEvent
from ledger.domain.refusals import Refusal
from ledger.domain.states import LEAVING


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a learner has, and what is missing.

    Attributes:
        hours: Credited hours.
        test_hundredths: Best course test in hundredths of a point, None without one.
        refusals: What is missing for a certificate; empty when nothing is.
        records: What counts of the enrolment, in log order.
    """

    hours: LearnerHours
    test_hundredths: int | None
    refusals: tuple[Refusal, ...]
    records: tuple[Counted, ...] = ()


def evaluate_requirement(
    cohort_events: Iterable[RecordedEvent],
    enrolment_events: Sequence[RecordedEvent],
    policy: Policy,
) -> Requirement:
    """Evaluate a learner under the pinned policy.

    Args:
        cohort_events: Events of the home cohort's stream, and of those of host cohorts; what a
            host recorded without a plan of its cohort is passed over.
        enrolment_events: Events of the learner's enrolment stream.
        policy: The pinned policy.
    """
    home = enrolment_events[0].header.cohorts[0] if enrolment_events else b""
    cohorts = cohort_records(_of_planned(cohort_events, home), home, policy)
    records = enrolment_record(enrolment_events, cohorts, policy).counted
    hours = learner_hours(cohorts, records, policy)
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
    best = best_score(records, "CourseTestRecorded")
    if policy.pass_mark.refuses and (best is None or not policy.passes(best)):
        refusals.append(Refusal("TEST_NOT_PASSED", "", {"mark": policy.pass_mark.value}))
    types = {event.type for event in enrolment_events}
    if "LearnerEnrolled" not in types or types & LEAVING:
        refusals.append(Refusal("NOT_ENROLLED"))
    return Requirement(hours, best, tuple(refusals), tuple(records))


def _of_planned(events: Iterable[RecordedEvent], home: bytes) -> list[RecordedEvent]:
    """Return the events without those of hosts that never planned: all of theirs are held."""
    known = list(events)
    planned = {home, *(event.stream for event in known if event.type == "CohortPlanned")}
    return [event for event in known if event.stream in planned]


def best_score(records: Iterable[Counted], type_name: str) -> int | None:
    """Return the best score of a kind in hundredths of a point, None without one."""
    scores = (
        record.number(Corrected.SCORE, record.event.body.score_hundredths)
        for record in records
        if record.event.type == type_name
    )
    return max(scores, default=None)


def committed_identity(records: Iterable[Counted]) -> bytes:
    """Return the identity commitment of an enrolment as corrected; empty without an enrolment."""
    enrolled = next((each for each in records if each.event.type == "LearnerEnrolled"), None)
    if enrolled is None:
        return b""
    return enrolled.id(Corrected.IDENTITY, enrolled.event.body.identity_commitment)
