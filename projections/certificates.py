"""Read model of training certificates 培训证明: the register by stream and by number.

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
REVOKED: Final = "revoked"


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


def _touches(event: RecordedEvent) -> list[Ref]:
    return [(VIEW, event.stream)] if event.type in _FOLDS else []


def _apply(documents: Documents, event: RecordedEvent, _held: str) -> list[Change]:
    fold = _FOLDS.get(event.type)
    return fold(documents, event) if fold else []


def _issued(_documents: Documents, event: RecordedEvent) -> list[Change]:
    body = event.body
    document = {
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
    return [
        Change(VIEW, event.stream, document, home_cohort(event), event.stream),
        Change(NUMBERS, body.number.encode(), {"certificate": event.stream.hex()}),
    ]


def _revoked(documents: Documents, event: RecordedEvent) -> list[Change]:
    issued = documents.get((VIEW, event.stream))
    if issued is None:
        return []
    document = {
        **issued,
        "state": REVOKED,
        "reason": event.body.reason,
        "revoked_us": event.recorded_us,
    }
    return [Change(VIEW, event.stream, document, home_cohort(event), event.stream)]


_FOLDS: Final = {
    "TrainingCertificateIssued": _issued,
    "TrainingCertificateRevoked": _revoked,
}

PROJECTION: Final = Projection((VIEW, NUMBERS), _touches, _apply)
