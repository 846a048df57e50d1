"""What the command line keeps in an identity's folder between commands.

| what | where |
|---|---|
| the newest checkpoint seen: the next command catches a log that shrinks | `checkpoint` |
| signed batches whose outcome is not known yet; the same bytes have to be sent again | `pending/` |
| requests and answers that do not verify: evidence against the operator | `evidence/` |
"""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final

from google.protobuf.message import DecodeError

from clients.cli.language import Text
from clients.cli.problems import ExitCode, Problem, misuse
from clients.sdk import (
    AcknowledgementError,
    CheckpointError,
    DraftError,
    RefusedError,
    RejectedError,
    SignedBatch,
    UnreachableError,
    VerifiedCheckpoint,
)
from clients.sdk.private_files import replace_file
from ledger.api.v1 import recording_service_pb2 as pb

_CHECKPOINT: Final = "checkpoint"
_PENDING: Final = "pending"
_EVIDENCE: Final = "evidence"
_SUFFIX: Final = ".batch"
NOTHING_LEFT_OPEN: Final = (RejectedError, RefusedError, UnreachableError, CheckpointError)
"""Every outcome is known, or the ledger refused the request, or nothing was sent."""


def kept_checkpoint(folder: Path) -> str:
    """Return the note of the newest checkpoint seen, empty when there is none."""
    try:
        return (folder / _CHECKPOINT).read_text("utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        path = folder / _CHECKPOINT
        raise misuse(
            "读不出保存的检查点",
            "the checkpoint that was kept cannot be read",
            code="FILE_UNREADABLE",
            values={"path": str(path), "error": str(error)},
        ) from error


def keep_checkpoint(folder: Path, newest: VerifiedCheckpoint | None) -> None:
    """Keep the newest checkpoint seen."""
    if newest is not None and newest.note != kept_checkpoint(folder):
        write_file(folder / _CHECKPOINT, newest.note.encode(), 0o644)


def keep_evidence(folder: Path, error: AcknowledgementError) -> None:
    """Keep a request and the answer to it that does not verify; the error says where."""
    if not error.request:
        return
    name = sha256(error.request + error.response).hexdigest()[:16]
    for kind, data in (("request", error.request), ("response", error.response)):
        write_file(folder / _EVIDENCE / f"{name}.{kind}", data, 0o600)
    error.add_note(str(folder / _EVIDENCE / f"{name}.request"))


def pending_files(folder: Path) -> list[Path]:
    """Return the files of the batches whose outcome is not known, oldest first."""
    return sorted((folder / _PENDING).glob(f"*{_SUFFIX}"))


def read_pending(path: Path) -> SignedBatch:
    """Return a batch that was kept.

    Raises:
        Problem: when the file does not hold one.
    """
    try:
        return SignedBatch.from_message(pb.Batch.FromString(path.read_bytes()))
    except (OSError, DecodeError, DraftError) as error:
        raise misuse(
            "读不出保存的批次",
            "the batch that was kept cannot be read",
            code="FILE_UNREADABLE",
            values={"path": str(path), "error": str(error)},
        ) from error


@contextmanager
def kept_until_known(folder: Path, batch: SignedBatch) -> Iterator[Path]:
    """Keep a batch on disk while it is sent for the first time.

    It is forgotten when every outcome is known, or when nothing can have been recorded.
    """
    # Named by the first event's id, which begins with its time: sorting gives their order.
    path = folder / _PENDING / f"{batch.events[0].event_id}{_SUFFIX}"
    write_file(path, batch.to_message().SerializeToString(), 0o600)
    try:
        yield path
    except NOTHING_LEFT_OPEN:
        path.unlink(missing_ok=True)
        raise
    path.unlink(missing_ok=True)


def write_file(path: Path, data: bytes, mode: int) -> None:
    """Write a file whole or not at all, and durably.

    Raises:
        Problem: when it cannot be written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(path, data, mode)
    except OSError as error:
        raise Problem(
            "FILE_UNWRITABLE",
            Text("写不了文件", "the file cannot be written"),
            ExitCode.UNCHECKED,
            values={"path": str(path), "error": error.strerror or str(error)},
        ) from error
