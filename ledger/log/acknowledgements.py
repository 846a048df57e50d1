"""Acknowledgements (docs/formats.md section 4): one signature for a request, a path for each event.

An acknowledgement promises that every larger checkpoint holds this entry at this index.
"""

from collections.abc import Sequence

from ledger.log import canonical_json, dsse
from ledger.log.errors import ProofError
from ledger.log.head_map import located_leaf
from ledger.log.merkle import root_from_inclusion
from ledger.log.signatures import PublicKey


def acknowledgement_message(origin: str, root: bytes) -> bytes:
    """Return the bytes that the acknowledgement key signs."""
    body = canonical_json.encode({"v": 1, "origin": origin, "root": root.hex()})
    return dsse.pre_authentication_encoding(dsse.ACKNOWLEDGEMENT_TYPE, body)


def verify_acknowledgement(key: PublicKey, origin: str, root: bytes, signature: bytes) -> None:
    """Check the signature over a request's root.

    Raises:
        ProofError: when it does not verify.
    """
    key.verify(signature, acknowledgement_message(origin, root))


def verify_place(
    index: int, entry_hash: bytes, position: int, size: int, path: Sequence[bytes], root: bytes
) -> None:
    """Check that the signed root acknowledges this entry at this index.

    Raises:
        FormatError: when the index does not fit 64 bits, or the entry hash has not 32 bytes.
        ProofError: when the path does not lead to the root.
    """
    if root_from_inclusion(located_leaf(index, entry_hash), position, size, path) != root:
        message = "the acknowledgement does not cover this entry at this index"
        raise ProofError(message)
