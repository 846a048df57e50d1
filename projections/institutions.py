"""Read model of the register of parties: institutions, bureaus, exam bodies, platforms; by name.

An institution's document also tells its life: scope, listing, reports with their reviews, what
bureaus decided. It says what `ledger.domain.party_states` says, and keeps the history beside it.
"""

from collections.abc import Callable, Mapping
from typing import Final

from ledger.domain.party_states import REVIEW_BY_COUNTY
from ledger.domain.recorded_event import RecordedEvent
from projections.documents import Document
from projections.fold import Documents, Projection, Ref, kind_of
from projections.ports import Change

VIEW: Final = "institutions"

SUBMITTED: Final = "submitted"
COUNTY_APPROVED: Final = "county_approved"
APPROVED: Final = "approved"
REJECTED: Final = "rejected"
PENDING: Final = frozenset({SUBMITTED, COUNTY_APPROVED})
DROPPED: Final = "dropped"
"""Under review when the institution was delisted or left."""


def _touches(event: RecordedEvent) -> list[Ref]:
    return [(VIEW, event.stream)] if kind_of(event) == "institution" else []


def _apply(documents: Documents, event: RecordedEvent, held: str) -> list[Change]:
    if event.type == "InstitutionRegistered":
        return [_change(event.stream, _registered(event))]
    fold = _FOLDS.get(event.type)
    before = documents.get((VIEW, event.stream))
    # A held report counts for nothing: `held` lists it.
    if fold is None or before is None or held:
        return []
    return [_change(event.stream, {**before, **fold(before, event)})]


def _change(party: bytes, document: Document) -> Change:
    # Names hold no control character, so the zero byte sorts a name before its extensions.
    return Change(VIEW, party, document, b"", document["name"].encode() + b"\0" + party)


def _registered(event: RecordedEvent) -> Document:
    body = event.body
    return {
        "kind": body.kind,
        "credit_code": body.credit_code,
        "name": body.name,
        "area": body.area,
        "directory_number": body.directory_number,
        "scope": [],
        "listed_since": 0,
        "suspended": False,
        "delisted": False,
        "exited": False,
        "custodian": "",
        "reports": [],
        "decisions": [],
    }


def _imported(document: Document, event: RecordedEvent) -> Document:
    body = event.body
    return {
        "scope": _joined(document["scope"], body.trades),
        "listed_since": body.listed_since,
        **_decided(document, event),
    }


def _joined(scope: list[str], trades: list[str]) -> list[str]:
    return sorted({*scope, *trades})


def _reported(document: Document, event: RecordedEvent) -> Document:
    report = {
        "report": event.header.event_id.hex(),
        "type": event.type,
        "index": event.index,
        "recorded_us": event.recorded_us,
        "trades": sorted(set(event.body.trades)),
        "state": SUBMITTED,
        "reviews": [],
    }
    return {"reports": [*document["reports"], report]}


def _filed(document: Document, event: RecordedEvent) -> Document:
    """Return a report that no bureau reviews."""
    report = {
        "report": event.header.event_id.hex(),
        "type": event.type,
        "index": event.index,
        "recorded_us": event.recorded_us,
        "trades": [],
        "state": "",
        "reviews": [],
    }
    return {"reports": [*document["reports"], report]}


def _reviewed(document: Document, event: RecordedEvent) -> Document:
    body = event.body
    approved_now = body.approved and body.stage != REVIEW_BY_COUNTY
    review = {
        "stage": body.stage,
        "approved": body.approved,
        "reason": body.reason,
        "index": event.index,
        "recorded_us": event.recorded_us,
    }
    state = APPROVED if approved_now else COUNTY_APPROVED if body.approved else REJECTED
    reports, scope = [], document["scope"]
    for report in document["reports"]:
        if report["report"] != body.report.hex() or report["state"] not in PENDING:
            reports.append(report)
            continue
        reports.append({**report, "state": state, "reviews": [*report["reviews"], review]})
        scope = _joined(scope, report["trades"]) if approved_now else scope
    return {"reports": reports, "scope": scope}


def _listed(document: Document, event: RecordedEvent) -> Document:
    return {
        "directory_number": event.body.directory_number,
        "delisted": False,
        "exited": False,
        **_decided(document, event),
    }


def _suspended(document: Document, event: RecordedEvent) -> Document:
    return {"suspended": True, **_decided(document, event)}


def _resumed(document: Document, event: RecordedEvent) -> Document:
    return {"suspended": False, **_decided(document, event)}


def _delisted(document: Document, event: RecordedEvent) -> Document:
    return {"delisted": True, **_closed(document), **_decided(document, event)}


def _exited(document: Document, event: RecordedEvent) -> Document:
    closed = _closed(document)
    filed = _filed({**document, **closed}, event)
    return {**closed, **filed, "exited": True, "custodian": event.body.custodian.hex()}


def _closed(document: Document) -> Document:
    reports = [
        {**report, "state": DROPPED} if report["state"] in PENDING else report
        for report in document["reports"]
    ]
    return {"scope": [], "directory_number": "", "reports": reports}


def _handed_over(_: Document, event: RecordedEvent) -> Document:
    return {"custodian": event.body.custodian.hex()}


def _decided(document: Document, event: RecordedEvent) -> Document:
    body = event.body
    sanction = event.type in _SANCTIONS
    decision = {
        "type": event.type,
        "decision_number": body.decision_number if sanction else "",
        "reason": body.reason if sanction and event.type != "RecruitmentResumed" else "",
        "index": event.index,
        "recorded_us": event.recorded_us,
    }
    return {"decisions": [*document["decisions"], decision]}


_SANCTIONS: Final = frozenset({"RecruitmentSuspended", "RecruitmentResumed", "InstitutionDelisted"})
_FOLDS: Final[Mapping[str, Callable[[Document, RecordedEvent], Document]]] = {
    "InstitutionImported": _imported,
    "InitialReportSubmitted": _reported,
    "ScopeExtensionReported": _reported,
    "StandingReportSubmitted": _filed,
    "AnnualReportSubmitted": _filed,
    "ChangeReportSubmitted": _filed,
    "ReportReviewed": _reviewed,
    "ProvincialDirectoryListed": _listed,
    "RecruitmentSuspended": _suspended,
    "RecruitmentResumed": _resumed,
    "InstitutionDelisted": _delisted,
    "ExitReportSubmitted": _exited,
    "ArchiveCustodyTransferred": _handed_over,
}

PROJECTION: Final = Projection((VIEW,), _touches, _apply)
