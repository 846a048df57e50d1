"""Read model of adopted policies: the bytes of each policy file by digest (DESIGN section 5)."""

from base64 import b64encode
from typing import Final

from ledger.domain.recorded_event import RecordedEvent
from projections.fold import Documents, Projection, Ref
from projections.ports import Change

VIEW: Final = "policies"


def _touches(_event: RecordedEvent) -> list[Ref]:
    return []


def _apply(_documents: Documents, event: RecordedEvent, _held: str) -> list[Change]:
    if event.type != "PolicyAdopted":
        return []
    # Base64, so that the very bytes come back, whatever they are.
    document = {
        "document": b64encode(event.body.document).decode(),
        "adopted_index": event.index,
    }
    digest = event.body.digest
    return [Change(VIEW, digest, document, b"", digest)]


PROJECTION: Final = Projection((VIEW,), _touches, _apply)
