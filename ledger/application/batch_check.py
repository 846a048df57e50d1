"""Checking that events stand in batches which their authors signed (docs/formats.md section 4).

Part of the full check. The keys are learnt from the log itself while it is replayed: each is
registered by an event, up to the root key that the trust file pins (DESIGN section 4, keys).
"""

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Final, NoReturn

from ledger.application.breaches import LogBreachError
from ledger.application.log_walk import Step
from ledger.application.ports import LogReader, LogRow, StoredBatch
from ledger.log.dsse import batch_message
from ledger.log.errors import LogError
from ledger.log.key_tree import KeyTree
from ledger.log.merkle import HASH_SIZE, inclusion_path, leaf_hash, root
from ledger.log.opened_event import SignedEvent

# Events of one batch stand close together: it is captured, sent and recorded at once.
_KEPT: Final = 256
_REPLAYED: Final = frozenset({"key", "institution"})


@dataclass(slots=True)
class _Checked:
    """A batch whose leaves lead to its root; its signatures are checked at the first need."""

    batch: StoredBatch
    leaves: list[bytes]
    signed: bool = False
    approved: bool = False


class BatchCheck:
    """Checks events against their stored batches, in the order of the log."""

    def __init__(self, origin: str, root_key: bytes, reader: LogReader) -> None:
        """Start before the first entry.

        Args:
            origin: Origin of the log.
            root_key: Id of the bureau's root key.
            reader: Reads the batches.
        """
        self._reader = reader
        self._tree = KeyTree(origin, root_key)
        self._kept: OrderedDict[bytes, _Checked] = OrderedDict()
        self.batches = 0

    def check(self, step: Step) -> None:
        """Check the event of an entry: its place in the batch and the batch's signatures.

        Raises:
            LogBreachError: when the batch is missing, does not hold the event, or is not signed
                by a registered key.
            StorageError: the database failed.
        """
        row, event = step.row, step.event
        if row is None or event is None:
            return
        checked = self._batch(row)
        leaves, position = checked.leaves, row.position
        if not 0 <= position < len(leaves) or leaves[position] != leaf_hash(row.event):
            _wrong(
                row.index,
                f"第 {row.index} 条的事件不在其批次的第 {position} 位",
                f"the event of entry {row.index} is not number {position} of its batch",
            )
        try:
            if event.entry.kind in _REPLAYED:
                self._tree.replay([_opened(event, checked, position)])
            elif not checked.signed:
                self._verify(
                    row.batch_key, checked, checked.batch.algorithm, checked.batch.signature, row
                )
                checked.signed = True
        except LogError as error:
            _wrong(
                row.index,
                f"第 {row.index} 条的批次签名未通过核验（{error}）",
                f"the batch signature of entry {row.index} does not verify: {error}",
            )
        self._check_approval(event, checked, row)

    def _batch(self, row: LogRow) -> _Checked:
        name = row.batch_name
        checked = self._kept.get(name)
        if checked is not None:
            self._kept.move_to_end(name)
            return checked
        batch = self._reader.batch(name)
        whole = b"" if batch is None else batch.leaves
        leaves = [whole[at : at + HASH_SIZE] for at in range(0, len(whole), HASH_SIZE)]
        # The name fixes key, root, number of leaves and approver.
        if (
            batch is None
            or batch.name != name
            or batch.key_id != row.batch_key
            or root(leaves) != batch.root
        ):
            _wrong(
                row.index,
                f"第 {row.index} 条的批次缺失，或其叶值得不出批次根",
                f"the batch of entry {row.index} is missing, or its leaves do not lead to its root",
            )
        self.batches += 1
        self._kept[name] = checked = _Checked(batch, leaves)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return checked

    def _check_approval(self, event: SignedEvent, checked: _Checked, row: LogRow) -> None:
        approver = event.header.approver_key
        if not approver:
            return
        if approver != checked.batch.approver_key:
            _wrong(
                row.index,
                f"第 {row.index} 条的批次没有审批人密钥的签名",
                f"the batch of entry {row.index} has no signature by the approver's key",
            )
        if not checked.approved:
            # The approver's own registration fixes the algorithm of its signature.
            self._verify(approver, checked, None, checked.batch.approver_signature, row)
            checked.approved = True

    def _verify(
        self,
        key_id: bytes,
        checked: _Checked,
        algorithm: str | None,
        signature: bytes,
        row: LogRow,
    ) -> None:
        known = self._tree.keys.get(key_id)
        if known is None:
            _wrong(
                row.index,
                f"第 {row.index} 条的签名密钥 {key_id.hex()} 没有登记",
                f"the key {key_id.hex()} that signed entry {row.index} is not registered before it",
            )
        if algorithm is not None and algorithm != known.key.algorithm:
            _wrong(
                row.index,
                f"第 {row.index} 条的批次算法 {algorithm} 与登记的 {known.key.algorithm} 不符",
                f"the batch of entry {row.index} names {algorithm}, its key is registered for "
                f"{known.key.algorithm}",
            )
        try:
            known.key.verify(signature, batch_message(checked.batch.root))
        except LogError as error:
            _wrong(
                row.index,
                f"第 {row.index} 条的批次签名未通过核验（{error}）",
                f"the batch signature of entry {row.index} does not verify: {error}",
            )


def _opened(event: SignedEvent, checked: _Checked, position: int) -> SignedEvent:
    """Return an event with its real place in the batch and the batch's signature."""
    opened = replace(
        event.opened,
        algorithm=checked.batch.algorithm,
        leaf_index=position,
        size=len(checked.leaves),
        path=inclusion_path(checked.leaves, position),
        signature=checked.batch.signature,
    )
    return replace(event, opened=opened)


def _wrong(index: int, zh: str, en: str) -> NoReturn:
    raise LogBreachError(index, zh, en)
