"""Decision states of parties and of staff files 一人一档: what was reported, decided and left.

An institution's scope comes from its import or from a report that the city approved. A report that
a bureau turned down is settled; so is one that was approved. Who was delisted, or reported its
exit, starts again: with a new report, a new review and a new listing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from ledger.domain.event_types import ROLE_BY_NUMBER, Role
from ledger.domain.recorded_event import RecordedEvent

REVIEW_BY_COUNTY: Final = 1
REVIEW_BY_CITY: Final = 2


@dataclass(frozen=True, slots=True)
class PendingReport:
    """A report that no bureau has settled yet.

    Attributes:
        trades: Trade codes that it reports.
        county_approved: The county's bureau approved it.
    """

    trades: frozenset[str]
    county_approved: bool = False


@dataclass(frozen=True, slots=True)
class PartyState:
    """A registered party.

    Attributes:
        role: What it is.
        area: Area code.
        name: Name.
        credit_code: Unified social credit code.
        imported: It was taken over as an existing institution.
        scope: Trade codes that it may train for.
        reports: Reports under review, by the id of their event.
        reviewed: A report was approved since it was last closed.
        directory_number: Number in the provincial directory, empty before the listing.
        suspended: Recruitment is suspended 暂停招生.
        delisted: It left the directory 取消资格.
        exited: It reported its exit 退出.
        custodian: Who keeps the archives of an institution that left; empty for itself.
    """

    role: Role
    area: str
    name: str
    credit_code: str
    imported: bool = False
    scope: frozenset[str] = frozenset()
    reports: Mapping[bytes, PendingReport] = field(default_factory=dict)
    reviewed: bool = False
    directory_number: str = ""
    suspended: bool = False
    delisted: bool = False
    exited: bool = False
    custodian: bytes = b""

    @property
    def closed(self) -> bool:
        """It may begin nothing new: delisted or left."""
        return self.delisted or self.exited

    def covers(self, trade: str) -> bool:
        """Tell whether the scope, or a report under review, covers a trade."""
        return trade in self.scope or any(trade in each.trades for each in self.reports.values())


def fold_party(state: PartyState | None, event: RecordedEvent) -> PartyState | None:
    """Fold an event of an institution stream."""
    if event.type == "InstitutionRegistered":
        body = event.body
        return PartyState(ROLE_BY_NUMBER[body.kind], body.area, body.name, body.credit_code)
    fold = _FOLDS.get(event.type)
    return state if state is None or fold is None else fold(state, event)


def _imported(state: PartyState, event: RecordedEvent) -> PartyState:
    return replace(state, imported=True, scope=state.scope | frozenset(event.body.trades))


def _reported(state: PartyState, event: RecordedEvent) -> PartyState:
    report = PendingReport(frozenset(event.body.trades))
    return replace(state, reports={**state.reports, event.header.event_id: report})


def _reviewed(state: PartyState, event: RecordedEvent) -> PartyState:
    body = event.body
    report = state.reports.get(body.report)
    if report is None:
        return state
    others = {key: each for key, each in state.reports.items() if key != body.report}
    if not body.approved:
        return replace(state, reports=others)
    if body.stage == REVIEW_BY_COUNTY:
        approved = replace(report, county_approved=True)
        return replace(state, reports={**others, body.report: approved})
    return replace(state, reports=others, reviewed=True, scope=state.scope | report.trades)


def _listed(state: PartyState, event: RecordedEvent) -> PartyState:
    number = event.body.directory_number
    return replace(state, directory_number=number, delisted=False, exited=False)


def _suspended(state: PartyState, _: RecordedEvent) -> PartyState:
    return replace(state, suspended=True)


def _resumed(state: PartyState, _: RecordedEvent) -> PartyState:
    return replace(state, suspended=False)


def _delisted(state: PartyState, _: RecordedEvent) -> PartyState:
    return replace(_closed(state), delisted=True)


def _exited(state: PartyState, event: RecordedEvent) -> PartyState:
    return replace(_closed(state), exited=True, custodian=event.body.custodian)


def _closed(state: PartyState) -> PartyState:
    return replace(state, scope=frozenset(), reports={}, reviewed=False, directory_number="")


def _handed_over(state: PartyState, event: RecordedEvent) -> PartyState:
    return replace(state, custodian=event.body.custodian)


_FOLDS: Final[Mapping[str, Callable[[PartyState, RecordedEvent], PartyState]]] = {
    "InstitutionImported": _imported,
    "InitialReportSubmitted": _reported,
    "ScopeExtensionReported": _reported,
    "ReportReviewed": _reviewed,
    "ProvincialDirectoryListed": _listed,
    "RecruitmentSuspended": _suspended,
    "RecruitmentResumed": _resumed,
    "InstitutionDelisted": _delisted,
    "ExitReportSubmitted": _exited,
    "ArchiveCustodyTransferred": _handed_over,
}


@dataclass(frozen=True, slots=True)
class StaffState:
    """A staff file 一人一档 of a teacher or manager.

    Attributes:
        owner: The institution that its first entry names.
        role: Number of the proto enum `StaffRole`; 0 before the appointment.
        appointed: An appointment is recorded.
        exited: The person left, and was not appointed again.
    """

    owner: bytes
    role: int = 0
    appointed: bool = False
    exited: bool = False


def begun_file(state: StaffState | None, event: RecordedEvent) -> StaffState:
    """Return a staff file with its owner, whom its first entry fixes."""
    return state or StaffState(event.header.institution)


def fold_staff(state: StaffState | None, event: RecordedEvent) -> StaffState:
    """Fold an event of a staff file."""
    state = begun_file(state, event)
    if event.type == "StaffAppointed":
        return replace(state, role=event.body.role, appointed=True, exited=False)
    if event.type == "StaffExited":
        return replace(state, exited=True)
    return state
