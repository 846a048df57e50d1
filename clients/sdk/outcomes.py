"""What became of an event that was sent (docs/emitter.md section 6), everything checked."""

from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The log's signature over an accepted event; keep it until the receipt is in your hands.

    Attributes:
        key_id: Id of the acknowledgement key.
        signature: Signature over origin and root.
        root: The signed root, 32 bytes.
        size: Number of leaves below the root.
        position: Number of this event's leaf.
        path: Audit path of that leaf, its sibling first.
    """

    key_id: bytes
    signature: bytes
    root: bytes
    size: int
    position: int
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Accepted:
    """The event is recorded; its place is final.

    Attributes:
        event_id: The event.
        index: Index of its entry in the log.
        entry: Bytes of the entry.
        held: Stable code of why it counts for nothing yet; empty when it counts.
        repeated: It had been recorded before; this is its original place.
        acknowledgement: The verified promise that the log will hold it there.
    """

    event_id: UUID
    index: int
    entry: bytes
    held: str
    repeated: bool
    acknowledgement: Acknowledgement


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for refusing an event: code, field, reason and fix as in `Rejected`."""

    code: str
    field: str
    reason_zh: str
    reason_en: str
    fix_zh: str
    fix_en: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The event is not recorded; keep it and show the reasons to a person.

    Attributes:
        event_id: The event.
        code: Stable code.
        field: The field at fault, dotted; empty when it is the whole.
        reason_zh: The reason in Chinese.
        reason_en: The reason in English.
        fix_zh: What to do, in Chinese.
        fix_en: What to do, in English.
        further: Other reasons; a decision is refused with every reason at once.
    """

    event_id: UUID
    code: str
    field: str
    reason_zh: str
    reason_en: str
    fix_zh: str
    fix_en: str
    further: tuple[Reason, ...] = ()

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """All reasons, the first one included."""
        first = Reason(
            self.code, self.field, self.reason_zh, self.reason_en, self.fix_zh, self.fix_en
        )
        return first, *self.further

    def __str__(self) -> str:
        said = (
            f"{each.code}{f' ({each.field})' if each.field else ''}: "
            f"{each.reason_en}. {each.fix_en}."
            for each in self.reasons
        )
        return f"{self.event_id}: {' '.join(said)}"


Outcome: TypeAlias = Accepted | Rejected
