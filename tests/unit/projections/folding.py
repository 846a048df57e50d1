"""Folds a story into documents and reads them."""

from collections.abc import Sequence

from projections.documents import Document
from projections.follower import Follower
from projections.ports import FedEvent
from tests.unit.projections.memory import MemoryFeed, MemoryViews
from tests.unit.projections.story import Story


def folded(events: Sequence[FedEvent], limit: int = 1_000) -> MemoryViews:
    store = MemoryViews()
    Follower(MemoryFeed(list(events)), store).catch_up(limit)
    return store


def document(story: Story, view: str, key: bytes) -> Document:
    return folded(story.events).get(view, [key])[key]


def held_rows(story: Story, cohort: bytes | None = None) -> list[tuple[int, str]]:
    rows = folded(story.events).page("held", cohort, b"", 100)
    return [(int.from_bytes(place, "big"), row["code"]) for place, row in rows]
