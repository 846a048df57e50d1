"""The full check against the register, and of a log that goes on meanwhile."""

from copy import deepcopy

import pytest

from ledger.application.checkpoint_register import RegisteredCheckpoint
from ledger.application.errors import StorageUnavailableError
from ledger.log.checkpoints import open_checkpoint
from tests.unit.application.checked_log import TRUST, check, found, whole
from tests.unit.application.memory_storage import MemoryStorage
from tests.unit.application.tampering import (
    edit,
    edit_members,
    other_root,
)
from tests.unit.application.written_log import Ledger


def test_a_register_ahead_of_the_database_is_a_database_from_a_backup() -> None:
    storage, register = whole()
    backup = deepcopy(storage)
    for index in range(312, 323):
        del backup.rows_by_index[index]
    del backup.notes[320]
    _rebuild(backup, 312)
    missing, words = found(backup, register)
    assert missing == 312
    assert "312 entries" in words
    assert "size 320 was signed" in words
    assert check(backup, None).finding is None


def _rebuild(storage: MemoryStorage, size: int) -> None:
    """Publish what is left up to a size once more, to have tiles and heads of that state."""
    ledger = Ledger()
    ledger.log.fill(ledger.publish().size - 1)
    for at in range(6, size - 1):
        ledger.log.sign_in(at % 10)
    ledger.publish()
    storage.tiles, storage.stored_heads = ledger.storage.tiles, ledger.storage.stored_heads


def test_the_register_may_be_ahead_by_the_slot_and_has_to_fit_it() -> None:
    ledger = Ledger()
    ledger.log.slot()
    ledger.log.sign_in(1)
    ledger.storage.faults.armed.add("before publish")
    with pytest.raises(StorageUnavailableError):
        ledger.publisher.publish_once()
    assert check(ledger.storage, ledger.register).finding is None
    other = Ledger()
    other.log.slot()
    recorded = other.storage.rows_by_index[4].recorded_us
    edit_members(other.storage, 4, recorded=recorded + 1)
    edit(other.storage, 4, recorded_us=recorded + 1)
    edit(other.storage, 5, recorded_us=recorded + 1)
    assert found(other.storage, ledger.register)[0] == 5
    assert check(other.storage, None).finding is None


def test_a_register_with_another_root_or_signature_is_named() -> None:
    storage, register = whole()
    held = register.held
    assert held is not None
    register.held = held._replace(root=bytes(32))
    assert found(storage, register) == (
        319,
        "the root registered for size 320 is not that of the log",
    )
    register.held = held._replace(note=_other_note(held))
    assert "own checkpoint" in found(storage, register)[1]
    register.held = held._replace(note=other_root(held.note))
    assert "does not verify" in found(storage, register)[1]
    ledger = Ledger()
    ledger.log.sign_in(1)
    ledger.log.fill(ledger.publish().size - 1)
    register.held = ledger.register.held
    # Size 7 was signed in another history; here it ends within the sign-ins.
    index, words = found(storage, register)
    assert index == 6
    assert "registered for size 7" in words


def _other_note(held: RegisteredCheckpoint) -> str:
    """A checkpoint of another size that the log did sign."""
    storage, _ = whole()
    assert held.size == 320
    return storage.notes[312]


@pytest.mark.parametrize("gone", [False, True])
def test_a_register_behind_the_database_is_named(gone: bool) -> None:
    storage, register = whole()
    assert register.held is not None
    tree = open_checkpoint(storage.notes[312], TRUST.verifiers()).checkpoint
    register.held = None if gone else RegisteredCheckpoint(312, tree.root, storage.notes[312])
    index, words = found(storage, register)
    assert index is None
    assert words == (
        f"the register is at size {0 if gone else 312}, but the database has published size 320"
    )


def test_a_log_that_goes_on_during_the_check_is_in_order() -> None:
    ledger = Ledger()
    ledger.log.sign_in(1)
    ledger.log.fill(ledger.publish().size - 1)
    read, calls = ledger.storage.entries, []

    def publish_first(start: int, limit: int) -> list[tuple[int, bytes]]:
        ledger.storage.entries = read  # type: ignore[method-assign]
        calls.append(start)
        ledger.log.sign_in(2)
        ledger.log.fill(ledger.publish().size - 1)
        ledger.log.sign_in(3)
        ledger.log.slot()
        return read(start, limit)

    ledger.storage.entries = publish_first  # type: ignore[method-assign]
    report = check(ledger.storage, ledger.register)
    assert calls == [0]
    # It says what it looked at: the log as it was at the start.
    assert (report.size, report.published, report.finding) == (7, 7, None)
    ledger.register.faults.armed.clear()
    read_register = ledger.register.read

    def publish_after() -> RegisteredCheckpoint | None:
        held = read_register()
        ledger.register.read = read_register  # type: ignore[method-assign]
        ledger.publisher.publish_once()
        return held

    ledger.register.read = publish_after  # type: ignore[method-assign]
    report = check(ledger.storage, ledger.register)
    assert (report.size, report.published, report.finding) == (11, 11, None)
