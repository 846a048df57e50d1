"""The eventsourcing library's application recorder on the ledger's log in PostgreSQL.

DESIGN section 7. Reads the view `stored_events` with the library's own statements; writes through
`RecorderDoor`: no table lock, no sequence, no gaps. Notification ids are index + 1: entries of the
log itself leave holes, and nobody waits for them. The library's names that are overridden here move
between its minor versions: all of them are in this file, and
tests/contract/test_library_recorder_cases.py holds them to its published cases.
"""

from collections.abc import Sequence
from typing import Final

from eventsourcing.persistence import ApplicationRecorder, StoredEvent, Subscription
from eventsourcing.postgres import (
    PostgresApplicationRecorder,
    PostgresDatastore,
    PostgresSubscription,
)
from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier

from ledger.application.ports import StoredBatch
from ledger.storage.database import postgres_conninfo
from ledger.storage.postgres_writer import CHANNEL
from ledger.storage.recorder_door import RecorderDoor

_LOOK_SECONDS: Final = 0.25
"""How often a subscription looks without having been notified: a NOTIFY can be lost."""
_CONNECTIONS: Final = 15


class UrlDatastore(PostgresDatastore):
    """The library's connections, by a URL: its own settings know no TLS and no second host."""

    def __init__(self, url: str) -> None:
        """Connect to `postgresql://…` when first needed.

        Raises:
            ValueError: when the URL is malformed.
        """
        super().__init__("", "", "", "", "", max_overflow=_CONNECTIONS - 1)
        self.pool.conninfo = postgres_conninfo(url)
        self.pool.kwargs = {"row_factory": dict_row}


class LedgerPostgresRecorder(PostgresApplicationRecorder):
    """Records the library's events in the log."""

    def __init__(self, datastore: PostgresDatastore, door: RecorderDoor) -> None:
        """Read through `datastore`, write through `door`."""
        super().__init__(datastore)
        # `open_storage` makes the schema.
        self.sql_create_statements = []
        # Of the bytes, not of the view's uuid, there is an index.
        self.select_events_statement = SQL(
            "SELECT * FROM {schema}.stored_events WHERE stream = uuid_send(%s)"
        ).format(schema=Identifier(datastore.schema))
        self.channel_name = CHANNEL
        self._door = door

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        batches: Sequence[StoredBatch] = (),
        **_: object,
    ) -> list[int]:
        """Insert events, all or none; return their notification ids.

        Args:
            stored_events: The events, each with the version that follows in its stream.
            batches: The batches that the rows name.
            **_: What an application saves beside; nothing is done with it.

        Raises:
            IntegrityError: a version does not follow its stream's last one, or an event is known.
            OperationalError: the database failed; whether the events were stored is not known.
        """
        return self._door.insert(stored_events, batches)

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Return an iterator over events after `gt`, those to come included."""
        return _Subscription(recorder=self, gt=gt, topics=topics)

    def close(self) -> None:
        """Close the door and the library's connections."""
        self._door.close()
        self.datastore.close()


class _Subscription(PostgresSubscription):
    """Woken by NOTIFY, and now and then without one."""

    def _listen(self) -> None:
        recorder = self._recorder
        try:
            with recorder.datastore.get_connection() as connection:
                connection.execute(SQL("LISTEN {}").format(Identifier(recorder.channel_name)))
                while not self._has_been_stopped and not self._thread_error:
                    for _ in connection.notifies(timeout=_LOOK_SECONDS, stop_after=1):
                        pass
                    self._has_been_notified.set()
        except BaseException as error:  # noqa: BLE001 - raised to who iterates
            if self._thread_error is None:
                self._thread_error = error
            self.stop()
