"""Checking answers (docs/emitter.md section 7): until this is done, one holds somebody's word.

For each accepted event: the entry is that of our own event, the log's signature covers it at its
index, and the key is one that the log itself names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from clients.sdk.captured_events import CapturedEvent
from clients.sdk.errors import AcknowledgementError
from clients.sdk.outcomes import Accepted, Acknowledgement, Outcome, Reason, Rejected
from ledger.api.v1 import recording_service_pb2 as pb
from ledger.log.acknowledgements import verify_acknowledgement, verify_place
from ledger.log.entries import EventEntry, entry_hash, read_entry
from ledger.log.errors import LogError
from ledger.log.merkle import HASH_SIZE
from ledger.log.opened_event import OpenedEvent, open_event
from ledger.log.signatures import PublicKey

_INDEX_LIMIT: Final = 2**53


@dataclass(frozen=True, slots=True)
class LogKeys:
    """The acknowledgement keys that the first entries of a log name.

    Attributes:
        origin: Origin of the log.
        acknowledgement: The keys, at least one.
    """

    origin: str
    acknowledgement: tuple[PublicKey, ...]

    def find(self, key_id: bytes) -> PublicKey:
        """Return the acknowledgement key with this id.

        Raises:
            AcknowledgementError: when the log names none.
        """
        for key in self.acknowledgement:
            if key.key_id == key_id:
                return key
        raise AcknowledgementError(
            f"the key {key_id.hex()} is no acknowledgement key of the log {self.origin}"
        )


def check_answer(
    keys: LogKeys,
    sent: Sequence[CapturedEvent],
    results: Sequence[pb.EventResult],
    acknowledgement: pb.Acknowledgement | None,
) -> tuple[Outcome | None, ...]:
    """Return what became of each event that was sent, None where that is not known.

    Args:
        keys: The keys of the log.
        sent: The events, in the order in which they were sent.
        results: The answers.
        acknowledgement: The signature over the accepted ones; None when the answer has none.

    Raises:
        AcknowledgementError: when anything in the answer does not verify.
    """
    if len(results) != len(sent):
        raise AcknowledgementError(f"{len(results)} answers to {len(sent)} events")
    if any(result.WhichOneof("outcome") == "accepted" for result in results):
        _check_signature(keys, acknowledgement)
    outcomes = tuple(
        _outcome(keys.origin, event, result, acknowledgement)
        for event, result in zip(sent, results, strict=True)
    )
    places = {(each.index, each.event_id) for each in outcomes if isinstance(each, Accepted)}
    if len({index for index, _ in places}) != len(places):
        raise AcknowledgementError("two events are acknowledged at one index")
    return outcomes


def _check_signature(keys: LogKeys, acknowledgement: pb.Acknowledgement | None) -> None:
    if acknowledgement is None:
        raise AcknowledgementError("events are accepted, but no acknowledgement is given")
    key = keys.find(acknowledgement.key_id)
    try:
        verify_acknowledgement(key, keys.origin, acknowledgement.root, acknowledgement.signature)
    except LogError as error:
        raise AcknowledgementError(f"the acknowledgement's signature: {error}") from error


def _outcome(
    origin: str,
    event: CapturedEvent,
    result: pb.EventResult,
    acknowledgement: pb.Acknowledgement | None,
) -> Outcome | None:
    kind = result.WhichOneof("outcome")
    # The id may be missing where the server could not read it, which it did when it accepted.
    if result.event_id != event.event_id.bytes and (result.event_id or kind == "accepted"):
        raise AcknowledgementError(f"the answer to event {event.event_id} is about another event")
    if kind == "accepted" and acknowledgement is not None:
        return _accepted(origin, event, result.accepted, acknowledgement)
    if kind == "rejected":
        said = result.rejected
        return Rejected(
            event.event_id,
            said.code,
            said.field,
            said.reason_zh,
            said.reason_en,
            said.fix_zh,
            said.fix_en,
            tuple(
                Reason(
                    each.code,
                    each.field,
                    each.reason_zh,
                    each.reason_en,
                    each.fix_zh,
                    each.fix_en,
                )
                for each in said.further
            ),
        )
    if kind == "unknown":
        return None
    raise AcknowledgementError(f"the answer to event {event.event_id} states no outcome")


def _accepted(
    origin: str, event: CapturedEvent, said: pb.Accepted, acknowledgement: pb.Acknowledgement
) -> Accepted:
    if said.index >= _INDEX_LIMIT or len(said.path) % HASH_SIZE:
        raise AcknowledgementError(f"the place of event {event.event_id} is malformed")
    path = tuple(said.path[at : at + HASH_SIZE] for at in range(0, len(said.path), HASH_SIZE))
    try:
        _check_own_entry(origin, event, said.index, said.entry)
        verify_place(
            said.index,
            entry_hash(said.entry),
            said.position,
            acknowledgement.size,
            path,
            acknowledgement.root,
        )
    except LogError as error:
        raise AcknowledgementError(f"event {event.event_id}: {error}") from error
    return Accepted(
        event.event_id,
        said.index,
        said.entry,
        said.held,
        said.repeated,
        Acknowledgement(
            acknowledgement.key_id,
            acknowledgement.signature,
            acknowledgement.root,
            acknowledgement.size,
            said.position,
            path,
        ),
    )


def _check_own_entry(origin: str, event: CapturedEvent, index: int, entry: bytes) -> None:
    """Check that an entry is the one of our event.

    `read_entry` takes the canonical form alone, so members that agree mean bytes that agree; only
    `seq`, `prev` and `recorded` are the log's to choose.
    """
    read = read_entry(entry)
    if not isinstance(read, EventEntry):
        raise AcknowledgementError(f"event {event.event_id}: the entry is the log's own")
    opened = OpenedEvent(event.data, event.author_key, "", 0, 1, (), b"")
    open_event(index, read, opened, origin)
