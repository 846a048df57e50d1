"""The documents themselves: names within their folder, media types, salted digests of large files.

Nothing here holds more of a file in memory than a mebibyte.
"""

import os
import re
from collections.abc import Sequence
from hashlib import sha256
from mimetypes import MimeTypes
from pathlib import Path
from typing import Final

from clients.cli.archive_manifest import MANIFEST
from clients.cli.language import Text
from clients.cli.problems import ExitCode, Problem, misuse

UNKNOWN_TYPE: Final = "application/octet-stream"
_CHUNK: Final = 1024 * 1024
_ADMITTED: Final = re.compile(r"[a-z]+/[0-9a-z.+-]{1,80}")
# Office formats that the table of Python 3.11 lacks.
_OFFICE: Final = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_COMPRESSED: Final = {"gzip": "application/gzip", "bzip2": "application/x-bzip2"}
# An instance of its own: the same answer on every machine, whatever its mime.types says.
_TYPES: Final = MimeTypes()
for _suffix, _type in _OFFICE.items():
    _TYPES.add_type(_type, _suffix)


def media_type(name: str) -> str:
    """Return the media type that a file's name stands for."""
    found, encoding = _TYPES.guess_type(Path(name).name)
    if encoding is not None:
        return _COMPRESSED.get(encoding, UNKNOWN_TYPE)
    found = (found or UNKNOWN_TYPE).lower()
    return found if _ADMITTED.fullmatch(found) else UNKNOWN_TYPE


def salted_digest(path: Path, salt: bytes) -> tuple[bytes, int]:
    """Return SHA-256 over salt and bytes of a file, and the number of its bytes.

    Raises:
        Problem: when it cannot be read.
    """
    digest, size = sha256(salt), 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except OSError as error:
        raise Problem(
            "FILE_UNREADABLE",
            Text("读不了文件", "the file cannot be read"),
            ExitCode.UNCHECKED,
            values={"path": str(path), "error": error.strerror or str(error)},
        ) from error
    return digest.digest(), size


def names_within(folder: Path, files: Sequence[Path]) -> list[str]:
    """Return the names of files within a folder, with `/`.

    Raises:
        Problem: when one lies elsewhere, stands twice, is the manifest, or has a name that is no
            UTF-8.
    """
    root = folder.resolve()
    names: list[str] = []
    for file in files:
        # The file may be a link to another place; its folder may not.
        place = file.parent.resolve() / file.name
        if not place.is_relative_to(root):
            raise _unfit(file, "文件不在该目录内", "the file is not in the folder")
        name = place.relative_to(root).as_posix()
        if not _is_text(name):
            raise _unfit(file, "文件名不是 UTF-8", "the file's name is no UTF-8")
        if name == MANIFEST:
            raise _unfit(file, "清单本身不能归档", "the manifest itself cannot be added")
        if name in names:
            raise _unfit(file, "文件重复", "the file stands twice")
        names.append(name)
    return names


def files_below(folder: Path) -> list[str]:
    """Return the names of all files in a folder and below, sorted; hidden ones are passed over.

    Raises:
        Problem: when a folder cannot be read.
    """
    names = []
    for place, folders, files in os.walk(folder, onerror=_unlisted):
        folders[:] = [name for name in folders if not name.startswith(".")]
        inner = Path(place).relative_to(folder)
        names += [(inner / name).as_posix() for name in files if not name.startswith(".")]
    return sorted(name for name in names if name != MANIFEST)


def _is_text(name: str) -> bool:
    # Bytes of a name that are no UTF-8 come as surrogates, which no JSON can hold.
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unlisted(error: OSError) -> None:
    raise Problem(
        "FILE_UNREADABLE",
        Text("读不了目录", "the folder cannot be read"),
        ExitCode.UNCHECKED,
        values={"path": str(error.filename), "error": error.strerror or str(error)},
    ) from error


def _unfit(file: Path, zh: str, en: str) -> Problem:
    return misuse(zh, en, code="INPUT_WRONG", values={"path": str(file)})
