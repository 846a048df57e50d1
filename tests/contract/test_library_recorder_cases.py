"""The eventsourcing library's own recorder cases, on the ledger's recorders of both databases."""

import asyncio
import hashlib
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import cast
from unittest import TestCase
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import (
    IntegrityError,
    OperationalError,
    ProgrammingError,
    StoredEvent,
)
from eventsourcing.sqlite import SQLiteDatastore

from ledger.application.errors import StorageUnavailableError
from ledger.application.ports import GroupTransaction, LogHead, LogRow, LogWriter, OwnRow
from ledger.log.entries import build_event_entry, entry_hash, read_entry
from ledger.log.merkle import leaf_hash
from ledger.storage.database import SQLiteDatabase
from ledger.storage.open_storage import Storage, open_storage
from ledger.storage.postgres_recorder import LedgerPostgresRecorder, UrlDatastore
from ledger.storage.recorder_door import RecorderDoor
from ledger.storage.sqlite_recorder import LedgerSQLiteRecorder
from ledger.storage.sqlite_writer import SQLiteWriter
from tests.contract.event_rows import batch

# The module of the cases also holds those of a cipher that the ledger does not use, and whose
# package is not installed.
_CIPHER = ModuleType("eventsourcing.cipher")
vars(_CIPHER)["AESCipher"] = None
sys.modules.setdefault("eventsourcing.cipher", _CIPHER)

from eventsourcing.tests import persistence as cases  # noqa: E402 - needs the module above

Recorder = LedgerSQLiteRecorder | LedgerPostgresRecorder
START_US = 1_790_000_000_000_000


class Rows:
    """Makes rows of the library's test events."""

    def event_id(self, event: StoredEvent) -> bytes:
        stated = f"{event.originator_id} {event.originator_version} {event.topic}"
        return hashlib.sha256(stated.encode() + event.state).digest()[:16]

    def row(self, event: StoredEvent, index: int, prev: bytes | None, recorded_us: int) -> LogRow:
        stream, event_id = UUID(str(event.originator_id)), self.event_id(event)
        entry = build_event_entry(
            event=str(UUID(bytes=event_id)),
            keys=(),
            kind="institution",
            payload=leaf_hash(event.state),
            prev=prev,
            recorded=recorded_us,
            seq=event.originator_version,
            stream=str(stream),
        )
        return LogRow(
            index,
            entry,
            recorded_us,
            stream.bytes,
            event.originator_version,
            event.topic,
            event.state,
            event_id,
            None,
            "",
            bytes(32),
            bytes(32),
            0,
        )


def from_one(events: Sequence[StoredEvent]) -> Sequence[StoredEvent]:
    """Some of the cases number their streams from 0; a stream of the ledger begins with 1."""
    if not events or events[0].originator_version != 0:
        return events
    return [replace(event, originator_version=event.originator_version + 1) for event in events]


class SQLiteRecorder(LedgerSQLiteRecorder):
    def insert_events(self, stored_events: Sequence[StoredEvent], **_: object) -> list[int]:
        return super().insert_events(from_one(stored_events))


class PostgresRecorder(LedgerPostgresRecorder):
    def insert_events(self, stored_events: Sequence[StoredEvent], **_: object) -> list[int]:
        return super().insert_events(from_one(stored_events))


def recorder_on(storage: Storage, door: RecorderDoor) -> Recorder:
    if isinstance(storage.database, SQLiteDatabase):
        assert isinstance(storage.writer, SQLiteWriter)
        datastore = SQLiteDatastore(str(storage.database.path))
        return SQLiteRecorder(datastore, door, storage.writer.appended)
    return PostgresRecorder(UrlDatastore(storage.url), door)


def await_readers() -> None:
    """Wait for the readers that a case of the library tells to stop, but leaves running.

    One that reads from a connection while it is closed takes the process down.
    """
    for thread in threading.enumerate():
        if "(read_continuously)" in thread.name:
            thread.join(timeout=30)


class OnSQLite(TestCase):
    """The cases get a recorder on a new SQLite file."""

    url: str

    @pytest.fixture(autouse=True)
    def _place(self, tmp_path: Path) -> None:
        self.url = f"sqlite:///{tmp_path / 'ledger.db'}"

    def create_recorder(self) -> Recorder:
        storage = open_storage(self.url)
        recorder = recorder_on(storage, RecorderDoor(storage.writer, Rows()))
        self.addCleanup(storage.database.close)
        self.addCleanup(recorder.close)
        self.addCleanup(await_readers)
        return recorder


class OnPostgres(OnSQLite):
    """The cases get a recorder on a new PostgreSQL database."""

    @pytest.fixture(autouse=True)
    def _place(self, postgres_url: str) -> None:
        self.url = postgres_url


class TestSQLiteRecorder(OnSQLite, cases.ApplicationRecorderTestCase[Recorder]):
    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestPostgresRecorder(OnPostgres, cases.ApplicationRecorderTestCase[Recorder]):
    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestSQLiteNonInterleaving(OnSQLite, cases.NonInterleavingNotificationIDsBaseCase):
    pass


class TestPostgresNonInterleaving(OnPostgres, cases.NonInterleavingNotificationIDsBaseCase):
    pass


# --- What the ledger asks beyond the library ------------------------------------------------------


@pytest.fixture
def recorder(storage: Storage) -> Iterator[Recorder]:
    made = recorder_on(storage, RecorderDoor(storage.writer, Rows(), recorded=_clock()))
    yield made
    made.close()


def _clock() -> Callable[[int], int]:
    return lambda previous_us: max(previous_us, START_US) + 1


def event(stream: UUID, version: int, state: bytes = b"state") -> StoredEvent:
    return StoredEvent(originator_id=stream, originator_version=version, topic="topic", state=state)


def test_events_of_the_library_are_entries_of_the_log(storage: Storage, recorder: Recorder) -> None:
    one, two = uuid4(), uuid4()
    ids = recorder.insert_events([event(one, 1), event(two, 1), event(one, 2)])
    assert ids == [1, 2, 3]
    entries = [entry for _, entry in storage.reader.entries(0, 10)]
    read = [read_entry(entry) for entry in entries]
    assert [getattr(entry, "prev", None) for entry in read] == [None, None, entry_hash(entries[0])]
    assert storage.reader.head() == LogHead(3, START_US + 1, None)
    recorder.insert_events([event(one, 3)])
    assert storage.reader.stream_rows(one.bytes)[-1].recorded_us == START_US + 2


@pytest.mark.parametrize("version", [0, 1, 3])
def test_a_version_that_does_not_follow_is_refused(
    storage: Storage, recorder: Recorder, version: int
) -> None:
    stream = uuid4()
    recorder.insert_events([event(stream, 1)])
    wrong = event(stream, version, b"other")
    with pytest.raises(IntegrityError, match="2 is due"):
        recorder.insert_events([event(uuid4(), 1), wrong])
    assert storage.reader.head().size == 1


def test_an_event_that_is_known_is_refused(storage: Storage, recorder: Recorder) -> None:
    stored = event(uuid4(), 1)
    recorder.insert_events([stored])
    with pytest.raises(IntegrityError, match="already"):
        recorder.insert_events([stored])
    with pytest.raises(IntegrityError, match="twice"):
        recorder.insert_events([event(UUID(int=1), 1), event(UUID(int=1), 1)])
    assert storage.reader.head().size == 1


def test_a_stream_whose_id_is_no_uuid_is_refused(recorder: Recorder) -> None:
    text = StoredEvent(originator_id="text", originator_version=1, topic="topic", state=b"")
    with pytest.raises(ProgrammingError, match="UUID"):
        recorder.insert_events([text])


def test_batches_are_stored_with_the_events(storage: Storage, recorder: Recorder) -> None:
    door = recorder._door
    door.insert([event(uuid4(), 1)], [batch(1, 1)])
    assert storage.reader.batch(batch(1, 1).name) == batch(1, 1)


def test_entries_of_the_log_itself_are_holes_that_nobody_waits_for(
    storage: Storage, recorder: Recorder
) -> None:
    stream = uuid4()
    recorder.insert_events([event(stream, 1)])
    with storage.database.writing() as transaction:
        transaction.query("INSERT INTO log (notification_id, recorded) VALUES (2, 0)")
        transaction.query("UPDATE log_head SET size = 2, slot = 1")
    assert recorder.insert_events([event(stream, 2)]) == [3]
    notifications = recorder.select_notifications(start=1, limit=10)
    assert [each.id for each in notifications] == [1, 3]
    assert recorder.max_notification_id() == 3
    with recorder.subscribe(gt=1) as subscription:
        assert next(subscription).id == 3


def test_a_closed_log_takes_no_event(storage: Storage, recorder: Recorder) -> None:
    with storage.database.writing() as transaction:
        transaction.query("UPDATE log_head SET closed = NOT closed")
    with pytest.raises(IntegrityError, match="closed"):
        recorder.insert_events([event(uuid4(), 1)])


def test_a_subscription_also_sees_what_another_process_appends(
    storage: Storage, storage_url: str, recorder: Recorder
) -> None:
    elsewhere = open_storage(storage_url)
    other = recorder_on(elsewhere, RecorderDoor(elsewhere.writer, Rows()))
    try:
        with recorder.subscribe(gt=0) as subscription:
            other.insert_events([event(uuid4(), 1)])
            assert next(subscription).id == 1
    finally:
        other.close()
        elsewhere.database.close()


def test_the_library_and_the_sequencer_write_through_one_writer(storage: Storage) -> None:
    """The door takes the running loop of the writer instead of one of its own."""

    async def append(writer: LogWriter) -> None:
        async with writer.group(()) as group:
            size = group.head.size
            own = OwnRow(size, b"log-key", group.head.recorded_us)
            await group.insert([own], (), replace(group.head, size=size + 1))

    async def scene() -> None:
        door = RecorderDoor(
            storage.writer, Rows(), loop=asyncio.get_running_loop(), recorded=_clock()
        )
        recorder = recorder_on(storage, door)
        stream = uuid4()
        try:
            for version in (1, 2):
                await asyncio.gather(
                    append(storage.writer),
                    asyncio.to_thread(recorder.insert_events, [event(stream, version)]),
                )
            with pytest.raises(ProgrammingError, match="another thread"):
                recorder.insert_events([event(stream, 3)])
        finally:
            await asyncio.to_thread(recorder.close)
            await storage.writer.close()

    asyncio.run(scene())
    assert storage.reader.head().size == 4
    assert [row.seq for row in storage.reader.rows(0, 10)] == [1, 2]


class FailingWriter:
    """A writer whose database went away."""

    @asynccontextmanager
    async def group(self, event_ids: Sequence[bytes]) -> AsyncIterator[GroupTransaction]:
        await self.flush()
        yield cast("GroupTransaction", None)

    async def flush(self) -> None:
        raise StorageUnavailableError("went away")

    async def clock_us(self) -> int | None:
        return None

    async def close(self) -> None:
        """Nothing is open."""


def test_a_database_that_fails_is_an_operational_error_of_the_library() -> None:
    door = RecorderDoor(FailingWriter(), Rows())
    try:
        with pytest.raises(OperationalError, match="went away"):
            door.insert([event(uuid4(), 1)])
    finally:
        door.close()


def test_threads_that_compete_for_a_stream_leave_no_gap(
    storage: Storage, recorder: Recorder
) -> None:
    stream, conflicts = uuid4(), []

    def write(number: int) -> None:
        for version in range(1, 11):
            try:
                recorder.insert_events([event(stream, version, b"%d" % number)])
            except IntegrityError:
                conflicts.append(version)

    writing = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in writing:
        thread.start()
    for thread in writing:
        thread.join()
    rows = storage.reader.rows(0, 100)
    assert [row.index for row in rows] == list(range(10))
    assert [row.seq for row in rows] == list(range(1, 11))
    assert len(conflicts) == 30
