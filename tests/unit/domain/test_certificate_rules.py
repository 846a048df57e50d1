"""The gate of certificates: what it takes, and every reason for which it refuses."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.domain.certificate_rules import IssueCase, issue_refusals, revocation_refusals
from ledger.domain.event_types import Role
from ledger.domain.hours import ComponentHours, LearnerHours
from ledger.domain.policies import HourComponent
from ledger.domain.refusals import Refusal
from ledger.domain.requirement import Requirement
from ledger.domain.states import CertificateState
from tests.unit.domain.recorded import message

COHORT = b"c" * 16
OFFLINE, ONLINE, PRACTICAL = HourComponent


def _part(component: int, hours: int) -> Any:  # noqa: ANN401 - a message
    return message(component=component, hours=hours)


BODY: dict[str, Any] = {
    "number": "PXZM-320599-2026-K7Q2-M4XB-9T3H-T",
    "edition": 1,
    "core_digest": b"c" * 32,
    "enrolment_digest": b"e" * 32,
    "policy": b"p" * 32,
    "evaluator_version": 1,
    "credited": [_part(OFFLINE, 2), _part(PRACTICAL, 1)],
    "supersedes": "",
}


def _record(offline: int, practical: int, *refusals: Refusal, online: int = 0) -> Requirement:
    parts = ((OFFLINE, offline), (ONLINE, online), (PRACTICAL, practical))
    hours = LearnerHours(
        tuple(ComponentHours(part, 45 * count, count, ()) for part, count in parts), (), ()
    )
    return Requirement(hours, 8_000, refusals)


RECORD = _record(2, 1)
CASE = IssueCase(message(**BODY), True, RECORD, RECORD, None, opened=True)
NEW = CertificateState()


def _refusals(
    case: IssueCase = CASE, current: CertificateState = NEW, **changes: object
) -> list[tuple[str, str]]:
    found = issue_refusals(message(**{**BODY, **changes}), case, current)
    assert all(refusal.reason("zh") and refusal.reason("en") for refusal in found)
    return [(refusal.code, refusal.field) for refusal in found]


def test_a_cohort_that_was_never_opened_has_no_certificates() -> None:
    """Opening takes a report for the trade: it is not passed by."""
    assert _refusals(replace(CASE, opened=False)) == [("NOT_OPEN", "")]


def test_what_was_prepared_is_taken_as_it_is() -> None:
    assert _refusals() == []


@pytest.mark.parametrize(
    "case",
    [
        IssueCase(None, True, RECORD, RECORD, None, opened=True),
        replace(CASE, same_place=False),
        replace(CASE, then=None),
        replace(CASE, now=None),
    ],
)
def test_without_a_preparation_for_this_place_nothing_is_issued(case: IssueCase) -> None:
    assert _refusals(case) == [("NOT_PREPARED", "core_digest")]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", "PXZM-320599-2026-0000-0000-0000-0"),
        ("edition", 2),
        ("enrolment_digest", bytes(32)),
        ("policy", bytes(32)),
        ("evaluator_version", 2),
    ],
)
def test_every_stated_field_is_the_prepared_one(field: str, value: object) -> None:
    changes: dict[str, Any] = {field: value}
    assert _refusals(**changes) == [("NOT_PREPARED", field)]


@pytest.mark.parametrize(
    "credited",
    [
        [_part(OFFLINE, 1), _part(PRACTICAL, 1)],
        [_part(PRACTICAL, 1), _part(OFFLINE, 2)],
        [_part(OFFLINE, 2)],
        # The last of two would hide the first.
        [_part(OFFLINE, 999), _part(OFFLINE, 2), _part(PRACTICAL, 1)],
    ],
    ids=["fewer", "other-order", "one-missing", "doubled"],
)
def test_other_totals_than_the_prepared_ones_are_refused(credited: list[object]) -> None:
    assert _refusals(credited=credited) == [("NOT_PREPARED", "credited")]


def test_more_hours_than_the_record_has_are_named_as_such() -> None:
    credited = [_part(OFFLINE, 3), _part(PRACTICAL, 1)]
    assert _refusals(credited=credited) == [
        ("NOT_PREPARED", "credited"),
        ("TOTALS_DIFFER", "credited"),
    ]


def test_hours_credited_since_do_not_refuse() -> None:
    assert _refusals(replace(CASE, now=_record(4, 2, online=3))) == []


@pytest.mark.parametrize(
    "case", [replace(CASE, then=_record(1, 1)), replace(CASE, now=_record(1, 1))]
)
def test_hours_that_fell_away_refuse_then_and_now(case: IssueCase) -> None:
    assert _refusals(case) == [("TOTALS_DIFFER", "credited")]


def test_the_same_shortfall_is_named_once() -> None:
    short = _record(1, 1)
    assert _refusals(replace(CASE, then=short, now=short)) == [("TOTALS_DIFFER", "credited")]


def test_what_is_missing_now_and_what_was_missing_then_are_all_named() -> None:
    withdrawn, untested = Refusal("NOT_ENROLLED"), Refusal("TEST_NOT_PASSED", "", {"mark": 80})
    case = replace(CASE, then=_record(2, 1, untested), now=_record(2, 1, withdrawn, untested))
    assert _refusals(case) == [("NOT_ENROLLED", ""), ("TEST_NOT_PASSED", "")]


LIVE = CertificateState("PXZM-1", COHORT, 1)
REVOKED = replace(LIVE, revoked=True)
SUSPENDED = replace(LIVE, suspended=True)


@pytest.mark.parametrize(
    ("current", "previous", "refused"),
    [
        (NEW, None, False),
        (NEW, REVOKED, False),
        (NEW, LIVE, True),
        # Who is suspended still has it; only a revoked or superseded one may be followed.
        (NEW, SUSPENDED, True),
        (NEW, replace(SUSPENDED, revoked=True), False),
        (LIVE, None, True),
        # An edition is issued once, also when it was revoked since.
        (REVOKED, None, True),
    ],
)
def test_there_is_one_live_edition(
    current: CertificateState, previous: CertificateState | None, refused: bool
) -> None:
    expected = [("CERTIFICATE_LIVE", "edition")] if refused else []
    assert _refusals(replace(CASE, previous=previous), current) == expected


ERROR, HOLDER_REQUEST, FRAUD, ORDER = 1, 2, 3, 4


@pytest.mark.parametrize(
    ("role", "reason", "allowed"),
    [
        (Role.INSTITUTION, ERROR, True),
        (Role.INSTITUTION, HOLDER_REQUEST, True),
        (Role.INSTITUTION, FRAUD, False),
        (Role.INSTITUTION, ORDER, False),
        (Role.BUREAU, ERROR, False),
        (Role.BUREAU, HOLDER_REQUEST, False),
        (Role.BUREAU, FRAUD, True),
        (Role.BUREAU, ORDER, True),
        (Role.EXAM_BODY, ERROR, False),
        (Role.PLATFORM, FRAUD, False),
    ],
)
def test_reasons_for_a_revocation_belong_to_roles(role: Role, reason: int, allowed: bool) -> None:
    found = revocation_refusals(message(reason=reason), COHORT, role, LIVE)
    assert [(each.code, each.field) for each in found] == (
        [] if allowed else [("REASON_NOT_YOURS", "reason")]
    )


@pytest.mark.parametrize(
    ("state", "cohort", "expected"),
    [
        (NEW, COHORT, [("CERTIFICATE_UNKNOWN", "header.stream")]),
        (LIVE, b"x" * 16, [("CERTIFICATE_UNKNOWN", "header.stream")]),
        (REVOKED, COHORT, [("CERTIFICATE_REVOKED", "header.stream")]),
        (LIVE, COHORT, []),
        (SUSPENDED, COHORT, [("CERTIFICATE_SUSPENDED", "header.stream")]),
        (replace(LIVE, successor="PXZM-2"), COHORT, []),
    ],
)
def test_only_a_live_certificate_of_the_cohort_is_revoked(
    state: CertificateState, cohort: bytes, expected: list[tuple[str, str]]
) -> None:
    found = revocation_refusals(message(reason=ERROR), cohort, Role.INSTITUTION, state)
    assert [(each.code, each.field) for each in found] == expected


def test_all_reasons_against_a_revocation_are_given_at_once() -> None:
    found = revocation_refusals(message(reason=FRAUD), COHORT, Role.INSTITUTION, NEW)
    assert [each.code for each in found] == ["CERTIFICATE_UNKNOWN", "REASON_NOT_YOURS"]


def test_an_institution_does_not_revoke_what_a_bureau_suspended() -> None:
    """It would issue the next edition alone, and so lift the suspension."""
    holders_request, order = 2, 4
    for reason, role, codes in (
        (ERROR, Role.INSTITUTION, ["CERTIFICATE_SUSPENDED"]),
        (holders_request, Role.INSTITUTION, ["CERTIFICATE_SUSPENDED"]),
        (FRAUD, Role.BUREAU, []),
        (order, Role.BUREAU, []),
    ):
        found = revocation_refusals(message(reason=reason), COHORT, role, SUSPENDED)
        assert [each.code for each in found] == codes
        assert all(each.reason("zh") for each in found)
