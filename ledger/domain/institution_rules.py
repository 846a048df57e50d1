"""The rules of an institution's life (guidance 11 and 16): import, review, listing, sanctions.

Reports are facts of the institution; what bureaus make of them are decisions. The county reviews
first, then the city. 暂停招生 stops what begins anew, never a class under way.
"""

from collections.abc import Callable, Mapping
from typing import Final

from ledger.domain.event_types import Role
from ledger.domain.party_states import REVIEW_BY_CITY, REVIEW_BY_COUNTY, PartyState
from ledger.domain.recorded_event import Message
from ledger.domain.refusals import Refusal

InstitutionRule = Callable[[PartyState, PartyState, Message], list[Refusal]]
"""Returns every reason for refusing, given the bureau, the institution and the event's body."""

_STAGES: Final = {REVIEW_BY_COUNTY: "COUNTY", REVIEW_BY_CITY: "CITY"}
_COUNTY_DIGITS: Final = 6
"""Digits of a county's area code (GB/T 2260); cities have four, provinces two."""


def institution_refusals(party: PartyState, trade: str, *, opening: bool) -> list[Refusal]:
    """Return why an institution may not plan or open a cohort, or enrol a learner.

    Args:
        party: The institution.
        trade: Trade code of the cohort.
        opening: A cohort is opened, which takes a report for its trade.
    """
    refusals = []
    if party.suspended:
        refusals.append(Refusal("RECRUITMENT_SUSPENDED", "header.institution"))
    if party.closed:
        refusals.append(Refusal("INSTITUTION_CLOSED", "header.institution"))
    elif opening and not party.covers(trade):
        refusals.append(Refusal("REPORT_MISSING", "header.institution", {"trade": trade}))
    return refusals


def _imported(_: PartyState, party: PartyState, __: Message) -> list[Refusal]:
    return [Refusal("ALREADY_IMPORTED", "header.institution")] if party.imported else []


def _reviewed(bureau: PartyState, party: PartyState, body: Message) -> list[Refusal]:
    refusals = []
    stage, of_county = _STAGES[body.stage], len(bureau.area) == _COUNTY_DIGITS
    if of_county != (body.stage == REVIEW_BY_COUNTY):
        values = {"stage": stage, "area": bureau.area}
        refusals.append(Refusal("REVIEW_NOT_YOURS", "stage", values))
    report = party.reports.get(body.report)
    if report is None:
        refusals.append(Refusal("REPORT_UNKNOWN", "report", {"report": body.report.hex()}))
    elif report.county_approved == (body.stage == REVIEW_BY_COUNTY):
        refusals.append(Refusal("REVIEW_OUT_OF_TURN", "stage", {"stage": stage}))
    return refusals


def _listed(_: PartyState, party: PartyState, __: Message) -> list[Refusal]:
    return [] if party.reviewed else [Refusal("NOT_REVIEWED", "header.institution")]


def _suspended(_: PartyState, party: PartyState, __: Message) -> list[Refusal]:
    return [Refusal("ALREADY_SUSPENDED", "header.institution")] if party.suspended else []


def _resumed(_: PartyState, party: PartyState, __: Message) -> list[Refusal]:
    return [] if party.suspended else [Refusal("NOT_SUSPENDED", "header.institution")]


def _delisted(_: PartyState, party: PartyState, __: Message) -> list[Refusal]:
    return [Refusal("ALREADY_DELISTED", "header.institution")] if party.delisted else []


def _of_institutions(rule: InstitutionRule) -> InstitutionRule:
    """Return the rule with its first reason: bureaus, exam bodies, platforms have no such life."""

    def decide(bureau: PartyState, party: PartyState, body: Message) -> list[Refusal]:
        if party.role is Role.INSTITUTION:
            return rule(bureau, party, body)
        values = {"role": party.role.value}
        return [Refusal("NOT_AN_INSTITUTION", "header.institution", values)]

    return decide


INSTITUTION_RULES: Final[Mapping[str, InstitutionRule]] = {
    name: _of_institutions(rule)
    for name, rule in (
        ("InstitutionImported", _imported),
        ("ReportReviewed", _reviewed),
        ("ProvincialDirectoryListed", _listed),
        ("RecruitmentSuspended", _suspended),
        ("RecruitmentResumed", _resumed),
        ("InstitutionDelisted", _delisted),
    )
}
