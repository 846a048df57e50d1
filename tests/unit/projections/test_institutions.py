"""The register of institutions: what their reports, reviews and sanctions make of an entry."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.api.v1 import events_pb2 as pb
from ledger.domain.holding import KEY_LOST_OR_RETIRED
from ledger.domain.party_states import PartyState, fold_party
from projections.follower import Follower
from projections.institution_records import Institution
from projections.queries import Queries
from tests.unit.projections.memory import MemoryFeed, MemoryViews
from tests.unit.projections.story import (
    ANNA,
    BUREAU,
    INSTITUTION,
    Story,
    certificate,
)

COUNTY, CITY = pb.REVIEW_STAGE_COUNTY, pb.REVIEW_STAGE_CITY
CUSTODIAN = UUID(int=0xCD).bytes
NUMBER = "PXZM-320599-2026-K7Q2-M4XB-9T3H-D"


def queries(story: Story) -> Queries:
    store = MemoryViews()
    Follower(MemoryFeed(story.events), store).catch_up()
    return Queries(store)


def shown(story: Story) -> Institution:
    found = queries(story).institution(INSTITUTION).value
    assert found is not None
    return found


class Life(Story):
    """A registered institution; each method records one event and returns its id."""

    def __init__(self) -> None:
        super().__init__()
        self.institution(INSTITUTION, "东区培训中心")

    def report(self, *trades: str, held: str = "") -> bytes:
        body = pb.InitialReportSubmitted(trades=trades, document_digest=bytes(32))
        event_id: bytes = self.tell(INSTITUTION, body, held=held).header.event_id
        return event_id

    def review(self, report: bytes, stage: Any, *, approved: bool = True) -> None:  # noqa: ANN401
        body = pb.ReportReviewed(report=report, stage=stage, approved=approved, reason="OK-1")
        self.decide(INSTITUTION, body)

    def suspend(self) -> None:
        body = pb.RecruitmentSuspended(decision_number="2026-7", reason="OFF-SYLLABUS")
        self.decide(INSTITUTION, body)

    def resume(self) -> None:
        self.decide(INSTITUTION, pb.RecruitmentResumed(decision_number="2026-8"))

    def delist(self) -> None:
        body = pb.InstitutionDelisted(decision_number="2026-9", reason="FALSE-PROOF")
        self.decide(INSTITUTION, body)

    def leave(self) -> None:
        body = pb.ExitReportSubmitted(reason="STOPS", custodian=CUSTODIAN)
        self.tell(INSTITUTION, body, held="")

    def list(self) -> None:
        self.decide(INSTITUTION, pb.ProvincialDirectoryListed(directory_number="JS-017"))

    def take_over(self, *trades: str) -> None:
        body = pb.InstitutionImported(trades=trades, listed_since=20240506)
        self.decide(INSTITUTION, body)


def test_a_report_is_shown_with_its_reviews_and_makes_scope_at_the_citys_approval() -> None:
    life = Life()
    report = life.report("2010-1.3", "2010-1.2")
    assert (shown(life).reports[0].state, shown(life).scope) == ("submitted", ())
    life.review(report, COUNTY)
    assert (shown(life).reports[0].state, shown(life).scope) == ("county_approved", ())
    life.review(report, CITY)
    life.list()
    found = shown(life)
    (told,) = found.reports
    assert (told.report, told.type, told.state) == (report, "InitialReportSubmitted", "approved")
    assert [(each.stage, each.approved, each.index) for each in told.reviews] == [
        (COUNTY, True, 2),
        (CITY, True, 3),
    ]
    assert (found.scope, found.directory_number) == (("2010-1.2", "2010-1.3"), "JS-017")
    assert (found.standing, [each.type for each in found.decisions]) == (
        "active",
        ["ProvincialDirectoryListed"],
    )


def test_a_rejected_report_makes_no_scope() -> None:
    life = Life()
    life.review(life.report("2010-1.2"), COUNTY, approved=False)
    assert (shown(life).reports[0].state, shown(life).scope) == ("rejected", ())


def test_a_held_report_is_none() -> None:
    life = Life()
    life.report("2010-1.2", held=KEY_LOST_OR_RETIRED)
    assert shown(life).reports == ()


def test_an_import_shows_scope_and_day_of_listing() -> None:
    life = Life()
    life.take_over("2010-1.2")
    found = shown(life)
    assert (found.scope, found.listed_since, found.standing) == (("2010-1.2",), 20240506, "active")


def test_the_standing_follows_the_decisions_and_each_is_kept() -> None:
    life = Life()
    life.take_over("2010-1.2")
    life.suspend()
    assert shown(life).standing == "suspended"
    life.resume()
    assert shown(life).standing == "active"
    life.report("2010-1.3")
    life.delist()
    found = shown(life)
    assert (found.standing, found.scope, found.reports[0].state) == ("delisted", (), "dropped")
    assert [
        (each.type, each.decision_number, each.reason, each.index) for each in found.decisions
    ] == [
        ("InstitutionImported", "", "", 1),
        ("RecruitmentSuspended", "2026-7", "OFF-SYLLABUS", 2),
        ("RecruitmentResumed", "2026-8", "", 3),
        ("InstitutionDelisted", "2026-9", "FALSE-PROOF", 5),
    ]


def test_who_left_names_who_keeps_the_archives_and_certificates_stay_valid() -> None:
    life = Life()
    life.plan()
    life.enrol(ANNA)
    life.issue(ANNA, NUMBER)
    life.leave()
    found = shown(life)
    assert (found.standing, found.custodian) == ("exited", CUSTODIAN)
    assert [each.type for each in found.reports] == ["ExitReportSubmitted"]
    life.tell(INSTITUTION, pb.ArchiveCustodyTransferred(custodian=BUREAU), held="")
    assert shown(life).custodian == BUREAU
    issued = queries(life).certificate(NUMBER).value
    assert issued is not None
    assert (issued.certificate, issued.state) == (certificate(ANNA), "valid")


@pytest.mark.parametrize("kind", [2, 3, 4])
def test_other_parties_have_no_standing(kind: int) -> None:
    story = Story()
    story.institution(INSTITUTION, "市局", kind=kind)
    assert shown(story).standing == ""


steps: st.SearchStrategy[Callable[[Life], object]] = st.sampled_from(
    [
        lambda life: life.report("A"),
        lambda life: life.report("B", "C"),
        lambda life: life.take_over("C", "D"),
        Life.suspend,
        Life.resume,
        Life.delist,
        Life.leave,
        Life.list,
        *(
            lambda life, stage=stage, approved=approved, back=back: life.review(
                max(life.next_index - back, 0).to_bytes(16, "big"), stage, approved=approved
            )
            for stage in (COUNTY, CITY)
            for approved in (True, False)
            for back in (1, 2, 3)
        ),
    ]
)


@given(st.lists(steps, max_size=12))
def test_the_register_says_what_decisions_rest_on(told: list[Callable[[Life], object]]) -> None:
    life = Life()
    for step in told:
        step(life)
    state: PartyState | None = None
    for event, _ in life.events:
        state = fold_party(state, event)
    assert state is not None
    found = shown(life)
    assert found.scope == tuple(sorted(state.scope))
    pending = {
        each.report for each in found.reports if each.state in ("submitted", "county_approved")
    }
    assert pending == set(state.reports)
    assert (found.standing in ("delisted", "exited")) == state.closed
    assert (found.standing == "suspended") == (state.suspended and not state.closed)
    assert (found.directory_number, found.custodian) == (state.directory_number, state.custodian)
