"""The publisher's tables (DESIGN section 3, Publication), in either database.

A publication is one transaction. It fills the slot under the lock that appends take, and takes that
lock last, so that appends do not wait while thousands of heads are written. Publishers exclude each
other by a lock of their own, taken first.
"""
# ruff: noqa: S608 - statements are put together from this package's own column names

from collections.abc import Iterable, Sequence
from typing import Any, Final

from ledger.application.errors import IntegrityBreachError
from ledger.application.ports import Publication
from ledger.log.head_map import Head, Item, map_leaf
from ledger.log.merkle import HASH_SIZE, CompactRange
from ledger.storage.bulk import AMONG, Table
from ledger.storage.database import Database, Row, Transaction
from ledger.storage.log_rows import HEAD_COLUMNS, log_head

_HEADS: Final = Table(
    "map_head",
    {"key": "bytea", "count": "bigint", "last_index": "bigint", "head_hash": "bytea",
     "edge": "bytea"},
    key=("key",),
)  # fmt: skip
_TILES: Final = Table(
    "tile", {"level": "integer", "n": "bigint", "hashes": "bytea"}, key=("level", "n")
)
_HEAD_COLUMNS: Final = ", ".join(_HEADS.columns)
_PUBLISHERS_LOCK: Final = "SELECT pg_advisory_xact_lock(7262)"
_NEWEST: Final = "SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 1"
_CHECKPOINTS: Final = "SELECT size, note FROM checkpoint WHERE size >= ? ORDER BY size LIMIT ?"


class StoredPublications:
    """The publication store of the application, in either database."""

    def __init__(self, database: Database) -> None:
        """Keep them in this database, whose schema is there."""
        self._database = database

    def publish(self, publication: Publication) -> None:
        """Store a publication. The same again changes nothing.

        Raises:
            IntegrityBreachError: the slot holds other bytes or is none, this size is published
                with another note, or a larger one is published. Nothing was written.
            ValueError: the publication does not fit together.
        """
        index, entry = publication.commit.index, publication.commit.entry
        if entry is None or publication.size != index + 1:
            raise ValueError(f"a map-commit at {index} does not end a tree of {publication.size}")
        with self._database.writing() as transaction:
            if self._database.dialect == "postgresql":
                transaction.query(_PUBLISHERS_LOCK)
            if _is_published(transaction, publication):
                return
            tiles = [(level, n, data) for (level, n), data in sorted(publication.tiles.items())]
            transaction.put(_TILES, tiles)
            heads = [_record(key, head) for key, head in sorted(publication.heads.items())]
            transaction.put(_HEADS, heads)
            transaction.query(
                "INSERT INTO checkpoint (size, note) VALUES (?, ?)",
                (publication.size, publication.note),
            )
            self._fill_slot(transaction, index, entry, publication.commit.recorded_us)

    def published(self) -> tuple[int, str] | None:
        """Return size and note of the newest checkpoint."""
        with self._database.reading() as transaction:
            found = transaction.query(_NEWEST)
        return (found[0][0], found[0][1]) if found else None

    def checkpoints(self, start: int, limit: int) -> list[tuple[int, str]]:
        """Return sizes and notes of the checkpoints from a size on, in order of size."""
        with self._database.reading() as transaction:
            found = transaction.query(_CHECKPOINTS, (start, limit))
        return [(size, note) for size, note in found]

    def tile(self, level: int, n: int) -> bytes:
        """Return a stored tile; empty when there is none."""
        with self._database.reading() as transaction:
            found = transaction.query(
                "SELECT hashes FROM tile WHERE level = ? AND n = ?", (level, n)
            )
        return found[0][0] if found else b""

    def heads(self, keys: Iterable[bytes]) -> dict[bytes, Head]:
        """Return the heads of those keys that are in the map, as published."""
        with self._database.reading() as transaction:
            found = transaction.query_among(
                f"SELECT {_HEAD_COLUMNS} FROM map_head WHERE key {AMONG}", list(keys)
            )
        return {record[0]: _head(record) for record in found}

    def map_items(self) -> list[Item]:
        """Return all (key, map leaf hash) of the published map, sorted by key.

        The hashes are computed from the stored heads, so a changed head shows in the map's root.
        """
        with self._database.reading() as transaction:
            found = transaction.query(f"SELECT {_HEAD_COLUMNS} FROM map_head ORDER BY key")
        return [(record[0], map_leaf(record[0], _head(record).value())) for record in found]

    def _fill_slot(
        self, transaction: Transaction, index: int, entry: bytes, recorded_us: int
    ) -> None:
        lock = " FOR UPDATE" if self._database.dialect == "postgresql" else ""
        found = transaction.query(f"SELECT {HEAD_COLUMNS} FROM log_head WHERE single = 1{lock}")
        slot = log_head(found[0]).slot
        stored = _entry(transaction, index)
        if stored != (entry,) and (stored != (None,) or slot != index):
            raise IntegrityBreachError(f"entry {index} is not the map-commit that is published")
        transaction.query(
            "UPDATE log SET entry = ?, recorded = ? WHERE notification_id = ?",
            (entry, recorded_us, index + 1),
        )
        transaction.query("UPDATE log_head SET slot = NULL WHERE single = 1 AND slot = ?", (index,))


def _is_published(transaction: Transaction, publication: Publication) -> bool:
    newest = transaction.query(_NEWEST)
    if not newest or newest[0][0] < publication.size:
        return False
    size, note = newest[0]
    if size > publication.size:
        raise IntegrityBreachError(f"size {size} is published, {publication.size} is behind it")
    stored = _entry(transaction, publication.commit.index)
    if note != publication.note or stored != (publication.commit.entry,):
        raise IntegrityBreachError(f"size {size} is published with another note or map-commit")
    return True


def _entry(transaction: Transaction, index: int) -> Row | None:
    """Return the entry of the log itself at an index as a row of one column, None when none is."""
    found = transaction.query(
        "SELECT entry FROM log WHERE notification_id = ? AND stream IS NULL", (index + 1,)
    )
    return found[0] if found else None


def _record(key: bytes, head: Head) -> Row:
    return (key, head.count, head.last_index, head.head_hash, b"".join(head.range.hashes))


def _head(record: Sequence[Any]) -> Head:
    _, count, last_index, head_hash, edge = record
    hashes = tuple(edge[at : at + HASH_SIZE] for at in range(0, len(edge), HASH_SIZE))
    return Head(count, last_index, head_hash, CompactRange.from_hashes(count, hashes))
