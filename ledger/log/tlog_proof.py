"""C2SP tlog-proof: an offline proof that a leaf is in a witnessed log (`.tlog-proof` files).

The text of a proof::

c2sp.org/tlog-proof@v1
extra <base64>              optional, opaque, not authenticated
index <n>
<base64 hash>               the RFC 6962 audit path, the leaf's sibling first
                            one empty line
<checkpoint, verbatim>
"""

from dataclasses import dataclass

from ledger.log.checkpoints import (
    MAX_CHECKPOINT_SIZE,
    OpenedCheckpoint,
    TrustedKeys,
    open_checkpoint,
    parse_decimal,
)
from ledger.log.errors import FormatError
from ledger.log.merkle import HASH_SIZE, verify_inclusion
from ledger.log.notes import MAX_NOTE_SIZE, decode_base64, encode_base64, parse_note, utf8

HEADER = "c2sp.org/tlog-proof@v1"
EXTRA_PREFIX = "extra "
INDEX_PREFIX = "index "
# Readers in the field limit a line to 64 KiB.
MAX_LINE_SIZE = 64 * 1024 - 1
MAX_EXTRA_SIZE = (MAX_LINE_SIZE - len(EXTRA_PREFIX)) // 4 * 3
MAX_PATH_LENGTH = 63
MAX_PROOF_SIZE = MAX_NOTE_SIZE + 2 * MAX_LINE_SIZE


@dataclass(frozen=True, slots=True)
class TlogProof:
    """Inclusion of one leaf in the tree of a checkpoint.

    Attributes:
        index: index of the leaf, from 0.
        path: at most 63 hashes of 32 bytes, the leaf's sibling first.
        checkpoint: the signed checkpoint as published, with all its lines.
        extra: opaque bytes (1 to 49,146) that nothing vouches for, or None.

    Raises:
        FormatError: when a field is out of range or the checkpoint is not a note.
    """

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.index <= MAX_CHECKPOINT_SIZE:
            raise FormatError(f"{self.index} is not the index of a leaf")
        if len(self.path) > MAX_PATH_LENGTH or any(len(step) != HASH_SIZE for step in self.path):
            raise FormatError("an audit path is at most 63 hashes of 32 bytes")
        if self.extra is not None and not 1 <= len(self.extra) <= MAX_EXTRA_SIZE:
            raise FormatError(f"extra data is 1 to {MAX_EXTRA_SIZE} bytes")
        parse_note(self.checkpoint)

    def format(self) -> str:
        """Return the text of the proof."""
        extra = [] if self.extra is None else [EXTRA_PREFIX + encode_base64(self.extra)]
        index = f"{INDEX_PREFIX}{self.index}"
        lines = [HEADER, *extra, index, *(encode_base64(step) for step in self.path), ""]
        return "\n".join(lines) + "\n" + self.checkpoint

    @classmethod
    def parse(cls, text: str) -> "TlogProof":
        """Parse a proof, canonical form only; nothing in it is verified.

        Raises:
            FormatError: when it is malformed.
        """
        utf8(text, MAX_PROOF_SIZE)
        # The checkpoint has an empty line of its own: the first one ends the proof's lines.
        head, _, checkpoint = text.partition("\n\n")
        header, *lines = head.split("\n")
        if header != HEADER:
            raise FormatError(f"the proof does not start with {HEADER}")
        extra = None
        if lines and lines[0].startswith(EXTRA_PREFIX):
            extra = decode_base64(lines.pop(0).removeprefix(EXTRA_PREFIX))
        if not lines or not lines[0].startswith(INDEX_PREFIX):
            raise FormatError("the proof has no index line")
        index = parse_decimal(lines.pop(0).removeprefix(INDEX_PREFIX))
        proof = cls(index, tuple(decode_base64(line) for line in lines), checkpoint, extra)
        if proof.format() != text:
            raise FormatError("the proof is not in its canonical form")
        return proof

    def verify(self, leaf_hash: bytes, trusted: TrustedKeys) -> OpenedCheckpoint:
        """Check that the leaf with this hash is in the log, at `index`.

        The caller computes the hash from bytes that it trusts, and asks its policy whether the
        cosignatures of the returned checkpoint suffice.

        Raises:
            FormatError: when the checkpoint is malformed.
            ProofError: when a signature or the audit path does not verify.
        """
        opened = open_checkpoint(self.checkpoint, trusted)
        tree = opened.checkpoint
        verify_inclusion(leaf_hash, self.index, tree.size, self.path, tree.root)
        return opened
