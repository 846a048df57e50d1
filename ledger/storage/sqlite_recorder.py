"""The eventsourcing library's application recorder on the ledger's log in SQLite.

DESIGN section 7. Reads the view `stored_events` with the library's own statements; writes through
`RecorderDoor`. Notification ids are index + 1: entries of the log itself leave holes, and nobody
waits for them. The library's names that are overridden here move between its minor versions: all of
them are in this file, and tests/contract/test_library_recorder_cases.py holds them to its published
cases.
"""

from collections.abc import Sequence
from threading import Thread
from typing import Final, cast
from uuid import UUID

from eventsourcing.persistence import (
    ApplicationRecorder,
    ListenNotifySubscription,
    StoredEvent,
    Subscription,
)
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

from ledger.application.ports import StoredBatch
from ledger.storage.recorder_door import RecorderDoor
from ledger.storage.sqlite_writer import Appended

_LOOK_SECONDS: Final = 0.25
"""How often a subscription looks for what other processes appended."""


class LedgerSQLiteRecorder(SQLiteApplicationRecorder):
    """Records the library's events in the log."""

    def __init__(self, datastore: SQLiteDatastore, door: RecorderDoor, appended: Appended) -> None:
        """Read through `datastore`, write through `door`.

        Args:
            datastore: The library's connections to the file.
            door: Where events are inserted.
            appended: The writer's announcements, which wake subscriptions.
        """
        super().__init__(datastore)
        self.select_events_statement = "SELECT * FROM stored_events WHERE stream=? "
        self.appended = appended
        self._door = door

    def construct_create_table_statements(self) -> list[str]:
        """Return nothing: `open_storage` makes the schema."""
        return []

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

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Return a stream's events."""
        if isinstance(originator_id, UUID):
            # The statement compares the bytes, which have the index; the library passes on what
            # is not a UUID.
            originator_id = cast("str", originator_id.bytes)
        return super().select_events(originator_id, gt=gt, lte=lte, desc=desc, limit=limit)

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Return an iterator over events after `gt`, those to come included."""
        return _Subscription(self, gt, topics)

    def close(self) -> None:
        """Close the door and the library's connections."""
        self._door.close()
        self.datastore.close()


class _Subscription(ListenNotifySubscription[LedgerSQLiteRecorder]):
    """Woken by the writer of this process, and now and then for those of others."""

    def __init__(
        self, recorder: LedgerSQLiteRecorder, gt: int | None, topics: Sequence[str]
    ) -> None:
        super().__init__(recorder, gt, topics)
        self._listen_thread = Thread(target=self._listen)
        self._listen_thread.start()

    def __exit__(self, *args: object, **kwargs: object) -> None:
        try:
            super().__exit__(*args, **kwargs)
        finally:
            self._listen_thread.join()

    def _listen(self) -> None:
        seen = -1
        while not self._has_been_stopped:
            seen = self._recorder.appended.wait(seen, _LOOK_SECONDS)
            self._has_been_notified.set()
