"""The two JSON-LD context documents of a certificate, as data; NOTICE.md names their source."""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Final

from ledger.log.errors import FormatError

CREDENTIALS_V2: Final = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES_3: Final = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"

# url -> (packaged file, SHA-256). The first digest is the one that the Verifiable Credentials
# Data Model 2.0 publishes for its context (appendix B.1).
CONTEXT_FILES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        CREDENTIALS_V2: (
            "credentials-v2.json",
            "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
        ),
        OPEN_BADGES_3: (
            "ob-v3p0-context-3.0.3.json",
            "ef2fa9c7846dce233cc166b43639027278be4ee44f00bb1d45c75de2dd0cd761",
        ),
    }
)


@cache
def packaged_context(url: str) -> bytes:
    """The packaged context document of a URL, its digest checked.

    Raises:
        FormatError: no such context, or the file was altered.
    """
    if url not in CONTEXT_FILES:
        raise FormatError(f"unknown context: {url[:200]!r}")
    name, digest = CONTEXT_FILES[url]
    data = (resources.files(__name__) / name).read_bytes()
    if hashlib.sha256(data).hexdigest() != digest:
        raise FormatError(f"the packaged context {name} does not have its published digest")
    return data
