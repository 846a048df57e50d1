"""A device's own chain of events: what is missing in it and where it forks (DESIGN section 3).

Each event of a device names its number and the leaf of the one before. What was refused or lost
leaves a gap, what was doubled a fork; both are shown and never a reason to refuse. Events may come
in any order: one that arrives late closes the gap that it left, wholly or in part.
"""

from dataclasses import dataclass
from typing import Any, Final

from projections.documents import Document

BLANK: Final[Document] = {"heads": [], "gaps": []}
"""A chain of which nothing is known: no branch, no gap."""

_BRANCHES: Final = 8
"""Branches that are remembered: more are a device that numbers at random."""


@dataclass(frozen=True, slots=True)
class Link:
    """An event as its device's chain has it.

    Attributes:
        sequence: Its number, from 1.
        previous: Leaf of the device's event before, hex; empty at the first.
        leaf: Its own leaf, hex.
        about: What is kept of it where events are missing before it.
    """

    sequence: int
    previous: str
    leaf: str
    about: Document


@dataclass(frozen=True, slots=True)
class Step:
    """What one event does to a chain.

    Attributes:
        chain: The chain behind it.
        closed: `about` of events before which nothing is missing any more.
        open: Gaps that it opens or changes: `first` and `last` missing number, the leaf `before`
            where it is known, the leaf `expected` of the last, and `about` of the event behind.
        fork: It continues no branch that the chain has, and fills no gap.
    """

    chain: Document
    closed: tuple[Document, ...] = ()
    open: tuple[Document, ...] = ()
    fork: bool = False


def advance(chain: Document, link: Link) -> Step:
    """Return what an event does to its device's chain."""
    heads: list[list[Any]] = chain["heads"]
    here = [link.sequence, link.leaf]
    if [link.sequence - 1, link.previous] in heads or (not heads and _begins(link)):
        rest = [head for head in heads if head != [link.sequence - 1, link.previous]]
        return Step({**chain, "heads": [*rest, here]})
    filled = _filled(chain, link)
    if filled is not None:
        return filled
    newest, leaf = _newest(heads)
    if link.sequence > newest + 1:
        gap = {
            "first": newest + 1,
            "last": link.sequence - 1,
            "before": leaf,
            "expected": link.previous,
            "about": link.about,
        }
        rest = [head for head in heads if head != [newest, leaf]]
        return Step({"heads": [*rest, here], "gaps": [*chain["gaps"], gap]}, open=(gap,))
    return Step({**chain, "heads": [*heads, here][-_BRANCHES:]}, fork=True)


def _newest(heads: list[list[Any]]) -> tuple[int, str]:
    """Return number and leaf of the event with the highest number; 0 when there is none."""
    if not heads:
        return 0, ""
    number, leaf = max(heads)
    return number, leaf


def _begins(link: Link) -> bool:
    return link.sequence == 1 and not link.previous


def _filled(chain: Document, link: Link) -> Step | None:
    """Return what an event does that belongs into a gap, None when it belongs into none."""
    for gap in chain["gaps"]:
        if gap["first"] <= link.sequence <= gap["last"] and _fits(gap, link):
            mine = {"last": link.sequence - 1, "expected": link.previous, "about": link.about}
            lower, upper = {**gap, **mine}, {**gap, "first": link.sequence + 1, "before": link.leaf}
            left = tuple(part for part in (lower, upper) if part["first"] <= part["last"])
            rest = [other for other in chain["gaps"] if other != gap]
            closed = () if upper in left else (gap["about"],)
            return Step({**chain, "gaps": [*rest, *left]}, closed=closed, open=left)
    return None


def _fits(gap: Document, link: Link) -> bool:
    """Tell whether an event joins what stands on either side of a gap, where it reaches there."""
    if link.sequence == gap["first"] and gap["before"] != link.previous:
        return False
    return link.sequence != gap["last"] or bool(gap["expected"] == link.leaf)
