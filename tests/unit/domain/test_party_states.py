"""Folds of an institution's life and of a staff file: what each event moves."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.event_types import Role
from ledger.domain.party_states import (
    PartyState,
    PendingReport,
    StaffState,
    begun_file,
    fold_party,
    fold_staff,
)
from ledger.domain.recorded_event import RecordedEvent
from tests.unit.domain.recorded import event, message

REPORT, EXTENSION, CUSTODIAN = b"r" * 16, b"x" * 16, b"c" * 16
COUNTY, CITY = 1, 2
NEW = PartyState(Role.INSTITUTION, "320599", "学校", "code")


def folded(state: PartyState, *events: RecordedEvent) -> PartyState:
    for each in events:
        after = fold_party(state, each)
        assert after is not None
        state = after
    return state


def report(event_id: bytes, *trades: str, name: str = "InitialReportSubmitted") -> RecordedEvent:
    return event(name, header=message(event_id=event_id), trades=trades)


def review(event_id: bytes, stage: int, *, approved: bool = True) -> RecordedEvent:
    return event("ReportReviewed", report=event_id, stage=stage, approved=approved)


IMPORTED = folded(NEW, event("InstitutionImported", trades=["A", "B"]))
LISTED = folded(
    NEW,
    report(REPORT, "A"),
    review(REPORT, COUNTY),
    review(REPORT, CITY),
    event("ProvincialDirectoryListed", directory_number="JS-017"),
)


def test_nothing_precedes_the_registration() -> None:
    assert fold_party(None, report(REPORT, "A")) is None


def test_an_import_brings_its_trades_into_scope_without_a_review() -> None:
    assert IMPORTED.scope == {"A", "B"}
    assert (IMPORTED.imported, IMPORTED.reviewed, IMPORTED.covers("B")) == (True, False, True)
    assert not IMPORTED.covers("C")


def test_a_report_covers_its_trades_from_the_day_it_is_submitted() -> None:
    reported = folded(NEW, report(REPORT, "A"))
    assert reported.reports == {REPORT: PendingReport(frozenset({"A"}))}
    assert (reported.covers("A"), reported.covers("B"), reported.scope) == (
        True,
        False,
        frozenset(),
    )


def test_the_citys_approval_makes_scope_of_a_report_and_the_countys_does_not() -> None:
    county = folded(NEW, report(REPORT, "A"), review(REPORT, COUNTY))
    assert county.reports == {REPORT: PendingReport(frozenset({"A"}), county_approved=True)}
    assert (county.scope, county.reviewed) == (frozenset(), False)
    city = folded(county, review(REPORT, CITY))
    assert (city.scope, city.reviewed, city.reports) == (frozenset({"A"}), True, {})


def test_a_rejection_at_either_stage_settles_a_report() -> None:
    reported = folded(NEW, report(REPORT, "A"), report(EXTENSION, "B"))
    rejected = folded(reported, review(REPORT, COUNTY, approved=False))
    assert (rejected.covers("A"), rejected.covers("B")) == (False, True)
    late = folded(reported, review(REPORT, COUNTY), review(REPORT, CITY, approved=False))
    assert (late.covers("A"), late.reviewed) == (False, False)


def test_an_extension_adds_to_the_scope() -> None:
    extended = folded(
        LISTED,
        report(EXTENSION, "B", name="ScopeExtensionReported"),
        review(EXTENSION, COUNTY),
        review(EXTENSION, CITY),
    )
    assert extended.scope == {"A", "B"}


def test_recruitment_is_suspended_and_resumed_and_nothing_else_moves() -> None:
    suspended = folded(LISTED, event("RecruitmentSuspended"))
    assert suspended == replace(LISTED, suspended=True)
    assert folded(suspended, event("RecruitmentResumed")) == LISTED


def test_who_is_delisted_starts_again_with_report_review_and_listing() -> None:
    delisted = folded(LISTED, event("InstitutionDelisted"))
    assert (delisted.closed, delisted.scope, delisted.reviewed) == (True, frozenset(), False)
    assert delisted.directory_number == ""
    reviewed = folded(delisted, report(EXTENSION, "A"), review(EXTENSION, 1), review(EXTENSION, 2))
    assert (reviewed.closed, reviewed.reviewed) == (True, True)
    listed = folded(reviewed, event("ProvincialDirectoryListed", directory_number="JS-018"))
    assert (listed.closed, listed.directory_number) == (False, "JS-018")


def test_an_exit_names_the_custodian_and_a_transfer_another() -> None:
    exited = folded(LISTED, event("ExitReportSubmitted", custodian=CUSTODIAN))
    assert (exited.closed, exited.exited, exited.delisted) == (True, True, False)
    assert (exited.custodian, exited.covers("A")) == (CUSTODIAN, False)
    moved = folded(exited, event("ArchiveCustodyTransferred", custodian=b"d" * 16))
    assert moved == replace(exited, custodian=b"d" * 16)


def test_other_reports_move_nothing() -> None:
    for name in ("StandingReportSubmitted", "AnnualReportSubmitted", "ChangeReportSubmitted"):
        assert fold_party(LISTED, event(name)) == LISTED


@given(st.lists(st.tuples(st.sampled_from([REPORT, EXTENSION]), st.booleans()), max_size=12))
def test_only_what_the_city_approved_comes_into_scope(steps: list[tuple[bytes, bool]]) -> None:
    state = folded(NEW, report(REPORT, "A"), report(EXTENSION, "B"))
    approved, open_reports = set(), {REPORT: "A", EXTENSION: "B"}
    for event_id, verdict in steps:
        state = folded(state, review(event_id, CITY, approved=verdict))
        trade = open_reports.pop(event_id, "")
        approved |= {trade} if verdict and trade else set()
    assert state.scope == approved
    assert set(state.reports) == set(open_reports)


def test_the_first_entry_of_a_staff_file_fixes_its_owner_whatever_its_type() -> None:
    first = fold_staff(None, event("StaffQualificationRecorded"))
    assert first == StaffState(b"i" * 16)
    foreign = event("StaffAppointed", header=message(institution=b"z" * 16), role=2)
    assert fold_staff(first, foreign) == StaffState(b"i" * 16, 2, appointed=True)
    assert begun_file(None, foreign) == StaffState(b"z" * 16)
    assert begun_file(first, foreign) == first


def test_who_left_is_back_with_another_appointment() -> None:
    appointed = fold_staff(None, event("StaffAppointed", role=1))
    left = fold_staff(appointed, event("StaffExited"))
    assert (appointed.exited, left.exited, left.appointed, left.role) == (False, True, True, 1)
    assert fold_staff(left, event("StaffAppointed", role=2)).exited is False
