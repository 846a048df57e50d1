"""Pages of what a caller may see: every row once, in order, however the pages are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.application.errors import RefusedError
from ledger.server.page_tokens import PageTokens
from ledger.server.paging import SCAN_LIMIT, Listing, PageRequest, ShownPage, show_page
from ledger.server.request_context import Call, Caller, enter_call
from projections.answers import Page

TOKENS = PageTokens(bytes(32), lambda: 0.0)


def listing(rows: int, visible: set[int], as_of_size: int = 7) -> Listing[int]:
    def fetch(after: bytes, limit: int) -> Page[int]:
        first = int.from_bytes(after) + 1 if after else 0
        shown = range(first, min(first + limit, rows))
        more = shown.stop < rows
        return Page(tuple(shown), (shown.stop - 1).to_bytes(8) if more else b"", as_of_size)

    return Listing(fetch, lambda row: row.to_bytes(8), lambda row: row in visible)


def page(wanted: Listing[int], size: int, token: str = "", caller: int = 1) -> ShownPage[int]:
    enter_call(Call("/x/List", "id", Caller(bytes([caller]) * 16), None))
    return show_page(TOKENS, PageRequest(size, token, {"f": "1"}), wanted)


@given(st.integers(0, 700), st.sets(st.integers(0, 699)), st.integers(1, 300))
def test_every_visible_row_is_shown_once_and_in_order(
    rows: int, visible: set[int], size: int
) -> None:
    seen: list[int] = []
    token = ""
    while True:
        shown = page(listing(rows, visible), size, token)
        assert len(shown.rows) <= size
        seen += shown.rows
        token = shown.token
        if not token:
            break
    assert seen == sorted(row for row in visible if row < rows)


def test_a_full_last_page_has_no_next_one() -> None:
    assert page(listing(5, set(range(5))), 5).token == ""
    assert page(listing(6, set(range(6))), 5).token != ""


def test_no_size_means_a_hundred() -> None:
    assert len(page(listing(300, set(range(300))), 0).rows) == 100


def test_one_call_looks_at_a_bounded_number_of_rows_and_goes_on_from_there() -> None:
    rows = SCAN_LIMIT + 50
    first = page(listing(rows, {rows - 1}), 10)
    assert first.rows == ()
    assert page(listing(rows, {rows - 1}), 10, first.token).rows == (rows - 1,)


def test_another_caller_cannot_go_on_from_a_page() -> None:
    token = page(listing(10, set(range(10))), 2).token
    with pytest.raises(RefusedError) as refused:
        page(listing(10, set(range(10))), 2, token, caller=2)
    assert refused.value.refusals[0].code == "PAGE_TOKEN_INVALID"


def test_pages_of_a_read_model_that_is_being_rebuilt_are_stale() -> None:
    token = page(listing(10, set(range(10)), as_of_size=7), 2).token
    with pytest.raises(RefusedError) as refused:
        page(listing(10, set(range(10)), as_of_size=6), 2, token)
    assert refused.value.refusals[0].code == "PAGE_TOKEN_STALE"
