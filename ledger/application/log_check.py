"""The full check of a log from its raw stored bytes: `check_log` names the first bad entry.

Whoever changed, dropped, inserted or reordered rows behind the ledger's back is found here; also a
database from an old backup, by the register. The reading is streaming; memory grows with the number
of streams and head-map keys, not with that of entries.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ledger.application.breaches import LogBreachError
from ledger.application.checkpoint_register import CheckpointRegister, RegisteredCheckpoint
from ledger.application.log_pages import read_pages
from ledger.application.log_replay import LogReplay
from ledger.application.ports import LogHead, LogReader, PublicationStore
from ledger.log.checkpoints import open_checkpoint
from ledger.log.errors import LogError
from ledger.log.trust_file import TrustFile


@dataclass(frozen=True, slots=True)
class Finding:
    """The first thing that is wrong.

    Attributes:
        index: Index of the entry at fault, or None when it is no single entry.
        zh: What is wrong, in Chinese.
        en: What is wrong, in English.
    """

    index: int | None
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check has looked at, up to the finding if there is one.

    Attributes:
        size: Number of entries in order, an empty slot included.
        published: Size of the newest stored checkpoint; 0 when there is none.
        events: Number of events among the entries.
        batches: Number of batches read; one whose events stand far apart counts more than once.
        commits: Number of map-commits recomputed.
        checkpoints: Number of signed checkpoints verified.
        keys_total: Number of keys in the head map.
        finding: What is wrong first; None when everything is in order.
    """

    size: int
    published: int
    events: int
    batches: int
    commits: int
    checkpoints: int
    keys_total: int
    finding: Finding | None


def check_log(
    reader: LogReader,
    publications: PublicationStore,
    trust: TrustFile,
    register: CheckpointRegister | None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> CheckReport:
    """Check a whole log.

    Args:
        reader: Reads the log.
        publications: The publisher's tables.
        trust: The keys of the log, of its witnesses and of the bureau.
        register: The register of the last signed checkpoint, if it is at hand.
        progress: Called with the numbers of entries done and in all.

    Raises:
        StorageError: the database failed; nothing is said about the log then.
    """
    # In this order, because the log may go on: what is registered first is in the log read later.
    held = None if register is None else register.read()
    newest = publications.published()
    head = reader.head()
    published = 0 if newest is None else newest[0]
    replay = LogReplay(reader, publications, trust, published)
    finding = None
    try:
        replay.begin()
        _replay_all(replay, reader, head, held, progress)
        _check_store(replay, publications, published)
        if held is not None:
            _check_registered(held, trust)
        if register is not None:
            _check_behind(register.read(), published)
    except LogBreachError as error:
        finding = Finding(error.index, error.zh, error.en)
    return CheckReport(
        replay.walk.next_index,
        published,
        replay.events,
        replay.batches.batches,
        replay.commits,
        replay.checkpoints,
        replay.map.keys_total,
        finding,
    )


def _check_registered(held: RegisteredCheckpoint, trust: TrustFile) -> None:
    """Check the signatures of the registered checkpoint."""
    try:
        signed = open_checkpoint(held.note, trust.verifiers()).checkpoint
    except LogError as error:
        raise LogBreachError(
            None,
            f"登记的检查点（规模 {held.size}）未通过核验（{error}）",
            f"the registered checkpoint of size {held.size} does not verify: {error}",
        ) from error
    if (signed.size, signed.root) != (held.size, held.root):
        raise LogBreachError(
            None,
            f"检查点登记（规模 {held.size}）与其中的检查点不符",
            f"the register of size {held.size} is not that of its own checkpoint",
        )


def _check_behind(held: RegisteredCheckpoint | None, published: int) -> None:
    """Check that the register, which is written first, is not behind the store."""
    size = 0 if held is None else held.size
    if size < published:
        raise LogBreachError(
            None,
            f"检查点登记的规模为 {size}，而数据库已发布到规模 {published}",
            f"the register is at size {size}, but the database has published size {published}",
        )


def _replay_all(
    replay: LogReplay,
    reader: LogReader,
    head: LogHead,
    registered: RegisteredCheckpoint | None,
    progress: Callable[[int, int], None],
) -> None:
    compared = registered is None
    for page in read_pages(reader, 0, head.size):
        for stored in page:
            if head.slot is not None and replay.walk.next_index == head.slot < stored.index:
                compared = _check_pending(replay.skip_slot(), head.slot, registered) or compared
            replay.take(stored)
            if registered is not None and replay.tree.size == registered.size:
                replay.check_root(registered.size, registered.root)
                compared = True
        progress(replay.walk.next_index, head.size)
    if head.slot is not None and replay.walk.next_index == head.slot:
        compared = _check_pending(replay.skip_slot(), head.slot, registered) or compared
    _check_end(replay, reader, head)
    if registered is not None and not compared:
        raise LogBreachError(
            head.size,
            f"账本有 {head.size} 条，而已签名的检查点规模为 {registered.size}："
            "缺少条目，数据库可能恢复自旧备份",
            f"the log has {head.size} entries, but a checkpoint of size {registered.size} was "
            "signed: entries are missing, was the database restored from a backup?",
        )


def _check_pending(root: bytes, slot: int, registered: RegisteredCheckpoint | None) -> bool:
    """Check a registered checkpoint that fills the empty slot; tell whether it is that."""
    if registered is None or registered.size != slot + 1:
        return False
    if registered.root != root:
        raise LogBreachError(
            slot,
            f"已签名的规模 {registered.size} 的检查点与其前条目不符",
            f"the checkpoint signed for size {registered.size} is not that of the entries",
        )
    return True


def _check_end(replay: LogReplay, reader: LogReader, head: LogHead) -> None:
    end = replay.walk.next_index
    if end < head.size:
        raise LogBreachError(end, f"第 {end} 条缺失", f"entry {end} is missing")
    # A row that was appended meanwhile is none of the check's.
    if reader.entries(head.size, 1) and reader.head().size == head.size:
        raise LogBreachError(
            head.size,
            f"第 {head.size} 条位于账本末尾之后",
            f"entry {head.size} lies behind the end of the log",
        )
    _check_slot(reader, head)
    closed = replay.walk.closed_at is not None
    if head.recorded_us < replay.walk.recorded_us or head.closed != closed:
        raise LogBreachError(
            None,
            "账本首行的记录时间或关闭标记与条目不符",
            "the time or the end that the head row states is not that of the entries",
        )


def _check_slot(reader: LogReader, head: LogHead) -> None:
    """Check that what the head row calls the empty slot is empty, or was filled meanwhile."""
    if head.slot is None:
        return
    found = reader.entries(head.slot, 1)
    filled = bool(found) and found[0][0] == head.slot
    if (filled and reader.head().slot == head.slot) or head.slot >= head.size:
        raise LogBreachError(
            head.slot,
            f"第 {head.slot} 条不是待填的空位，账本首行却称其为空位",
            f"entry {head.slot} is no empty slot, though the head row says so",
        )


def _check_store(replay: LogReplay, publications: PublicationStore, published: int) -> None:
    """Check what the store holds beside the log, as far as it stands still."""
    if published > replay.tree.size:
        raise LogBreachError(
            replay.walk.next_index,
            f"账本只有 {replay.tree.size} 条可成树，而存有规模 {published} 的检查点",
            f"a checkpoint of size {published} is stored, the tree ends at {replay.tree.size}",
        )
    surplus = replay.tiles.surplus()
    if surplus is not None and _stands_still(publications, published):
        raise LogBreachError(
            published,
            f"哈希块 {surplus.path} 超出已发布的规模 {published}",
            f"the tile {surplus.path} reaches beyond the published size {published}",
        )


def _stands_still(publications: PublicationStore, published: int) -> bool:
    now = publications.published()
    return (0 if now is None else now[0]) == published
