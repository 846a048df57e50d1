"""The trace log: every question about one person across institutions, written before its answer.

It stands in the person vault's database. What was asked is kept as a keyed digest: the log names
nobody, and a question that is known can be found in it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final
from uuid import uuid4

from ledger.application.recorded_clock import wall_clock_us
from ledger.log import canonical_json
from ledger.storage.database import Database
from ledger.storage.vault_keys import VaultKeys

_SCHEMA: Final = Path(__file__).with_name("trace_log_schema.sql")


class TraceLog:
    """Keeps who asked what; safe to use from several threads."""

    def __init__(
        self, database: Database, keys: VaultKeys, clock: Callable[[], int] = wall_clock_us
    ) -> None:
        """Open the log, and make its table when it is missing.

        Args:
            database: The person vault's database.
            keys: The person vault's keys.
            clock: Returns the moment, microseconds since 1970 UTC.
        """
        self._database = database
        self._keys = keys
        self._clock = clock
        database.run_script(_SCHEMA.read_text(encoding="utf-8"))

    def write(self, case_number: str, caller: str, question: dict[str, str | int]) -> None:
        """Record a question durably; whatever it is answered, or not, comes after.

        Args:
            case_number: Number of the case, as the caller gives it.
            caller: Who asks, as logs name callers.
            question: What is asked, by member of the request.

        Raises:
            StorageUnavailableError: the database does not answer: there is no answer either.
            StorageFullError: nothing was written, so there is no answer either.
        """
        asked = self.digest(question)
        with self._database.writing() as transaction:
            transaction.query(
                "INSERT INTO trace_log (trace_id, case_number, caller, asked, asked_us)"
                " VALUES (?, ?, ?, ?, ?)",
                (uuid4().bytes, case_number, caller, asked, self._clock()),
            )

    def digest(self, question: dict[str, str | int]) -> bytes:
        """Return what the log keeps of a question, 32 bytes."""
        return self._keys.asked(canonical_json.encode(question))
