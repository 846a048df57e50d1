"""Why facts were held, worked out again from the entries before them."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.api.v1 import events_pb2 as pb
from ledger.application.breaches import LogBreachError
from ledger.application.held_check import HeldCheck
from ledger.domain.policies import parse_policy
from ledger.domain.recorded_event import RecordedEvent
from tests.unit.application.rows import row
from tests.unit.domain.facts import (
    CHIEF,
    CHIEF_KEY,
    CLERK,
    COHORT,
    HOST,
    S1,
    TERMINAL,
    fact,
    id_of,
    signed_in,
    started,
)
from tests.unit.domain.learner_days import DAY, ELECTRICIAN, MINUTE, at

POLICY = parse_policy(ELECTRICIAN)
TWO_PERSONS = CLERK, CHIEF


def adopted(index: int) -> RecordedEvent:
    body: Any = pb.PolicyAdopted(digest=POLICY.digest, document=ELECTRICIAN)
    header: Any = pb.EventHeader(event_id=id_of(index), type="PolicyAdopted")
    return RecordedEvent(index, 1, "PolicyAdopted", b"p" * 16, at("06:00"), header, body)


OPENING = (
    adopted(0),
    fact(1, "07:00", pb.CohortPlanned(policy=POLICY.digest, capacity=3)),
    fact(2, "07:05", pb.LearnerEnrolled(basis="LOCAL-EMPLOYMENT")),
)
SIGN_IN = fact(5, "08:22", signed_in(S1), device=TERMINAL)
GUEST = fact(5, "08:22", signed_in(S1), cohorts=(COHORT, HOST))
PLAN = fact(4, "08:00", pb.MakeUpScheduled(session=S1, cohort=HOST))
OFFSET = fact(
    4,
    "08:00",
    pb.ClockOffsetStated(
        device=TERMINAL, offset_us=-60 * MINUTE, first_us=at("00:00"), last_us=at("23:59")
    ),
)


def voiding(index: int, **given: Any) -> RecordedEvent:  # noqa: ANN401 - what `fact` takes
    body = pb.EventVoided(target=id_of(5), reason="TYPED-WRONG")
    return fact(index, "20:00", body, **{"persons": TWO_PERSONS, **given})


def due(*events: RecordedEvent) -> str:
    """The code that is due for the last event; any other is a breach at its place."""
    *before, last = events
    rows = {each.header.event_id: row(each) for each in events}
    found = []
    for held in (
        "",
        "ENROLMENT_NOT_OPEN",
        "COHORT_NOT_PLANNED",
        "CLOCK_AHEAD",
        "GUEST_NOT_PLANNED",
        "TARGET_UNKNOWN",
        "APPROVAL_MISSING",
    ):
        check = HeldCheck(rows.get)
        for each in before:
            check.check(row(each))
        try:
            check.check(row(last, held=held))
        except LogBreachError as breach:
            assert breach.index == last.index  # noqa: PT017 - every other code has to be a breach
        else:
            found.append(held)
    (code,) = found
    return code


LATE = SIGN_IN.recorded_us + 7 * DAY + 1


@pytest.mark.parametrize(
    ("events", "code"),
    [
        ((*OPENING, SIGN_IN), ""),
        ((*OPENING[:2], SIGN_IN), "ENROLMENT_NOT_OPEN"),
        ((fact(5, "08:30", started(S1)),), "COHORT_NOT_PLANNED"),
        ((*OPENING, replace(SIGN_IN, recorded_us=at("08:00"))), "CLOCK_AHEAD"),
        ((*OPENING, OFFSET, replace(SIGN_IN, recorded_us=at("08:00"))), ""),
        ((*OPENING, GUEST), "GUEST_NOT_PLANNED"),
        ((*OPENING, PLAN, GUEST), ""),
        ((*OPENING, voiding(6)), "TARGET_UNKNOWN"),
        ((*OPENING, SIGN_IN, voiding(6)), ""),
        ((*OPENING, SIGN_IN, voiding(6, persons=(CLERK, CLERK))), "APPROVAL_MISSING"),
        ((*OPENING, SIGN_IN, voiding(6, recorded_us=LATE)), "APPROVAL_MISSING"),
        ((*OPENING, SIGN_IN, voiding(6, recorded_us=LATE, approver=CHIEF_KEY)), ""),
    ],
)
def test_each_code_is_worked_out_from_what_came_before(
    events: tuple[RecordedEvent, ...], code: str
) -> None:
    assert due(*events) == code


def test_what_is_recorded_later_was_not_there() -> None:
    """The store knows the target by now; the amendment was held when it came."""
    later = row(replace(SIGN_IN, index=9))
    amendment = row(voiding(6), held="TARGET_UNKNOWN")
    check = HeldCheck({later.event_id: later}.get)
    for each in OPENING:
        check.check(row(each))
    check.check(amendment)
    with pytest.raises(LogBreachError, match="TARGET_UNKNOWN"):
        check.check(replace(amendment, held=""))
