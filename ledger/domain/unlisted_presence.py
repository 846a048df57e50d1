"""Presence of who has no reference yet 未登记人员, and whose it was (DESIGN section 6).

A terminal signs somebody whom no list has in and out on the cohort's stream, under a ticket for the
day. `UnlistedPresenceAttributed`, by two persons, says whose presence that was in one session: from
then on it counts as this learner's sign-ins and sign-outs, whenever the marks arrive. It stands on
the cohort's stream too, because one fold must see all attributions of a ticket: of several the one
with the lowest log index counts, for every learner alike. One that is void leaves the next.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ledger.domain.amendments import Counted, StreamRecord
from ledger.domain.holding import APPROVAL_MISSING, by_two_persons
from ledger.domain.recorded_event import Message

UNLISTED_SIGN_IN: Final = "UnlistedSignedIn"
ATTRIBUTION: Final = "UnlistedPresenceAttributed"
UNLISTED_MARKS: Final = frozenset({UNLISTED_SIGN_IN, "UnlistedSignedOut"})
UNLISTED_FACTS: Final = UNLISTED_MARKS | {ATTRIBUTION}
"""Types of a cohort's stream that speak of the presence of who is on no list."""

SIGN_INS: Final = frozenset({"LearnerSignedIn", UNLISTED_SIGN_IN})
SIGN_OUTS: Final = frozenset({"LearnerSignedOut", "UnlistedSignedOut"})
"""Types that are a learner's sign-ins and sign-outs, the attributed ones among them."""

Place = tuple[bytes, bytes]
"""A session and a ticket: what is attributed at once."""


def attribution_hold(header: Message) -> str:
    """Return why an attribution counts for nothing; an empty string when it counts."""
    return "" if by_two_persons(header) else APPROVAL_MISSING


def approved_record(record: StreamRecord) -> StreamRecord:
    """Return a cohort's record with the attributions held that two persons do not stand behind."""
    held = {
        each.event.index: code
        for each in record.counted
        if each.event.type == ATTRIBUTION and (code := attribution_hold(each.event.header))
    }
    if not held:
        return record
    counted = [each for each in record.counted if each.event.index not in held]
    return replace(record, counted=counted, held=record.held | held)


@dataclass(frozen=True, slots=True)
class UnlistedPresence:
    """What counts of the unlisted in a cohort.

    Attributes:
        marks: Sign-ins and sign-outs by session and ticket, in log order.
        attributions: The attribution that counts, by session and ticket.
    """

    marks: Mapping[Place, Sequence[Counted]] = field(default_factory=dict)
    attributions: Mapping[Place, Counted] = field(default_factory=dict)

    def of(self, enrolment: bytes) -> list[Counted]:
        """Return a learner's marks in log order, each resting on its attribution as well."""
        mine = [
            replace(mark, events=(mark.events[0], *attribution.events, *mark.events[1:]))
            for place, attribution in self.attributions.items()
            if attribution.event.body.enrolment == enrolment
            for mark in self.marks.get(place, ())
        ]
        return sorted(mine, key=lambda mark: mark.event.index)

    def signed_in(self) -> dict[bytes, list[bytes]]:
        """Return whose the sign-ins of each session are: an enrolment for each ticket, or empty."""
        found: defaultdict[bytes, list[bytes]] = defaultdict(list)
        for place, marks in self.marks.items():
            if any(mark.event.type == UNLISTED_SIGN_IN for mark in marks):
                attribution = self.attributions.get(place)
                found[place[0]].append(attribution.event.body.enrolment if attribution else b"")
        return dict(found)


def unlisted_presence(facts: Iterable[Counted]) -> UnlistedPresence:
    """Return what counts of the unlisted.

    Args:
        facts: What counts of the cohort's stream, in log order (`approved_record`).
    """
    marks: defaultdict[Place, list[Counted]] = defaultdict(list)
    attributions: dict[Place, Counted] = {}
    for fact in facts:
        event = fact.event
        if event.type in UNLISTED_MARKS:
            marks[event.body.session, event.body.ticket].append(fact)
        elif event.type == ATTRIBUTION:
            attributions.setdefault((event.body.session, event.body.ticket), fact)
    return UnlistedPresence(dict(marks), attributions)
