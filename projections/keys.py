"""Read model of the key tree: which key signs for whom, from when to when; by registration.

`KeyEnded` names its key by the stream alone, so documents are kept by stream, and a second view
leads from the key id there.
"""

from typing import Final

from ledger.domain.recorded_event import RecordedEvent
from ledger.log.identifiers import key_id
from projections.documents import Document
from projections.fold import Documents, Projection, Ref
from projections.ports import Change

VIEW: Final = "keys"
IDS: Final = "key_ids"


def _touches(event: RecordedEvent) -> list[Ref]:
    return [(VIEW, event.stream)] if event.type == "KeyEnded" else []


def _apply(documents: Documents, event: RecordedEvent, _held: str) -> list[Change]:
    body = event.body
    if event.type == "KeyRegistered":
        document = {
            "public_key": body.public_key.hex(),
            "algorithm": body.algorithm,
            "holder": body.holder.hex(),
            "use": body.use,
            "device": body.device,
            "ending": 0,
            "accepted_until_us": 0,
            "from_index": 0,
            "registered_index": event.index,
        }
        link = {"stream": event.stream.hex()}
        return [_change(event.stream, document), Change(IDS, key_id(body.public_key), link)]
    registered = documents.get((VIEW, event.stream)) if event.type == "KeyEnded" else None
    if registered is None:
        return []
    ended = {
        "ending": body.ending,
        "accepted_until_us": body.accepted_until_us,
        "from_index": body.from_index,
    }
    return [_change(event.stream, {**registered, **ended})]


def _change(stream: bytes, document: Document) -> Change:
    place: bytes = document["registered_index"].to_bytes(8, "big")
    return Change(VIEW, stream, document, bytes.fromhex(document["holder"]), place)


PROJECTION: Final = Projection((VIEW, IDS), _touches, _apply)
