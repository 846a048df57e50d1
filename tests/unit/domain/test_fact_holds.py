"""Why a fact is held when it is recorded: each code, what ends it, and that nothing else does."""

from dataclasses import replace

import pytest

from ledger.api.v1 import events_pb2 as pb
from ledger.domain.clock_offsets import ClockOffset
from ledger.domain.fact_holds import fact_hold
from ledger.domain.holding import (
    APPROVAL_MISSING,
    CLOCK_AHEAD,
    COHORT_NOT_PLANNED,
    ENROLMENT_NOT_OPEN,
    GUEST_NOT_PLANNED,
    NOT_CORRECTABLE,
    TARGET_COHORTS_DIFFER,
    TARGET_UNKNOWN,
    guest_hold,
)
from ledger.domain.policies import Policy, parse_policy
from ledger.domain.recorded_event import RecordedEvent
from ledger.domain.states import CohortState, EnrolmentState
from tests.unit.domain.facts import (
    CHIEF,
    CHIEF_KEY,
    CLERK,
    COHORT,
    HOST,
    OTHER_HOST,
    S1,
    S2,
    TERMINAL,
    fact,
    id_of,
    signed_in,
    signed_out,
    started,
)
from tests.unit.domain.learner_days import DAY, ELECTRICIAN, MINUTE, at

POLICY = parse_policy(ELECTRICIAN)
OWNER = b"o" * 16
PLANNED = CohortState(OWNER, planned=True, policy=POLICY.digest)
ENROLLED = EnrolmentState(enrolled=True)
SIGN_IN = fact(5, "08:22", signed_in(S1), device=TERMINAL)


def held(
    event: RecordedEvent,
    *cohorts: CohortState | None,
    enrolment: EnrolmentState = ENROLLED,
    policy: Policy | None = POLICY,
    log: tuple[RecordedEvent, ...] = (),
) -> str:
    by_id = {each.header.event_id: each for each in log}
    return fact_hold(event, cohorts or (PLANNED,), enrolment, policy, by_id.get)


def test_a_fact_of_an_open_stream_counts() -> None:
    assert held(SIGN_IN) == ""
    assert held(fact(6, "08:30", started(S1))) == ""


@pytest.mark.parametrize("cohort", [None, CohortState(OWNER), PLANNED])
def test_an_enrolments_fact_waits_for_the_enrolment_whatever_the_cohort(
    cohort: CohortState | None,
) -> None:
    assert held(SIGN_IN, cohort, enrolment=EnrolmentState()) == ENROLMENT_NOT_OPEN
    assert held(SIGN_IN, cohort) == ""
    # Who has left was enrolled: later facts still count.
    assert held(SIGN_IN, cohort, enrolment=replace(ENROLLED, left=True)) == ""


def test_a_cohorts_fact_waits_for_the_plan() -> None:
    start = fact(6, "08:30", started(S1))
    assert held(start, None) == COHORT_NOT_PLANNED
    assert held(start, CohortState(OWNER)) == COHORT_NOT_PLANNED
    assert held(start, PLANNED, enrolment=EnrolmentState()) == ""


OFFSET = ClockOffset(TERMINAL, b"", -60 * MINUTE, at("00:00"), at("23:59"), 3, COHORT)


def test_a_clock_that_is_ahead_holds_until_the_offset_is_stated() -> None:
    ahead = replace(SIGN_IN, recorded_us=at("08:11"))
    assert held(ahead) == CLOCK_AHEAD
    assert held(replace(SIGN_IN, recorded_us=at("08:12"))) == ""
    assert held(ahead, replace(PLANNED, offsets=(OFFSET,))) == ""
    elsewhere = replace(OFFSET, device="TERM-0002")
    assert held(ahead, replace(PLANNED, offsets=(elsewhere,))) == CLOCK_AHEAD
    # And one that is stated the wrong way makes a hold.
    wrong = replace(OFFSET, offset_us=60 * MINUTE)
    assert held(SIGN_IN, replace(PLANNED, offsets=(wrong,))) == CLOCK_AHEAD


def test_the_hosts_statement_holds_for_its_guests_too() -> None:
    guest = fact(5, "08:22", signed_in(S1), cohorts=(COHORT, HOST), device=TERMINAL)
    ahead, planned = replace(guest, recorded_us=at("08:00")), replace(ENROLLED, make_ups=_plan(S1))
    assert held(ahead, PLANNED, PLANNED, enrolment=planned) == CLOCK_AHEAD
    stating = replace(PLANNED, offsets=(replace(OFFSET, cohort=HOST),))
    assert held(ahead, PLANNED, stating, enrolment=planned) == ""
    # The home side knows nothing of the host's clocks.
    at_home = replace(PLANNED, offsets=(OFFSET,))
    assert held(ahead, at_home, PLANNED, enrolment=planned) == CLOCK_AHEAD
    assert held(ahead, PLANNED, None, enrolment=planned) == CLOCK_AHEAD


def _plan(session: bytes, host: bytes = HOST) -> frozenset[tuple[bytes, bytes]]:
    return frozenset({(session, host)})


@pytest.mark.parametrize(
    ("cohorts", "plans", "code"),
    [
        ((COHORT,), frozenset(), ""),
        ((COHORT, HOST), frozenset(), GUEST_NOT_PLANNED),
        ((COHORT, HOST), _plan(S1), ""),
        ((COHORT, HOST), _plan(S2), GUEST_NOT_PLANNED),
        ((COHORT, HOST), _plan(S1, OTHER_HOST), GUEST_NOT_PLANNED),
        # A make-up at home opens no other cohort's doors.
        ((COHORT, HOST), _plan(S1, COHORT), GUEST_NOT_PLANNED),
        ((COHORT, OTHER_HOST, HOST), _plan(S1), ""),
    ],
)
def test_a_guest_waits_for_the_home_sides_plan(
    cohorts: tuple[bytes, ...], plans: frozenset[tuple[bytes, bytes]], code: str
) -> None:
    assert guest_hold(cohorts, S1, plans) == code
    enrolment = replace(ENROLLED, make_ups=plans)
    for body in (
        signed_in(S1),
        signed_out(S1),
        pb.PresenceSpotChecked(session=S1, present=True),
    ):
        assert held(fact(5, "08:22", body, cohorts=cohorts), enrolment=enrolment) == code
    # What does not say where a learner was needs no plan.
    absence = fact(5, "08:22", pb.AbsenceRecorded(session=S1), cohorts=cohorts)
    assert held(absence, enrolment=enrolment) == ""


@pytest.mark.parametrize("persons", [(b"", b""), (CLERK, b""), (b"", CHIEF), (CLERK, CLERK)])
def test_an_attribution_needs_two_persons(persons: tuple[bytes, bytes]) -> None:
    body = pb.UnlistedPresenceAttributed(session=S1, ticket=b"t" * 16, enrolment=b"e" * 16)
    assert held(fact(5, "20:00", body, persons=persons)) == APPROVAL_MISSING
    assert held(fact(5, "20:00", body, persons=(CLERK, CHIEF))) == ""
    # The mark itself needs nobody.
    mark = pb.UnlistedSignedIn(session=S1, ticket=b"t" * 16)
    assert held(fact(5, "08:00", mark)) == ""


def _voiding(
    *, recorded_us: int | None = None, persons: tuple[bytes, bytes] = (CLERK, CHIEF)
) -> RecordedEvent:
    body = pb.EventVoided(target=id_of(5), reason="TYPED-WRONG")
    return fact(9, "20:00", body, persons=persons, recorded_us=recorded_us)


def test_an_amendment_needs_a_target_of_its_own_stream_that_is_recorded() -> None:
    assert held(_voiding(), log=(SIGN_IN,)) == ""
    assert held(_voiding()) == TARGET_UNKNOWN
    assert held(_voiding(), log=(replace(SIGN_IN, stream=b"x" * 16),)) == TARGET_UNKNOWN
    assert held(_voiding(), log=(replace(SIGN_IN, index=10),)) == TARGET_UNKNOWN
    guest = fact(5, "08:22", signed_in(S1), cohorts=(COHORT, HOST))
    assert held(_voiding(), log=(guest,)) == TARGET_COHORTS_DIFFER
    enrolled = fact(5, "08:22", pb.LearnerEnrolled())
    assert held(_voiding(), log=(enrolled,)) == NOT_CORRECTABLE
    assert held(_voiding(persons=(CLERK, CLERK)), log=(SIGN_IN,)) == APPROVAL_MISSING


def test_the_pinned_policy_says_how_long_corrections_are_free() -> None:
    assert POLICY.correction_days.value == 7
    late = _voiding(recorded_us=SIGN_IN.recorded_us + 7 * DAY + 1)
    assert held(late, log=(SIGN_IN,)) == APPROVAL_MISSING
    assert held(_voiding(recorded_us=SIGN_IN.recorded_us + 7 * DAY), log=(SIGN_IN,)) == ""
    body = pb.EventVoided(target=id_of(5), reason="TYPED-WRONG")
    signed = fact(
        9,
        "20:00",
        body,
        persons=(CLERK, CHIEF),
        approver=CHIEF_KEY,
        recorded_us=late.recorded_us,
    )
    assert held(signed, log=(SIGN_IN,)) == ""
    # No policy, or a figure that only warns, sets no limit.
    warns = replace(POLICY.correction_days, binding=False, unverified=True)
    assert held(late, log=(SIGN_IN,), policy=None) == ""
    assert held(late, log=(SIGN_IN,), policy=replace(POLICY, correction_days=warns)) == ""


def test_the_missing_opening_is_named_before_everything_else() -> None:
    closed = EnrolmentState()
    assert held(_voiding(), enrolment=closed) == ENROLMENT_NOT_OPEN
    ahead = replace(SIGN_IN, recorded_us=at("00:00"))
    assert held(ahead, enrolment=closed) == ENROLMENT_NOT_OPEN
    guest = fact(5, "08:22", signed_in(S1), cohorts=(COHORT, HOST), recorded_us=at("00:00"))
    assert held(guest, enrolment=closed) == ENROLMENT_NOT_OPEN
    assert held(guest) == CLOCK_AHEAD
