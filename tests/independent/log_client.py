"""Reading the log over the wire, believing only the trust file (docs/emitter.md section 7)."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

import grpc

from tests.independent.calls import call, read_answer
from tests.independent.entries import read_entry
from tests.independent.notes import Checkpoint, NoteError, check_proof, open_checkpoint
from tests.independent.signing import acknowledgement_keys
from tests.independent.writer import delimited, number

_LOG: Final = "/ledger.api.v1.LogService/"
_RECORDING: Final = "/ledger.api.v1.RecordingService/"
_FIRST_ENTRIES: Final = 16


@dataclass(frozen=True, slots=True)
class Trust:
    """What is known of a log beforehand (docs/formats.md section 10)."""

    origin: str
    log_keys: tuple[str, ...]

    @classmethod
    def load(cls, path: Path) -> "Trust":
        """Read a trust file."""
        file = json.loads(path.read_bytes())
        return cls(file["origin"], tuple(file["log_keys"]))


def checkpoint(channel: grpc.Channel, trust: Trust, timeout: float) -> Checkpoint:
    """Return the newest checkpoint, verified."""
    data = call(channel, _LOG + "GetCheckpoint", b"", timeout)
    note: str = read_answer("GetCheckpointResponse", data)["checkpoint"]
    return open_checkpoint(note, trust.origin, trust.log_keys)


def proven_entry(channel: grpc.Channel, trust: Trust, index: int, timeout: float) -> bytes:
    """Return the entry at an index, proven to stand there in a signed checkpoint.

    Raises:
        NoteError: It is not proven.
    """
    request = number(1, index) if index else b""
    data = call(channel, _LOG + "GetInclusionProof", request, timeout)
    answer = read_answer("GetInclusionProofResponse", data)
    entry: bytes = answer["entry"]
    if check_proof(answer["proof"], entry, trust.origin, trust.log_keys)[0] != index:
        raise NoteError("the proof of another index")
    return entry


def proven_keys(channel: grpc.Channel, trust: Trust, timeout: float) -> dict[bytes, bytes]:
    """Return the acknowledgement keys that the log's first entries name, each entry proven."""
    data = call(channel, _LOG + "ListEntries", number(2, _FIRST_ENTRIES), timeout)
    entries = []
    for index, row in enumerate(read_answer("ListEntriesResponse", data)["entries"]):
        entry = read_entry(row["entry"])
        if entry["kind"] != "log-key":
            break
        if proven_entry(channel, trust, index, timeout) != row["entry"]:
            raise NoteError(f"entry {index} is listed as another than it is proven")
        entries.append(entry)
    return acknowledgement_keys(entries)


def receipt(
    channel: grpc.Channel, trust: Trust, event_id: bytes, timeout: float
) -> tuple[bytes, int]:
    """Wait until an event is published; return its entry and index, proven.

    Raises:
        NoteError: It is not proven.
    """
    request = delimited(1, str(UUID(bytes=event_id)).encode()) + number(2, 1)
    data = call(channel, _RECORDING + "GetReceipt", request, timeout)
    answer = read_answer("GetReceiptResponse", data)
    index, _ = check_proof(answer["proof"], answer["entry"], trust.origin, trust.log_keys)
    return answer["entry"], index
