"""Lines of NDJSON as events: what `tledger append` reads and `tledger event example` prints.

    {"type": "SessionStarted", "cohort": "8a6e…", "occurred": "2026-03-02T09:00:00+08:00",
     "body": {"session": "0565…", "present": 29}}

Everything that can be known here is checked here: names, values, and the rules of the contract.
"""

import json
import re
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from uuid import UUID

import protovalidate
from google.protobuf.message import Message

from clients.cli.event_arguments import arguments, moment
from clients.cli.event_json import BodyError, moment_us, read_body, short_names
from clients.cli.event_texts import EVENT_TEXTS, EventText
from clients.sdk import CapturedEvent, Circumstances, DraftError, Emitter
from ledger.api.v1 import events_pb2 as pb

LINE_LIMIT: Final = 256 * 1024
_IDS: Final = (
    "cohort",
    "person_ref",
    "certificate",
    "holder",
    "institution",
    "staff",
    "entered_by",
    "approved_by",
    "recorded_for",
)
_DIGESTS: Final = ("key", "source_digest")
_MEMBERS: Final = frozenset(
    {"type", "body", "occurred", "origin", "guest_cohorts", *_IDS, *_DIGESTS}
)
_PLACES: Final = frozenset(
    {"cohort", "person_ref", "certificate", "key", "holder", "institution", "staff"}
)

Document: TypeAlias = dict[str, Any]


class LineError(Exception):
    """A line that is no event; the message says why."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A line as read; not yet an event.

    Attributes:
        number: Number of the line, from 1.
        type: Name of the event type.
        body: The body.
        places: What the SDK needs beside the body to know the stream.
        how: The circumstances.
    """

    number: int
    type: str
    body: Message
    places: dict[str, UUID | bytes]
    how: Circumstances


def read_line(number: int, line: str) -> Draft:
    """Read a line.

    Raises:
        LineError: when it is no event.
    """
    document = _document(line)
    name = document.get("type")
    about = EVENT_TEXTS.get(name) if isinstance(name, str) else None
    if about is None or not isinstance(name, str):
        raise LineError(f"type {name!r} is no event type (see tledger event types)")
    body: Message = getattr(pb, name)()
    stated = document.get("body", {})
    if not isinstance(stated, dict):
        raise LineError("body is no JSON object")
    try:
        read_body(body, stated)
        how = _circumstances(document)
    except BodyError as error:
        raise LineError(str(error)) from error
    return Draft(number, name, body, _places(name, about, document), how)


def capture(emitter: Emitter, draft: Draft) -> CapturedEvent:
    """Make the event of a line.

    Raises:
        LineError: when a value is missing or breaks a rule of the contract.
    """
    method = re.sub("(?<!^)(?=[A-Z])", "_", draft.type).lower()
    try:
        event: CapturedEvent = getattr(emitter, method)(
            **draft.places, **arguments(draft.body), how=draft.how
        )
    except (BodyError, DraftError) as error:
        raise LineError(str(error)) from error
    violations = protovalidate.collect_violations(pb.TrainingEvent.FromString(event.data))
    if violations:
        violation = violations[0].proto
        elements = () if violation.field is None else violation.field.elements
        field = ".".join(element.field_name for element in elements)
        raise LineError(f"{field}: {violation.message}")
    return event


def _document(line: str) -> Document:
    if len(line) > LINE_LIMIT:
        raise LineError(f"{len(line)} characters, at most {LINE_LIMIT}")
    try:
        document = json.loads(line, object_pairs_hook=_members)
    except (ValueError, RecursionError) as error:
        raise LineError(f"no JSON: {error}") from error
    if not isinstance(document, dict):
        raise LineError("no JSON object")
    unknown = sorted(document.keys() - _MEMBERS)
    if unknown:
        raise LineError(f"unknown member {', '.join(unknown)}")
    return document


def _members(pairs: list[tuple[str, Any]]) -> Document:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a member stands twice")
    return document


def _places(name: str, about: EventText, document: Document) -> dict[str, UUID | bytes]:
    """Return the arguments that tell the stream."""
    missing = [member for member in about.beside if not document.get(member)]
    if missing:
        raise LineError(f"{name} needs {', '.join(missing)}")
    alien = sorted(_PLACES & document.keys() - set(about.beside))
    if alien:
        raise LineError(f"{name} has no {', '.join(alien)}")
    return {
        "key_id" if member == "key" else member: (
            _digest(document, member) if member == "key" else _uuid(document, member)
        )
        for member in about.beside
    }


def _circumstances(document: Document) -> Circumstances:
    occurred, origin = document.get("occurred"), document.get("origin")
    names = short_names(pb.RecordOrigin.DESCRIPTOR)
    if origin is not None and origin not in names:
        raise LineError(f"origin {origin!r} is none of {', '.join(names)}")
    if occurred is not None and not isinstance(occurred, str):
        raise LineError("occurred is no text")
    guests = document.get("guest_cohorts", [])
    if not isinstance(guests, list):
        raise LineError("guest_cohorts is no list")
    return Circumstances(
        occurred=None if occurred is None else moment(moment_us(occurred)),
        record_origin=pb.RecordOrigin.Value(f"RECORD_ORIGIN_{origin or 'UNSPECIFIED'}"),
        source_digest=_digest(document, "source_digest") if "source_digest" in document else b"",
        entered_by=_optional(document, "entered_by"),
        approved_by=_optional(document, "approved_by"),
        recorded_for=_optional(document, "recorded_for"),
        guest_cohorts=tuple(_uuid({"guest_cohorts": each}, "guest_cohorts") for each in guests),
    )


def _uuid(document: Document, member: str) -> UUID:
    try:
        return UUID(document[member])
    except (ValueError, AttributeError, TypeError) as error:
        raise LineError(f"{member} {document[member]!r} is no UUID") from error


def _optional(document: Document, member: str) -> UUID | None:
    return _uuid(document, member) if member in document else None


def _digest(document: Document, member: str) -> bytes:
    try:
        value = bytes.fromhex(document[member])
    except (ValueError, TypeError) as error:
        raise LineError(f"{member} is no hex") from error
    if len(value) != 32:  # noqa: PLR2004 - SHA-256
        raise LineError(f"{member} has {len(value)} bytes, not 32")
    return value
