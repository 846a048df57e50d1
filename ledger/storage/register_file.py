"""The checkpoint register as a file outside of the database.

Canonical JSON `{"note","root","size","v":1}`. A change is written to a temporary file, flushed,
renamed over the old one, and the folder is flushed; a lock file keeps writers apart, so that
processes on one machine can share the register. Keep it on another disk than the database.
"""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ledger.application.checkpoint_register import RegisteredCheckpoint, RegisterMovedError
from ledger.application.errors import ApplicationError, StorageFullError, StorageUnavailableError
from ledger.application.published_state import note_checkpoint
from ledger.log import canonical_json
from ledger.log.errors import FormatError

_LIMIT: Final = 1024 * 1024
_MODE: Final = 0o640
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class RegisterFileError(ApplicationError):
    """The file is there and is no register: nothing is signed until it is restored.

    Attributes:
        path: The file.
    """

    def __init__(self, path: Path, detail: str) -> None:
        """Keep the path; the message says what to do in both languages."""
        self.path = path
        super().__init__(
            f"{path}: not a checkpoint register: {detail}; restore it from its backup or from a "
            f"checkpoint that a witness holds / 检查点登记文件不合格式（{detail}），"
            "请从其备份或见证方保存的检查点恢复"
        )


class FileRegister:
    """A register in one file, which does not exist before the first checkpoint."""

    def __init__(self, path: Path) -> None:
        """Use the file at `path`; its folder has to exist."""
        self.path = path

    def read(self) -> RegisteredCheckpoint | None:
        """Return what the file holds, None when there is none.

        Raises:
            RegisterFileError: when it is malformed.
            StorageUnavailableError: when it cannot be read.
        """
        with _errors_of_the_disk(self.path):
            try:
                with self.path.open("rb") as file:
                    data = file.read(_LIMIT + 1)
            except FileNotFoundError:
                return None
        return self._parse(data)

    def swap(self, old: RegisteredCheckpoint | None, new: RegisteredCheckpoint) -> None:
        """Replace the file if it holds `old`; when this returns, `new` is on disk.

        Raises:
            RegisterFileError: when the file is malformed, or `new` is no checkpoint.
            RegisterMovedError: when the file does not hold `old`.
            StorageFullError: there is no room; the file holds `old`.
            StorageUnavailableError: when writing fails; the file holds `old` or `new`.
        """
        data = _encode(new)
        self._parse(data)
        with _errors_of_the_disk(self.path), self._locked():
            held = self.read()
            if held != old:
                raise RegisterMovedError(
                    f"{self.path} is at size {0 if held is None else held.size}, "
                    f"expected {0 if old is None else old.size}"
                )
            self._write(data)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        # The lock has a file of its own: the register's is another one after each rename.
        descriptor = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _MODE)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _write(self, data: bytes) -> None:
        temporary = self.path.with_name(f"{self.path.name}.tmp")
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
        with os.fdopen(os.open(temporary, flags, _MODE), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self.path)
        # The name is durable only when the folder is.
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _parse(self, data: bytes) -> RegisteredCheckpoint:
        try:
            document = canonical_json.decode(data, _LIMIT)
            note = document["note"]
            checkpoint = note_checkpoint(note)
        except (FormatError, KeyError, TypeError) as error:
            raise RegisterFileError(self.path, str(error)) from error
        registered = RegisteredCheckpoint(checkpoint.size, checkpoint.root, note)
        if _encode(registered) != data:
            raise RegisterFileError(self.path, "its members are not those of its note")
        return registered


def _encode(registered: RegisteredCheckpoint) -> bytes:
    return canonical_json.encode(
        {
            "v": 1,
            "size": registered.size,
            "root": registered.root.hex(),
            "note": registered.note,
        }
    )


@contextmanager
def _errors_of_the_disk(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise StorageFullError(f"{path}: {error.strerror}") from error
        raise StorageUnavailableError(f"{path}: {error.strerror}") from error
