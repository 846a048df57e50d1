"""Page tokens: only the log makes them, for one method and one set of filters, for a day."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.application.errors import RefusedError
from ledger.server.page_tokens import PageStart, PageTokens

KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))
METHOD = "/ledger.api.v1.CohortService/ListCohorts"
FILTERS = {"institution": "", "caller": "party/1"}
START = PageStart(bytes(range(16)), 4_711)
NOW = 1_772_413_800.0


def tokens(key: bytes = KEY, now: float = NOW) -> PageTokens:
    return PageTokens(key, lambda: now)


def issued() -> str:
    return tokens().issue(METHOD, FILTERS, START)


def refusal(token: str, reader: PageTokens, method: str = METHOD, **filters: str) -> str:
    with pytest.raises(RefusedError) as refused:
        reader.read(token, method, {**FILTERS, **filters})
    (reason,) = refused.value.refusals
    assert reason.field == "page_token"
    return reason.code


def test_a_token_leads_to_its_page_also_after_a_restart() -> None:
    assert tokens().read(issued(), METHOD, FILTERS) == START


def test_no_token_is_the_first_page() -> None:
    assert tokens().read("", METHOD, FILTERS) == PageStart(b"", 0)


def test_a_token_fits_the_field_of_the_contract() -> None:
    assert len(issued()) <= 512


@pytest.mark.parametrize(
    ("seconds", "good"), [(0, True), (86_400, True), (86_401, False), (10**9, False)]
)
def test_a_token_is_good_for_a_day(seconds: int, good: bool) -> None:
    later = tokens(now=NOW + seconds)
    if good:
        assert later.read(issued(), METHOD, FILTERS) == START
    else:
        assert refusal(issued(), later) == "PAGE_TOKEN_STALE"


def test_a_token_is_for_its_method_filters_and_caller_alone() -> None:
    method = "/ledger.api.v1.KeyService/ListKeys"
    assert refusal(issued(), tokens(), method) == "PAGE_TOKEN_INVALID"
    assert refusal(issued(), tokens(), institution="x") == "PAGE_TOKEN_INVALID"
    assert refusal(issued(), tokens(), caller="party/2") == "PAGE_TOKEN_INVALID"


def test_another_logs_token_is_none() -> None:
    assert refusal(issued(), tokens(OTHER_KEY)) == "PAGE_TOKEN_INVALID"


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_token_with_one_changed_byte_is_none(place: int, change: int) -> None:
    raw = bytearray(urlsafe_b64decode(issued()))
    raw[place % len(raw)] ^= change
    assert refusal(urlsafe_b64encode(raw).decode(), tokens()) == "PAGE_TOKEN_INVALID"


@given(st.text(min_size=1, max_size=512))
def test_any_other_text_is_none(text: str) -> None:
    assert refusal(text, tokens()) == "PAGE_TOKEN_INVALID"


def test_a_key_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        PageTokens(bytes(31))
