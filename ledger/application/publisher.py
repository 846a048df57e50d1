"""The publisher: fills the map-commit slot, signs the checkpoint, stores the publication.

It alone writes tree, map and checkpoints (DESIGN sections 3 and 7). What happens in one round, and
what a crash after each step leaves behind:

1. The entries up to the slot are read back and checked, tree and map computed. Nothing is written.
2. The checkpoint is signed. Nothing is written.
3. The register takes the checkpoint, if it still holds the one before. After a crash here it is
   ahead of the store by this one publication: the next round computes the same bytes, finds the
   same root in the register, and goes on with the note that is there.
4. The store takes map-commit, tiles, heads and note in one transaction. The same again changes
   nothing, so a crash after the commit is found to be done.
5. The map in memory goes on. After any error it is built and checked anew from the store.

Synchronous, for one worker thread. Several processes may publish: the register decides.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ledger.application.breaches import LogBreachError
from ledger.application.checkpoint_register import (
    CheckpointRegister,
    RegisteredCheckpoint,
    RegisterMovedError,
)
from ledger.application.errors import IntegrityBreachError
from ledger.application.growth import Growth, GrowthReader
from ledger.application.ports import LogReader, OwnRow, Publication, PublicationStore
from ledger.application.published_map import MapMovedError, PublishedMap
from ledger.application.published_state import PublishedState, state_of
from ledger.log.checkpoints import (
    OpenedCheckpoint,
    TrustedKeys,
    check_log_key,
    open_checkpoint,
    sign_checkpoint,
)
from ledger.log.errors import LogError
from ledger.log.notes import SignatureType, SigningKey

_SECOND: Final = 1_000_000
_ALGORITHMS: Final = {
    SignatureType.ED25519: "ed25519",
    SignatureType.ML_DSA_44_COSIGNATURE: "ml-dsa-44",
}


@dataclass(frozen=True, slots=True)
class Published:
    """A publication that is stored.

    Attributes:
        size: Size of the checkpoint.
        note: The signed checkpoint.
        seconds: How long the round took.
    """

    size: int
    note: str
    seconds: float


class Publisher:
    """Publishes one log. Not safe for concurrent use."""

    def __init__(
        self,
        origin: str,
        signers: tuple[SigningKey, SigningKey],
        reader: LogReader,
        publications: PublicationStore,
        register: CheckpointRegister,
        clock: Callable[[], int],
        published_map: PublishedMap | None = None,
    ) -> None:
        """Nothing is read before the first round.

        Args:
            origin: Origin of the log.
            signers: The log's Ed25519 and ML-DSA-44 keys, named like the origin.
            reader: Reads the log.
            publications: The publisher's tables.
            register: The register of the last signed checkpoint.
            clock: Returns microseconds since 1970 UTC.
            published_map: The map in memory, to share with others; by default one of its own.

        Raises:
            FormatError: when a signer is not a key of the log.
        """
        for signer in signers:
            check_log_key(signer, origin)
        self._signers = signers
        self._trusted = TrustedKeys(tuple(signer.verifier_key() for signer in signers))
        self._reader = reader
        self._publications = publications
        self._register = register
        self._clock = clock
        self._map = published_map or PublishedMap(reader, publications)
        self._growths = GrowthReader(origin, reader, publications, self._map)
        self._loaded = False
        self._checked = 0
        self._signed_at = 1

    @property
    def published_map(self) -> PublishedMap:
        """The head map in its published state, to make proofs from."""
        return self._map

    def verify_against_register(self) -> None:
        """Load the published state and check it against the register, as before the first write.

        Raises:
            IntegrityBreachError: when the database is behind the register or contradicts it.
            StorageError: database or register failed.
        """
        while True:
            state = self._current()
            try:
                self._compare(state, self._register.read(), self._reader.head().slot)
            except LogBreachError:
                # What another publisher did between the reads looks like a breach and is none.
                if not self._moved_since(state):
                    raise
            else:
                return

    def publish_once(self) -> Published | None:
        """Publish up to the empty slot; None when there is none, or somebody else was faster.

        Raises:
            IntegrityBreachError: when stored bytes are not what was hashed and signed; nothing
                was signed.
            StorageError: database or register failed; the next call makes good what was begun.
        """
        started = time.monotonic()
        try:
            state = self._current()
        except BaseException:
            self._loaded = False
            raise
        try:
            slot = self._reader.head().slot
            if slot is None:
                return None
            size, note = self._publish(state, slot)
        except (RegisterMovedError, MapMovedError):
            self._loaded = False
            return None
        except IntegrityBreachError:
            self._loaded = False
            # What another publisher did between two reads looks like a breach and is none.
            if self._moved_since(state):
                return None
            raise
        except BaseException:
            self._loaded = False
            raise
        return Published(size, note, time.monotonic() - started)

    def _publish(self, state: PublishedState | None, slot: int) -> tuple[int, str]:
        registered = self._register.read()
        self._compare(state, registered, slot)
        growth = self._growths.grow(state, slot)
        self._check_slot(slot)
        signed = self._sign(state, growth, registered)
        # Also when it is there already: the crash may have come before it was on the disk.
        self._register.swap(registered, signed)
        commit = OwnRow(slot, growth.commit, growth.recorded_us)
        self._publications.publish(
            Publication(commit, growth.tiles, growth.heads, signed.size, signed.note)
        )
        new = state_of(signed.note, growth.commit)
        self._map.advance(new, growth.leaves, 0 if state is None else state.size)
        self._checked = new.size
        return signed.size, signed.note

    def _check_slot(self, slot: int) -> None:
        """Check that the slot is one: the store would find out too late, behind the signature."""
        found = self._reader.entries(slot, 1)
        if slot >= self._reader.head().size or (found and found[0][0] == slot):
            raise LogBreachError(
                slot,
                f"第 {slot} 条不是待填的空位，账本首行却称其为空位；不予签名",
                f"entry {slot} is no empty slot, though the head row says so; nothing is signed",
            )

    def _current(self) -> PublishedState | None:
        """Return the newest publication, whose signatures and map are checked."""
        state = self._map.refresh() if self._loaded else self._map.load()
        if state is not None and (not self._loaded or state.size != self._checked):
            opened = self._open(state.note, state.size - 1)
            self._signed_at = max(self._signed_at, opened.timestamp or 0)
            self._checked = state.size
        self._loaded = True
        return state

    def _compare(
        self,
        state: PublishedState | None,
        registered: RegisteredCheckpoint | None,
        slot: int | None,
    ) -> None:
        """Check the published state against the register.

        The register may be ahead by the publication that fills the present slot, and by no other.
        """
        stored = 0 if state is None else state.size
        if registered is None:
            if state is not None:
                raise LogBreachError(
                    None,
                    f"没有检查点登记，而数据库已发布到规模 {stored}；"
                    "请恢复登记文件，或核对见证方的检查点后重新登记",
                    f"there is no register, but the database has published size {stored}; restore "
                    "the register, or compare with the witnesses and register that checkpoint",
                )
            return
        opened = self._open(registered.note, registered.size - 1)
        signed = opened.checkpoint
        if (signed.size, signed.root) != (registered.size, registered.root):
            raise LogBreachError(
                None,
                f"检查点登记（规模 {registered.size}）与其中的检查点不符",
                f"the register of size {registered.size} is not that of its own checkpoint",
            )
        self._signed_at = max(self._signed_at, opened.timestamp or 0)
        if registered.size == stored:
            if state is not None and state.checkpoint.root != registered.root:
                raise _other_root(stored)
        elif registered.size < stored or slot is None or registered.size != slot + 1:
            raise LogBreachError(
                None,
                f"数据库已发布的规模为 {stored}，登记为 {registered.size}："
                "数据库或登记文件可能恢复自旧备份；不得另写历史，请从镜像与回执补齐",
                f"the database has published size {stored}, the register holds "
                f"{registered.size}: one of them was restored from a backup; write no new history "
                "in place of the old one, refill from mirrors and receipts",
            )

    def _sign(
        self,
        state: PublishedState | None,
        growth: Growth,
        registered: RegisteredCheckpoint | None,
    ) -> RegisteredCheckpoint:
        """Return the signed checkpoint of a growth: the registered one if it is that already."""
        checkpoint = growth.checkpoint
        if registered is not None and registered.size == checkpoint.size:
            if registered.root != checkpoint.root:
                raise _other_root(checkpoint.size)
            return registered
        if state is None:
            self._check_named(growth)
        # Rounded up, so that the time of the signature is never before the last entry's.
        earliest = max(self._signed_at, -(-growth.recorded_us // _SECOND))
        timestamp = max(self._clock() // _SECOND, earliest)
        note = sign_checkpoint(checkpoint, self._signers, timestamp)
        self._open(note, checkpoint.size - 1)
        self._signed_at = timestamp
        return RegisteredCheckpoint(checkpoint.size, checkpoint.root, note)

    def _check_named(self, growth: Growth) -> None:
        """Check that the log's first entries name the keys that it is signed with."""
        named = {
            (entry.algorithm, entry.key) for entry in growth.log_keys if entry.role == "checkpoint"
        }
        for key in self._trusted.log:
            if (_ALGORITHMS[key.type], key.public_key) not in named:
                raise LogBreachError(
                    0,
                    f"账本之首未列出签名密钥（{_ALGORITHMS[key.type]}）",
                    f"the log's first entries do not name its {_ALGORITHMS[key.type]} key",
                )

    def _open(self, note: str, index: int) -> OpenedCheckpoint:
        try:
            return open_checkpoint(note, self._trusted)
        except LogError as error:
            raise LogBreachError(
                index,
                f"检查点的签名未通过核验（{error}）",
                f"a checkpoint of the log does not verify: {error}",
            ) from error

    def _moved_since(self, state: PublishedState | None) -> bool:
        published = self._publications.published()
        return (0 if published is None else published[0]) > (0 if state is None else state.size)


def _other_root(size: int) -> LogBreachError:
    return LogBreachError(
        None,
        f"规模 {size} 的检查点已签名，而现有条目得出另一根哈希；不再签名",
        f"size {size} was signed with another root than its entries have now; nothing is signed",
    )
