"""An author: a key with the party that it signs for, and the events that it writes.

docs/emitter.md sections 1 to 3: ids, header and body, serialised once. Salts and ids are random, so
no two runs write the same bytes.
"""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from tests.independent.emitter import (
    Batch,
    PrivateKey,
    algorithm_of,
    public_key_of,
    sign_batch,
)
from tests.independent.identifiers import enrolment_stream, key_stream, party_id
from tests.independent.signing import key_id_of
from tests.independent.writer import encode_event

USE_PARTY: Final = 1
USE_DEVICE: Final = 3
KIND_INSTITUTION: Final = 1
_ENTERED: Final = 2


@dataclass(frozen=True, slots=True)
class Author:
    """A key of a party."""

    origin: str
    party: UUID
    key: PrivateKey

    @property
    def key_id(self) -> bytes:
        """Id of the key."""
        return key_id_of(public_key_of(self.key))

    def sign(self, *events: bytes) -> Batch:
        """Sign events as one batch."""
        return sign_batch(self.key, events)

    def event(self, kind: str, stream: UUID, body: Mapping[str, object], **header: object) -> bytes:
        """Return the bytes of an event.

        Args:
            kind: Name of the body's message.
            stream: The stream.
            body: Fields of the body.
            header: Fields of the header that differ from the usual or are not always there.
        """
        now_us = time.time_ns() // 1_000
        usual = {
            "salt": secrets.token_bytes(32),
            "origin": self.origin,
            "event_id": uuid7(now_us // 1_000),
            "type": kind,
            "author_key": self.key_id,
            "institution": self.party.bytes,
            "stream": stream.bytes,
            "occurred_us": now_us,
            "utc_offset_minutes": 480,
            "record_origin": _ENTERED,
            "synthetic": True,
        }
        return encode_event(usual | header, body)

    def institution_registered(self, credit_code: str, name: str, area: str) -> bytes:
        """Return the registration of a training institution."""
        party = party_id(self.origin, credit_code)
        body = {"kind": KIND_INSTITUTION, "credit_code": credit_code, "name": name, "area": area}
        return self.event("InstitutionRegistered", party, body, institution=party.bytes)

    def key_registered(self, author: "Author", use: int, device: str = "") -> bytes:
        """Return the registration of another author's key."""
        body = {
            "public_key": public_key_of(author.key),
            "algorithm": algorithm_of(author.key),
            "holder": author.party.bytes,
            "use": use,
            "device": device,
        }
        stream = key_stream(self.origin, author.key_id)
        return self.event("KeyRegistered", stream, body, institution=author.party.bytes)

    def presence(
        self, kind: str, cohort: UUID, person_ref: UUID, session: UUID, **header: object
    ) -> bytes:
        """Return a sign-in or sign-out by identity card."""
        return self.event(
            kind,
            enrolment_stream(cohort, person_ref),
            {"session": session.bytes, "method": 2},
            cohorts=[cohort.bytes],
            person_ref=person_ref.bytes,
            **header,
        )


def uuid7(milliseconds: int) -> bytes:
    """Return a UUIDv7 (RFC 9562 section 5.7)."""
    random = bytearray(secrets.token_bytes(10))
    random[0] = random[0] & 0x0F | 0x70
    random[2] = random[2] & 0x3F | 0x80
    return milliseconds.to_bytes(6) + bytes(random)
