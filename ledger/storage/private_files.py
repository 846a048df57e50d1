"""Files that hold secrets: made once, flushed, and for the owner's eyes alone.

A file has mode 0600 in a folder of mode 0700 and is never overwritten. What is wrong with one is
told with the file's path and the command that mends it, in Chinese and in English.
"""

import os
import stat
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from ledger.application.errors import ApplicationError

PRIVATE_FILE_MODE: Final = 0o600
PRIVATE_FOLDER_MODE: Final = 0o700
PRIVATE_FILE_LIMIT: Final = 64 * 1024
_OTHERS: Final = 0o077


@dataclass(frozen=True, slots=True)
class ProblemWords:
    """Reason and fix of one problem; `{path}` stands for the file."""

    reason_zh: str
    reason_en: str
    fix_zh: str
    fix_en: str


class KeyFileProblem(Enum):
    """What can be wrong with a file or a folder of secrets."""

    MISSING = ProblemWords(
        "不存在",
        "does not exist",
        "从密钥备份恢复该文件；新账本请先生成密钥",
        "restore it from the backup of the keys; for a new log, create the keys first",
    )
    EXISTS = ProblemWords(
        "已存在，不覆盖",
        "exists already and is not overwritten",
        "换一个文件夹；如确认从未使用，先移走旧文件",
        "use another folder, or move the old files away if no log ever used them",
    )
    OPEN_TO_OTHERS = ProblemWords(
        "其他用户可以读写",
        "can be read or written by other users",
        "执行 chmod go-rwx '{path}'；若曾被他人读取，请更换密钥",
        "run chmod go-rwx '{path}'; replace the keys if somebody read them",
    )
    UNREADABLE = ProblemWords(
        "无法读写",
        "cannot be read or written",
        "检查所有者、权限与磁盘，用服务的用户运行",
        "check owner, mode and disk, and run as the user of the service",
    )
    NOT_A_FILE = ProblemWords(
        "不是普通文件或文件夹",
        "is not a regular file in a folder",
        "移走它，从密钥备份恢复",
        "move it away and restore the backup of the keys",
    )
    MALFORMED = ProblemWords(
        "内容不合格式",
        "does not hold what it should",
        "从密钥备份恢复该文件",
        "restore it from the backup of the keys",
    )


class KeyFileError(ApplicationError):
    """A file or a folder of secrets that cannot be used.

    Attributes:
        path: Which.
        problem: What is wrong with it.
    """

    def __init__(self, path: Path, problem: KeyFileProblem) -> None:
        """Keep both; the message says reason and fix in both languages."""
        self.path = path
        self.problem = problem
        super().__init__(
            f"{path}: {self.reason('en')}: {self.fix('en')} / {self.reason('zh')}：{self.fix('zh')}"
        )

    def reason(self, language: str) -> str:
        """Return the reason in `zh` or `en`."""
        words = self.problem.value
        return words.reason_zh if language == "zh" else words.reason_en

    def fix(self, language: str) -> str:
        """Return what to do in `zh` or `en`."""
        words = self.problem.value
        return (words.fix_zh if language == "zh" else words.fix_en).format(path=self.path)


def make_private_folder(folder: Path) -> None:
    """Make a folder of mode 0700, or accept one that is closed to others.

    Raises:
        KeyFileError: when it cannot be made, is no folder, or is open to others.
    """
    try:
        folder.mkdir(mode=PRIVATE_FOLDER_MODE, parents=True, exist_ok=True)
    except FileExistsError as error:
        raise KeyFileError(folder, KeyFileProblem.NOT_A_FILE) from error
    except OSError as error:
        raise KeyFileError(folder, KeyFileProblem.UNREADABLE) from error
    check_private_folder(folder)


def check_private_folder(folder: Path) -> None:
    """Check that a folder is there and closed to others.

    Raises:
        KeyFileError: when it is not.
    """
    try:
        status = folder.stat()
    except FileNotFoundError as error:
        raise KeyFileError(folder, KeyFileProblem.MISSING) from error
    except OSError as error:
        raise KeyFileError(folder, KeyFileProblem.UNREADABLE) from error
    if not stat.S_ISDIR(status.st_mode):
        raise KeyFileError(folder, KeyFileProblem.NOT_A_FILE)
    if status.st_mode & _OTHERS:
        raise KeyFileError(folder, KeyFileProblem.OPEN_TO_OTHERS)


def write_new_file(path: Path, data: bytes, mode: int = PRIVATE_FILE_MODE) -> None:
    """Write a file that does not exist yet, and flush it and its folder.

    Raises:
        KeyFileError: when it exists, or cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except FileExistsError as error:
        raise KeyFileError(path, KeyFileProblem.EXISTS) from error
    except OSError as error:
        raise KeyFileError(path, KeyFileProblem.UNREADABLE) from error


def read_private_file(path: Path) -> bytes:
    """Return what a file holds that is closed to others.

    Raises:
        KeyFileError: when it is missing, unreadable, no regular file, open to others, or larger
            than 64 KiB.
    """
    try:
        # Not blocking: a named pipe in its place must not hang the start.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            mode = os.fstat(descriptor).st_mode
            if not stat.S_ISREG(mode):
                raise KeyFileError(path, KeyFileProblem.NOT_A_FILE)
            if mode & _OTHERS:
                raise KeyFileError(path, KeyFileProblem.OPEN_TO_OTHERS)
            data = file.read(PRIVATE_FILE_LIMIT + 1)
    except FileNotFoundError as error:
        raise KeyFileError(path, KeyFileProblem.MISSING) from error
    except IsADirectoryError as error:
        raise KeyFileError(path, KeyFileProblem.NOT_A_FILE) from error
    except OSError as error:
        raise KeyFileError(path, KeyFileProblem.UNREADABLE) from error
    if len(data) > PRIVATE_FILE_LIMIT:
        raise KeyFileError(path, KeyFileProblem.MALFORMED)
    return data
