"""Replacing, suspending, reinstating and linking a certificate, and what its successor needs."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.domain.certificate_rules import (
    IssueCase,
    issue_refusals,
    standing_refusals,
    superseding_refusals,
)
from ledger.domain.event_types import EVENT_TYPES
from ledger.domain.hours import ComponentHours, LearnerHours
from ledger.domain.policies import HourComponent
from ledger.domain.refusals import Refusal
from ledger.domain.requirement import Requirement
from ledger.domain.states import CertificateState
from tests.unit.domain.recorded import message

COHORT, OTHER = b"c" * 16, b"x" * 16
OLD, NEXT, THIRD = "PXZM-1", "PXZM-2", "PXZM-3"
NEW = CertificateState()
LIVE = CertificateState(OLD, COHORT, 1)
SUSPENDED = replace(LIVE, suspended=True)
REVOKED = replace(LIVE, revoked=True)
SUPERSEDED = replace(LIVE, successor=NEXT)
STANDING = [
    "TrainingCertificateSuspended",
    "TrainingCertificateReinstated",
    "OperationCertificateLinked",
]


def _named(found: list[Refusal]) -> list[tuple[str, str]]:
    # Every refusal can be said in both languages: its values fill the templates.
    assert all(refusal.reason("zh") and refusal.reason("en") for refusal in found)
    return [(refusal.code, refusal.field) for refusal in found]


def _standing(name: str, state: CertificateState) -> list[tuple[str, str]]:
    return _named(standing_refusals(name, COHORT, state))


def test_these_are_the_types_of_a_certificates_standing() -> None:
    others = {
        "TrainingCertificateIssued",
        "TrainingCertificateRevoked",
        "TrainingCertificateSuperseded",
    }
    kinds = {name for name, known in EVENT_TYPES.items() if known.kind == "certificate"}
    assert kinds - others == set(STANDING)


@pytest.mark.parametrize("name", STANDING)
@pytest.mark.parametrize(
    ("state", "code"),
    [
        (NEW, "CERTIFICATE_UNKNOWN"),
        (replace(LIVE, cohort=OTHER), "CERTIFICATE_UNKNOWN"),
        (REVOKED, "CERTIFICATE_REVOKED"),
        (SUPERSEDED, "CERTIFICATE_SUPERSEDED"),
    ],
)
def test_what_is_not_live_has_no_standing(name: str, state: CertificateState, code: str) -> None:
    suspended = name == "TrainingCertificateReinstated"
    found = _standing(name, replace(state, suspended=suspended))
    assert found == [(code, "header.stream")]


def test_a_certificate_is_suspended_once_and_reinstated_once() -> None:
    suspend, reinstate, link = STANDING
    assert _standing(suspend, LIVE) == []
    assert _standing(suspend, SUSPENDED) == [("CERTIFICATE_ALREADY_SUSPENDED", "header.stream")]
    assert _standing(reinstate, SUSPENDED) == []
    assert _standing(reinstate, LIVE) == [("CERTIFICATE_NOT_SUSPENDED", "header.stream")]
    # The official certificate stands whatever became of the training certificate meanwhile.
    assert _standing(link, LIVE) == _standing(link, SUSPENDED) == []


def _superseding(
    state: CertificateState, *, together: tuple[str, ...] = (NEXT,), cohort: bytes = COHORT
) -> list[tuple[str, str]]:
    successors = dict.fromkeys(together, state.number)
    return _named(superseding_refusals(message(number=NEXT), cohort, successors, state))


def test_the_successor_names_what_it_replaces() -> None:
    other = {NEXT: THIRD}
    found = _named(superseding_refusals(message(number=NEXT), COHORT, other, LIVE))
    assert found == [("SUCCESSOR_MISSING", "number")]
    assert _superseding(SUSPENDED) == [("CERTIFICATE_SUSPENDED", "header.stream")]


def test_a_certificate_is_replaced_by_one_that_is_issued_together_with_it() -> None:
    assert _superseding(LIVE) == []
    assert _superseding(LIVE, together=(THIRD, NEXT)) == []
    assert _superseding(LIVE, together=()) == [("SUCCESSOR_MISSING", "number")]
    assert _superseding(LIVE, together=(THIRD,)) == [("SUCCESSOR_MISSING", "number")]


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (NEW, "CERTIFICATE_UNKNOWN"),
        (REVOKED, "CERTIFICATE_REVOKED"),
        (SUPERSEDED, "CERTIFICATE_SUPERSEDED"),
    ],
)
def test_only_a_live_certificate_is_replaced(state: CertificateState, code: str) -> None:
    assert _superseding(state) == [(code, "header.stream")]
    assert _superseding(LIVE, cohort=OTHER) == [("CERTIFICATE_UNKNOWN", "header.stream")]
    # All reasons at once.
    assert _superseding(state, together=()) == [
        (code, "header.stream"),
        ("SUCCESSOR_MISSING", "number"),
    ]


BODY: dict[str, Any] = {
    "number": NEXT,
    "edition": 2,
    "enrolment_digest": b"e" * 32,
    "policy": b"p" * 32,
    "evaluator_version": 1,
    "credited": [message(component=1, hours=2)],
    "supersedes": OLD,
}


def _issue(previous: CertificateState | None, **changes: object) -> list[tuple[str, str]]:
    parts = (ComponentHours(part, 90, 2, ()) for part in HourComponent)
    record = Requirement(LearnerHours(tuple(parts), (), ()), 8_000, ())
    body = message(**{**BODY, **changes})
    case = IssueCase(body, True, record, record, previous, opened=True)
    return _named(issue_refusals(body, case, NEW))


def test_the_next_edition_names_what_it_replaces_and_is_named_by_it() -> None:
    assert _issue(SUPERSEDED) == []
    # While the old one is not replaced, it is live.
    assert _issue(LIVE) == [
        ("CERTIFICATE_LIVE", "edition"),
        ("NOT_SUPERSEDED", "supersedes"),
    ]


def test_another_than_the_named_successor_is_refused() -> None:
    assert _issue(SUPERSEDED, number=THIRD) == [("OTHER_SUCCESSOR", "number")]


def test_who_was_revoked_is_issued_the_next_edition_alone() -> None:
    assert _issue(REVOKED, supersedes="") == []
    assert _issue(REVOKED) == [("NOT_SUPERSEDED", "supersedes")]
    # One that was replaced, and revoked later, still has its one successor.
    both = replace(SUPERSEDED, revoked=True)
    assert _issue(both) == []
    assert _issue(both, number=THIRD) == [("OTHER_SUCCESSOR", "number")]


def test_a_first_edition_replaces_nothing() -> None:
    assert _issue(None, edition=1, supersedes="") == []
    assert _issue(None, edition=1) == [("NOT_SUPERSEDED", "supersedes")]


def test_what_it_replaces_is_what_was_prepared() -> None:
    parts = (ComponentHours(part, 90, 2, ()) for part in HourComponent)
    record = Requirement(LearnerHours(tuple(parts), (), ()), 8_000, ())
    case = IssueCase(message(**BODY), True, record, record, SUPERSEDED, opened=True)
    found = issue_refusals(message(**{**BODY, "supersedes": ""}), case, NEW)
    assert _named(found) == [("NOT_PREPARED", "supersedes")]
