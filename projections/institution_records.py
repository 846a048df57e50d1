"""What the read side answers about parties, and how it is read from their documents."""

from dataclasses import dataclass
from typing import Final

from ledger.domain.event_types import ROLE_BY_NUMBER, Role
from projections.documents import Document

ACTIVE: Final = "active"
SUSPENDED: Final = "suspended"
DELISTED: Final = "delisted"
EXITED: Final = "exited"

_UUID_SIZE: Final = 16


@dataclass(frozen=True, slots=True)
class InstitutionReview:
    """A review of a report: ReviewStage, outcome, reason code, and when it was recorded where."""

    stage: int
    approved: bool
    reason: str
    index: int
    recorded_us: int


@dataclass(frozen=True, slots=True)
class InstitutionReport:
    """A report of an institution.

    Attributes:
        report: Id of its event.
        type: Event type.
        trades: Trade codes that it reports.
        state: submitted, county_approved, approved, rejected, or dropped by a delisting or exit;
            empty for a report that no bureau reviews.
        index: Log index.
        recorded_us: When it was recorded.
        reviews: Its reviews in log order.
    """

    report: bytes
    type: str
    trades: tuple[str, ...]
    state: str
    index: int
    recorded_us: int
    reviews: tuple[InstitutionReview, ...]


@dataclass(frozen=True, slots=True)
class InstitutionDecision:
    """A bureau's decision: event type, the authority's number, reason code, place in the log."""

    type: str
    decision_number: str
    reason: str
    index: int
    recorded_us: int


@dataclass(frozen=True, slots=True)
class Institution:
    """A party of the ledger.

    Attributes:
        institution: Its id.
        kind: PartyKind.
        credit_code: Unified social credit code.
        name: Name.
        area: Area code.
        directory_number: Number in the directory.
        scope: Trade codes that it may train for.
        listed_since: Day of the listing of an imported institution, YYYYMMDD.
        standing: active, suspended, delisted or exited; empty for what is no institution.
        custodian: Party that keeps the archives of an institution that left.
        reports: Its reports in log order.
        decisions: What bureaus decided beside reviews, in log order.
    """

    institution: bytes
    kind: int
    credit_code: str
    name: str
    area: str
    directory_number: str
    scope: tuple[str, ...] = ()
    listed_since: int = 0
    standing: str = ""
    custodian: bytes = b""
    reports: tuple[InstitutionReport, ...] = ()
    decisions: tuple[InstitutionDecision, ...] = ()


@dataclass(frozen=True, slots=True)
class InstitutionChoice:
    """Which parties.

    Attributes:
        area: Only in this area, a prefix of the area code; empty for all.
        standing: Only institutions of this standing; empty for all parties.
        trade: Only who may train for this trade; empty for all parties.
    """

    area: str = ""
    standing: str = ""
    trade: str = ""

    def holds(self, document: Document) -> bool:
        """Tell whether the party of a document is one of them."""
        return (
            document["area"].startswith(self.area)
            and self.standing in {"", _standing(document)}
            and (not self.trade or self.trade in document["scope"])
        )


def institution(place: bytes, document: Document) -> Institution:
    """Return a party; its id is the end of its place, and is its place by id."""
    return Institution(
        institution=place[-_UUID_SIZE:],
        kind=document["kind"],
        credit_code=document["credit_code"],
        name=document["name"],
        area=document["area"],
        directory_number=document["directory_number"],
        scope=tuple(document["scope"]),
        listed_since=document["listed_since"],
        standing=_standing(document),
        custodian=bytes.fromhex(document["custodian"]),
        reports=tuple(_report(each) for each in document["reports"]),
        decisions=tuple(InstitutionDecision(**each) for each in document["decisions"]),
    )


def _standing(document: Document) -> str:
    if ROLE_BY_NUMBER[document["kind"]] is not Role.INSTITUTION:
        return ""
    # The authority's word stands before the institution's own.
    for member, standing in (("delisted", DELISTED), ("exited", EXITED), ("suspended", SUSPENDED)):
        if document[member]:
            return standing
    return ACTIVE


def _report(document: Document) -> InstitutionReport:
    return InstitutionReport(
        report=bytes.fromhex(document["report"]),
        type=document["type"],
        trades=tuple(document["trades"]),
        state=document["state"],
        index=document["index"],
        recorded_us=document["recorded_us"],
        reviews=tuple(InstitutionReview(**each) for each in document["reviews"]),
    )
