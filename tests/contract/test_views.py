"""Read models in both databases, and the in-memory stand-in of the unit tests: one contract."""

import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from ledger.application.errors import StorageError, StorageUnavailableError
from ledger.domain.recorded_event import RecordedEvent
from ledger.storage.views import open_views
from projections.documents import Document
from projections.errors import DamagedDocumentError, StaleSaveError
from projections.fold import Documents, Projection
from projections.follower import Follower
from projections.ports import Change, ViewStore
from projections.registry import PROJECTIONS
from tests.unit.projections.memory import MemoryFeed, MemoryViews
from tests.unit.projections.story import ANNA, COHORT, MORNING, Story, at

Opener = Callable[[], ViewStore]
F = "follower"


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        url: str = request.getfixturevalue("postgres_url")
        return url
    return f"sqlite:///{tmp_path / 'ledger.db'}"


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """Opens the same store again and again, as processes of their own would."""
    opened: list[ViewStore] = []
    memory = MemoryViews()
    url = ""
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'ledger.db'}"

    def another() -> ViewStore:
        opened.append(open_views(url) if url else memory)
        return opened[-1]

    yield another
    for store in opened:
        store.close()


@pytest.fixture
def store(opener: Opener) -> ViewStore:
    return opener()


def everything(store: ViewStore, view: str = "v") -> list[tuple[bytes, Document]]:
    return store.page(view, None, b"", 1_000)


def put(key: bytes, document: Document | None, owner: bytes = b"", view: str = "v") -> Change:
    return Change(view, key, document, owner, key)


def count(documents: Documents, event: RecordedEvent, _held: str) -> list[Change]:
    n = documents.get(("count", b"all"), {"n": 0})["n"]
    return [put(b"all", {"n": n + 1}, view="count")]


COUNT = Projection(("count",), lambda _: [("count", b"all")], count)


def told(events: int) -> MemoryFeed:
    story = Story()
    story.plan()
    for number in range(events - 1):
        story.lesson(ANNA, f"LV-{number}", at(8), 30)
    return MemoryFeed(story.events)


# --- saving ------------------------------------------------------------------------------------


def test_a_new_store_is_empty_and_stands_at_zero(store: ViewStore) -> None:
    assert store.position(F) == 0
    assert store.get("v", [b"a"]) == {}
    assert everything(store) == []


def test_a_save_stores_documents_and_position_for_every_reader(opener: Opener) -> None:
    document = {"name": "低压电工", "n": 2**52, "yes": True, "list": [1, ["a"]], "in": {"b": 1}}
    opener().save(F, since=0, position=5, changes=[put(b"a", document)])
    other = opener()
    assert other.position(F) == 5
    assert other.get("v", [b"a", b"b"]) == {b"a": document}
    assert other.get("w", [b"a"]) == {}
    assert other.position("another") == 0


def test_a_save_replaces_and_removes(store: ViewStore) -> None:
    store.save(F, since=0, position=1, changes=[put(b"a", {"n": 1}), put(b"b", {"n": 1})])
    store.save(F, since=1, position=2, changes=[put(b"a", {"n": 2}, b"o"), put(b"b", None)])
    assert everything(store) == [(b"a", {"n": 2})]
    assert store.page("v", b"o", b"", 9) == [(b"a", {"n": 2})]
    store.save(F, since=2, position=3, changes=[put(b"never", None)])
    assert store.position(F) == 3


@pytest.mark.parametrize(
    ("since", "position"),
    [(0, 5), (0, 7), (4, 7), (6, 7), (5, 5), (5, 4), (5, 0)],
    ids=["again", "from the start", "from before", "from behind", "same", "back", "zero"],
)
def test_a_save_that_does_not_follow_is_refused_and_changes_nothing(
    store: ViewStore, since: int, position: int
) -> None:
    store.save(F, since=0, position=5, changes=[put(b"a", {"n": 1}), put(b"b", {"n": 1})])
    changes = [put(b"a", {"n": 2}), put(b"b", None), put(b"c", {"n": 2})]
    with pytest.raises(StaleSaveError):
        store.save(F, since=since, position=position, changes=changes)
    assert store.position(F) == 5
    assert everything(store) == [(b"a", {"n": 1}), (b"b", {"n": 1})]


def test_followers_have_positions_of_their_own(store: ViewStore) -> None:
    store.save("one", since=0, position=5, changes=[put(b"a", {"n": 1})])
    store.save("two", since=0, position=3, changes=[put(b"b", {"n": 2})])
    assert (store.position("one"), store.position("two")) == (5, 3)


def test_clearing_removes_what_one_follower_keeps(store: ViewStore) -> None:
    store.save("one", since=0, position=5, changes=[put(b"a", {"n": 1})])
    store.save("two", since=0, position=3, changes=[put(b"b", {"n": 2})])
    store.clear("one")
    assert store.position("one") == 0
    assert everything(store) == [(b"b", {"n": 2})]
    assert store.position("two") == 3
    store.clear("unheard of")
    assert store.position("unheard of") == 0
    store.save("one", since=0, position=1, changes=[put(b"c", {"n": 3})])
    assert everything(store) == [(b"b", {"n": 2}), (b"c", {"n": 3})]


# --- reading -----------------------------------------------------------------------------------


def test_pages_go_by_place_and_by_owner(store: ViewStore) -> None:
    changes = [
        Change("v", bytes([key]), {"n": key}, owner, bytes([255 - key]))
        for key, owner in ((1, b"x"), (2, b"y"), (3, b"x"), (4, b"x"))
    ]
    store.save(F, since=0, position=1, changes=[*changes, put(b"a", {}, b"x", "w")])
    numbers = [document["n"] for _, document in everything(store)]
    assert numbers == [4, 3, 2, 1]
    first = store.page("v", b"x", b"", 2)
    assert first == [(b"\xfb", {"n": 4}), (b"\xfc", {"n": 3})]
    assert store.page("v", b"x", first[-1][0], 2) == [(b"\xfe", {"n": 1})]
    assert store.page("v", b"x", b"\xfe", 2) == []
    assert store.page("v", b"z", b"", 2) == []


def test_a_document_without_a_place_stands_in_no_page(store: ViewStore) -> None:
    store.save(F, since=0, position=1, changes=[Change("v", b"a", {"n": 1}, b"o")])
    assert store.get("v", [b"a"]) == {b"a": {"n": 1}}
    assert everything(store) == []
    assert store.page("v", b"o", b"", 9) == []


def test_many_keys_are_read_at_once(store: ViewStore) -> None:
    keys = [number.to_bytes(2, "big") for number in range(1_234)]
    store.save(F, since=0, position=1, changes=[put(key, {"k": key.hex()}) for key in keys])
    assert store.get("v", keys) == {key: {"k": key.hex()} for key in keys}
    assert store.get("v", []) == {}


def test_a_snapshot_does_not_see_what_is_saved_meanwhile(opener: Opener) -> None:
    store, other = opener(), opener()
    store.save(F, since=0, position=1, changes=[put(b"a", {"n": 1})])
    with store.snapshot() as reader:
        assert reader.position(F) == 1
        other.save(F, since=1, position=2, changes=[put(b"a", {"n": 2})])
        assert reader.get("v", [b"a"]) == {b"a": {"n": 1}}
        assert reader.page("v", None, b"", 9) == [(b"a", {"n": 1})]
        assert reader.position(F) == 1
    assert store.get("v", [b"a"]) == {b"a": {"n": 2}}


# --- followers on it ---------------------------------------------------------------------------


def test_a_follower_folds_each_event_once_and_stops_at_the_end(opener: Opener) -> None:
    feed = told(23)
    follower = Follower(feed, opener(), [COUNT])
    assert follower.step(10) == 10
    assert follower.lag() == 13
    assert follower.catch_up(10) == 13
    assert follower.step() == 0
    assert Follower(feed, opener(), [COUNT]).catch_up() == 0
    assert opener().get("count", [b"all"]) == {b"all": {"n": 23}}


def test_a_follower_passes_the_logs_own_entries(store: ViewStore) -> None:
    feed = replace(told(3), own=2)
    follower = Follower(feed, store, [COUNT])
    assert follower.step(2) == 2
    assert follower.step(2) == 3
    assert follower.lag() == 0
    assert store.get("count", [b"all"]) == {b"all": {"n": 3}}


def test_two_followers_that_race_fold_each_event_once(opener: Opener) -> None:
    feed = told(400)
    stores = [opener(), opener()]
    start = threading.Barrier(len(stores))
    passed: list[int] = []

    def follow(store: ViewStore, limit: int) -> None:
        follower = Follower(feed, store, [COUNT])
        start.wait()
        passed.append(follower.catch_up(limit))

    threads = [
        threading.Thread(target=follow, args=(store, 7 + number))
        for number, store in enumerate(stores)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(passed) == 400
    assert stores[0].get("count", [b"all"]) == {b"all": {"n": 400}}
    assert stores[0].position("read-models") == 400


def test_a_slower_follower_loses_its_batch(opener: Opener) -> None:
    feed, store, other = told(20), opener(), opener()

    def overtaken(documents: Documents, event: RecordedEvent, held: str) -> list[Change]:
        if event.index == 3:
            assert Follower(feed, other, [COUNT]).step(5) == 5
        return count(documents, event, held)

    assert Follower(feed, store, [replace(COUNT, apply=overtaken)]).step(10) == 0
    assert store.position("read-models") == 5
    assert store.get("count", [b"all"]) == {b"all": {"n": 5}}


def test_a_clear_between_reading_and_saving_refuses_the_save(opener: Opener) -> None:
    feed, store, other = told(20), opener(), opener()
    Follower(feed, store, [COUNT]).step(10)

    def cleared(documents: Documents, event: RecordedEvent, held: str) -> list[Change]:
        if event.index == 12:
            other.clear("read-models")
        return count(documents, event, held)

    assert Follower(feed, store, [replace(COUNT, apply=cleared)]).step(10) == 0
    assert (store.position("read-models"), store.get("count", [b"all"])) == (0, {})


def test_a_crash_between_folds_leaves_the_last_batch_undone(opener: Opener) -> None:
    feed = told(20)

    def crash(documents: Documents, event: RecordedEvent, held: str) -> list[Change]:
        if event.index == 13:
            message = "power cut"
            raise RuntimeError(message)
        return count(documents, event, held)

    follower = Follower(feed, opener(), [replace(COUNT, apply=crash)])
    assert follower.step(10) == 10
    with pytest.raises(RuntimeError, match="power cut"):
        follower.step(10)
    after = opener()
    assert (after.position("read-models"), after.get("count", [b"all"])) == (
        10,
        {b"all": {"n": 10}},
    )
    Follower(feed, after, [COUNT]).catch_up()
    assert after.get("count", [b"all"]) == {b"all": {"n": 20}}


def test_rebuilding_gives_the_same_documents(store: ViewStore) -> None:
    story = Story()
    story.attend(ANNA, MORNING, at(8), at(12))
    story.plan()
    story.enrol(ANNA)
    story.session(MORNING, at(8), at(12))
    story.issue(ANNA, "PXZM-320599-2026-K7Q2-M4XB-9T3H-D")
    follower = Follower(MemoryFeed(story.events), store)
    follower.catch_up(2)
    views = [view for projection in PROJECTIONS for view in projection.views]
    before = {view: everything(store, view) for view in views}
    cohort = store.get("cohorts", [COHORT])
    follower.rebuild()
    assert {view: everything(store, view) for view in views} == before
    assert store.get("cohorts", [COHORT]) == cohort != {}


# --- the databases alone -----------------------------------------------------------------------


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_a_failure_inside_the_transaction_undoes_documents_and_position(database: str) -> None:
    store = open_views(database)
    store.save(F, since=0, position=1, changes=[put(b"a", {"n": 1})])
    broken = Change("v", b"b", {"n": 2}, None)  # type: ignore[arg-type] # what the table refuses
    with pytest.raises(Exception, match=r"(?i)not.null"):
        store.save(F, since=1, position=2, changes=[put(b"a", {"n": 2}), broken])
    assert (store.position(F), everything(store)) == (1, [(b"a", {"n": 1})])
    store.save(F, since=1, position=2, changes=[put(b"a", {"n": 2})])
    assert everything(store) == [(b"a", {"n": 2})]
    store.close()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_tables_are_made_once_also_by_two_at_a_time(database: str) -> None:
    start = threading.Barrier(4)
    positions: list[int] = []

    def begin() -> None:
        start.wait()
        store = open_views(database)
        positions.append(store.position(F))
        store.close()

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert positions == [0, 0, 0, 0]


def test_damaged_bytes_are_named(postgres_url: str) -> None:
    store = open_views(postgres_url)
    store.save(F, since=0, position=1, changes=[put(b"a", {"n": 1})])
    for damage in (b"[1]", b"{"):
        with psycopg.connect(postgres_url) as connection:
            connection.execute("UPDATE view_document SET document = %s", (damage,))
        with pytest.raises(DamagedDocumentError):
            store.get("v", [b"a"])
    store.close()


def test_a_database_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailableError):
        open_views(f"sqlite:///{tmp_path}/no/such/folder/ledger.db")
    assert issubclass(StorageUnavailableError, StorageError)


def test_other_urls_are_refused() -> None:
    with pytest.raises(ValueError, match="sqlite:///PATH or postgresql"):
        open_views("mysql://localhost/ledger")


def test_importing_leaves_the_database_drivers_loggers_alone() -> None:
    script = (
        "import logging; logging.getLogger('psycopg').setLevel(logging.DEBUG);"
        "import ledger.storage.views;"
        "print(logging.getLogger('psycopg').level, logging.getLogger('psycopg.pool').level)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == [str(logging.DEBUG), str(logging.NOTSET)]
