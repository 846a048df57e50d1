"""Documents of read models: JSON objects, stored as their canonical bytes (RFC 8785).

Values are strings, integers, booleans, lists and objects of these; ids and digests stand in them
as lower-case hex. Equal documents have equal bytes, so read models can be compared byte for byte.
"""

from typing import Any

import orjson

from ledger.log import canonical_json
from projections.errors import DamagedDocumentError

Document = dict[str, Any]


def encode(document: Document) -> bytes:
    """Return the bytes that are stored."""
    return canonical_json.encode(document)


def decode(data: bytes) -> Document:
    """Read stored bytes.

    Raises:
        DamagedDocumentError: when they hold no JSON object; the read model must be rebuilt.
    """
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        message = f"a stored document is no JSON: {error}"
        raise DamagedDocumentError(message) from error
    if not isinstance(document, dict):
        message = "a stored document is no JSON object"
        raise DamagedDocumentError(message)
    return document
