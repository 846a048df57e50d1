"""What the later events of cohorts, enrolments and certificates move in the decision states."""

from dataclasses import replace

import pytest

from ledger.domain.clock_offsets import ClockOffset
from ledger.domain.states import (
    LEAVING,
    CertificateState,
    CohortState,
    EnrolmentState,
    fold_certificate,
    fold_cohort,
    fold_enrolment,
)
from tests.unit.domain.recorded import event, message

OWNER, COHORT, OTHER = b"o" * 16, b"c" * 16, b"d" * 16
HEADER = message(institution=OWNER, cohorts=[COHORT])
PLANNED = CohortState(OWNER, True, b"p" * 32, 3, enrolled=2)
ENROLLED = EnrolmentState(enrolled=True)
LIVE = CertificateState("PXZM-1", COHORT, 1)


def test_a_filed_cohort_stays_what_it_was_before() -> None:
    filed = fold_cohort(PLANNED, event("CohortFiled", header=HEADER, bureau=b"b" * 16))
    assert filed == replace(PLANNED, filed=True)
    opened = fold_cohort(filed, event("CohortOpened", header=HEADER, enrolled=2))
    assert opened == replace(PLANNED, filed=True, opened=True)


def test_another_policy_takes_the_place_of_the_pinned_one() -> None:
    pinned = fold_cohort(PLANNED, event("CohortPolicyRepinned", header=HEADER, policy=b"q" * 32))
    assert pinned == replace(PLANNED, policy=b"q" * 32)


def test_the_state_knows_the_last_seal() -> None:
    assert PLANNED.seals == 0
    first = fold_cohort(PLANNED, event("CohortArchiveSealed", header=HEADER, version=1))
    second = fold_cohort(first, event("CohortArchiveSealed", header=HEADER, version=2))
    assert (first.seals, second) == (1, replace(PLANNED, seals=2))


@pytest.mark.parametrize("name", sorted(LEAVING))
def test_whoever_leaves_frees_a_seat_and_is_not_live_any_more(name: str) -> None:
    leaving = event(name, header=HEADER, to_cohort=OTHER)
    assert fold_cohort(PLANNED, leaving).enrolled == 1
    left = fold_enrolment(ENROLLED, leaving)
    assert (ENROLLED.live, left.live, left.enrolled, left.left) == (True, False, True, True)
    assert left.transferred_to == (OTHER if name == "LearnerTransferred" else b"")


def test_nobody_is_live_who_was_never_enrolled() -> None:
    assert not EnrolmentState().live
    assert not fold_enrolment(EnrolmentState(), event("LearnerWithdrew")).live


def test_stated_clock_offsets_add_up() -> None:
    state = PLANNED
    for index, boot in ((30, b""), (31, b"b" * 16)):
        stated = event(
            "ClockOffsetStated",
            index=index,
            header=HEADER,
            device="TERM-0001",
            boot_id=boot,
            offset_us=-5,
            first_us=1,
            last_us=9,
        )
        state = fold_cohort(state, stated)
    assert state.offsets == (
        ClockOffset("TERM-0001", b"", -5, 1, 9, 30, bytes(16)),
        ClockOffset("TERM-0001", b"b" * 16, -5, 1, 9, 31, bytes(16)),
    )


def test_make_up_plans_and_carried_credits_stay_with_the_enrolment() -> None:
    first = event("MakeUpScheduled", missed=b"1" * 16, session=b"2" * 16, cohort=OTHER)
    second = event("MakeUpScheduled", missed=b"1" * 16, session=b"3" * 16, cohort=COHORT)
    planned = fold_enrolment(fold_enrolment(ENROLLED, first), second)
    assert planned.make_ups == {(b"2" * 16, OTHER), (b"3" * 16, COHORT)}
    carried = fold_enrolment(planned, event("CreditsCarriedOver", from_cohort=OTHER))
    assert carried == replace(planned, carried=True)
    assert fold_enrolment(carried, event("MakeUpCompleted", session=b"2" * 16)) == carried


def test_a_replaced_certificate_names_its_successor_and_is_not_live() -> None:
    replaced = fold_certificate(LIVE, event("TrainingCertificateSuperseded", number="PXZM-2"))
    assert replaced == replace(LIVE, successor="PXZM-2")
    assert (LIVE.live, replaced.live, replaced.valid) == (True, False, False)


def test_a_suspended_certificate_is_live_but_not_valid_until_it_is_reinstated() -> None:
    suspended = fold_certificate(LIVE, event("TrainingCertificateSuspended", reason="INQUIRY"))
    assert (suspended.live, suspended.valid) == (True, False)
    assert fold_certificate(suspended, event("TrainingCertificateReinstated")) == LIVE
    assert LIVE.valid


def test_a_suspended_certificate_that_is_revoked_stays_so() -> None:
    suspended = fold_certificate(LIVE, event("TrainingCertificateSuspended", reason="INQUIRY"))
    revoked = fold_certificate(suspended, event("TrainingCertificateRevoked", reason=3))
    reinstated = fold_certificate(revoked, event("TrainingCertificateReinstated"))
    assert (revoked.live, reinstated.live, reinstated.valid) == (False, False, False)


def test_a_link_moves_nothing() -> None:
    assert fold_certificate(LIVE, event("OperationCertificateLinked")) == LIVE
