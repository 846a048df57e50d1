"""A broken server, to see that the oracle finds it out: it acknowledges before it commits.

Every fifth group is answered and then lost, as if the machine had died between the two. Started
like `tledger serve`, which it is in all else.
"""

from itertools import count
from typing import Final

from ledger.main import main
from ledger.storage.sqlite_writer import SQLiteGroup, SQLiteWriter

_LOST: Final = 5
_groups = count(1)
_commit = SQLiteWriter._commit


async def _commit_or_lose(self: SQLiteWriter, group: SQLiteGroup) -> None:
    if len(group.rows) > 1 and next(_groups) % _LOST == 0:
        group.rows, group.batches, group.behind = [], [], None
    await _commit(self, group)


SQLiteWriter._commit = _commit_or_lose  # type: ignore[method-assign]

if __name__ == "__main__":
    main(prog_name="tledger")
