"""Who writes: parties and terminals with their keys, and an emitter for each.

A terminal has a key of its own below its institution's. Time is the simulated time, so that ids of
events, clock states and claimed times belong together.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from clients.sdk import Circumstances, Clock, ClockReading, Emitter, Identity
from clients.simulator.ids import Ids
from clients.simulator.records import Block, Entry, Kind
from clients.simulator.repair_records import device_code
from clients.simulator.town import Town
from ledger.api.v1 import events_pb2 as pb
from ledger.log.signatures import PrivateKey

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class SimulatedClock:
    """A clock that shows what it is set to; a device's tells its state as well."""

    def __init__(self, device: str) -> None:
        """Start unset; `device` is the serial code, empty for an office."""
        self._device = device
        self._now_us = 0
        self._boot = b""
        self._booted_us = 0

    def set(self, claimed: datetime, booted: datetime) -> None:
        """Show a moment, in the boot that began at another by the same clock."""
        self._now_us = (claimed - _EPOCH) // _MICROSECOND
        self._booted_us = max((booted - _EPOCH) // _MICROSECOND, 0)
        self._boot = sha256(f"{self._device}/{self._booted_us}".encode()).digest()[:16]

    def __call__(self) -> ClockReading:
        """Return a reading."""
        if not self._device:
            return ClockReading(self._now_us)
        state = pb.ClockState(
            last_sync_us=self._booted_us,
            boot_id=self._boot,
            monotonic_us=max(self._now_us - self._booted_us, 0),
        )
        return ClockReading(self._now_us, state)


@dataclass(frozen=True, slots=True)
class Author:
    """An author's emitter with the clock that it reads."""

    emitter: Emitter
    clock: SimulatedClock


def terminals_of(town: Town) -> list[tuple[str, str, str]]:
    """Return author code, institution and device code of each terminal."""
    pairs = sorted({(town.cohort(row.cohort).institution, row.room) for row in town.sessions()})
    return [(f"{party}/{room}", party, device_code(party, room)) for party, room in pairs]


def make_cast(
    town: Town,
    identities: Mapping[str, Identity],
    new_key: Callable[[], PrivateKey],
    entropy: Callable[[int], bytes],
) -> dict[str, Author]:
    """Return everybody who writes, by author code.

    Args:
        town: The town.
        identities: Identities of its parties, by code.
        new_key: Makes keys of terminals.
        entropy: Returns so many random bytes.
    """
    cast = {code: _author(identity, "", entropy) for code, identity in identities.items()}
    for code, party, device in terminals_of(town):
        identity = replace(identities[party], key=new_key())
        cast[code] = _author(identity, device, entropy)
    return cast


def _author(identity: Identity, device: str, entropy: Callable[[int], bytes]) -> Author:
    clock = SimulatedClock(device)
    reading: Clock = clock
    emitter = Emitter(identity, device=device, clock=reading, synthetic=True, entropy=entropy)
    return Author(emitter, clock)


def circumstances(
    entry: Entry, block: Block, institution: str, author_party: str, ids: Ids
) -> tuple[Circumstances, datetime, datetime]:
    """Return what the header tells, the moment that the clock shows, and when it booted."""
    claimed = entry.claimed or entry.occurred
    booted = datetime.combine(entry.occurred.date(), datetime.min.time(), entry.occurred.tzinfo)
    if block.fault is not None:
        claimed, booted = entry.occurred - block.fault.offset, block.fault.claim
    entered_by, approved_by = _stamp(entry, ids)
    how = Circumstances(
        occurred=claimed,
        entered_by=entered_by,
        approved_by=approved_by,
        recorded_for=None if author_party == institution else ids.parties[institution],
        guest_cohorts=tuple(_guests(entry, ids)),
        # A terminal captures; whatever is typed is said to be typed.
        record_origin=pb.RECORD_ORIGIN_ENTERED if entry.stamp else pb.RECORD_ORIGIN_UNSPECIFIED,
    )
    return how, claimed, booted


def _stamp(entry: Entry, ids: Ids) -> tuple[UUID | None, UUID | None]:
    if entry.stamp is None:
        return None, None
    entered_by, approved_by = entry.stamp
    return ids.derived(Kind.STAFF, entered_by), ids.derived(Kind.STAFF, approved_by)


def _guests(entry: Entry, ids: Ids) -> Iterable[UUID]:
    if entry.guest_of:
        yield ids.derived(Kind.COHORT, entry.guest_of)
