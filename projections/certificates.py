"""Read model of training certificates 培训证明: the register by stream and by number.

What became of a certificate stands beside its issue, each member only from the event on that brings
it; the state is the gravest of what holds. Only those events are in the log that the gate let in.

Issue events name no person and no enrolment, so neither does the register. Whoever knows an
enrolment and its person reference finds the certificate: its stream follows from both and the
edition (docs/formats.md section 2).
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final
from uuid import UUID

from ledger.domain.recorded_event import RecordedEvent
from ledger.log.identifiers import certificate_id
from projections.documents import Document
from projections.fold import Documents, Projection, Ref, home_cohort
from projections.ports import Change

VIEW: Final = "certificates"
NUMBERS: Final = "certificate_numbers"

VALID: Final = "valid"
SUPERSEDED: Final = "superseded"
SUSPENDED: Final = "suspended"
REVOKED: Final = "revoked"

_PLACE_SIZE: Final = 8


def latest_editions(
    enrolments: Mapping[bytes, bytes],
    load: Callable[[Iterable[bytes]], Mapping[bytes, Document]],
) -> dict[bytes, Document]:
    """Return the newest certificate of each enrolment that has one.

    Editions are issued one after the other, so the first that is not there ends the search.

    Args:
        enrolments: Person reference by enrolment.
        load: Returns the certificates that there are, by stream.
    """
    found: dict[bytes, Document] = {}
    edition, searched = 1, dict(enrolments)
    while searched:
        streams = {
            certificate_id(UUID(bytes=person), UUID(bytes=enrolment), edition).bytes: enrolment
            for enrolment, person in searched.items()
        }
        known = {streams[stream]: document for stream, document in load(streams).items()}
        found |= known
        searched = {enrolment: searched[enrolment] for enrolment in known}
        edition += 1
    return found


def place_of(issued_index: int) -> bytes:
    """Return where the certificate of an issue stands: in the order of issue."""
    return issued_index.to_bytes(_PLACE_SIZE, "big")


def _touches(event: RecordedEvent) -> list[Ref]:
    return [(VIEW, event.stream)] if event.type in _FOLDS else []


def _apply(documents: Documents, event: RecordedEvent, _held: str) -> list[Change]:
    fold = _FOLDS.get(event.type)
    return fold(documents, event) if fold else []


def _issued(_documents: Documents, event: RecordedEvent) -> list[Change]:
    body = event.body
    document = {
        "certificate": event.stream.hex(),
        "number": body.number,
        "edition": body.edition,
        "institution": event.header.institution.hex(),
        "cohort": home_cohort(event).hex(),
        "state": VALID,
        "reason": 0,
        "issued_us": event.recorded_us,
        "revoked_us": 0,
        "issued_index": event.index,
        "policy": body.policy.hex(),
        "evaluator_version": body.evaluator_version,
        "credited": [[row.component, row.hours] for row in body.credited],
    }
    if body.supersedes:
        document["supersedes"] = body.supersedes
    link = {"certificate": event.stream.hex()}
    return [
        _change(event.stream, document),
        Change(NUMBERS, body.number.encode(), link, home_cohort(event), place_of(event.index)),
    ]


def _later(documents: Documents, event: RecordedEvent) -> list[Change]:
    """Fold an event behind the issue."""
    issued = documents.get((VIEW, event.stream))
    if issued is None:
        return []
    document = {**issued, **_LATER[event.type](event)}
    document["state"] = _state(document)
    return [_change(event.stream, document)]


def _change(stream: bytes, document: Document) -> Change:
    owner = bytes.fromhex(document["institution"])
    return Change(VIEW, stream, document, owner, place_of(document["issued_index"]))


def _state(document: Document) -> str:
    """Return the gravest state that holds."""
    if document["revoked_us"]:
        return REVOKED
    if document.get("suspended_us") and not document["reinstated_us"]:
        return SUSPENDED
    return SUPERSEDED if document.get("successor") else VALID


def _revoked(event: RecordedEvent) -> Document:
    return {"reason": event.body.reason, "revoked_us": event.recorded_us}


def _suspended(event: RecordedEvent) -> Document:
    return {
        "suspended_us": event.recorded_us,
        "suspension_reason": event.body.reason,
        "reinstated_us": 0,
        "reinstatement_reason": "",
    }


def _reinstated(event: RecordedEvent) -> Document:
    return {"reinstated_us": event.recorded_us, "reinstatement_reason": event.body.reason}


def _superseded(event: RecordedEvent) -> Document:
    return {
        "successor": event.body.number,
        "superseded_us": event.recorded_us,
        "superseding_reason": event.body.reason,
    }


def _linked(event: RecordedEvent) -> Document:
    body = event.body
    return {
        "official": {
            "first_issued": body.first_issued,
            "review_due": body.review_due,
            "valid_to": body.valid_to,
            "linked_us": event.recorded_us,
        }
    }


_LATER: Final[Mapping[str, Callable[[RecordedEvent], Document]]] = {
    "TrainingCertificateRevoked": _revoked,
    "TrainingCertificateSuspended": _suspended,
    "TrainingCertificateReinstated": _reinstated,
    "TrainingCertificateSuperseded": _superseded,
    "OperationCertificateLinked": _linked,
}
_FOLDS: Final = {"TrainingCertificateIssued": _issued, **dict.fromkeys(_LATER, _later)}

PROJECTION: Final = Projection((VIEW, NUMBERS), _touches, _apply)
