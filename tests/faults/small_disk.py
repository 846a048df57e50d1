"""A disk that is full, and is not full any more, under a server that runs.

Two ways. A limit on the size of the files that the server may write (setrlimit(2)): every write
fails with EFBIG, also one in the middle of a page. And a small file system of the folder's own,
which a filler takes up: ENOSPC. Mounting it asks for privileges; without them the limit stands in.
"""

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

_SIZE: Final = "24m"
_CHUNK: Final = 4_096


class SmallDisk(Protocol):
    """What makes a disk full."""

    def fill(self, pid: int) -> None:
        """Let no more be written by a process."""

    def free(self, pid: int) -> None:
        """Let it write again."""


class FileLimit:
    """The process may write its files up to one page, which all of them have."""

    def fill(self, pid: int) -> None:
        """Lower the limit."""
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (_CHUNK, hard))

    def free(self, pid: int) -> None:
        """Raise it again."""
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))


@dataclass(frozen=True, slots=True)
class FullFileSystem:
    """A file takes up what is left."""

    folder: Path

    @property
    def _filler(self) -> Path:
        return self.folder / "filler"

    def fill(self, pid: int) -> None:
        """Write until there is no room."""
        with self._filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(_CHUNK))
            except OSError:
                return

    def free(self, pid: int) -> None:
        """Remove the filler."""
        self._filler.unlink()


@contextmanager
def full_file_system(folder: Path) -> Iterator[SmallDisk]:
    """Mount a small file system on a folder, or make do with the limit."""
    folder.mkdir()
    mounted = os.geteuid() == 0 and not _run(
        "mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", str(folder)
    )
    try:
        yield FullFileSystem(folder) if mounted else FileLimit()
    finally:
        if mounted:
            _run("umount", "--lazy", str(folder))


def _run(*command: str) -> int:
    return subprocess.run(command, check=False, capture_output=True).returncode
