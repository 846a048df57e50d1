"""The register of the last signed checkpoint: what the log never signs against (DESIGN section 7).

It lies outside of the database, so that a database restored from a backup, or split in two, cannot
make the publisher sign a second history. It is written before the publication is stored.
"""

from typing import NamedTuple, Protocol

from ledger.application.errors import ApplicationError


class RegisteredCheckpoint(NamedTuple):
    """What was signed last: size and root of the tree, and the signed note."""

    size: int
    root: bytes
    note: str


class RegisterMovedError(ApplicationError):
    """The register does not hold the expected checkpoint: somebody else signed meanwhile."""


class CheckpointRegister(Protocol):
    """A register for one log with compare-and-swap."""

    def read(self) -> RegisteredCheckpoint | None:
        """Return the last signed checkpoint, None before the first.

        Raises:
            ApplicationError: when the register cannot be read or is malformed.
        """

    def swap(self, old: RegisteredCheckpoint | None, new: RegisteredCheckpoint) -> None:
        """Put `new` in the place of `old`; when this returns, it is durable.

        `new` may equal `old`: then it is made durable once more.

        Raises:
            RegisterMovedError: when the register does not hold `old`; nothing has changed.
            StorageError: when it cannot be written; it holds `old` or `new`.
        """
