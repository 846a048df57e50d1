"""Stored heads: their map leaf hashes, and comparing them with recomputed ones.

A head that the store hands back is not taken at its word: it counts by its map leaf hash, which the
published map holds.
"""

from collections.abc import Mapping
from itertools import islice
from typing import Final

from ledger.application.breaches import LogBreachError
from ledger.application.bucketed_map import BucketedMap
from ledger.application.ports import PublicationStore
from ledger.log.errors import FormatError
from ledger.log.head_map import Head, map_leaf
from ledger.log.merkle import HASH_SIZE

_CHUNK: Final = 1_000


def head_leaf(key: bytes, head: Head) -> bytes:
    """Return the map leaf hash of a stored head; zeroes, which no map holds, if it is malformed."""
    edge = head.range
    # An edge of another shape could have the right root and still grow into a wrong one.
    if edge.size != head.count or len(edge.hashes) != head.count.bit_count():
        return bytes(HASH_SIZE)
    try:
        return map_leaf(key, head.value())
    except FormatError:
        return bytes(HASH_SIZE)


def leaves_of(heads: Mapping[bytes, Head]) -> dict[bytes, bytes]:
    """Return the map leaf hashes of heads by key."""
    return {key: head_leaf(key, head) for key, head in heads.items()}


def wrong_head(key: bytes) -> LogBreachError:
    """Return the breach of a stored head that is not the published one."""
    return LogBreachError(
        None,
        f"存储的头部 {key.hex()} 与已发布的映射不符",
        f"the stored head of {key.hex()} is not the one in the published map",
    )


def check_stored_heads(
    publications: PublicationStore,
    published: int,
    heads: Mapping[bytes, Head],
    tree: BucketedMap,
) -> None:
    """Check stored heads and map items.

    Args:
        publications: The publisher's tables.
        published: The published size that `heads` and `tree` are of.
        heads: The recomputed heads by map key.
        tree: The recomputed map.

    Raises:
        LogBreachError: when one differs, and the store has not just moved on.
        StorageError: the database failed.
    """
    wrong = _first_wrong(publications, heads, tree)
    now = publications.published()
    if wrong is None or now is None or now[0] != published:
        return
    head = heads.get(wrong)
    raise LogBreachError(
        None if head is None else head.last_index,
        f"存储的头部 {wrong.hex()} 与条目不符（条目无误）",
        f"the stored head of {wrong.hex()} is not that of the entries, which are right",
    )


def _first_wrong(
    publications: PublicationStore, heads: Mapping[bytes, Head], tree: BucketedMap
) -> bytes | None:
    """Return the least map key that is stored otherwise than recomputed."""
    due, stored = dict(tree.items()), dict(publications.map_items())
    differing = {key for key in due.keys() | stored.keys() if due.get(key) != stored.get(key)}
    keys = iter(heads)
    while chunk := list(islice(keys, _CHUNK)):
        read = publications.heads(chunk)
        differing.update(key for key in chunk if read.get(key) != heads[key])
    return min(differing, default=None)
