"""Filing, repinning, sealing, leaving, credits, exam registration: each code, all reasons."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from ledger.domain.authority import Author
from ledger.domain.cohort_rules import NO_CASE, RecordCase
from ledger.domain.decisions import DecisionContext, refusals_of
from ledger.domain.event_types import EVENT_TYPES, KeyUse, Role
from ledger.domain.hours import ComponentHours, LearnerHours
from ledger.domain.party_states import PartyState
from ledger.domain.policies import HourComponent, packaged_policies, parse_policy
from ledger.domain.refusals import Refusal
from ledger.domain.requirement import Requirement
from ledger.domain.states import (
    CertificateState,
    CohortState,
    EnrolmentState,
    KeyState,
)
from tests.unit.domain.recorded import message

SCHOOL, OTHER_SCHOOL, BUREAU, NOBODY = b"s" * 16, b"o" * 16, b"b" * 16, b"n" * 16
COHORT, NEXT_COHORT, FORMER = b"c" * 16, b"d" * 16, b"f" * 16
PARTIES = {
    SCHOOL: PartyState(Role.INSTITUTION, "320599", "学校", "code"),
    OTHER_SCHOOL: PartyState(Role.INSTITUTION, "320599", "另一学校", "code"),
    BUREAU: PartyState(Role.BUREAU, "3205", "市局", "code"),
}
POLICIES = {
    name: parse_policy(packaged_policies()[name])
    for name in ("low-voltage-electrician", "low-voltage-electrician-review", "welding")
}
FIRST, REVIEW, WELDING = POLICIES.values()
BY_DIGEST = {policy.digest: policy for policy in POLICIES.values()}
OFFLINE, ONLINE, PRACTICAL = HourComponent

PLANNED = CohortState(SCHOOL, planned=True, policy=FIRST.digest, capacity=3, enrolled=1)
CLOSED = replace(PLANNED, opened=True, closed=True)
ENROLLED = EnrolmentState(enrolled=True)
LEFT = EnrolmentState(enrolled=True, left=True)
UNPLANNED = [pytest.param(None, id="unknown"), pytest.param(CohortState(SCHOOL), id="unplanned")]


def _context(**given: Any) -> DecisionContext:  # noqa: ANN401 - any field
    key = KeyState(b"k" * 32, b"der", 1, SCHOOL, KeyUse.PARTY, "", 5)
    context = DecisionContext(
        Author(key, PARTIES[SCHOOL]),
        BUREAU,
        100,
        PARTIES.get,
        BY_DIGEST.get,
        None,
        PLANNED,
        ENROLLED,
        1,
    )
    return replace(context, **given)


def _refused(
    name: str,
    body: Mapping[str, Any],
    **given: Any,  # noqa: ANN401 - any field
) -> list[tuple[str, str]]:
    header = message(institution=SCHOOL, cohorts=[COHORT])
    found = refusals_of(name, header, message(**body), _context(**given))
    # Every refusal can be said in both languages: its values fill the templates.
    assert all(refusal.reason("zh") and refusal.reason("en") for refusal in found)
    return [(refusal.code, refusal.field) for refusal in found]


def _record(*refusals: Refusal, offline: int = 8, online: int = 0, practical: int = 4) -> Any:  # noqa: ANN401
    rows = ((OFFLINE, offline), (ONLINE, online), (PRACTICAL, practical))
    hours = LearnerHours(
        tuple(ComponentHours(part, 45 * count, count, ()) for part, count in rows), (), ()
    )
    return Requirement(hours, 8_000, refusals)


def test_the_rules_of_cohorts_and_enrolments_are_all_there() -> None:
    decisions = {
        name
        for name, known in EVENT_TYPES.items()
        if known.decision and known.kind in {"cohort", "enrolment"}
    }
    assert decisions == {
        "CohortPlanned",
        "CohortOpened",
        "CohortClosed",
        "LearnerEnrolled",
        "LearnerWithdrew",
        "EnrolmentRejected",
        "LearnerTransferred",
        "CreditsCarriedOver",
        "ExamRegistered",
        "CohortFiled",
        "CohortPolicyRepinned",
        "CohortArchiveSealed",
    }


# --- Filing --------------------------------------------------------------------------------------


def test_a_plan_is_filed_once_with_a_bureau() -> None:
    body = {"bureau": BUREAU}
    assert _refused("CohortFiled", body) == []
    filed = replace(PLANNED, filed=True)
    assert _refused("CohortFiled", body, cohort=filed) == [("ALREADY_FILED", "")]
    for party in (NOBODY, SCHOOL):
        assert _refused("CohortFiled", {"bureau": party}) == [("UNKNOWN_PARTY", "bureau")]
    assert _refused("CohortFiled", {"bureau": NOBODY}, cohort=filed) == [
        ("ALREADY_FILED", ""),
        ("UNKNOWN_PARTY", "bureau"),
    ]


@pytest.mark.parametrize("cohort", UNPLANNED)
def test_nothing_is_filed_repinned_or_sealed_without_a_plan(cohort: CohortState | None) -> None:
    for name, body in (
        ("CohortFiled", {"bureau": BUREAU}),
        ("CohortPolicyRepinned", {"policy": REVIEW.digest}),
        ("CohortArchiveSealed", {"version": 1, "items": 0, "items_root": b""}),
    ):
        assert _refused(name, body, cohort=cohort) == [("NOT_PLANNED", "")]


# --- Repinning -----------------------------------------------------------------------------------


def test_another_adopted_policy_of_the_same_trade_is_pinned() -> None:
    assert FIRST.trade == REVIEW.trade != WELDING.trade

    def repinned(policy: bytes, cohort: CohortState = PLANNED) -> list[tuple[str, str]]:
        return _refused("CohortPolicyRepinned", {"policy": policy}, cohort=cohort)

    assert repinned(REVIEW.digest) == []
    assert repinned(REVIEW.digest, CLOSED) == []
    assert repinned(bytes(32)) == [("POLICY_NOT_ADOPTED", "policy")]
    assert repinned(FIRST.digest) == [("ALREADY_PINNED", "policy")]
    assert repinned(WELDING.digest) == [("INVALID_FIELD", "policy")]


# --- Sealing -------------------------------------------------------------------------------------

ROOT = b"r" * 32
IN_FILE = RecordCase(items=2, items_root=ROOT)
SEAL = {"version": 1, "items": 2, "items_root": ROOT}


def _seal(cohort: CohortState = CLOSED, case: RecordCase = IN_FILE, **changes: object) -> Any:  # noqa: ANN401
    return _refused("CohortArchiveSealed", {**SEAL, **changes}, cohort=cohort, case=case)


def test_a_closed_cohort_is_sealed_over_exactly_what_is_in_its_file() -> None:
    assert _seal() == []
    assert _seal(PLANNED) == [("NOT_CLOSED", "")]
    assert _seal(items=1) == [("COUNT_DIFFERS", "items")]
    assert _seal(items=3) == [("COUNT_DIFFERS", "items")]
    assert _seal(items_root=b"x" * 32) == [("INVALID_FIELD", "items_root")]


def test_seals_are_numbered_from_one_without_gaps() -> None:
    sealed = replace(CLOSED, seals=1)
    assert _seal(sealed, version=2) == []
    for cohort, version in ((CLOSED, 0), (CLOSED, 2), (sealed, 1), (sealed, 3)):
        assert _seal(cohort, version=version) == [("SEAL_VERSION", "version")]


def test_all_that_is_wrong_with_a_seal_is_said_at_once() -> None:
    # With another number of documents the root differs anyway, and is not named as well.
    assert _seal(PLANNED, version=2, items=1, items_root=bytes(32)) == [
        ("NOT_CLOSED", ""),
        ("SEAL_VERSION", "version"),
        ("COUNT_DIFFERS", "items"),
    ]


# --- Leaving and transfer ------------------------------------------------------------------------

LEAVERS = {
    "LearnerWithdrew": {},
    "EnrolmentRejected": {},
    "LearnerTransferred": {"to_cohort": NEXT_COHORT},
}


@pytest.mark.parametrize("name", LEAVERS)
def test_only_who_is_in_training_here_can_leave(name: str) -> None:
    there = replace(PLANNED)
    assert _refused(name, LEAVERS[name], other_cohort=there) == []
    for enrolment in (EnrolmentState(), LEFT):
        found = _refused(name, LEAVERS[name], other_cohort=there, enrolment=enrolment)
        assert found == [("NOT_ENROLLED", "")]


@pytest.mark.parametrize(
    ("to_cohort", "other", "expected"),
    [
        (NEXT_COHORT, PLANNED, []),
        # Seats are asked for when the learner is enrolled there.
        (NEXT_COHORT, replace(PLANNED, enrolled=3), []),
        (COHORT, PLANNED, [("INVALID_FIELD", "to_cohort")]),
        (NEXT_COHORT, None, [("NOT_PLANNED", "to_cohort")]),
        (NEXT_COHORT, CohortState(SCHOOL), [("NOT_PLANNED", "to_cohort")]),
        (NEXT_COHORT, replace(PLANNED, owner=OTHER_SCHOOL), [("NOT_YOUR_COHORT", "to_cohort")]),
        (NEXT_COHORT, CLOSED, [("COHORT_CLOSED", "to_cohort")]),
    ],
)
def test_a_learner_goes_to_another_planned_cohort_of_the_same_institution(
    to_cohort: bytes, other: CohortState | None, expected: list[tuple[str, str]]
) -> None:
    body = {"to_cohort": to_cohort}
    assert _refused("LearnerTransferred", body, other_cohort=other) == expected
    both = _refused("LearnerTransferred", body, other_cohort=other, enrolment=LEFT)
    assert both == [("NOT_ENROLLED", ""), *expected]


# --- Credits -------------------------------------------------------------------------------------

CAME = EnrolmentState(enrolled=True, left=True, transferred_to=COHORT)
CARRIES = RecordCase(_record(), CAME)


def _credits(
    *parts: tuple[int, int],
    case: RecordCase = CARRIES,
    enrolment: EnrolmentState = ENROLLED,
    up_to: int = 90,
    **given: Any,  # noqa: ANN401 - other fields of the context
) -> list[tuple[str, str]]:
    credited = [message(component=component, hours=hours) for component, hours in parts]
    body = {"from_cohort": FORMER, "up_to_index": up_to, "credited": credited}
    return _refused("CreditsCarriedOver", body, case=case, enrolment=enrolment, **given)


def test_credits_are_those_that_the_former_enrolment_had() -> None:
    assert _credits((OFFLINE, 8), (PRACTICAL, 4)) == []
    assert _credits((PRACTICAL, 4), (OFFLINE, 8), (ONLINE, 0)) == []
    assert _credits((OFFLINE, 9), (PRACTICAL, 4)) == [("TOTALS_DIFFER", "credited")]
    assert _credits((OFFLINE, 8)) == [("TOTALS_DIFFER", "credited")]
    assert (
        _credits((OFFLINE, 7), (PRACTICAL, 3), (ONLINE, 1)) == [("TOTALS_DIFFER", "credited")] * 3
    )


def test_credits_that_were_taken_away_since_are_not_carried() -> None:
    parts = (OFFLINE, 8), (PRACTICAL, 4)
    for now, codes in (
        (_record(), []),
        # What was added since is left behind; what was voided since is gone.
        (_record(offline=9, online=2), []),
        (_record(offline=7), [("TOTALS_DIFFER", "credited")]),
        (_record(offline=0, practical=0), [("TOTALS_DIFFER", "credited")] * 2),
    ):
        assert _credits(*parts, case=replace(CARRIES, now=now)) == codes


def test_the_index_of_credits_lies_in_the_log() -> None:
    parts = (OFFLINE, 8), (PRACTICAL, 4)
    assert _credits(*parts, up_to=100) == []
    assert _credits(*parts, up_to=101) == [("INVALID_FIELD", "up_to_index")]


def test_hours_of_another_trade_are_not_carried() -> None:
    parts = (OFFLINE, 8), (PRACTICAL, 4)
    for trade, codes in (("2010-1.2", []), ("2020-1.1", [("INVALID_FIELD", "from_cohort")])):
        given: dict[str, Any] = {
            "cohort": replace(PLANNED, trade="2010-1.2"),
            "other_cohort": replace(PLANNED, trade=trade),
        }
        assert _credits(*parts, **given) == codes


def test_a_component_stands_once() -> None:
    # The last of two would hide the first.
    assert _credits((OFFLINE, 99), (OFFLINE, 8), (PRACTICAL, 4)) == [("INVALID_FIELD", "credited")]


@pytest.mark.parametrize(
    "case",
    [
        NO_CASE,
        RecordCase(_record(), None),
        RecordCase(_record(), replace(CAME, transferred_to=NEXT_COHORT)),
        # Withdrawn there, not transferred here.
        RecordCase(_record(), LEFT),
        RecordCase(None, CAME),
    ],
)
def test_credits_come_from_the_enrolment_that_led_here(case: RecordCase) -> None:
    assert _credits((OFFLINE, 8), (PRACTICAL, 4), case=case) == [("NOT_TRANSFERRED", "from_cohort")]


def test_credits_are_carried_once_by_who_is_in_training() -> None:
    parts = (OFFLINE, 8), (PRACTICAL, 4)
    carried = replace(ENROLLED, carried=True)
    assert _credits(*parts, enrolment=carried) == [("ALREADY_CARRIED", "")]
    for enrolment in (EnrolmentState(), LEFT):
        assert _credits(*parts, enrolment=enrolment) == [("NOT_ENROLLED", "")]
    assert _credits((OFFLINE, 1), case=NO_CASE, enrolment=replace(carried, left=True)) == [
        ("NOT_ENROLLED", ""),
        ("ALREADY_CARRIED", ""),
        ("NOT_TRANSFERRED", "from_cohort"),
    ]


# --- Examinations --------------------------------------------------------------------------------

VALID = CertificateState("PXZM-1", COHORT, 1)
PROOFS: dict[str, Any] = {"edition": 0, "other_proof_digest": b"", "exemption_digest": b""}


def _register(
    case: RecordCase = NO_CASE,
    enrolment: EnrolmentState = ENROLLED,
    **proof: object,
) -> list[tuple[str, str]]:
    return _refused("ExamRegistered", {**PROOFS, **proof}, case=case, enrolment=enrolment)


def test_a_registration_rests_on_exactly_one_proof() -> None:
    assert _register(other_proof_digest=b"d" * 32) == []
    assert _register(exemption_digest=b"d" * 32) == []
    assert _register(RecordCase(_record(), certificate=VALID), edition=1) == []
    assert _register() == [("EXAM_PROOF", "edition")]
    for two in (
        {"edition": 1, "other_proof_digest": b"d" * 32},
        {"other_proof_digest": b"d" * 32, "exemption_digest": b"d" * 32},
    ):
        assert _register(**two) == [("EXAM_PROOF", "edition")]


@pytest.mark.parametrize(
    ("certificate", "code"),
    [
        (None, "CERTIFICATE_UNKNOWN"),
        (CertificateState(), "CERTIFICATE_UNKNOWN"),
        (replace(VALID, revoked=True), "CERTIFICATE_NOT_VALID"),
        (replace(VALID, suspended=True), "CERTIFICATE_NOT_VALID"),
        (replace(VALID, successor="PXZM-2"), "CERTIFICATE_NOT_VALID"),
    ],
)
def test_a_certificate_of_this_ledger_is_valid_when_it_is_registered_with(
    certificate: CertificateState | None, code: str
) -> None:
    case = RecordCase(_record(), certificate=certificate)
    assert _register(case, edition=1) == [(code, "edition")]


def test_the_record_behind_the_certificate_still_holds() -> None:
    short = Refusal("HOURS_SHORT", "", {"component": "theory", "required": 88, "credited": 8})
    untested = Refusal("TEST_NOT_PASSED", "", {"mark": 80})
    case = RecordCase(_record(short, untested), certificate=VALID)
    assert _register(case, edition=1) == [("HOURS_SHORT", ""), ("TEST_NOT_PASSED", "")]


@pytest.mark.parametrize("enrolment", [EnrolmentState(), LEFT])
def test_who_is_not_in_training_here_is_not_registered(enrolment: EnrolmentState) -> None:
    expected = [("NOT_ENROLLED", "")]
    assert _register(enrolment=enrolment, exemption_digest=b"d" * 32) == expected
    # Said once, though the record says it too.
    case = RecordCase(_record(Refusal("NOT_ENROLLED")), certificate=VALID)
    assert _register(case, enrolment, edition=1) == expected
    assert _register(enrolment=enrolment) == [*expected, ("EXAM_PROOF", "edition")]
