"""Canonical JSON (RFC 8785) for the ledger's own documents.

All numbers are integers below 2^53 and all member names are ASCII, so sorting members and writing
no white space already gives the canonical bytes. Who makes a document keeps to that restriction;
the reader refuses what breaks it.
"""

from typing import Any, Final

import orjson

from ledger.log.errors import FormatError

_INTEGER_BOUND: Final = 2**53


def encode(document: object) -> bytes:
    """Return the canonical bytes of a document that the ledger makes.

    Raises:
        TypeError: when a value has no JSON form, or values are nested 255 deep.
    """
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def decode(data: bytes, limit: int) -> dict[str, Any]:
    """Read an object from its canonical bytes.

    Raises:
        FormatError: when the bytes exceed `limit`, are no JSON object, or are not the canonical
            form.
    """
    if len(data) > limit:
        message = f"{len(data)} bytes, at most {limit}"
        raise FormatError(message)
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        message = f"not JSON: {error}"
        raise FormatError(message) from error
    if not isinstance(document, dict):
        message = "not a JSON object"
        raise FormatError(message)
    try:
        canonical = encode(document)
    except TypeError as error:
        # The parser goes deeper into nested values than the writer does.
        message = "nested too deeply"
        raise FormatError(message) from error
    if canonical != data or not _restricted(document):
        message = "not in canonical form"
        raise FormatError(message)
    return document


def _restricted(document: dict[str, Any]) -> bool:
    """Tell whether all values are of the kinds for which `encode` writes what RFC 8785 would."""
    pending: list[object] = [document]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            if not all(map(str.isascii, value)):
                return False
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)
        elif isinstance(value, int):
            if not -_INTEGER_BOUND < value < _INTEGER_BOUND:
                return False
        elif isinstance(value, float):
            return False
    return True
