"""Commitments to who a learner is, and to an official number (docs/formats.md section 9).

An enrolment carries the first; the 32 random bytes that open it stay in the person vault. Without
them the commitment says nothing, not even to who tries all ID numbers; with them a court can check
that this record is this person's.
"""

import hmac
from typing import Final

from ledger.log.errors import FormatError

OPENING_SIZE: Final = 32


def identity_commitment(opening: bytes, id_type: int, id_number: str, name: str) -> bytes:
    """Return the commitment to ID type, ID number and name, 32 bytes.

    Args:
        opening: 32 random bytes.
        id_type: The number of the `IdType` in the contract.
        id_number: Exactly as registered.
        name: Exactly as registered: its code points are never normalised.

    Raises:
        FormatError: when the opening has another length, or a text is not UTF-8.
    """
    return _commitment(opening, (str(id_type), id_number, name))


def number_commitment(opening: bytes, number: str) -> bytes:
    """Return the commitment to the number of an official certificate, 32 bytes.

    Args:
        opening: 32 random bytes.
        number: Exactly as on the certificate.

    Raises:
        FormatError: when the opening has another length, or the number is not UTF-8.
    """
    return _commitment(opening, (number,))


def _commitment(opening: bytes, texts: tuple[str, ...]) -> bytes:
    if len(opening) != OPENING_SIZE:
        raise FormatError(f"an opening has {OPENING_SIZE} bytes, not {len(opening)}")
    committed = hmac.new(opening, digestmod="sha256")
    for text in texts:
        try:
            data = text.encode()
        except UnicodeEncodeError:
            # Not with the cause: it would print the name.
            raise FormatError("what identifies a person is not UTF-8") from None
        committed.update(len(data).to_bytes(8, "big") + data)
    return committed.digest()
