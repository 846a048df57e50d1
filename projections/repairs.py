"""Corrections and voidings, applied to facts that a read model keeps by event id.

A repair names its target within its own stream and may be recorded before it: nothing is refused
for order. So repairs are kept, and a fact that comes late meets those that wait for it.
"""

from typing import Any, Final

from ledger.domain.recorded_event import RecordedEvent
from projections.documents import Document

CORRECTIONS: Final = frozenset({"RecordCorrected", "CohortRecordCorrected"})
VOIDINGS: Final = frozenset({"EventVoided", "CohortEventVoided"})
REPAIRS: Final = CORRECTIONS | VOIDINGS

# Numbers of the contract's CorrectedField.
_OCCURRED: Final = 1
_SESSION: Final = 3
_TEACHER: Final = 6
_MEMBERS: Final = {_OCCURRED: "at_us", _SESSION: "session", _TEACHER: "teacher"}


def repair_of(event: RecordedEvent) -> Document | None:
    """Return the repair that an event states; None for a correction of what these views show not.

    Returns:
        `{"void": true}`, or the member of a fact that it replaces with the new value.
    """
    body: Any = event.body
    if event.type in VOIDINGS:
        return {"void": True}
    if body.field not in _MEMBERS:
        return None
    return {_MEMBERS[body.field]: body.number if body.field == _OCCURRED else body.id.hex()}


def repaired(fact: Document | None, repair: Document) -> Document | None:
    """Return a fact after a repair, None when it is void; only what it states is replaced."""
    if fact is None or "void" in repair:
        return None
    return {**fact, **{name: value for name, value in repair.items() if name in fact}}
