"""The rules of an institution's life: each refusal, and the case beside it that holds."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.domain.authority import Author
from ledger.domain.decisions import DecisionContext, refusals_of
from ledger.domain.event_types import EVENT_TYPES, KeyUse, Role
from ledger.domain.institution_rules import INSTITUTION_RULES, institution_refusals
from ledger.domain.party_states import PartyState, PendingReport
from ledger.domain.states import CohortState, EnrolmentState, KeyState
from tests.unit.domain.recorded import message

CITY, COUNTY, SCHOOL, EXAMINERS = b"m" * 16, b"k" * 16, b"s" * 16, b"e" * 16
REPORT = b"r" * 16
TRADE = "2010-1.2"
NEW = PartyState(Role.INSTITUTION, "320599", "学校", "code")
REPORTED = replace(NEW, reports={REPORT: PendingReport(frozenset({TRADE}))})
BY_COUNTY = replace(NEW, reports={REPORT: PendingReport(frozenset({TRADE}), county_approved=True)})
BUREAUS = {
    CITY: PartyState(Role.BUREAU, "3205", "市局", "code"),
    COUNTY: PartyState(Role.BUREAU, "320599", "区局", "code"),
}


def _refused(
    name: str,
    party: PartyState,
    *,
    by: bytes = CITY,
    of: bytes = SCHOOL,
    cohort: CohortState | None = None,
    **body: Any,  # noqa: ANN401 - fields of any body
) -> list[tuple[str, str]]:
    parties: dict[bytes, PartyState] = {**BUREAUS, SCHOOL: party}
    key = KeyState(b"k" * 32, b"der", 1, by, KeyUse.PARTY, "", 5)
    context = DecisionContext(
        Author(key, parties[by]),
        CITY,
        100,
        parties.get,
        lambda _: None,
        None,
        cohort,
        EnrolmentState(),
        3,
    )
    found = refusals_of(name, message(institution=of), message(**body), context)
    assert all(each.reason(language) for each in found for language in ("zh", "en"))
    return [(each.code, each.field) for each in found]


def test_every_decision_of_an_institutions_stream_has_a_rule() -> None:
    decided = {
        name for name, each in EVENT_TYPES.items() if each.kind == "institution" and each.decision
    }
    assert set(INSTITUTION_RULES) == decided - {"InstitutionRegistered"}


@pytest.mark.parametrize("name", INSTITUTION_RULES)
def test_only_institutions_have_such_a_life(name: str) -> None:
    platform = replace(REPORTED, role=Role.PLATFORM)
    body: dict[str, Any] = {"report": REPORT, "stage": 1, "approved": True}
    assert _refused(name, platform, **body) == [("NOT_AN_INSTITUTION", "header.institution")]
    unknown = [("UNKNOWN_PARTY", "header.institution")]
    assert _refused(name, NEW, of=EXAMINERS, **body) == unknown


def test_an_institution_is_imported_once() -> None:
    assert _refused("InstitutionImported", NEW) == []
    imported = replace(NEW, imported=True)
    expected = [("ALREADY_IMPORTED", "header.institution")]
    assert _refused("InstitutionImported", imported) == expected


@pytest.mark.parametrize(
    ("party", "by", "stage", "expected"),
    [
        (REPORTED, COUNTY, 1, []),
        (BY_COUNTY, CITY, 2, []),
        (REPORTED, CITY, 1, [("REVIEW_NOT_YOURS", "stage")]),
        (BY_COUNTY, COUNTY, 2, [("REVIEW_NOT_YOURS", "stage")]),
        (REPORTED, CITY, 2, [("REVIEW_OUT_OF_TURN", "stage")]),
        (BY_COUNTY, COUNTY, 1, [("REVIEW_OUT_OF_TURN", "stage")]),
        (NEW, COUNTY, 1, [("REPORT_UNKNOWN", "report")]),
        (REPORTED, COUNTY, 2, [("REVIEW_NOT_YOURS", "stage"), ("REVIEW_OUT_OF_TURN", "stage")]),
        (NEW, CITY, 1, [("REVIEW_NOT_YOURS", "stage"), ("REPORT_UNKNOWN", "report")]),
    ],
)
@pytest.mark.parametrize("approved", [True, False])
def test_the_county_reviews_first_and_the_city_after_its_approval(
    party: PartyState, by: bytes, stage: int, expected: list[tuple[str, str]], approved: bool
) -> None:
    body: dict[str, Any] = {"report": REPORT, "stage": stage, "approved": approved}
    assert _refused("ReportReviewed", party, by=by, **body) == expected


def test_a_province_reviews_as_the_city_does() -> None:
    found = INSTITUTION_RULES["ReportReviewed"](
        PartyState(Role.BUREAU, "32", "省厅", "code"),
        BY_COUNTY,
        message(report=REPORT, stage=2, approved=True),
    )
    assert found == []


def test_only_the_reviewed_are_listed() -> None:
    assert _refused("ProvincialDirectoryListed", replace(NEW, reviewed=True)) == []
    expected = [("NOT_REVIEWED", "header.institution")]
    assert _refused("ProvincialDirectoryListed", BY_COUNTY) == expected


def test_recruitment_is_suspended_and_resumed_in_turn() -> None:
    suspended = replace(NEW, suspended=True)
    assert _refused("RecruitmentSuspended", NEW) == []
    assert _refused("RecruitmentResumed", suspended) == []
    already = [("ALREADY_SUSPENDED", "header.institution")]
    assert _refused("RecruitmentSuspended", suspended) == already
    assert _refused("RecruitmentResumed", NEW) == [("NOT_SUSPENDED", "header.institution")]


def test_an_institution_is_delisted_once_also_when_it_has_left() -> None:
    assert _refused("InstitutionDelisted", NEW) == []
    assert _refused("InstitutionDelisted", replace(NEW, exited=True)) == []
    already = [("ALREADY_DELISTED", "header.institution")]
    assert _refused("InstitutionDelisted", replace(NEW, delisted=True)) == already


@pytest.mark.parametrize(
    ("party", "beginning", "opening"),
    [
        (replace(NEW, scope=frozenset({TRADE})), [], []),
        (REPORTED, [], []),
        (BY_COUNTY, [], []),
        (NEW, [], ["REPORT_MISSING"]),
        (replace(NEW, scope=frozenset({"2010-1.3"})), [], ["REPORT_MISSING"]),
        (replace(REPORTED, suspended=True), ["RECRUITMENT_SUSPENDED"], ["RECRUITMENT_SUSPENDED"]),
        (replace(REPORTED, delisted=True), ["INSTITUTION_CLOSED"], ["INSTITUTION_CLOSED"]),
        (replace(REPORTED, exited=True), ["INSTITUTION_CLOSED"], ["INSTITUTION_CLOSED"]),
        (
            replace(NEW, suspended=True),
            ["RECRUITMENT_SUSPENDED"],
            ["RECRUITMENT_SUSPENDED", "REPORT_MISSING"],
        ),
        (
            replace(NEW, suspended=True, exited=True),
            ["RECRUITMENT_SUSPENDED", "INSTITUTION_CLOSED"],
            ["RECRUITMENT_SUSPENDED", "INSTITUTION_CLOSED"],
        ),
    ],
)
def test_what_an_institution_may_begin(
    party: PartyState, beginning: list[str], opening: list[str]
) -> None:
    assert [each.code for each in institution_refusals(party, TRADE, opening=False)] == beginning
    refusals = institution_refusals(party, TRADE, opening=True)
    assert [each.code for each in refusals] == opening
    missing = [each.values for each in refusals if each.code == "REPORT_MISSING"]
    assert all(values == {"trade": TRADE} for values in missing)


PLANNED = CohortState(SCHOOL, planned=True, capacity=3, trade=TRADE)
OPEN = replace(PLANNED, opened=True)


def test_a_suspended_institution_enrols_and_opens_nothing_but_ends_what_runs() -> None:
    suspended = replace(REPORTED, suspended=True)
    stopped = [("RECRUITMENT_SUSPENDED", "header.institution")]
    for party, expected in ((REPORTED, []), (suspended, stopped)):
        assert _refused("LearnerEnrolled", party, by=SCHOOL, cohort=PLANNED) == expected
        opened = _refused("CohortOpened", party, by=SCHOOL, cohort=PLANNED, enrolled=0)
        assert opened == expected
    assert _refused("CohortClosed", suspended, by=SCHOOL, cohort=OPEN, completed=0) == []


def test_the_institutions_reasons_come_with_the_others() -> None:
    body: dict[str, Any] = {
        "trade": TRADE,
        "policy": bytes(32),
        "first_day": 20260302,
        "last_day": 20260301,
        "platform": b"",
        "exam_body": b"",
    }
    assert _refused("CohortPlanned", replace(NEW, delisted=True), by=SCHOOL, **body) == [
        ("DATES_REVERSED", "last_day"),
        ("POLICY_NOT_ADOPTED", "policy"),
        ("INSTITUTION_CLOSED", "header.institution"),
    ]
