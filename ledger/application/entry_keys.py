"""What an entry says of its event, worked out once for what comes again and again.

Streams, cohorts and institutions recur in event after event; their texts and map keys are kept.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from ledger.log.entries import event_keys
from ledger.log.head_map import map_key
from ledger.log.identifiers import uuid_text

_REMEMBERED: Final = 100_000


@lru_cache(maxsize=_REMEMBERED)
def known_text(raw: bytes) -> str:
    """Return the text form of an id that comes again and again."""
    return uuid_text(raw)


@lru_cache(maxsize=_REMEMBERED)
def stream_map_key(stream: bytes) -> bytes:
    """Return the map key of a stream."""
    return map_key("stream", uuid_text(stream).encode())


def usual_keys(
    kind: str, seq: int, cohorts: Sequence[bytes], institution: bytes
) -> tuple[str, ...]:
    """Return the map keys of an event that issues no number; see `entries.event_keys`.

    Args:
        kind: Kind of the stream.
        seq: Number of the event in it, from 1.
        cohorts: The header's cohorts.
        institution: The header's institution.
    """
    return _keys(kind, seq == 1, tuple(cohorts), institution if seq == 1 else b"")


@lru_cache(maxsize=_REMEMBERED)
def _keys(
    kind: str,
    first: bool,  # noqa: FBT001 - part of what is remembered
    cohorts: tuple[bytes, ...],
    institution: bytes,
) -> tuple[str, ...]:
    named = uuid_text(institution) if institution else ""
    return event_keys(kind, 1 if first else 2, map(uuid_text, cohorts), named, None)
