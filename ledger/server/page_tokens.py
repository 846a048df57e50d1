"""Page tokens: opaque, bound to method, filters and caller, and good for a day (AIP-158).

A token is base64url of HMAC-SHA-256 (16 bytes) and canonical JSON; the key is the log's own, so
tokens outlive a restart and no caller can make one.
"""

import hmac
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from ledger.application.errors import RefusedError
from ledger.domain.refusals import Refusal
from ledger.log import canonical_json
from ledger.log.errors import FormatError

KEY_SIZE: Final = 32
LIFE_SECONDS: Final = 24 * 60 * 60
_DOMAIN: Final = b"page-token/v1\n"
_MAC_SIZE: Final = 16
_LIMIT: Final = 512


@dataclass(frozen=True, slots=True)
class PageStart:
    """Where a page begins.

    Attributes:
        after: Place to begin behind; empty for the first page.
        size: Size of the log that the page before rested on.
    """

    after: bytes = b""
    size: int = 0


class PageTokens:
    """Makes and reads page tokens."""

    def __init__(self, key: bytes, clock: Callable[[], float] = time.time) -> None:
        """Sign with a key of 32 bytes; `clock` returns seconds since 1970.

        Raises:
            ValueError: when the key has another size.
        """
        if len(key) != KEY_SIZE:
            message = f"the key of page tokens has {KEY_SIZE} bytes"
            raise ValueError(message)
        self._key = key
        self._clock = clock

    def issue(self, method: str, filters: Mapping[str, str], start: PageStart) -> str:
        """Return the token of the page that begins at `start`.

        Args:
            method: The method that is paged through.
            filters: What must stay the same from page to page.
            start: Where the next page begins.
        """
        data = canonical_json.encode(
            {
                "after": start.after.hex(),
                "filters": _filters_digest(filters),
                "issued": int(self._clock()),
                "method": method,
                "size": start.size,
            }
        )
        return urlsafe_b64encode(self._mac(data) + data).decode()

    def read(self, token: str, method: str, filters: Mapping[str, str]) -> PageStart:
        """Return where the page of a token begins; that of an empty token is the first.

        Raises:
            RefusedError: PAGE_TOKEN_INVALID when the token is not one of this log, method and
                filters, PAGE_TOKEN_STALE when it is older than a day.
        """
        if not token:
            return PageStart()
        document = self._open(token)
        if (document["method"], document["filters"]) != (method, _filters_digest(filters)):
            raise invalid_token()
        if self._clock() - document["issued"] > LIFE_SECONDS:
            raise stale_token()
        return PageStart(bytes.fromhex(document["after"]), document["size"])

    def _open(self, token: str) -> dict[str, Any]:
        try:
            raw = urlsafe_b64decode(token.encode("ascii"))
            mac, data = raw[:_MAC_SIZE], raw[_MAC_SIZE:]
            if not hmac.compare_digest(mac, self._mac(data)):
                raise invalid_token()
            return canonical_json.decode(data, _LIMIT)
        except (Base64Error, UnicodeEncodeError, FormatError) as error:
            raise invalid_token() from error

    def _mac(self, data: bytes) -> bytes:
        return hmac.new(self._key, _DOMAIN + data, sha256).digest()[:_MAC_SIZE]


def invalid_token() -> RefusedError:
    """Return the refusal of a token that is not one."""
    return RefusedError([Refusal("PAGE_TOKEN_INVALID", "page_token")])


def stale_token() -> RefusedError:
    """Return the refusal of a token whose time is over."""
    return RefusedError([Refusal("PAGE_TOKEN_STALE", "page_token")])


def _filters_digest(filters: Mapping[str, str]) -> str:
    return sha256(canonical_json.encode(dict(filters))).hexdigest()[:32]
