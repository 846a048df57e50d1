"""The manifest `archive.json` beside documents that stand in a cohort file.

The ledger has of a document only a salted digest: SHA-256(salt ‖ bytes). Whoever loses the salt can
no longer show that a file is that document. So the salts are kept where the documents are, and
nothing that was written here is overwritten before it could be read.

    {"cohort", "items": [{"class", "event", "media_type", "name", "place", "salt",
     "salted_digest", "size"}], "v": 1}

Canonical JSON; salts and digests in hex, `name` the path within the folder, with `/`.
"""

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final
from uuid import UUID

from clients.cli.keeping import write_file
from clients.cli.language import Text
from clients.cli.problems import ExitCode, Problem, misuse
from ledger.log import canonical_json
from ledger.log.errors import FormatError

MANIFEST: Final = "archive.json"
SALT_SIZE: Final = 32
_LOCK: Final = ".archive.json.lock"
_LIMIT: Final = 64 * 1024 * 1024
_DIGEST_SIZE: Final = 32
_VERSION: Final = 1
_MEMBERS: Final = frozenset(
    {"class", "event", "media_type", "name", "place", "salt", "salted_digest", "size"}
)


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """A file of the folder, and the event that put it into the cohort file.

    Attributes:
        name: Path within the folder, with `/`.
        item_class: Class in the checklist.
        media_type: Media type.
        size: Bytes.
        place: Code of the place where it is kept.
        salt: 32 random bytes.
        salted_digest: SHA-256 over salt and bytes.
        event: Id of the event.
    """

    name: str
    item_class: str
    media_type: str
    size: int
    place: str
    salt: bytes
    salted_digest: bytes
    event: UUID


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a folder's manifest says; a name may stand in several items, one for each attempt."""

    cohort: UUID
    files: tuple[ArchivedFile, ...]


def read_manifest(folder: Path, cohort: UUID) -> Manifest:
    """Return the manifest of a folder, without files where there is none yet.

    Raises:
        Problem: when it cannot be read, or belongs to another cohort.
    """
    path = folder / MANIFEST
    try:
        with path.open("rb") as file:
            data = file.read(_LIMIT + 1)
        manifest = _decoded(canonical_json.decode(data, _LIMIT))
    except FileNotFoundError:
        return Manifest(cohort, ())
    except (OSError, FormatError) as error:
        raise misuse(
            "读不出清单；未改动任何内容",
            "the manifest cannot be read; nothing was changed",
            code="MANIFEST_UNREADABLE",
            values={"path": str(path), "error": str(error)},
            fixes=[
                Text(
                    "从备份恢复该文件：其中的盐值无法重建",
                    "restore it from a backup: its salts cannot be made again",
                )
            ],
        ) from error
    if manifest.cohort != cohort:
        raise misuse(
            "该目录的清单属于另一班次",
            "the folder's manifest is of another cohort",
            code="MANIFEST_OF_ANOTHER_COHORT",
            values={"path": str(path), "cohort": str(manifest.cohort)},
            fixes=[Text("每个班次用一个目录", "keep a folder for each cohort")],
        )
    return manifest


def keep_files(folder: Path, cohort: UUID, files: Iterable[ArchivedFile]) -> None:
    """Add files to the manifest, durably; to be done before the ledger hears of them.

    Raises:
        Problem: as `read_manifest` does, and when it cannot be written.
    """
    _change(folder, cohort, lambda known: (*known, *files))


def forget_events(folder: Path, cohort: UUID, events: Collection[UUID]) -> None:
    """Take files out whose events are known not to be recorded.

    Raises:
        Problem: as `keep_files` does.
    """
    _change(folder, cohort, lambda known: tuple(row for row in known if row.event not in events))


def is_name(name: str) -> bool:
    """Tell whether a name is a path that stays within the folder."""
    path = PurePosixPath(name)
    return (
        name == str(path)
        and not path.is_absolute()
        and bool(path.parts)
        and ".." not in path.parts
        and "\0" not in name
    )


def _change(
    folder: Path,
    cohort: UUID,
    change: Callable[[tuple[ArchivedFile, ...]], tuple[ArchivedFile, ...]],
) -> None:
    path = folder / MANIFEST
    with _alone(folder):
        files = change(read_manifest(folder, cohort).files)
        if files:
            write_file(path, _encoded(Manifest(cohort, files)), 0o600)
        else:
            path.unlink(missing_ok=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep a second command from changing the manifest between reading and writing."""
    path = folder / _LOCK
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        held = isinstance(error, FileExistsError)
        raise Problem(
            "MANIFEST_IN_USE" if held else "FILE_UNWRITABLE",
            Text("另一命令正在改动清单", "another command is changing the manifest")
            if held
            else Text("写不了文件", "the file cannot be written"),
            ExitCode.UNCHECKED,
            values={"path": str(path), "error": error.strerror or str(error)},
            fixes=[
                Text("稍后再试；若没有其他命令在运行，删除该文件",
                     "try again; where no other command runs, delete that file")
            ] if held else [],
            retryable=held,
        ) from error  # fmt: skip
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _encoded(manifest: Manifest) -> bytes:
    return canonical_json.encode(
        {
            "v": _VERSION,
            "cohort": str(manifest.cohort),
            "items": [
                {
                    "name": row.name,
                    "class": row.item_class,
                    "media_type": row.media_type,
                    "size": row.size,
                    "place": row.place,
                    "salt": row.salt.hex(),
                    "salted_digest": row.salted_digest.hex(),
                    "event": str(row.event),
                }
                for row in manifest.files
            ],
        }
    )


def _decoded(document: dict[str, Any]) -> Manifest:
    if document.keys() != {"v", "cohort", "items"} or document["v"] != _VERSION:
        raise FormatError("not a manifest of version 1")
    if not isinstance(document["items"], list):
        raise FormatError("items is no list")
    try:
        return Manifest(UUID(document["cohort"]), tuple(map(_file, document["items"])))
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise FormatError(f"not a manifest: {error}") from error


def _file(row: dict[str, Any]) -> ArchivedFile:
    texts = [row[member] for member in ("name", "class", "media_type", "place")]
    if row.keys() != _MEMBERS or not all(isinstance(text, str) for text in texts):
        raise ValueError("an item with other members")
    salt, digest = bytes.fromhex(row["salt"]), bytes.fromhex(row["salted_digest"])
    if len(salt) != SALT_SIZE or len(digest) != _DIGEST_SIZE:
        raise ValueError("a salt or digest is not 32 bytes")
    if type(row["size"]) is not int or row["size"] < 0:
        raise ValueError("a size is no number of bytes")
    if not is_name(row["name"]):
        raise ValueError(f"{row['name']!r} is no path within the folder")
    name, item_class, media_type, place = texts
    return ArchivedFile(
        name, item_class, media_type, row["size"], place, salt, digest, UUID(row["event"])
    )
