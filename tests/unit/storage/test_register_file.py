"""The checkpoint register as a file: swaps, refusals, and faults of the disk."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from ledger.application.checkpoint_register import RegisteredCheckpoint, RegisterMovedError
from ledger.application.errors import StorageFullError, StorageUnavailableError
from ledger.log.checkpoints import Checkpoint, sign_checkpoint
from ledger.storage.register_file import FileRegister, RegisterFileError
from tests.unit.clients.verifier.small_log import LOG_KEYS, ORIGIN


def signed(size: int, root: int = 0) -> RegisteredCheckpoint:
    tree = Checkpoint(ORIGIN, size, bytes([root]) * 32)
    return RegisteredCheckpoint(size, tree.root, sign_checkpoint(tree, LOG_KEYS, 1_700_000_000))


FIRST, SECOND = signed(6), signed(9)


def test_what_was_swapped_in_is_read_by_another_process(tmp_path: Path) -> None:
    path = tmp_path / "register.json"
    register = FileRegister(path)
    assert register.read() is None
    register.swap(None, FIRST)
    assert FileRegister(path).read() == FIRST
    register.swap(FIRST, SECOND)
    assert FileRegister(path).read() == SECOND
    # The same once more only makes it durable again.
    register.swap(SECOND, SECOND)
    assert register.read() == SECOND
    assert path.read_bytes().startswith(b'{"note":"log.example/city\\n9\\n')
    assert path.read_bytes().endswith(f'"root":"{"00" * 32}","size":9,"v":1}}'.encode())
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "register.json",
        "register.json.lock",
    ]


@pytest.mark.parametrize("expected", [None, signed(6, 1), SECOND])
def test_a_swap_from_another_value_is_refused(
    tmp_path: Path, expected: RegisteredCheckpoint | None
) -> None:
    register = FileRegister(tmp_path / "register.json")
    register.swap(None, FIRST)
    with pytest.raises(RegisterMovedError, match="at size 6"):
        register.swap(expected, signed(12))
    assert register.read() == FIRST


def test_a_swap_from_a_value_where_there_is_none_is_refused(tmp_path: Path) -> None:
    register = FileRegister(tmp_path / "register.json")
    with pytest.raises(RegisterMovedError, match="at size 0, expected 6"):
        register.swap(FIRST, SECOND)
    assert register.read() is None


def test_of_many_swaps_from_one_value_one_succeeds(tmp_path: Path) -> None:
    path = tmp_path / "register.json"
    FileRegister(path).swap(None, FIRST)
    outcomes: list[str] = []

    def swap(root: int) -> None:
        try:
            FileRegister(path).swap(FIRST, signed(9, root))
            outcomes.append("swapped")
        except RegisterMovedError:
            outcomes.append("moved")

    threads = [Thread(target=swap, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["moved"] * 7 + ["swapped"]


@pytest.mark.parametrize(
    "edit",
    [
        lambda _: b"",
        lambda _: b"{}",
        lambda _: b"not JSON",
        lambda data: data[:-1],
        lambda data: data + b"\n",
        lambda data: data.replace(b'"size":6', b'"size":7'),
        lambda data: data.replace(b'"root":"00', b'"root":"01'),
        lambda data: data.replace(b'"v":1', b'"v":2'),
        lambda data: data.replace(b'"v":1', b'"v":true'),
        lambda data: data.replace(b"city\\n6", b"city\\n7"),
        lambda _: b'{"note":6,"root":"","size":6,"v":1}',
        lambda data: data + b" " * 1_100_000,
    ],
    ids=range(12),
)
def test_a_malformed_file_is_named_with_what_to_do(
    tmp_path: Path, edit: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "register.json"
    register = FileRegister(path)
    register.swap(None, FIRST)
    path.write_bytes(edit(path.read_bytes()))
    before = path.read_bytes()
    with pytest.raises(RegisterFileError, match="restore it from its backup") as caught:
        register.read()
    assert caught.value.path == path
    assert "请从其备份" in str(caught.value)
    # Nor is it replaced.
    with pytest.raises(RegisterFileError):
        register.swap(None, SECOND)
    assert path.read_bytes() == before


def test_what_is_no_checkpoint_is_not_written(tmp_path: Path) -> None:
    register = FileRegister(tmp_path / "register.json")
    with pytest.raises(RegisterFileError):
        register.swap(None, FIRST._replace(size=7))
    assert register.read() is None


@pytest.mark.faults
@pytest.mark.parametrize("call", [1, 2])
@pytest.mark.parametrize(
    ("number", "error"),
    [(errno.ENOSPC, StorageFullError), (errno.EIO, StorageUnavailableError)],
)
def test_a_failing_flush_leaves_the_old_or_the_new_value(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    call: int,
    number: int,
    error: type[Exception],
) -> None:
    register = FileRegister(tmp_path / "register.json")
    register.swap(None, FIRST)
    flushed: list[int] = []

    def failing(descriptor: int) -> None:
        flushed.append(descriptor)
        if len(flushed) == call:
            raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(error, match=r"register\.json"):
        register.swap(FIRST, SECOND)
    # First the file is flushed, then, after the renaming, the folder.
    held = register.read()
    assert held == (FIRST if call == 1 else SECOND)
    register.swap(held, SECOND)
    assert register.read() == SECOND


def test_a_folder_that_is_not_there_is_an_error_of_the_storage(tmp_path: Path) -> None:
    register = FileRegister(tmp_path / "missing" / "register.json")
    assert register.read() is None
    with pytest.raises(StorageUnavailableError, match=r"register\.json"):
        register.swap(None, FIRST)
    with pytest.raises(StorageUnavailableError):
        FileRegister(tmp_path).read()
