"""Read model of irregular records: late, held, corrections, voidings, transcribed, and so on.

Each row is a plain fact of one record, never a finding. Rows stand in log order under the
institution that owns the cohort. Two things end by themselves, and their rows go: a held record
counts (`projections.held` says when, and also which code holds it), and the events that are missing
in a device's chain arrive. Whether a record was voided is asked when rows are read
(`projections.voidings`).
"""

from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import Any, Final

from ledger.domain.amendments import CORRECTIONS, VOIDINGS
from ledger.domain.recorded_event import RecordedEvent
from projections import cohort_briefs, held
from projections.device_chains import BLANK, Link, advance
from projections.documents import Document
from projections.fold import Documents, Projection, Ref, home_cohort, kind_of
from projections.ports import Change
from projections.shanghai_days import DAY_US

VIEW: Final = "irregular"
CHAINS: Final = "device_chains"

LATE_US: Final = DAY_US
"""A record that came later than this after what it records is late."""


class IrregularKind(IntEnum):
    """What a record shows; numbers of the contract's IrregularKind."""

    LATE = 1
    HELD = 2
    CORRECTION = 3
    VOIDING = 4
    TRANSCRIBED = 5
    CHECKED_ABSENT = 6
    IDENTITY_MISMATCH = 7
    CHAIN_GAP = 8
    CHAIN_FORK = 9


# Numbers of the contract's RecordOrigin: TRANSCRIBED_PAPER and IMPORTED.
_TRANSCRIBED: Final = frozenset({3, 4})

Shown = tuple[IrregularKind, Document]
"""What a record shows, and the particulars that say how."""


def row_key(index: int, kind: int) -> bytes:
    """Return the key of what the event at an index shows."""
    return index.to_bytes(8, "big") + bytes([kind])


def place_of(recorded_us: int, index: int, kind: int) -> bytes:
    """Return where a row stands: by the ledger's own time, which never goes backwards."""
    return recorded_us.to_bytes(8, "big") + row_key(index, kind)


def shown_by(event: RecordedEvent) -> Iterator[Shown]:
    """Yield what an event by itself shows, in the order of kinds."""
    header, body = event.header, event.body
    if event.recorded_us - header.occurred_us > LATE_US:
        yield IrregularKind.LATE, {}
    if event.type in CORRECTIONS:
        correction = {"field": body.field, "reason": body.reason}
        yield IrregularKind.CORRECTION, {"target": body.target.hex(), **correction}
    if event.type in VOIDINGS:
        yield IrregularKind.VOIDING, {"target": body.target.hex(), "reason": body.reason}
    if header.record_origin in _TRANSCRIBED:
        yield IrregularKind.TRANSCRIBED, {"origin": header.record_origin}
    if event.type == "PresenceSpotChecked" and not body.present:
        yield IrregularKind.CHECKED_ABSENT, {"session": body.session.hex()}
    if event.type == "IdentityMismatchDetected":
        mismatch = {"session": body.session.hex(), "method": body.method}
        yield IrregularKind.IDENTITY_MISMATCH, mismatch


def _touches(event: RecordedEvent) -> list[Ref]:
    cohort = home_cohort(event)
    refs = [(cohort_briefs.VIEW, cohort)] if cohort else []
    if event.header.device_sequence:
        refs.append((CHAINS, _chain_key(event)))
    return [*refs, *held.PROJECTION.touches(event)]


def _apply(documents: Documents, event: RecordedEvent, held_code: str) -> list[Change]:
    row = _row(event, cohort_briefs.owner_of(documents, event))
    # Outside of cohorts only a device's chain is looked at, or it would seem to have gaps.
    shown = shown_by(event) if home_cohort(event) else ()
    changes = [_change(row, kind, details) for kind, details in shown]
    changes += _held(held.PROJECTION.apply(documents, event, held_code), row)
    if event.header.device_sequence:
        changes += _chained(documents, event, row)
    return changes


def _row(event: RecordedEvent, owner: bytes) -> Document:
    return {
        "index": event.index,
        "event_id": event.header.event_id.hex(),
        "type": event.type,
        "stream": event.stream.hex(),
        "cohort": home_cohort(event).hex(),
        "enrolment": event.stream.hex() if kind_of(event) == "enrolment" else "",
        "institution": owner.hex(),
        "occurred_us": event.header.occurred_us,
        "recorded_us": event.recorded_us,
    }


def _change(row: Document, kind: IrregularKind, details: Document | None) -> Change:
    """Return the change that shows a row, or, without details, that shows it no longer."""
    key = row_key(row["index"], kind)
    document = None if details is None else {**row, "kind": int(kind), "details": details}
    place = place_of(row["recorded_us"], row["index"], kind)
    return Change(VIEW, key, document, bytes.fromhex(row["institution"]), place)


def _held(changes: Iterable[Change], row: Document) -> Iterator[Change]:
    """Yield what the changes of the held facts are here: a row comes, or rows go."""
    for change in changes:
        index = int.from_bytes(change.key, "big")
        if change.view != held.VIEW:
            continue
        if change.document is None:
            yield Change(VIEW, row_key(index, IrregularKind.HELD), None)
        elif index == row["index"]:
            yield _change(row, IrregularKind.HELD, {})


def _chain_key(event: RecordedEvent) -> bytes:
    """Return the key of a device's chain: serial codes are an institution's own, keys change."""
    return bytes(event.header.institution) + str(event.header.device).encode()


def _chained(documents: Documents, event: RecordedEvent, row: Document) -> list[Change]:
    """Return what an event changes in its device's chain, and the rows that follow from that."""
    header: Any = event.header
    device = {"device": header.device}
    key = _chain_key(event)
    step = advance(
        documents.get((CHAINS, key), BLANK),
        Link(header.device_sequence, header.previous_leaf.hex(), event.leaf.hex(), row),
    )
    changes = [Change(CHAINS, key, step.chain)]
    changes += [_change(about, IrregularKind.CHAIN_GAP, None) for about in step.closed]
    for gap in step.open:
        missing = {**device, "first": gap["first"], "last": gap["last"]}
        changes.append(_change(gap["about"], IrregularKind.CHAIN_GAP, missing))
    if step.fork:
        fork = {**device, "sequence": header.device_sequence}
        changes.append(_change(row, IrregularKind.CHAIN_FORK, fork))
    return changes


PROJECTION: Final = Projection((VIEW, CHAINS), _touches, _apply)
