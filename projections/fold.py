"""Folding events into documents: the pure core of every read model (DESIGN section 2).

A `Projection` names the documents that an event touches and gives their new states. Folding a batch
gives for each document its last state only, so that the cost of writing grows with the documents,
not with the events.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ledger.domain.event_types import EVENT_TYPES
from ledger.domain.recorded_event import RecordedEvent
from projections.documents import Document
from projections.ports import Change, FedEvent

Ref = tuple[str, bytes]
"""View and key of a document."""

Documents = Mapping[Ref, Document]


@dataclass(frozen=True, slots=True)
class Projection:
    """One read model as a pure fold.

    Attributes:
        views: The views that it keeps.
        touches: The documents that the fold of an event may read.
        apply: New states, given the documents, the event and why it was held when it was
            recorded. It reads no other documents and changes none of them in place.
    """

    views: tuple[str, ...]
    touches: Callable[[RecordedEvent], Sequence[Ref]]
    apply: Callable[[Documents, RecordedEvent, str], Sequence[Change]]


def wanted(projections: Iterable[Projection], events: Iterable[FedEvent]) -> dict[str, set[bytes]]:
    """Return the keys of the documents that folding the events reads, by view."""
    keys: defaultdict[str, set[bytes]] = defaultdict(set)
    for event, _ in events:
        for projection in projections:
            for view, key in projection.touches(event):
                keys[view].add(key)
    return dict(keys)


def fold_events(
    projections: Sequence[Projection], documents: Documents, events: Iterable[FedEvent]
) -> list[Change]:
    """Fold events in their order; return the last state of each document that changed."""
    state = dict(documents)
    changes: dict[Ref, Change] = {}
    for event, held in events:
        for projection in projections:
            for change in projection.apply(state, event, held):
                ref = change.view, change.key
                changes[ref] = change
                if change.document is None:
                    state.pop(ref, None)
                else:
                    state[ref] = change.document
    return list(changes.values())


def kind_of(event: RecordedEvent) -> str:
    """Return the kind of the event's stream; empty for a type that this version does not know."""
    known = EVENT_TYPES.get(event.type)
    return known.kind if known else ""


def home_cohort(event: RecordedEvent) -> bytes:
    """Return the event's home cohort; empty for an event that belongs to none."""
    cohorts = event.header.cohorts
    return bytes(cohorts[0]) if cohorts else b""
