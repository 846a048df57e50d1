"""Decision states: what each event moves, and that nothing else does."""

from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.event_types import EVENT_TYPES, KeyUse, Role
from ledger.domain.party_states import PartyState, StaffState, fold_party
from ledger.domain.policies import packaged_policies
from ledger.domain.states import (
    CertificateState,
    CohortState,
    EnrolmentState,
    KeyState,
    PolicyBook,
    StreamState,
    fold_certificate,
    fold_cohort,
    fold_enrolment,
    fold_key,
    fold_policies,
    fold_stream,
)
from tests.unit.domain.recorded import event, message

OWNER, COHORT, POLICY = b"o" * 16, b"c" * 16, b"p" * 32
HEADER = message(institution=OWNER, cohorts=[COHORT])
PLAN: dict[str, Any] = {
    "trade": "T-1",
    "policy": POLICY,
    "capacity": 3,
    "platform": b"q" * 16,
    "exam_body": b"",
}


def _registered() -> KeyState:
    state = fold_key(
        None,
        event(
            "KeyRegistered",
            index=7,
            public_key=b"der",
            algorithm=2,
            holder=OWNER,
            use=3,
            device="TERM-0001",
        ),
    )
    assert state is not None
    return state


def test_a_key_is_what_its_registration_says_under_the_hash_of_its_bytes() -> None:
    assert _registered() == KeyState(
        sha256(b"der").digest(), b"der", 2, OWNER, KeyUse.DEVICE, "TERM-0001", 7, 0, 0
    )


def test_a_compromise_contests_from_the_smallest_index_that_was_named() -> None:
    state = fold_key(_registered(), event("KeyEnded", ending=3, accepted_until_us=0, from_index=40))
    assert state is not None
    assert [state.credits(index) for index in (39, 40, 41)] == [True, False, False]
    sooner = fold_key(state, event("KeyEnded", ending=3, accepted_until_us=0, from_index=30))
    later = fold_key(sooner, event("KeyEnded", ending=3, accepted_until_us=0, from_index=50))
    assert later is not None
    assert later.contested_from == 30


def test_a_rotated_key_goes_on_crediting() -> None:
    state = fold_key(_registered(), event("KeyEnded", ending=1, accepted_until_us=99))
    assert state is not None
    assert state.credits(10**9)


def test_an_ending_stays_with_the_key_and_moves_nothing_else() -> None:
    before = _registered()
    after = fold_key(before, event("KeyEnded", ending=1, accepted_until_us=99))
    assert after is not None
    assert (after.ending, after.accepted_until_us) == (1, 99)
    assert (after.key_id, after.holder, after.use) == (before.key_id, OWNER, KeyUse.DEVICE)


def test_an_ending_without_a_registration_makes_no_key() -> None:
    assert fold_key(None, event("KeyEnded", ending=1, accepted_until_us=99)) is None


@pytest.mark.parametrize(
    ("kind", "role"),
    [(1, Role.INSTITUTION), (2, Role.BUREAU), (3, Role.EXAM_BODY), (4, Role.PLATFORM)],
)
def test_a_party_has_the_role_of_its_kind(kind: int, role: Role) -> None:
    registered = event(
        "InstitutionRegistered", kind=kind, area="320599", name="单位", credit_code="X"
    )
    assert fold_party(None, registered) == PartyState(role, "320599", "单位", "X")


def test_the_first_entry_under_a_cohorts_key_fixes_its_owner_whatever_its_type() -> None:
    first = fold_cohort(None, event("LearnerSignedIn", header=HEADER))
    assert first == CohortState(OWNER)
    other = message(institution=b"x" * 16, cohorts=[COHORT])
    assert fold_cohort(first, event("CohortPlanned", header=other, **PLAN)).owner == OWNER


def test_plan_opening_and_closing_are_kept() -> None:
    planned = fold_cohort(None, event("CohortPlanned", header=HEADER, **PLAN))
    assert planned == CohortState(OWNER, True, POLICY, 3, b"q" * 16, b"", trade="T-1")
    opened = fold_cohort(planned, event("CohortOpened", header=HEADER, enrolled=0))
    closed = fold_cohort(opened, event("CohortClosed", header=HEADER, completed=0))
    assert (planned.opened, opened.opened, opened.closed, closed.closed) == (
        False,
        True,
        False,
        True,
    )


@given(st.lists(st.booleans(), max_size=20))
def test_seats_are_enrolments_less_withdrawals(steps: list[bool]) -> None:
    state = fold_cohort(None, event("CohortPlanned", header=HEADER, **PLAN))
    for enrols in steps:
        name = "LearnerEnrolled" if enrols else "LearnerWithdrew"
        state = fold_cohort(state, event(name, header=HEADER))
    assert state.enrolled == steps.count(True) - steps.count(False)


def test_an_enrolment_opens_and_a_withdrawal_does_not_undo_that() -> None:
    opened = fold_enrolment(EnrolmentState(), event("LearnerEnrolled"))
    assert opened == EnrolmentState(enrolled=True)
    assert fold_enrolment(opened, event("LearnerWithdrew")) == EnrolmentState(True, True)
    assert fold_enrolment(opened, event("LearnerSignedIn")) == opened


def test_a_certificate_is_live_from_its_issue_to_its_revocation() -> None:
    before = CertificateState()
    issued = fold_certificate(
        before, event("TrainingCertificateIssued", header=HEADER, number="PXZM-1", edition=1)
    )
    revoked = fold_certificate(issued, event("TrainingCertificateRevoked", reason=1))
    assert issued == CertificateState("PXZM-1", COHORT, 1)
    assert [before.live, issued.live, revoked.live] == [False, True, False]
    assert revoked.number == "PXZM-1"


def test_adopted_policies_add_up_by_digest() -> None:
    documents = list(packaged_policies().values())
    book: PolicyBook | None = None
    for document in documents:
        book = fold_policies(book, event("PolicyAdopted", document=document))
    assert book is not None
    assert set(book.policies) == {sha256(document).digest() for document in documents}
    assert len(documents) > 1


FOLDED = {
    "key": (
        event("KeyRegistered", public_key=b"k", algorithm=1, holder=OWNER, use=1, device=""),
        KeyState,
    ),
    "institution": (
        event("InstitutionRegistered", kind=1, area="32", name="n", credit_code="c"),
        PartyState,
    ),
    "staff": (event("StaffAppointed", role=1), StaffState),
    "policy": (
        event("PolicyAdopted", document=next(iter(packaged_policies().values()))),
        PolicyBook,
    ),
    "enrolment": (event("LearnerEnrolled"), EnrolmentState),
    "certificate": (
        event("TrainingCertificateIssued", header=HEADER, number="PXZM-1", edition=1),
        CertificateState,
    ),
}


@pytest.mark.parametrize("kind", FOLDED)
def test_each_kind_of_stream_has_its_own_state(kind: str) -> None:
    opening, expected = FOLDED[kind]
    state = fold_stream(kind, None, opening)
    assert type(state) is expected
    assert EVENT_TYPES[opening.type].kind == kind


@pytest.mark.parametrize("kind", FOLDED)
def test_a_state_of_another_kind_is_no_beginning(kind: str) -> None:
    foreign: StreamState = CertificateState("PXZM-9") if kind != "certificate" else None
    opening, _ = FOLDED[kind]
    assert fold_stream(kind, foreign, opening) == fold_stream(kind, None, opening)


def test_a_cohorts_stream_has_no_state_of_its_own() -> None:
    assert fold_stream("cohort", None, event("CohortPlanned", header=HEADER, **PLAN)) is None
