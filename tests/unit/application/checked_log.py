"""A log with three publications to check, and the finding of a check in short."""

from copy import deepcopy
from functools import cache

from ledger.application.log_check import CheckReport, check_log
from tests.unit.application.memory_storage import MemoryRegister, MemoryStorage
from tests.unit.application.written_log import Ledger
from tests.unit.clients.verifier.small_log import (
    core,
    trust_file,
)

TRUST = trust_file()


@cache
def _whole() -> tuple[MemoryStorage, MemoryRegister]:
    """A log with publications of size 6, 312 and 320, and two entries that are not published.

    Learner n mod 10 signs in with entry n; entry 311 and 319 are map-commits, 315 is an issue,
    320 and 322 are sign-ins, 321 is the empty slot.
    """
    ledger = Ledger()
    ledger.log.fill(ledger.publish().size - 1)
    for index in range(6, 311):
        ledger.log.sign_in(index % 10)
    ledger.log.fill(ledger.publish().size - 1)
    for index in range(312, 319):
        if index == 315:
            ledger.log.issue(core())
        else:
            ledger.log.sign_in(index % 10)
    ledger.log.fill(ledger.publish().size - 1)
    ledger.log.sign_in(320 % 10)
    ledger.log.slot()
    ledger.log.sign_in(322 % 10)
    return ledger.storage, ledger.register


def whole() -> tuple[MemoryStorage, MemoryRegister]:
    return deepcopy(_whole())


def check(storage: MemoryStorage, register: MemoryRegister | None = None) -> CheckReport:
    return check_log(storage, storage, TRUST, register)


def found(storage: MemoryStorage, register: MemoryRegister | None = None) -> tuple[int | None, str]:
    """Index and English words of the finding."""
    finding = check(storage, register).finding
    assert finding is not None
    assert finding.zh
    return finding.index, finding.en
