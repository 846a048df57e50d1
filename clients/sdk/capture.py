"""Capture: a header around a body, serialised once (docs/emitter.md sections 2 and 3).

`Capture` knows the author, the clock and the device's chain. What can be written with it, one
method for each event type, stands in `clients.sdk.emitter`.
"""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from google.protobuf.message import Message

from clients.sdk.captured_events import CapturedEvent, DeviceChain
from clients.sdk.clocks import Clock, device_clock, office_clock
from clients.sdk.errors import DraftError
from clients.sdk.field_values import digest, micros, optional_digest, optional_id
from clients.sdk.identity import Identity
from ledger.api.v1 import events_pb2 as pb
from ledger.log.event_reader import EVENT_LIMIT
from ledger.log.event_tables import MESSAGES
from ledger.log.merkle import leaf_hash

CHINA_OFFSET_MINUTES: Final = 480
_SALT_SIZE: Final = 32
_UUID7_RANDOM_SIZE: Final = 10
_BODY_FIELDS: Final = {
    message: name for name, _, _, message in MESSAGES["TrainingEvent"].values() if name != "header"
}


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What an event states about itself beyond its author's usual.

    Attributes:
        occurred: When it happened, with a UTC offset; None for now.
        record_origin: Where the record comes from; 0 for the emitter's usual.
        source_digest: SHA-256 of the scan or export, for a transcribed or imported record.
        entered_by: Staff file of who entered it; None for the emitter's usual.
        approved_by: Staff file of who approved it, another person.
        approver_key: Id of the key that signs too, where a second signature is asked for.
        recorded_for: The institution whose record it is; None for the author's own party.
        guest_cohorts: Further cohorts whose record it is part of, behind the home cohort.
    """

    occurred: datetime | None = None
    record_origin: pb.RecordOrigin.ValueType = pb.RECORD_ORIGIN_UNSPECIFIED
    source_digest: bytes = b""
    entered_by: UUID | None = None
    approved_by: UUID | None = None
    approver_key: bytes = b""
    recorded_for: UUID | None = None
    guest_cohorts: tuple[UUID, ...] = ()


USUAL: Final = Circumstances()


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event belongs (docs/formats.md section 2).

    Attributes:
        stream: The stream.
        institution: The party that it is recorded for, unless the circumstances say otherwise.
        cohort: The home cohort; None for streams of institutions, keys and policies.
        person_ref: The learner's reference; on events of enrolments, and on no others.
    """

    stream: UUID
    institution: UUID
    cohort: UUID | None = None
    person_ref: UUID | None = None


class Capture:
    """Makes events of one author. Safe to use from several threads.

    Args:
        identity: The author.
        device: Serial code of the capturing device; empty for an office system. A device numbers
            and chains its events.
        chain: Where the device's chain stands.
        clock: What tells the time; None for the system's, with the clock's state on a device.
        utc_offset_minutes: Offset of local time from UTC.
        synthetic: Mark every event as made-up data.
        entered_by: Staff file of whoever usually enters records here.
        entropy: Returns so many random bytes.

    Raises:
        DraftError: for a chain without a device.
    """

    def __init__(
        self,
        identity: Identity,
        *,
        device: str = "",
        chain: DeviceChain | None = None,
        clock: Clock | None = None,
        utc_offset_minutes: int = CHINA_OFFSET_MINUTES,
        synthetic: bool = False,
        entered_by: UUID | None = None,
        entropy: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        if chain is not None and not device:
            raise DraftError("a chain of events needs a device")
        self._identity = identity
        self._device = device
        self._chain = chain or DeviceChain()
        self._clock = clock or (device_clock() if device else office_clock)
        self._utc_offset_minutes = utc_offset_minutes
        self._synthetic = synthetic
        self._entered_by = entered_by
        self._entropy = entropy
        self._lock = threading.Lock()

    @property
    def identity(self) -> Identity:
        """The author."""
        return self._identity

    @property
    def chain(self) -> DeviceChain:
        """Where the device's chain stands now; keep it together with the event's bytes."""
        return self._chain

    def _capture(self, body: Message, place: Place, how: Circumstances) -> CapturedEvent:
        """Return the event of a body; on a device, the next of its chain.

        Raises:
            DraftError: when the circumstances are not complete or the event is too large.
        """
        name = type(body).__name__
        with self._lock:
            header = self._header(name, place, how)
            event = pb.TrainingEvent(header=header)
            getattr(event, _BODY_FIELDS[name]).MergeFrom(body)
            # A body at all defaults is there nevertheless, and says so by its name.
            getattr(event, _BODY_FIELDS[name]).SetInParent()
            data = event.SerializeToString()
            if len(data) > EVENT_LIMIT:
                raise DraftError(f"the event has {len(data)} bytes, at most {EVENT_LIMIT}")
            leaf = leaf_hash(data)
            if self._device:
                self._chain = DeviceChain(header.device_sequence, leaf)
        return CapturedEvent(
            data,
            leaf,
            UUID(bytes=header.event_id),
            name,
            place.stream,
            header.author_key,
            header.approver_key,
            header.device_sequence,
        )

    def _header(self, name: str, place: Place, how: Circumstances) -> pb.EventHeader:
        reading = self._clock()
        cohorts = () if place.cohort is None else (place.cohort, *how.guest_cohorts)
        if how.guest_cohorts and place.cohort is None:
            raise DraftError(f"{name} belongs to no cohort, so to no guest cohort either")
        occurred = reading.now_us if how.occurred is None else micros("occurred", how.occurred)
        usual = pb.RECORD_ORIGIN_DEVICE if self._device else pb.RECORD_ORIGIN_ENTERED
        origin = how.record_origin or usual
        if origin in (pb.RECORD_ORIGIN_TRANSCRIBED_PAPER, pb.RECORD_ORIGIN_IMPORTED):
            digest("source_digest of a transcribed or imported record", how.source_digest)
        header = pb.EventHeader(
            salt=self._entropy(_SALT_SIZE),
            origin=self._identity.origin,
            event_id=_uuid7(reading.now_us, self._entropy(_UUID7_RANDOM_SIZE)).bytes,
            type=name,
            author_key=self._identity.key_id,
            approver_key=optional_digest("approver_key", how.approver_key),
            institution=(how.recorded_for or place.institution).bytes,
            stream=place.stream.bytes,
            cohorts=[cohort.bytes for cohort in cohorts],
            occurred_us=occurred,
            utc_offset_minutes=self._utc_offset_minutes,
            device=self._device,
            device_sequence=self._chain.sequence + 1 if self._device else 0,
            previous_leaf=self._chain.leaf,
            record_origin=origin,
            source_digest=optional_digest("source_digest", how.source_digest),
            entered_by=optional_id(how.entered_by or self._entered_by),
            approved_by=optional_id(how.approved_by),
            synthetic=self._synthetic,
            person_ref=optional_id(place.person_ref),
        )
        if reading.state is not None:
            header.clock.CopyFrom(reading.state)
        return header


def _uuid7(now_us: int, random: bytes) -> UUID:
    """Return a UUIDv7 (RFC 9562 section 5.7) of a moment and 10 random bytes."""
    milliseconds = (now_us // 1000) & (1 << 48) - 1
    random_a = int.from_bytes(random[:2]) & 0x0FFF
    random_b = int.from_bytes(random[2:]) & (1 << 62) - 1
    return UUID(int=milliseconds << 80 | 0x7 << 76 | random_a << 64 | 0x2 << 62 | random_b)
