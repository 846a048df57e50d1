"""Pages of what a caller may see, cut from pages of everything.

A page token names the place of the last row that was looked at, so a row is shown once whoever
else is skipped. One call looks at a bounded number of rows: a page may be short, even empty, and
still have a next one (AIP-158).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from ledger.server.page_tokens import PageStart, PageTokens, stale_token
from ledger.server.request_context import current_call
from projections.answers import Page

DEFAULT_SIZE: Final = 100
SCAN_LIMIT: Final = 5_000
"""Rows that one call looks at."""
_LEAST_ROWS: Final = 100
"""Rows that are read at once: the caller may see few of them."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page.

    Attributes:
        size: Rows, as asked for; 0 for the usual.
        token: Token of the page before.
        filters: What must stay the same from page to page.
    """

    size: int
    token: str
    filters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """What is paged through.

    Attributes:
        fetch: Returns the rows behind a place, at most so many.
        place: Returns the place of a row.
        visible: Tells whether the caller may see a row.
    """

    fetch: Callable[[bytes, int], Page[T]]
    place: Callable[[T], bytes]
    visible: Callable[[T], bool]


@dataclass(frozen=True, slots=True)
class ShownPage(Generic[T]):
    """A page as it goes out.

    Attributes:
        rows: Its rows.
        token: Token of the next page; empty on the last.
        as_of_size: Log size that it rests on.
    """

    rows: tuple[T, ...]
    token: str
    as_of_size: int


def show_page(tokens: PageTokens, request: PageRequest, listing: Listing[T]) -> ShownPage[T]:
    """Return one page; blocking.

    Raises:
        RefusedError: PAGE_TOKEN_INVALID or PAGE_TOKEN_STALE, the latter also when the read model
            is behind the page before, since it is being rebuilt.
    """
    call = current_call()
    filters = {**request.filters, "caller": call.caller.name}
    start = tokens.read(request.token, call.method, filters)
    size = request.size or DEFAULT_SIZE
    rows: list[T] = []
    after, looked_at, more = start.after, 0, True
    as_of_size = 0
    while more and len(rows) < size and looked_at < SCAN_LIMIT:
        page = listing.fetch(after, max(size, _LEAST_ROWS))
        as_of_size = page.as_of_size
        if as_of_size < start.size:
            raise stale_token()
        more = bool(page.after)
        for number, row in enumerate(page.rows, 1):
            after = listing.place(row)
            if listing.visible(row):
                rows.append(row)
            if len(rows) == size:
                more = more or number < len(page.rows)
                break
        looked_at += len(page.rows)
    token = tokens.issue(call.method, filters, PageStart(after, as_of_size)) if more else ""
    return ShownPage(tuple(rows), token, as_of_size)
