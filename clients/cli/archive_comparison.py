"""A folder of documents against the cohort file: pure, the reading is given.

The cohort file decides what there has to be; the manifest has the salts; the folder has the bytes.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from clients.cli.archive_manifest import ArchivedFile


class Item(Protocol):
    """An item of the cohort file, as the ledger answers it."""

    size: int
    salted_digest: str


_Item = TypeVar("_Item", bound=Item)


class State(StrEnum):
    """What became of an item of the cohort file."""

    PRESENT = "present"
    """The file is there, byte for byte."""
    CHANGED = "changed"
    """The file is there with other bytes."""
    MISSING = "missing"
    """The file is not there."""
    WITHOUT_SALT = "without_salt"
    """The manifest has no salt for it, so no file can be compared with it."""


@dataclass(frozen=True, slots=True)
class Finding(Generic[_Item]):
    """An item with its state; `file` is what the manifest says of it, None without salt."""

    item: _Item
    state: State
    file: ArchivedFile | None


@dataclass(frozen=True, slots=True)
class Comparison(Generic[_Item]):
    """The findings by item, and the files for which there is no item, sorted."""

    findings: tuple[Finding[_Item], ...]
    unlisted: tuple[str, ...]

    def count(self, *states: State) -> int:
        """Return how many items are in one of these states."""
        return sum(finding.state in states for finding in self.findings)


def compare(
    items: Iterable[_Item],
    files: Iterable[ArchivedFile],
    found: Collection[str],
    digest: Callable[[str, bytes], tuple[bytes, int] | None],
) -> Comparison[_Item]:
    """Compare a cohort file's items with a folder.

    Args:
        items: Items of the cohort file.
        files: Files of the manifest.
        found: Names of the files in the folder.
        digest: Returns the salted digest and size of a file by name and salt, None where there is
            no such file.
    """
    salted = {file.salted_digest.hex(): file for file in files}
    findings = tuple(_finding(item, salted, digest) for item in items)
    listed = {finding.file.name for finding in findings if finding.file is not None}
    return Comparison(findings, tuple(sorted(name for name in found if name not in listed)))


def _finding(
    item: _Item,
    salted: Mapping[str, ArchivedFile],
    digest: Callable[[str, bytes], tuple[bytes, int] | None],
) -> Finding[_Item]:
    file = salted.get(item.salted_digest)
    if file is None:
        return Finding(item, State.WITHOUT_SALT, None)
    read = digest(file.name, file.salt)
    if read is None:
        return Finding(item, State.MISSING, file)
    same = read == (bytes.fromhex(item.salted_digest), item.size)
    return Finding(item, State.PRESENT if same else State.CHANGED, file)
