"""`tledger log check`: the whole log from its stored bytes, with the register beside it."""

from collections.abc import Callable

from ledger.application.log_check import CheckReport, check_log
from ledger.commands.home import Home
from ledger.storage.open_storage import open_storage
from ledger.storage.register_file import FileRegister


def check_home(home: Home, progress: Callable[[int, int], None]) -> CheckReport:
    """Check the log of a home; the server may be running.

    Args:
        home: The home.
        progress: Called with the numbers of entries done and in all.
    """
    storage = open_storage(home.settings().database)
    try:
        return check_log(
            storage.reader,
            storage.publications,
            home.trust(),
            FileRegister(home.register),
            progress,
        )
    finally:
        storage.database.close()
