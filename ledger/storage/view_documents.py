"""The documents table behind the port `ViewStore`: SQL and transactions that both databases share.

A mixin for the event sourcing library's tracking recorders: the position is the library's tracking
row, written by its `_insert_tracking` in the transaction of the documents, so each event is folded
exactly once (DESIGN section 2). SQL has `?` placeholders.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Protocol

from ledger.storage.bulk import AMONG, Table
from projections.documents import Document, decode, encode
from projections.errors import StaleSaveError
from projections.ports import Change, ViewReader

SCHEMA: Final = Path(__file__).with_name("views_schema.sql")
TRACKING_TABLE: Final = "tracking"

# Takes the lock on the follower's row, whether it was there or not, and tells its position.
_LOCK: Final = (
    f"INSERT INTO {TRACKING_TABLE} (application_name, notification_id) VALUES (?, 0)"  # noqa: S608 - constants
    " ON CONFLICT (application_name) DO UPDATE"
    f" SET notification_id = {TRACKING_TABLE}.notification_id RETURNING notification_id"
)
_POSITION: Final = f"SELECT notification_id FROM {TRACKING_TABLE} WHERE application_name = ?"  # noqa: S608 - constants
_RESET: Final = f"UPDATE {TRACKING_TABLE} SET notification_id = 0 WHERE application_name = ?"  # noqa: S608 - constants
_CLEAR: Final = "DELETE FROM view_document WHERE follower = ?"
_REMOVE: Final = f"DELETE FROM view_document WHERE view_name = ? AND doc_key {AMONG}"  # noqa: S608 - constants
_DOCUMENTS: Final = Table(
    "view_document",
    {"view_name": "text", "doc_key": "bytea", "doc_owner": "bytea", "place": "bytea",
     "follower": "text", "document": "bytea"},
    key=("view_name", "doc_key"),
)  # fmt: skip
_ALL: Final = (
    "SELECT view_name, doc_key, doc_owner, place, document FROM view_document"
    " WHERE follower = ? ORDER BY view_name, doc_key"
)
_GET: Final = f"SELECT doc_key, document FROM view_document WHERE view_name = ? AND doc_key {AMONG}"  # noqa: S608 - constants
_PAGE: Final = (
    "SELECT place, document FROM view_document"
    " WHERE view_name = ? AND place > ? ORDER BY place LIMIT ?"
)
_PAGE_OF_OWNER: Final = (
    "SELECT place, document FROM view_document"
    " WHERE view_name = ? AND doc_owner = ? AND place > ? ORDER BY place LIMIT ?"
)


class Statements(Protocol):
    """Statements of one transaction of the library."""

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows, none for a statement that returns none."""

    def query_among(
        self, sql: str, keys: Sequence[bytes], *parameters: object
    ) -> list[tuple[Any, ...]]:
        """Run a statement that has `AMONG` as its last placeholder; return the rows of any key."""

    def put(self, table: Table, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows, or change those whose key is there; no two have one key."""

    def track(self, follower: str, position: int) -> None:
        """Record a position in the library's tracking table.

        Raises:
            StaleSaveError: when it is not larger than the recorded one.
        """


class DocumentReader:
    """Reads documents inside one transaction."""

    def __init__(self, statements: Statements) -> None:
        """Read in the transaction of `statements`."""
        self._statements = statements

    def position(self, follower: str) -> int:
        """Return a follower's position."""
        rows = self._statements.query(_POSITION, (follower,))
        return int(rows[0][0]) if rows else 0

    def get(self, view: str, keys: Iterable[bytes]) -> dict[bytes, Document]:
        """Return those documents that there are."""
        found = self._statements.query_among(_GET, list(keys), view)
        return {bytes(key): decode(document) for key, document in found}

    def page(
        self, view: str, owner: bytes | None, after: bytes, limit: int
    ) -> list[tuple[bytes, Document]]:
        """Return documents by place. An empty place is behind nothing, so it stands in no page."""
        if owner is None:
            rows = self._statements.query(_PAGE, (view, after, limit))
        else:
            rows = self._statements.query(_PAGE_OF_OWNER, (view, owner, after, limit))
        return [(bytes(place), decode(document)) for place, document in rows]


class DocumentStore(ABC):
    """The port `ViewStore` over transactions that a recorder gives."""

    @abstractmethod
    def reading(self) -> AbstractContextManager[Statements]:
        """Return a transaction that sees one committed state and writes nothing."""

    @abstractmethod
    def writing(self) -> AbstractContextManager[Statements]:
        """Return a transaction, committed at its end, rolled back on an exception."""

    @contextmanager
    def snapshot(self) -> Iterator[ViewReader]:
        """Return a reader of one committed state."""
        with self.reading() as statements:
            yield DocumentReader(statements)

    def position(self, follower: str) -> int:
        """Return a follower's position."""
        with self.snapshot() as reader:
            return reader.position(follower)

    def get(self, view: str, keys: Iterable[bytes]) -> dict[bytes, Document]:
        """Return those documents that there are."""
        with self.snapshot() as reader:
            return reader.get(view, keys)

    def page(
        self, view: str, owner: bytes | None, after: bytes, limit: int
    ) -> list[tuple[bytes, Document]]:
        """Return documents by place."""
        with self.snapshot() as reader:
            return reader.page(view, owner, after, limit)

    def save(self, follower: str, *, since: int, position: int, changes: Sequence[Change]) -> None:
        """Store changes and position in one transaction, exactly once.

        Raises:
            StaleSaveError: nothing was changed.
        """
        removed: dict[str, list[bytes]] = {}
        for change in changes:
            if change.document is None:
                removed.setdefault(change.view, []).append(change.key)
        stored = [
            (c.view, c.key, c.owner, c.place, follower, encode(c.document))
            for c in changes
            if c.document is not None
        ]
        with self.writing() as statements:
            found = statements.query(_LOCK, (follower,))[0][0]
            if found != since:
                message = f"{follower} stands at {found}, not at {since}"
                raise StaleSaveError(message)
            statements.track(follower, position)
            for view, keys in removed.items():
                statements.query_among(_REMOVE, keys, view)
            statements.put(_DOCUMENTS, stored)

    def fingerprint(self, follower: str) -> bytes:
        """Return SHA-256 over all documents of a follower: equal documents, equal fingerprints."""
        digest = sha256()
        with self.reading() as statements:
            for row in statements.query(_ALL, (follower,)):
                for part in row:
                    data = part.encode() if isinstance(part, str) else bytes(part)
                    digest.update(len(data).to_bytes(8, "big") + data)
        return digest.digest()

    def clear(self, follower: str) -> None:
        """Remove a follower's documents and set its position to 0."""
        with self.writing() as statements:
            statements.query(_LOCK, (follower,))
            statements.query(_CLEAR, (follower,))
            statements.query(_RESET, (follower,))
